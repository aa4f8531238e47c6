"""How statements and their lines are written: staged in bulk, marked as drafts come and go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from cloudbooks.store.images import UndoableRows
from cloudbooks.store.row_text import Cell, Encode, Row, encoder
from cloudbooks.store.staged import (
    HOLDING,
    LINES_MAX,
    Mark,
    StagedLine,
    StagedStatement,
    StatementState,
    StatementTooLong,
    StatementUnknown,
    line_key,
    line_row,
    statement_of,
    statement_row,
)
from cloudbooks.store.working_rows import LINE, SPAN_MAX, STATEMENT, read_one

_FATE, _HOLDS, _DRAFT, _ENTRY, _REASON = 3, 4, 7, 8, 9
"""Places in a row of `staged_line`."""

_PLACE_DIGITS = 6


def stage(rows: UndoableRows, statement: StagedStatement, lines: Iterable[StagedLine]) -> None:
    """Add a numbered statement with its lines. Raises `StatementTooLong`."""
    if statement.lines > LINES_MAX:
        raise StatementTooLong(statement.file.name)
    encode = encoder(statement.lines)
    rows.append(STATEMENT, [statement_row(statement, encode)], encode)
    rows.append(LINE, _line_rows(statement, lines, encode), encode)


def _line_rows(statement: StagedStatement, lines: Iterable[StagedLine], encode: Encode) -> Iterator[Row]:
    place = 0
    for place, line in enumerate(lines, start=1):
        if line.place != place:
            raise ValueError(line.place)
        yield line_row(statement.number, line, encode)
    if place != statement.lines:
        raise ValueError(place)


def mark_statement(rows: UndoableRows, number: int, state: StatementState) -> None:
    """Write where a statement stands. Raises `StatementUnknown`."""
    row = read_one(rows.connection, STATEMENT, number)
    if row is None:
        raise StatementUnknown(number)
    rows.put(STATEMENT, [statement_row(replace(statement_of(row), state=state), encoder(1))])


def mark_lines(rows: UndoableRows, statement: int, marks: Mapping[int, Mark]) -> None:
    """Write what became of lines, by place. Raises `StatementUnknown`."""
    encode = encoder(len(marks))
    for places in spans(marks):
        there = rows.existing(LINE, [line_key(statement, place) for place in places], encode)
        for place in places:
            if line_key(statement, place) not in there:
                raise StatementUnknown(statement, place)
        marked = [_marked(there[line_key(statement, place)], marks[place]) for place in places]
        rows.rewrite(LINE, there, marked, encode)


def mark_settled(rows: UndoableRows, settled: Mapping[str, int], entries: Mapping[int, str]) -> None:
    """Lines, by name, whose draft has gone: those of a draft that became an entry name it, the others are free.

    A line that has another draft by now is left alone, and so is a name of a statement that is not staged here.
    """
    encode = encoder(len(settled))
    keys = _keys(rows, settled)
    there = rows.existing(LINE, keys, encode)
    marked = []
    for key, row in there.items():
        draft = settled[keys[key]]
        entry = entries.get(draft, "")
        if entry or row[_DRAFT] == draft:
            marked.append(_marked(row, Mark(entry=entry)))
    rows.rewrite(LINE, there, marked, encode)


def mark_claimed(rows: UndoableRows, claimed: Mapping[str, int]) -> None:
    """Lines, by name, that a draft settles from now on name it, unless they have a draft or an entry already."""
    encode = encoder(len(claimed))
    names = list(claimed)
    for start in range(0, len(names), SPAN_MAX):
        keys = _keys(rows, names[start : start + SPAN_MAX])
        there = rows.existing(LINE, keys, encode)
        free = [(key, row) for key, row in there.items() if not row[_DRAFT] and not row[_ENTRY]]
        marked = [_marked(row, Mark(draft=claimed[keys[key]])) for key, row in free]
        rows.rewrite(LINE, there, marked, encode)


def _keys(rows: UndoableRows, names: Iterable[str]) -> dict[Cell, str]:
    numbers: dict[str, int] = {}
    keys: dict[Cell, str] = {}
    for name in names:
        statement, _, place = name.rpartition("/")
        if statement not in numbers:
            found = rows.connection.execute("SELECT number FROM staged_statement WHERE id = ?", (statement,)).fetchone()
            numbers[statement] = found[0] if found else 0
        if numbers[statement] and place.isascii() and place.isdigit() and len(place) <= _PLACE_DIGITS:
            keys[line_key(numbers[statement], int(place))] = name
    return keys


def drafts_of(rows: UndoableRows, statement: int) -> tuple[int, ...]:
    """The drafts that there are of those that lines of a statement name, in order of their numbers."""
    found = rows.connection.execute(
        "SELECT DISTINCT draft FROM staged_line WHERE key BETWEEN ? AND ? AND draft IN (SELECT number FROM draft)"
        " ORDER BY draft",
        (line_key(statement, 0), line_key(statement, LINES_MAX)),
    )
    return tuple(draft for (draft,) in found.fetchall())


def spans(numbers: Iterable[int]) -> Iterator[list[int]]:
    """The numbers in order, in lists of at most `SPAN_MAX`."""
    ordered = sorted(set(numbers))
    return (ordered[start : start + SPAN_MAX] for start in range(0, len(ordered), SPAN_MAX))


def _marked(row: Row, mark: Mark) -> Row:
    cells = list(row[:-1])
    if mark.fate is not None:
        cells[_FATE], cells[_HOLDS] = mark.fate.value, int(mark.fate in HOLDING)
    if mark.reason is not None:
        cells[_REASON] = mark.reason
    cells[_DRAFT], cells[_ENTRY] = mark.draft, mark.entry
    return tuple(cells)
