"""The log of a book that others may write to while it is verified."""

from __future__ import annotations

from cloudbooks.store.book_file import BookFile
from cloudbooks.store.log import StoredLog


class LiveLog(StoredLog):
    """The log of a book that others may write to meanwhile.

    Blocks up to the head are never changed, so they are read without holding anybody up. Whoever asks for the block
    after the last gets it from inside a read transaction, in which all that can change is then compared.
    """

    def __init__(self, book: BookFile) -> None:
        super().__init__(book)
        self._book = book
        self._size = book.head.number + 1 if book.head else 0
        self.files: set[str] = set()

    def block(self, number: int) -> bytes | None:
        """See `StoredLog`."""
        if number >= self._size:
            self.hold()
        return super().block(number)

    def hold(self) -> None:
        """Let nothing change from here on that is read through this connection."""
        if not self._book.connection.in_transaction:
            self._book.connection.execute("BEGIN")

    def attachment(self, b3: str) -> bytes | None:
        """See `StoredLog`; what was read well is remembered."""
        found = super().attachment(b3)
        if found is not None:
            self.files.add(b3)
        return found
