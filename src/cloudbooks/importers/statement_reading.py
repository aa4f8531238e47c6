"""A file becomes statements: every row a line, a row skipped with its reason, or a row that cannot be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from cloudbooks.core.statement import BalanceBreak, Statement, StatementLine, Unreadable
from cloudbooks.core.text import shell_word
from cloudbooks.errors import Finding, Refusal, Sentence, counted, sentence
from cloudbooks.importers.balances import follow
from cloudbooks.importers.cells import RowUnread, minor
from cloudbooks.importers.decoding import decode
from cloudbooks.importers.layout import Layout, Layouts, Mark, Role, SkipReason
from cloudbooks.importers.mapping import understand
from cloudbooks.importers.marks import marks_in
from cloudbooks.importers.options import Options
from cloudbooks.importers.recognising import Source, find, in_its_encoding
from cloudbooks.importers.row_reading import RowReader, RowSkipped, skip_sentence
from cloudbooks.importers.table import Table, cells_of

__all__ = [
    "FileCutOff",
    "Options",
    "Reading",
    "RowsUnreadable",
    "Skipped",
    "StatementEmpty",
    "open_source",
    "read_statement",
]


class RowsUnreadable(Refusal):
    """Rows of a file cannot be read; each is listed, and nothing of the file is imported."""

    code = "rows-unreadable"

    def __init__(self, name: str, rows: tuple[Unreadable, ...], lines: int) -> None:
        super().__init__(
            counted(
                "{name}: {n} row cannot be read, beside {lines} that can.",
                "{name}: {n} rows cannot be read, beside {lines} that can.",
                len(rows),
                name=name,
                lines=lines,
            ),
            hint=sentence(
                "cloudbooks import {name} --keep-unreadable takes the others and keeps these raw", name=shell_word(name)
            )
            if lines
            else sentence("cloudbooks statement sniff {name}", name=shell_word(name)),
            findings=tuple(Finding("row-unreadable", f"{name}:{row.row}", row.why, excerpt=row.raw) for row in rows),
        )


class StatementEmpty(Refusal):
    """A file has a header, but no line that is a movement."""

    code = "statement-empty"

    def __init__(self, name: str, profile: str, skipped: int) -> None:
        super().__init__(
            counted(
                "{name} ({profile}) holds no movement; {n} row was skipped.",
                "{name} ({profile}) holds no movement; {n} rows were skipped.",
                skipped,
                name=name,
                profile=profile,
            ),
            hint=sentence("fetch a span with movements from the bank; nothing was written"),
        )


class FileCutOff(Refusal):
    """A file lacks the line of totals that ends every file of its layout."""

    code = "file-cut-off"

    def __init__(self, name: str, footer: str, row: int) -> None:
        super().__init__(
            sentence('{name} ends after row {row} without its line "{footer}".', name=name, row=row, footer=footer),
            hint=sentence(
                "fetch it again; if it is whole: cloudbooks import {name} --keep-unreadable", name=shell_word(name)
            ),
        )


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row that is no movement, and why; `reference` is the provider's id where it has one."""

    row: int
    raw: str
    reason: SkipReason
    reference: str = ""

    @property
    def why(self) -> Sentence:
        """The reason in words."""
        return skip_sentence(self.reason)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file says. `statements` and `breaks` go by commodity; every statement has a line.

    `marks` are facts that stand beside the table, as the file writes them; `header` is the line of the header, 0 where
    there is none; `doubts` is what was taken without proof.
    """

    layout: Layout
    encoding: str
    header: int
    statements: Mapping[str, Statement]
    breaks: Mapping[str, tuple[BalanceBreak, ...]]
    unreadable: tuple[Unreadable, ...]
    skipped: tuple[Skipped, ...]
    marks: Mapping[Mark, str]
    doubts: tuple[Sentence, ...]
    scales: Mapping[str, int] = field(repr=False)
    options: Options = field(repr=False)

    @property
    def profile(self) -> str:
        """The layout with its version, as statements keep it."""
        return self.layout.profile

    @property
    def lines(self) -> int:
        """All lines of all statements."""
        return sum(len(statement.lines) for statement in self.statements.values())

    @property
    def skipped_by_reason(self) -> dict[SkipReason, int]:
        """How many rows were skipped, by reason."""
        return dict(Counter(row.reason for row in self.skipped))


def read_statement(
    data: bytes,
    layouts: Layouts,
    options: Options,
    scales: Mapping[str, int],
    watch: Callable[[int], None] = lambda _rows: None,
) -> Reading:
    """The statements in the bytes of a file; `scales` gives the decimals of every commodity that may occur.

    `watch` is told now and then how many rows have been read; what it raises ends the reading.
    Raises what decoding, recognising and mapping refuse; `RowsUnreadable` with every such row unless
    `options.keep_unreadable`; `FileCutOff` and `StatementEmpty`.
    """
    source = open_source(data, layouts, options, scales)
    marks = marks_in(source.table.lines[: source.header], source.layout)
    reader = RowReader(source.layout, options.commodity, scales, marks.get(Mark.CURRENCY, ""))
    lines, skipped, unreadable = _rows(source, reader, watch)
    if unreadable and not (options.keep_unreadable and lines):
        raise RowsUnreadable(options.name, tuple(unreadable), len(lines))
    source = _judged_whole(source, skipped, options)
    if not lines:
        raise StatementEmpty(options.name, source.layout.profile, len(skipped))
    totals = marks_in([row.raw for row in skipped if row.reason is SkipReason.TOTAL], source.layout)
    return _reading(source, options, scales, {**totals, **marks}, (lines, skipped, unreadable))


def open_source(data: bytes, layouts: Layouts, options: Options, scales: Mapping[str, int]) -> Source:
    """The file taken apart, with the layout that it is known by, or one understood from the words of its header."""
    decoded = decode(data, options.name, options.encoding)
    table = Table.of(decoded.text, options.name)
    source = find(decoded, table, layouts, options.profile)
    if source is None:
        return understand(decoded, table, layouts.synonyms, options, scales)
    return in_its_encoding(data, source)


Outcome = tuple[list[StatementLine], list[Skipped], list[Unreadable]]
_Row = tuple[int, int, list[str]]

WATCHED_EACH = 500
"""Rows or lines after which whoever watches long work is told: some sixty times a second."""


def _rows(source: Source, reader: RowReader, watch: Callable[[int], None]) -> Outcome:
    lines: list[StatementLine] = []
    skipped: list[Skipped] = []
    unreadable: list[Unreadable] = []
    table = source.table
    last_line = len(table.lines)
    for number, last, cells in _watched(table.rows(source.first), watch):
        raw = table.raw(number, last)
        try:
            if number != last:
                _refuse_swallowed(table, reader, number, last)
            if last == last_line and table.cut_off:
                _refuse_cut_row(source.layout, cells)
            lines.append(reader.line(number, cells, raw))
        except RowUnread as unread:
            unreadable.append(Unreadable(number, raw, unread.why))
        except RowSkipped as skip:
            skipped.append(Skipped(number, raw, skip.reason, reader.cell(cells, Role.REFERENCE)))
    return lines, skipped, unreadable


def _watched(rows: Iterator[_Row], watch: Callable[[int], None]) -> Iterator[_Row]:
    for count, row in enumerate(rows):
        if not count % WATCHED_EACH:
            watch(count)
        yield row


def _refuse_swallowed(table: Table, reader: RowReader, number: int, last: int) -> None:
    """Refuse a row whose stray quotation mark took in other rows, which would be lost in a cell."""
    for line in table.lines[number:last]:
        if reader.is_row(cells_of(line, table.delimiter)):
            raise RowUnread(sentence("a quotation mark in this row takes in the rows up to {last}.", last=last))


def _refuse_cut_row(layout: Layout, cells: list[str]) -> None:
    if any(cell.strip() for cell in cells) and len(cells) < (layout.least or len(layout.header)):
        raise RowUnread(sentence("the file ends in the middle of this row."))


def _judged_whole(source: Source, skipped: list[Skipped], options: Options) -> Source:
    """The source, with a doubt where its line of totals is not there; raises `FileCutOff` unless told to go on."""
    footer = source.layout.footer
    if footer is None or not footer.required or any(row.reason is SkipReason.TOTAL for row in skipped):
        return source
    cut_off = FileCutOff(options.name, footer.condition.words[0], len(source.table.lines))
    if not options.keep_unreadable:
        raise cut_off
    return replace(source, doubts=(*source.doubts, cut_off.message))


def _reading(
    source: Source, options: Options, scales: Mapping[str, int], marks: dict[Mark, str], outcome: Outcome
) -> Reading:
    lines, skipped, unreadable = outcome
    followed = {commodity: follow(own) for commodity, own in _by_commodity(lines).items()}
    # What stands beside the table belongs to one currency; with several nothing tells to which.
    beside = _told(marks, source.layout, scales[lines[0].commodity]) if len(followed) == 1 else (None, None)
    statements = {
        commodity: Statement(
            profile=source.layout.profile,
            commodity=commodity,
            lines=tuple(line for line in lines if line.commodity == commodity),
            opening=one.opening if beside[0] is None else beside[0],
            closing=one.closing if beside[1] is None else beside[1],
        )
        for commodity, one in followed.items()
    }
    return Reading(
        layout=source.layout,
        encoding=source.decoded.encoding,
        header=source.header,
        statements=MappingProxyType(statements),
        breaks=MappingProxyType({commodity: one.breaks for commodity, one in followed.items()}),
        unreadable=tuple(unreadable),
        skipped=tuple(skipped),
        marks=MappingProxyType(marks),
        doubts=source.doubts,
        scales=scales,
        options=options,
    )


def _by_commodity(lines: list[StatementLine]) -> dict[str, list[StatementLine]]:
    found: dict[str, list[StatementLine]] = {}
    for line in lines:
        found.setdefault(line.commodity, []).append(line)
    return found


def _told(marks: Mapping[Mark, str], layout: Layout, scale: int) -> tuple[int | None, int | None]:
    """Opening and closing balance as they stand beside the table, `None` where they do not or cannot be read."""
    found: list[int | None] = []
    for mark in (Mark.OPENING, Mark.CLOSING):
        try:
            found.append(minor(marks.get(mark, ""), scale, layout.writing))
        except RowUnread:
            found.append(None)
    return found[0], found[1]
