"""Turning a book back from the write-ahead log that another program gave it; what `doctor` does."""

from __future__ import annotations

from pathlib import Path

from cloudbooks.errors import Refusal, sentence
from cloudbooks.store import opening, sqlite
from cloudbooks.store.disk_faults import translated
from cloudbooks.store.header import Header
from cloudbooks.store.opening import BookTurnedWal
from cloudbooks.store.place import look


class LogLeftUnmarked(Refusal):
    """A book has its rollback journal again; that it is to be verified could not be written in it."""

    code = "wal-left"

    def __init__(self, path: Path) -> None:
        # The change counter tells that another program wrote: that alone has the book verified before the next write.
        super().__init__(
            sentence("{path} left its write-ahead log, and was not verified yet; the next write does that.",
                     path=str(path)),
            hint=sentence("cloudbooks verify"),
        )  # fmt: skip


def leave_wal(path: Path) -> None:
    """Give a book its rollback journal again, and mark it to be verified before anything is written.

    Raises what looking at a file and examining a book raise, `BookTurnedWal` where another program has it open, and
    `LogLeftUnmarked` where only the mark is missing.
    """
    place = look(path)
    header = Header(place.path)
    connection = sqlite.connect(place.path)
    try:
        opening.examine(connection, place.path)
        connection.execute("PRAGMA busy_timeout=0")
        (mode,) = connection.execute("PRAGMA journal_mode=DELETE").fetchone()
        if mode != "delete":
            raise BookTurnedWal(place.path)
        sqlite.settle(connection)
        connection.execute("BEGIN IMMEDIATE")
        opening.mark_unverified(connection, header, "left a write-ahead log")
        connection.execute("COMMIT")
    except sqlite.Error as error:
        if not header.is_wal():
            raise LogLeftUnmarked(place.path) from error
        if sqlite.code_of(error) in (sqlite.BUSY, sqlite.LOCKED):
            raise BookTurnedWal(place.path) from error
        raise translated(error, place.path) or error from error
    finally:
        connection.close()
        header.close()
