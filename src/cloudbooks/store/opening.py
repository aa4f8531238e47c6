"""The steps of opening a book, up to its head. What is no book, or is not ours to open, is refused here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final, NamedTuple

from blake3 import blake3

from cloudbooks.errors import ChainFault, Refusal, sentence
from cloudbooks.store import log_bytes, meta, schema, sqlite
from cloudbooks.store.header import Header
from cloudbooks.store.place import BookMissing, Place, has_journal

RECOVERED: Final = "recovered"
"""Why a book is to be verified: a stopped writer's journal was rolled back."""


class Head(NamedTuple):
    """The end of a book's log: the last block's number, its hash (`b3:…`), and when it was committed."""

    number: int
    hash: str
    committed_at: str


class NotABook(Refusal):
    """A file is no CloudBooks book."""

    code = "not-a-book"

    def __init__(self, path: Path) -> None:
        super().__init__(
            sentence("{path} is no CloudBooks book.", path=str(path)),
            hint=sentence("cloudbooks import {path} reads a bank's file; ls *.cbk lists books", path=str(path)),
        )


class BookEmpty(Refusal):
    """A file of a book's name is empty: its making was stopped."""

    code = "book-empty"

    def __init__(self, path: Path) -> None:
        super().__init__(
            sentence("{path} is empty: the making of this book was stopped.", path=str(path)),
            hint=sentence("cloudbooks init {name} makes it", name=path.stem),
        )


class BookNewer(Refusal):
    """A book was written by a newer program."""

    code = "book-newer"

    def __init__(self, path: Path, version: int) -> None:
        super().__init__(
            sentence("{path} has schema version {version}; this program knows {known}.", path=str(path),
                     version=version, known=schema.VERSION),
            hint=sentence("pip install --upgrade cloudbooks"),
        )  # fmt: skip


class BookOlder(Refusal):
    """A book was made by an earlier program: it is read as it is, and written only once it was migrated."""

    code = "book-older"

    def __init__(self, version: int) -> None:
        super().__init__(
            sentence("this book has schema version {version}, which this program only reads.", version=version),
            hint=sentence("cloudbooks book migrate keeps a copy and brings it to version {known}",
                          known=schema.VERSION),
        )  # fmt: skip


class BookTurnedWal(Refusal):
    """Another program turned the book to a write-ahead log, in which one flipped bit loses acknowledged entries."""

    code = "book-wal"

    def __init__(self, path: Path) -> None:
        super().__init__(
            sentence("another program gave {path} a write-ahead log, which books do without.", path=str(path)),
            hint=sentence("cloudbooks doctor turns it back and verifies it"),
        )


class BookToRecover(Refusal):
    """A writer was stopped in the middle, and the book lies where its journal cannot be rolled back."""

    code = "book-to-recover"

    def __init__(self, path: Path) -> None:
        super().__init__(
            sentence("a writer of {path} was stopped, and its journal cannot be rolled back there.", path=str(path)),
            hint=sentence("copy {path} and {path}-journal to a disk that can be written", path=str(path)),
        )


class SchemaChanged(ChainFault):
    """Another program changed the tables, indexes or triggers of a book."""

    code = "schema-changed"

    def __init__(self, path: Path) -> None:
        super().__init__(
            sentence("another program changed the tables of {path}.", path=str(path)),
            hint=sentence("cp COPY {path} puts a good copy back", path=str(path)),
        )


def hold(place: Place) -> Header:
    """Hold the file that was looked at, and refuse what can be told from its header alone."""
    if place.size == 0 and not place.journal:
        raise BookEmpty(place.path)
    try:
        header = Header(place.path)
    except OSError:
        raise BookMissing(place.path) from None
    swapped = header.identity != (place.device, place.inode)
    if swapped or not header.is_sqlite() or header.is_wal():
        wal = header.is_wal()
        header.close()
        raise BookMissing(place.path) if swapped else BookTurnedWal(place.path) if wal else NotABook(place.path)
    return header


def recover(connection: sqlite.Connection, path: Path, header: Header, *, read_only: bool) -> bool:
    """Roll back what a stopped writer left, and mark the book as one to verify; tells whether that was done.

    To be called where a journal was seen beside the book. One that belongs to a writer at work is left alone, and one
    that is gone by now was that of a writer who is done: no doubt of the book follows from it.
    """
    if read_only:
        raise BookToRecover(path)
    if not has_journal(path):
        return False
    connection.execute("PRAGMA busy_timeout=0")
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite.OperationalError as error:
        if sqlite.code_of(error) == sqlite.BUSY:
            return False
        raise
    # Where the writer was not stopped, but done a moment later, others may read by now: the commit waits for them.
    sqlite.wait(connection)
    try:
        examine(connection, path)
        mark_unverified(connection, header, RECOVERED)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return True


def mark_unverified(connection: sqlite.Connection, header: Header, why: str) -> None:
    """Say in the book that it must be verified before anything is written to it; the caller commits."""
    # Only a counter that agreed before may be moved on: a difference must stay one.
    expected = meta.read(connection, meta.COUNTER)
    meta.write(connection, meta.UNVERIFIED, why)
    if int(expected) == header.change_counter():
        meta.write(connection, meta.COUNTER, str((header.change_counter() + 1) % 2**32))


def settle(connection: sqlite.Connection, path: Path) -> None:
    """Set what makes writing safe, and read it back."""
    if sqlite.settle(connection) != "delete":
        raise BookTurnedWal(path)


def examine(connection: sqlite.Connection, path: Path) -> int:
    """Refuse every file that is no book of a known version, or whose schema another program changed; the version."""
    try:
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        version = connection.execute("PRAGMA user_version").fetchone()[0]
    except sqlite.DatabaseError as error:
        if sqlite.code_of(error) == sqlite.NOTADB:
            raise NotABook(path) from error
        raise
    if application != schema.APPLICATION_ID:
        raise NotABook(path)
    if version > schema.VERSION:
        raise BookNewer(path, version)
    if not schema.is_whole(connection, version):
        raise SchemaChanged(path)
    return int(version)


def stand_in(connection: sqlite.Connection, version: int) -> None:
    """Let the tables that later versions added be read as empty ones, on this connection alone: the file stays."""
    for text in schema.later_tables(version):
        connection.execute(text.replace("CREATE TABLE", "CREATE TEMP TABLE", 1))


def end_standing_in(connection: sqlite.Connection, version: int) -> None:
    """Take the empty tables away again, before those of their names are made."""
    for text in schema.later_tables(version):
        connection.execute(f"DROP TABLE temp.{text.split()[2]}")


def head_of(connection: sqlite.Connection) -> Head | None:
    """The end of the log, from the bytes of its last block; `None` for a log without one."""
    last = log_bytes.last_block(connection)
    return None if last is None else _head(*last)[0]


def block_head(number: int, data: bytes) -> Head:
    """The end of a log whose last block has this number and these bytes, which were verified before."""
    return _head(number, data)[0]


def head_and_id(connection: sqlite.Connection, path: Path) -> tuple[Head, str]:
    """The end of the log and the id of the book, both from the bytes of the last block."""
    try:
        last = log_bytes.last_block(connection)
        if last is None:
            raise BookEmpty(path)
        return _head(*last)
    except (ValueError, KeyError, TypeError, log_bytes.BytesDamaged) as error:
        raise LastBlockUnreadable(path) from error


def _head(number: int, data: bytes) -> tuple[Head, str]:
    header = json.loads(data.partition(b"\n")[0])
    return Head(number, f"b3:{blake3(data).hexdigest()}", str(header["committed_at"])), str(header["book"])


class LastBlockUnreadable(ChainFault):
    """The bytes of the last block are no block."""

    code = "block-unreadable"

    def __init__(self, path: Path) -> None:
        super().__init__(
            sentence("the last block of {path} cannot be read.", path=str(path)),
            hint=sentence("cp COPY {path} puts a good copy back", path=str(path)),
        )
