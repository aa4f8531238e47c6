"""What `verify` says of the working state: every row and column of every table, against digests and tallies."""

from __future__ import annotations

from collections.abc import Iterator

from cloudbooks.errors import Finding, Sentence, sentence
from cloudbooks.store.row_text import BULK_ROWS, Cell, Encode, WorkingRowDamaged, encoder
from cloudbooks.store.sqlite import Connection
from cloudbooks.store.working_rows import (
    DRAFT,
    IMAGE,
    LINE,
    SHARE_BITS,
    SPAN_MAX,
    STATEMENT,
    TABLES,
    TALLY,
    WorkingTable,
    agrees,
    chunks,
    digest_sum,
    tally_of,
    what,
)

_RESTORE = sentence("cp COPY BOOK puts a good copy of the book back")

Tally = tuple[int, int]
_IMAGES = 8
"""Images are read a few at a time: each may hold a thousand rows."""


def check_working(connection: Connection) -> Iterator[Finding]:
    """Every fault of the working state, whatever the file holds: what the library raises is a finding too.

    Tables are read as they lie, without their indexes. The caller holds a transaction open, so that rows and tallies
    are of one moment.
    """
    encode = encoder(BULK_ROWS)
    found: list[Finding] = []
    tallies = _tallies(connection, encode, found)
    for table in TABLES.values():
        if table is not TALLY:
            _examine(connection, table, tallies.get(table.name, (0, 0)), encode, found)
        yield from found
        found.clear()


def _tallies(connection: Connection, encode: Encode, found: list[Finding]) -> dict[str, Tally | None]:
    """The tally of each table, `None` where its row does not agree with its digest."""
    tallies: dict[str, Tally | None] = {}
    try:
        for row in connection.execute(TALLY.every).fetchall():
            good = agrees(TALLY, row, encode)
            tallies[str(row[0])] = tally_of(row) if good else None
            if not good:
                found.append(_damaged(TALLY, row[0]))
    except Exception as error:  # noqa: BLE001 - a broken file raises anything; all of it is a finding
        found.append(_unreadable(TALLY, error))
        tallies |= dict.fromkeys(TABLES.keys() - tallies.keys())
    return tallies


def _examine(
    connection: Connection, table: WorkingTable, tally: Tally | None, encode: Encode, found: list[Finding]
) -> None:
    rows, total = 0, 0
    try:
        for chunk in chunks(connection.execute(table.every), _IMAGES if table is IMAGE else SPAN_MAX):
            found += [_damaged(table, row[0]) for row in chunk if not agrees(table, row, encode)]
            rows, total = rows + len(chunk), total + digest_sum(chunk)
    except Exception as error:  # noqa: BLE001 - the same
        found.append(_unreadable(table, error))
        return
    if tally is not None and rows != tally[0]:
        words = sentence("{kept} rows were kept and {there} are there.", kept=tally[0], there=rows)
        found.append(Finding("working-rows-lost", _where(table), words, _RESTORE))
    elif tally is not None and total % (1 << 128) != tally[1]:
        words = sentence("rows are there that are not the ones that were kept last.")
        found.append(Finding("working-rows-lost", _where(table), words, _RESTORE))


def _where(table: WorkingTable) -> str:
    return f"table {table.name}"


def _damaged(table: WorkingTable, key: Cell) -> Finding:
    fault = WorkingRowDamaged(what(table, key))
    return Finding(fault.code, f"{_where(table)}, row {key!r}"[:200], fault.message, _way_out(table, key))


def _way_out(table: WorkingTable, key: Cell) -> Sentence:
    if table is DRAFT:
        return sentence("cloudbooks draft discard D-{number}", number=key)
    if table is LINE and isinstance(key, int):
        statement = key >> SHARE_BITS
        return sentence("cloudbooks statement withdraw S-{number}, then import its file again", number=statement)
    if table is STATEMENT:
        return sentence("import its file again")
    return _RESTORE


def _unreadable(table: WorkingTable, error: Exception) -> Finding:
    words = sentence("the table cannot be read: {reason}.", reason=f"{type(error).__name__}: {error}"[:200].rstrip("."))
    return Finding("working-rows-unreadable", _where(table), words, _RESTORE)
