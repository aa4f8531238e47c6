"""Records that wait for the next batch, and the counters that number drafts, statements and their places."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from cloudbooks.store.images import UndoableRows
from cloudbooks.store.row_text import plain
from cloudbooks.store.staged import statement_of, statement_row
from cloudbooks.store.working_rows import COUNTER, PENDING, STATEMENT, read_one

if TYPE_CHECKING:
    from cloudbooks.chain.record import AnyRecord

_BODY = 3
"""The place in a row of `pending` of the record's text."""


def numbers(rows: UndoableRows, name: str, count: int) -> range:
    """The next `count` numbers of a counter; none is given twice, unless the operation is undone."""
    if not count:
        return range(0)
    row = read_one(rows.connection, COUNTER, name)
    last = int(str(row[1])) if row else 0
    rows.put(COUNTER, [(name, last + count)])
    return range(last + 1, last + count + 1)


def put(rows: UndoableRows, record: AnyRecord) -> None:
    """Let a record wait; one that waits already under its id is replaced at its place."""
    from cloudbooks.store.pending_text import pending_cells  # noqa: PLC0415 - drafts do without the chain's 50 ms

    type_, body = pending_cells(record)
    row = read_one(rows.connection, PENDING, record.id)
    place = numbers(rows, "pending", 1)[0] if row is None else row[1]
    rows.put(PENDING, [(record.id, place, type_, body)])


def posted(rows: UndoableRows, records: Iterable[AnyRecord]) -> None:
    """Records are in the chain: they, and the statements of theirs, wait no longer; one put anew since waits on."""
    from cloudbooks.store.pending_text import pending_cells  # noqa: PLC0415 - the same

    ids = {id_ for (id_,) in rows.connection.execute("SELECT id FROM pending").fetchall()}
    staged = dict(rows.connection.execute("SELECT id, number FROM staged_statement WHERE state = 'staged'").fetchall())
    for record in records:
        if record.id in ids:
            row = read_one(rows.connection, PENDING, record.id)
            if row is not None and row[_BODY] == pending_cells(record)[1]:
                rows.drop(PENDING, [record.id])
        elif record.id in staged:
            row = read_one(rows.connection, STATEMENT, staged[record.id])
            assert row is not None
            rows.put(STATEMENT, [statement_row(replace(statement_of(row), state="posted"), plain)])
