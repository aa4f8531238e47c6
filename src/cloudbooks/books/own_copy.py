"""Our own log as the engines that compare two copies ask for it."""

from __future__ import annotations

from cloudbooks.store import log
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.log import StoredLog


class OwnCopy(StoredLog):
    """Our own log as `relation.OwnLog` asks for it."""

    def __init__(self, book: BookFile) -> None:
        super().__init__(book)
        self._book = book

    @property
    def book(self) -> str:
        """See `OwnLog`."""
        return self._book.id

    @property
    def size(self) -> int:
        """See `OwnLog`."""
        return log.size(self._book)

    @property
    def signed(self) -> int:
        """See `OwnLog`."""
        return log.signed_size(self._book)

    def root_at(self, size: int) -> bytes:
        """See `OwnLog`."""
        return log.root_at(self._book, size)
