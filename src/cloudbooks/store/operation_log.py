"""The log of operations on what is not posted: who did what, also what was undone. It only grows.

A row of kind `do` is an operation; one of kind `undo` or `redo` names the operation that it took back or did again.
An operation stands unless the last row that names it is an `undo`. A row with a block is a post: nothing before it is
undone any more.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from cloudbooks.errors import Sentence
from cloudbooks.store.row_text import Row, plain
from cloudbooks.store.sentence_text import kept_sentence, sentence_of
from cloudbooks.store.sqlite import Connection
from cloudbooks.store.working_rows import OPERATION, WorkingRows, checked, read_one, sealed

_AFTER_LAST = """
SELECT kind, target FROM operation
WHERE number > coalesce((SELECT number FROM operation WHERE kind = 'do' ORDER BY number DESC LIMIT 1), 0)
ORDER BY number
"""
_LAST_STANDING = """
SELECT number FROM operation AS done
WHERE kind = 'do' AND coalesce(
    (SELECT kind FROM operation WHERE target = done.number AND target > 0 ORDER BY number DESC LIMIT 1), 'do'
) <> 'undo'
ORDER BY number DESC LIMIT 1
"""
_LAST_NAMING = "SELECT kind FROM operation WHERE target = ? AND target > 0 ORDER BY number DESC LIMIT 1"
_LISTED = """
SELECT number, kind, target, at, member, verb, summary, block, voucher, digest FROM operation
ORDER BY number DESC LIMIT ?
"""


class OperationKind(StrEnum):
    """What a row of the log tells."""

    DO = "do"
    UNDO = "undo"
    REDO = "redo"


@dataclass(frozen=True, slots=True)
class Operation:
    """One row of the log. `at` is UTC, `by` the id of a member; `block` is set for a post, with its first `voucher`.

    `target` is the operation that an undo or redo is about, 0 else; `undone` says that this operation does not stand.
    """

    number: int
    at: str
    by: str
    verb: str
    summary: Sentence
    undone: bool = False
    block: int | None = None
    voucher: str = ""
    kind: OperationKind = OperationKind.DO
    target: int = 0


def next_number(connection: Connection) -> int:
    """The number of the operation that is about to be made."""
    (last,) = connection.execute("SELECT coalesce(max(number), 0) FROM operation").fetchone()
    return int(last) + 1


def is_last(connection: Connection, number: int) -> bool:
    """Whether this is the number of the last row of the log, and the row an operation that is no post."""
    found = connection.execute("SELECT number, kind, block FROM operation ORDER BY number DESC LIMIT 1").fetchone()
    return found is not None and tuple(found) == (number, OperationKind.DO.value, None)


def append(rows: WorkingRows, operation: Operation) -> None:
    """Write a row of the log."""
    cells = (
        *(operation.number, operation.kind.value, operation.target, operation.at, operation.by, operation.verb),
        *(plain(kept_sentence(operation.summary)).decode(), operation.block, operation.voucher),
    )
    rows.insert(OPERATION, [sealed(OPERATION, cells)])


def last_standing(connection: Connection) -> Operation | None:
    """The operation that undo is about: the last one that stands."""
    found = connection.execute(_LAST_STANDING).fetchone()
    return None if found is None else _operation(connection, int(found[0]))


def undone_since_last(connection: Connection) -> list[int]:
    """Operations undone since the last new one, in the order in which they were undone: redo takes the last."""
    undone: dict[int, None] = {}
    for kind, target in connection.execute(_AFTER_LAST).fetchall():
        undone.pop(target, None)
        if kind == OperationKind.UNDO:
            undone[target] = None
    return list(undone)


def last_undone(connection: Connection) -> Operation | None:
    """The operation that redo is about; a new operation ends what could be done again."""
    undone = undone_since_last(connection)
    return _operation(connection, undone[-1]) if undone else None


def listed(connection: Connection, limit: int) -> list[Operation]:
    """The last `limit` rows of the log, newest first; raises `WorkingRowDamaged`."""
    rows = connection.execute(_LISTED, (limit,)).fetchall()
    return [_of(connection, checked(OPERATION, row)) for row in rows]


def local_time(at: str, now: datetime) -> str:
    """An instant of the log on the reader's clock: the hour, with the day in front if it is not the day of `now`."""
    local = datetime.fromisoformat(at).astimezone()
    return local.strftime("%H:%M" if local.date() == now.astimezone().date() else "%Y-%m-%d %H:%M")


def _operation(connection: Connection, number: int) -> Operation | None:
    row = read_one(connection, OPERATION, number)
    return None if row is None else _of(connection, row)


def _of(connection: Connection, row: Row) -> Operation:
    number, kind, target, at, member, verb, summary, block, voucher, _ = row
    assert isinstance(number, int)
    assert isinstance(target, int)
    naming = connection.execute(_LAST_NAMING, (number,)).fetchone()
    return Operation(
        number=number,
        at=str(at),
        by=str(member),
        verb=str(verb),
        summary=sentence_of(json.loads(str(summary))),
        undone=naming is not None and naming[0] == OperationKind.UNDO,
        block=block if isinstance(block, int) else None,
        voucher=str(voucher),
        kind=OperationKind(str(kind)),
        target=target,
    )
