"""Idempotency keys: a command repeated with the same `--key` gives its first result and does nothing again."""

from __future__ import annotations

from cloudbooks.books.desk import Desk
from cloudbooks.store import operations, working


def first_result(desk: Desk) -> str | None:
    """What the first command with this desk's key answered, as JSON text; `None` if there was none."""
    if not desk.key or not desk.book.exists():
        return None
    with desk.open() as book:
        return working.remembered(book, desk.key)


def keep_result(desk: Desk, result: str) -> None:
    """Remember the answer of the command that was just done under this desk's key; undoing it forgets the key too."""
    with desk.open() as book:
        operations.keep_result(book, desk.key, result)
