"""Pages of what is posted and of drafts, by key: what a page costs does not grow with the book."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cloudbooks.store.book_file import BookFile


def data_version(book: BookFile) -> int:
    """A number that is another one after another connection has written the book."""
    (version,) = book.connection.execute("PRAGMA data_version").fetchone()
    return int(version)
