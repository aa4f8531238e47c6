"""What SQLite's errors mean to whoever works with a book."""

from __future__ import annotations

import os
from pathlib import Path

from cloudbooks.core.text import shell_word
from cloudbooks.errors import ChainFault, CloudBooksError, Refusal, Sentence, sentence
from cloudbooks.store import sqlite


class DiskFull(Refusal):
    """The disk, or the space allowed to the book, has no room for what was to be written."""

    code = "disk-full"

    def __init__(self, path: Path) -> None:
        super().__init__(
            sentence("there is no room to write {path}; nothing was written.", path=str(path)),
            hint=sentence("df -h {folder}", folder=str(path.parent)),
        )


class DiskError(Refusal):
    """The system did not carry out a read or a write on the book."""

    code = "disk-error"

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(
            sentence("the disk did not do its work on {path} ({why}); nothing was written.", path=str(path), why=why),
            hint=sentence("df -h {folder}; then cloudbooks verify", folder=str(path.parent)),
        )


class BookReadOnly(Refusal):
    """The book's file, or the medium it lies on, can only be read."""

    code = "book-read-only"

    def __init__(self, path: Path) -> None:
        super().__init__(
            sentence("{path} can be read, but not written.", path=str(path)),
            hint=sentence("chmod 600 {path}, or copy it to a disk that can be written", path=shell_word(str(path))),
        )


class FolderReadOnly(Refusal):
    """The folder of a book cannot be written, so no journal can be kept beside it."""

    code = "folder-read-only"

    def __init__(self, path: Path) -> None:
        super().__init__(
            sentence("no journal can be made in {folder}, so nothing is written.", folder=str(path.parent)),
            hint=sentence(
                "chmod u+w {folder}, or copy the book to a folder that can be written",
                folder=shell_word(str(path.parent)),
            ),
        )


class BookLocked(Refusal):
    """Another program has kept a book locked, so that it cannot even be read, for as long as this one waited."""

    code = "book-locked"

    def __init__(self, path: Path) -> None:
        super().__init__(
            sentence("another program has kept {path} locked for {seconds} s.", path=str(path),
                     seconds=int(sqlite.BUSY_SECONDS)),
            hint=sentence("lsof {path} names it; again when it is done", path=str(path)),
        )  # fmt: skip


class BookDamaged(ChainFault):
    """SQLite finds the book's file damaged."""

    code = "book-damaged"

    def __init__(self, path: Path, why: Sentence | str) -> None:
        super().__init__(
            sentence("{path} is damaged: {why}.", path=str(path), why=why),
            hint=sentence("cloudbooks verify; then cp COPY {path} puts a good copy back", path=str(path)),
        )


def _only_folder_bars(path: Path) -> bool:
    """Whether a book could be written, and its folder takes no journal."""
    return os.access(path, os.W_OK) and not os.access(path.parent, os.W_OK)


def translated(error: sqlite.Error, path: Path) -> CloudBooksError | None:
    """The refusal or fault that an error of SQLite is, or `None` where it is a bug of this program."""
    code, why = sqlite.code_of(error), str(error)
    if why.startswith("Could not decode"):
        code = sqlite.CORRUPT
    meanings: dict[int, CloudBooksError] = {
        sqlite.BUSY: BookLocked(path),
        sqlite.FULL: DiskFull(path),
        sqlite.IOERR: DiskError(path, why),
        sqlite.READONLY: FolderReadOnly(path) if _only_folder_bars(path) else BookReadOnly(path),
        sqlite.CANTOPEN: FolderReadOnly(path),
        sqlite.CORRUPT: BookDamaged(path, why),
        sqlite.NOTADB: BookDamaged(path, why),
    }
    return meanings.get(code)
