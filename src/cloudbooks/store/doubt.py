"""The doubt about a book that must be verified before the next write, and its end."""

from __future__ import annotations

from contextlib import suppress

from cloudbooks.store import meta, trusting
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.disk_faults import BookReadOnly, DiskError, DiskFull
from cloudbooks.store.exclusive import BookBusy, BookHeld, exclusive


def stands(book: BookFile) -> bool:
    """Whether the book is still to be verified, asked inside the open write transaction: another may have done it."""
    return book.unsure == trusting.RECEIPT_NEW or bool(meta.read(book.connection, meta.UNVERIFIED))


def mark_verified(book: BookFile) -> None:
    """Keep, in the open write transaction, that the whole book was verified as it stands."""
    meta.write(book.connection, meta.UNVERIFIED, "")
    meta.write(book.connection, meta.COUNTER, str(book.header.change_counter()))


def end_doubt(book: BookFile, counter: int) -> None:
    """Say that the whole book was verified when its file had this change counter, and write the receipt.

    Where somebody has written since, or the book cannot be written now, the doubt stays for the next write to end.
    """
    if book.barred or book.read_only or book.older or book.connection.in_transaction:
        return
    with suppress(BookBusy, BookHeld, DiskError, DiskFull, BookReadOnly), exclusive(book, "cloudbooks verify"):
        if book.header.change_counter() != counter:
            return
        mark_verified(book)
        book.unsure = ""
    if not book.unsure:
        trusting.acknowledge(book)
