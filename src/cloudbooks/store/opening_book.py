"""Opening a book: no byte of it is believed before what a stopped writer left and what the receipt says are known.

The order is one: look at the file, recover what a stopped writer left, compare format and schema, set and read back the
settings, compare the head with the receipt. Nothing here imports the chain: reading reports must stay quick.
"""

from __future__ import annotations

from pathlib import Path

from cloudbooks.errors import Finding
from cloudbooks.store import opening, sqlite, trusting
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.disk_faults import translated
from cloudbooks.store.header import Header
from cloudbooks.store.place import Place, look
from cloudbooks.system.clock import Clock


def open_book(path: Path, *, state: Path, clock: Clock, command: str = "cloudbooks") -> BookFile:
    """Open a book. `state` is this machine's state folder, `command` what others are told while it writes.

    Raises a refusal for everything that is not opened as a book, and a `ChainFault` for a schema that another program
    changed. A head that does not fit the receipt is not raised: see `BookFile.stopped`.
    """
    place = look(path)
    header = opening.hold(place)
    try:
        return _connected(place, header, state, clock, command)
    except BaseException:
        header.close()
        raise


def _connected(place: Place, header: Header, state: Path, clock: Clock, command: str) -> BookFile:
    connection = sqlite.connect(place.path, writable=not place.read_only)
    try:
        if place.journal:
            opening.recover(connection, place.path, header, read_only=place.read_only)
        opening.settle(connection, place.path)
        version = opening.examine(connection, place.path)
        opening.stand_in(connection, version)
        sqlite.read_only(connection)
        head, book_id = opening.head_and_id(connection, place.path)
        book = BookFile(
            place.path, book_id, connection, header, state, clock, command, head, place.read_only, place.findings,
            version=version,
        )  # fmt: skip
        if book.older is not None:
            book.faults += (
                Finding(book.older.code, place.path.name, book.older.message, book.older.hint, warning=True),
            )
        trusting.judge(book)
    except BaseException as error:
        connection.close()
        if isinstance(error, sqlite.Error) and (meaning := translated(error, place.path)):
            raise meaning from error
        if isinstance(error, UnicodeDecodeError):
            # SQLite quotes damaged text of the schema in its own message, which is then no text either.
            raise opening.SchemaChanged(place.path) from error
        raise
    return book
