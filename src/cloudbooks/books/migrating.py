"""`book migrate`: a book of an earlier program brought to this one's version, with a verified copy of it as it was."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from cloudbooks.books.backing_up import verified
from cloudbooks.books.desk import Desk
from cloudbooks.books.progress import Progress, quiet, size_of
from cloudbooks.errors import CloudBooksError, Finding, Noticed
from cloudbooks.store import migrating, schema
from cloudbooks.store.duplicating import duplicate
from cloudbooks.store.exclusive import OutcomeUnknown
from cloudbooks.system import backup_file, files, pins
from cloudbooks.system.private_copy import private_folder

if TYPE_CHECKING:
    from cloudbooks.store.book_file import BookFile, Head


@dataclass(frozen=True, slots=True)
class Migrated:
    """What a migration did, or would do: from which schema version to which, and where the book lies as it was.

    `copy` is `None` where nothing was done: in a dry run, and for a book that has the version already.
    """

    before: int
    after: int
    copy: Path | None
    head: Head
    findings: tuple[Finding, ...] = ()


def migrate(desk: Desk, progress: Progress = quiet, *, dry_run: bool = False) -> Migrated:
    """Keep a verified copy of the book beside it, then migrate the book and verify it, in one commit.

    Others may read meanwhile, and wait to write. Raises what bars writing, `CopyInvalid`, `PostedChanged`, and
    `FileNotWritten`; then the book is as it was, and no copy is left. After an `OutcomeUnknown` the copy stays.
    """
    looking = replace(desk, noticed=Noticed())
    with looking.open() as book:
        assert book.head is not None
        done = Migrated(book.version, schema.VERSION, None, book.head)
        if book.older is None:
            desk.noticed.add(book.faults, book.stopped, book.path.name)
            return done
        # An older book's faults are doubts that the migration ends, or bar it.
        if (bars := book.forked or book.barred) is not None:
            raise bars
        if dry_run:
            return done
        copies: list[Path] = []
        try:
            findings = migrating.migrate(book, lambda: copies.extend(_copied(looking, book)), _counted(progress, book))
        except CloudBooksError as error:
            # Where the new book may stand, the copy is what there is of the old one.
            if book.older is not None and not isinstance(error, OutcomeUnknown):
                for path in copies:
                    files.unlink(path)
            raise
        return replace(done, copy=copies[0] if copies else None, findings=findings)


def _counted(progress: Progress, book: BookFile) -> migrating.Watch:
    """Tells of one more verified block each time it is called."""
    done, total = count(1), size_of(book)
    return lambda: progress("verify", next(done), total)


def _copied(desk: Desk, book: BookFile) -> tuple[Path]:
    """Copy the book as it is, verify the copy in a process of its own, and give it a name beside the book."""
    try:
        # SQLite copies nothing for a connection that writes; a second one sees what was committed, which stays so.
        with desk.open() as reader, private_folder(book.path.parent) as own:
            copy = own / backup_file.BOOK
            duplicate(reader, copy)
            verified(copy, book.path.name, pins.pinned(desk.state, book.id))
            return (_named(copy, book),)
    except OSError as error:
        raise files.FileNotWritten(book.path, error) from error


def _named(copy: Path, book: BookFile) -> Path:
    """Give the copy a name that is free, or that of the same copy, or of nothing, that a stopped migration left."""
    stem = f"{book.path.name}.version-{book.version}"
    for number in count(1):
        path = book.path.with_name(stem if number == 1 else f"{stem}.{number}")
        try:
            # The name is taken with nothing in it first, so that a file of another program is never replaced.
            os.close(files.open_new(path))
        except FileExistsError:
            if _is(path, copy):
                return path
            if path.is_symlink() or not path.is_file() or path.stat().st_size:
                continue
        files.replace(copy, path)
        files.fsync_folder(path.parent)
        return path
    raise AssertionError


def _is(path: Path, copy: Path) -> bool:
    """Whether a file holds the very bytes of a copy."""
    return path.is_file() and not path.is_symlink() and backup_file.digest(path) == backup_file.digest(copy)
