"""Undo and redo of what is not posted, and the log of who did what."""

from __future__ import annotations

from cloudbooks.errors import Refusal, sentence
from cloudbooks.store import operation_log
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.images import UndoableRows
from cloudbooks.store.operation_log import Operation, OperationKind
from cloudbooks.store.unit import KeyTaken, operation
from cloudbooks.store.working_rows import REMEMBERED, read_one
from cloudbooks.store.writing import writing

__all__ = ["Operation", "OperationKind"]


class UndoPosted(Refusal):
    """The last operation is a post: what is in the chain is corrected, never undone."""

    code = "undo-posted"

    def __init__(self, last: Operation, who: str, when: str) -> None:
        super().__init__(
            sentence(
                'the last operation is "{what}" ({who}, {when}); what is posted is not undone.',
                what=last.summary,
                who=who,
                when=when,
            ),
            hint=sentence("cloudbooks entry correct {voucher}", voucher=last.voucher)
            if last.voucher
            else sentence("cloudbooks batch show {block}", block=last.block),
        )


class NothingToUndo(Refusal):
    """No operation stands that could be undone."""

    code = "undo-nothing"

    def __init__(self) -> None:
        super().__init__(
            sentence("nothing was done in this book that could be undone."),
            hint=sentence("cloudbooks draft list"),
        )


class NothingToRedo(Refusal):
    """No operation was undone since the last new one."""

    code = "redo-nothing"

    def __init__(self) -> None:
        super().__init__(
            sentence("nothing was undone since the last new operation."),
            hint=sentence("cloudbooks undo"),
        )


def undo(book: BookFile, *, by: str) -> Operation:
    """Take back the last operation that stands, whoever made it, and give it; a row of the log tells of it.

    Everything but that log is then as it was before that operation, byte for byte. Raises `UndoPosted`,
    `NothingToUndo`; `WorkingRowDamaged` where a row is not what was kept, and then nothing is undone.
    """
    with operation(book, verb="undo", summary="", by=by) as unit:
        last = operation_log.last_standing(book.connection)
        if last is None:
            raise NothingToUndo
        if last.block is not None:
            raise UndoPosted(last, _name(book, last.by), operation_log.local_time(last.at, book.clock.now()))
        unit.entitle(verb="undo", summary=sentence("undo: {what}", what=last.summary), by=by)
        unit.exchange(OperationKind.UNDO, last)
    return last


def redo(book: BookFile, *, by: str) -> Operation:
    """Do again the operation that was undone last, and give it. Raises `NothingToRedo`, `WorkingRowDamaged`."""
    with operation(book, verb="redo", summary="", by=by) as unit:
        last = operation_log.last_undone(book.connection)
        if last is None:
            raise NothingToRedo
        unit.entitle(verb="redo", summary=sentence("redo: {what}", what=last.summary), by=by)
        unit.exchange(OperationKind.REDO, last)
    return last


def keep_result(book: BookFile, key: str, result: str) -> None:
    """Keep the result (JSON) of the command that was done last under its idempotency key, as part of its operation.

    It takes the place of the book's claim. Undoing the operation forgets the key too, so that the command can be done
    anew. Raises `KeyTaken`.
    """
    with writing(book):
        last = operation_log.last_standing(book.connection)
        rows = UndoableRows(book.connection, None if last is None or last.block is not None else last.number)
        kept = read_one(book.connection, REMEMBERED, key)
        if kept is not None and book.claim != (key, kept[1]):
            raise KeyTaken(key, str(kept[1]))
        rows.put(REMEMBERED, [(key, result)])
        rows.finish()


def operations(book: BookFile, limit: int) -> list[Operation]:
    """The last `limit` rows of the log, newest first, with undos and redos. Raises `WorkingRowDamaged`."""
    return operation_log.listed(book.connection, limit)


def _name(book: BookFile, member: str) -> str:
    from cloudbooks.store import reading  # noqa: PLC0415 - only a refusal needs names

    return next((one.name for one in reading.members(book) if one.id == member), member)
