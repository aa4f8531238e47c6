"""How far long work has come, for whoever watches it."""

from __future__ import annotations

from collections.abc import Callable

from cloudbooks.store.book_file import BookFile

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and of how much: 0 where nobody knows."""


def quiet(_what: str, _done: int, _total: int) -> None:
    """The progress that nobody hears of."""


def size_of(book: BookFile) -> int:
    """How many blocks a book has."""
    return book.head.number + 1 if book.head else 0
