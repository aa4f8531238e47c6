"""A second file of a book, made by SQLite itself: never by reading a live file, which would be torn and drop locks."""

from __future__ import annotations

import os
from pathlib import Path

from cloudbooks.store import meta, sqlite
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.disk_faults import translated
from cloudbooks.store.header import Header
from cloudbooks.system import files


def duplicate(book: BookFile, path: Path) -> None:
    """Make a new file at `path`, mode 0600, that holds what the book holds now; writers wait until it is done.

    Raises `FileExistsError` where something is, and refusals for what the disk does not do.
    """
    os.close(files.open_new(path))
    header = Header(path)
    try:
        connection = sqlite.connect(path)
        try:
            book.connection.backup(connection)
            _settle(connection, header)
        finally:
            connection.close()
    except sqlite.Error as error:
        raise translated(error, path) or error from error
    finally:
        header.close()
    files.fsync_folder(path.parent)


def _settle(connection: sqlite.Connection, header: Header) -> None:
    """Copying pages counts as changes of another file: from here on the count of this one is the true one."""
    sqlite.settle(connection)
    connection.execute("BEGIN IMMEDIATE")
    meta.write(connection, meta.COUNTER, str((header.change_counter() + 1) % 2**32))
    connection.execute("COMMIT")
