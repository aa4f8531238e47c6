"""Write transactions: one writer at a time, by `BEGIN IMMEDIATE`, with an end that is known or settled."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from cloudbooks.errors import CloudBooksError, Refusal, sentence
from cloudbooks.store import meta, sqlite, writer_note
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.disk_faults import BookReadOnly, DiskError, translated
from cloudbooks.store.writer_note import Writer
from cloudbooks.system.clock import Clock, moment

_PAUSE_SECONDS = 0.01


class BookBusy(Refusal):
    """Another program has been writing the book for as long as this one waited."""

    code = "book-busy"

    def __init__(self, path: Path, writer: Writer | None, clock: Clock, waited: int) -> None:
        if writer is None:
            message = sentence("{book} is being written by another program.", book=path.name)
        else:
            seconds = int((clock.now() - moment(writer.since)).total_seconds())
            message = sentence(
                "{book} is being written by {command} (pid {pid}, {user}) for {seconds} s.",
                book=path.name, command=writer.command, pid=writer.pid, user=writer.user, seconds=seconds,
            )  # fmt: skip
        super().__init__(
            message, hint=sentence("reading works; waited {waited} s: again when it is done", waited=waited)
        )


class BookHeld(Refusal):
    """Another program has been reading the book, without a pause, for as long as this one waited to write."""

    code = "book-held"

    def __init__(self, path: Path, waited: int) -> None:
        super().__init__(
            sentence("another program has been reading {book} without a pause for {waited} s; nothing was written.",
                     book=path.name, waited=waited),
            hint=sentence("lsof {path} names it; again when it is done", path=str(path)),
        )  # fmt: skip


class BookReplaced(Refusal):
    """The file was moved, removed, or replaced by another one while this program had it open."""

    code = "book-replaced"

    def __init__(self, path: Path) -> None:
        super().__init__(
            sentence("{path} is another file than the one that was opened; nothing was written.", path=str(path)),
            hint=sentence("cloudbooks status, which opens it anew"),
        )


class BookOfParent(Refusal):
    """A book is written in a process that was forked from the one that opened it: it holds none of the locks."""

    code = "book-of-parent"

    def __init__(self, path: Path) -> None:
        super().__init__(
            sentence("{path} was opened by the process that started this one; nothing was written.", path=str(path)),
            hint=sentence("open it in the process that writes to it"),
        )


@contextmanager
def exclusive(book: BookFile, command: str, landed: Callable[[], bool] | None = None) -> Iterator[None]:
    """A write transaction, whatever the book says of itself; `command` is what others are told while they wait.

    `landed` finds out whether it took place where the end of the commit is not known. Raises `BookBusy`, `BookHeld`,
    `BookReplaced`, `BookOfParent`, `OutcomeUnknown`, and refusals for what the disk does not do.
    """
    guarded = sqlite.is_read_only(book.connection)
    sqlite.let_write(book.connection)
    try:
        _begin(book)
        writer_note.leave(book.state, book.id, command, book.clock)
        try:
            yield
            _finish(book, landed)
        except BaseException:
            roll_back(book)
            raise
        finally:
            writer_note.remove(book.state, book.id)
    except sqlite.Error as error:
        raise translated(error, book.path) or error from error
    finally:
        if guarded:
            # The connection may be another one by now: see `_settle`.
            sqlite.read_only(book.connection)


def require_writable(book: BookFile) -> None:
    """Raise what bars writing to a book, whatever is to be written."""
    if book.forked:
        raise book.forked
    if book.barred:
        raise book.barred
    if book.read_only:
        raise BookReadOnly(book.path)


@contextmanager
def rebuilding(book: BookFile) -> Iterator[None]:
    """A write transaction that makes the derived tables anew: a doubt about those does not bar it.

    Raises what `writing` raises, but not that the book is to be verified first, nor a `MetaDamaged`.
    """
    if book.barred and not isinstance(book.barred, meta.MetaDamaged):
        raise book.barred
    if book.read_only:
        raise BookReadOnly(book.path)
    with exclusive(book, "cloudbooks book rebuild"):
        yield


@contextmanager
def migrating(book: BookFile) -> Iterator[None]:
    """A write transaction that brings a book to this program's version; raises what `writing` raises, but for that."""
    require_writable(book)
    with exclusive(book, "cloudbooks book migrate"):
        yield


def roll_back(book: BookFile) -> None:
    """Undo the open transaction, if there is one: an error may have ended it already."""
    if book.connection.in_transaction:
        book.connection.execute("ROLLBACK")


def _demand_same_file(book: BookFile) -> None:
    """Refuse to write to a file that has lost its name, or whose locks are those of the process that was forked.

    What was acknowledged in the former would be gone with it; the latter would be written by two at once.
    """
    if book.header is not None and book.header.process != os.getpid():
        raise BookOfParent(book.path)
    if book.header is not None and not book.header.is_at(book.path):
        raise BookReplaced(book.path)


def _begin(book: BookFile) -> None:
    """Take the writer's place when it is free, looking every few milliseconds.

    SQLite's own waiting comes to look ten times a second only: of many writers one could miss every gap between others.
    """
    _demand_same_file(book)
    started = time.monotonic()
    sqlite.wait(book.connection, 0)
    try:
        while not _has_begun(book.connection):
            waited = time.monotonic() - started
            if waited > sqlite.BUSY_SECONDS:
                raise BookBusy(book.path, writer_note.read(book.state, book.id), book.clock, round(waited))
            time.sleep(_PAUSE_SECONDS)
    finally:
        sqlite.wait(book.connection)


def _has_begun(connection: sqlite.Connection) -> bool:
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite.OperationalError as error:
        if sqlite.code_of(error) != sqlite.BUSY:
            raise
        return False
    return True


def _finish(book: BookFile, landed: Callable[[], bool] | None) -> None:
    mark = f"{os.getpid()}-{time.monotonic_ns()}"
    count_change(book)
    meta.write(book.connection, meta.LAST_WRITE, mark)
    kept, before = book.kept, book.header.change_counter() if book.kept else 0
    deadline = time.monotonic() + sqlite.BUSY_SECONDS
    started = time.monotonic()
    while True:
        try:
            book.connection.execute("COMMIT")
        except sqlite.Error as error:
            if sqlite.code_of(error) == sqlite.BUSY and book.connection.in_transaction:
                if time.monotonic() < deadline:
                    time.sleep(_PAUSE_SECONDS)
                    continue
                roll_back(book)
                raise BookHeld(book.path, round(time.monotonic() - started)) from error
            _settle(book, error, landed or (lambda: meta.read(book.connection, meta.LAST_WRITE) == mark))
        if kept is not None:
            # What else this process writes leaves the posted state as it is.
            book.kept = replace(kept, counter=(before + 1) % 2**32) if kept.counter == before else None
        return


def count_change(book: BookFile) -> None:
    """Move on what the change counter is expected to be after this transaction; a difference stays a difference."""
    expected = int(meta.read(book.connection, meta.COUNTER))
    meta.write(book.connection, meta.COUNTER, str((expected + 1) % 2**32))


def _settle(book: BookFile, error: sqlite.Error, landed: Callable[[], bool]) -> None:
    """Find out whether a commit took place whose outcome nobody told; the same fsync is never asked for twice."""
    try:
        book.reopen()
        took_place = landed()
    except (sqlite.Error, CloudBooksError) as unsettled:
        raise OutcomeUnknown(book.path, str(error)) from unsettled
    if not took_place:
        raise translated(error, book.path) or DiskError(book.path, str(error)) from error


class OutcomeUnknown(Refusal):
    """The system broke off a commit, and the book cannot be read to see whether it took place."""

    code = "outcome-unknown"

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(
            sentence("the disk broke off while {path} was written ({why}); whether it was written is not known.",
                     path=str(path), why=why),
            hint=sentence("when the disk works again: cloudbooks status"),
        )  # fmt: skip
