"""`undo`, `redo` and the operation log: everything before post can be taken back."""

from __future__ import annotations

from cloudbooks.books.desk import Desk
from cloudbooks.store import operations
from cloudbooks.store.operations import Operation


def undo(desk: Desk) -> Operation:
    """Take back the last operation on what is not posted; raises `UndoPosted` or `NothingToUndo`."""
    with desk.open() as book:
        return operations.undo(book, by=desk.who(book).id)


def redo(desk: Desk) -> Operation:
    """Do again what was undone last."""
    with desk.open() as book:
        return operations.redo(book, by=desk.who(book).id)


def log(desk: Desk, limit: int = 50) -> tuple[Operation, ...]:
    """The last operations, newest first, undone ones included."""
    with desk.open() as book:
        return tuple(operations.operations(book, limit))
