"""How far long work has come, for whoever watches it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

from cloudbooks.store.book_file import BookFile

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and of how much: 0 where nobody knows."""


def quiet(_what: str, _done: int, _total: int) -> None:
    """The progress that nobody hears of."""


def counted_off(progress: Progress, total: int) -> Callable[[], None]:
    """Tells of one more verified block each time it is called."""
    done = count(1)
    return lambda: progress("verify", next(done), total)


def size_of(book: BookFile) -> int:
    """How many blocks a book has."""
    return book.head.number + 1 if book.head else 0
