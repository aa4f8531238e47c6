"""A backup as a file: a zip of a signed manifest and the book, written whole or not at all, read with suspicion.

Encrypted, it is this zip in an age file, so that the signature is inside.
"""

from __future__ import annotations

import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from difflib import get_close_matches
from pathlib import Path
from typing import IO, Final

from blake3 import blake3

from cloudbooks.core.text import shell_word
from cloudbooks.errors import Refusal, Sentence, joined, sentence
from cloudbooks.system import files

MANIFEST: Final = "manifest"
BOOK: Final = "book.cbk"
MANIFEST_BYTES_MAX: Final = 4096
_STEP = 1 << 16
_MODE = 0o600 << 16
_SQLITE: Final = b"SQLite format 3\0"


class BackupMissing(Refusal):
    """There is no file of the name that was given for a backup."""

    code = "backup-missing"

    def __init__(self, path: Path) -> None:
        near = [str(path.with_name(name)) for name in _near(path)]
        folder = next((one for one in path.parents if one.is_dir()), path.parent)
        hint = sentence("ls {folder} lists what is there", folder=shell_word(str(folder)))
        if near:
            hint = sentence("did you mean {names}?", names=joined(near))
        super().__init__(sentence('there is no backup "{path}".', path=str(path)), hint=hint)


def _near(path: Path) -> list[str]:
    """Up to three names of files beside a name that is not there, the most like it first."""
    with suppress(OSError):
        return get_close_matches(path.name, sorted(one.name for one in path.parent.iterdir() if one.is_file()))
    return []


class BackupUnreadable(Refusal):
    """A file is no backup, or is cut off, or does not hold the bytes that were backed up; or the system kept it."""

    code = "backup-unreadable"

    def __init__(self, path: Path, why: Sentence | str = "") -> None:
        message = sentence("{path} is no whole backup as it was written.", path=str(path))
        if why:
            message = sentence("{path} cannot be read: {why}.", path=str(path), why=why)
        super().__init__(message, hint=sentence("another backup, or a peer: cloudbooks init NAME --from URL"))


class BookNoBackup(Refusal):
    """A book was given where a backup is meant."""

    code = "book-no-backup"

    def __init__(self, path: Path) -> None:
        super().__init__(
            sentence("{path} is a book, and no backup of one.", path=str(path)),
            hint=sentence("it is worked on as it is: cloudbooks -b {path} status", path=shell_word(str(path))),
        )


def require_file(path: Path) -> None:
    """Refuse what is no file, or a book: `BackupMissing`, `BackupUnreadable`, `BookNoBackup`."""
    try:
        if not path.is_dir() and not path.is_file():
            path.stat()
            raise BackupUnreadable(path, sentence("it is no regular file"))
        with path.open("rb") as file:
            start = file.read(len(_SQLITE))
    except (FileNotFoundError, NotADirectoryError):
        raise BackupMissing(path) from None
    except OSError as error:
        raise BackupUnreadable(path, files.reason(error)) from error
    if start == _SQLITE:
        raise BookNoBackup(path)


def digest(path: Path) -> tuple[str, int]:
    """The `b3:` hash of a file, and its size."""
    hashed, size = blake3(), 0
    with path.open("rb") as file:
        while data := file.read(_STEP):
            hashed.update(data)
            size += len(data)
    return f"b3:{hashed.hexdigest()}", size


def write(target: IO[bytes], manifest: bytes, book: Path) -> None:
    """Write a backup to a file that was opened; raises `OSError`."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_entry(MANIFEST), manifest)
        with archive.open(_entry(BOOK), "w", force_zip64=True) as inner, book.open("rb") as source:
            while data := source.read(_STEP):
                inner.write(data)


@contextmanager
def new_file(path: Path) -> Iterator[IO[bytes]]:
    """A new file of mode 0600 to write to, which is on the disk afterwards; after a failure it is not there."""
    descriptor = files.open_new(path)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            files.fsync(file.fileno())
    except BaseException:
        files.unlink(path)
        raise


@contextmanager
def appearing(target: Path) -> Iterator[Path]:
    """A name beside a free one, for a file that takes the free one when the block ends, whole.

    Raises `FileExistsError` where it is not free any more.
    """
    draft = target.with_name(f".{target.name}.{os.getpid()}.new")
    files.unlink(draft)
    try:
        yield draft
        # A file of another program is never replaced, and a name with nothing in it would bar the next backup.
        named = files.named_new(draft, target)
        if named is None:
            os.close(files.open_new(target))
            files.replace(draft, target)
        elif not named:
            raise FileExistsError(target)
        files.fsync_folder(target.parent)
    finally:
        files.unlink(draft)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = _MODE
    return entry


def manifest_of(path: Path) -> bytes:
    """The manifest of a backup; raises `BackupUnreadable`."""
    try:
        with _opened(path) as archive:
            return b"".join(_read(archive, MANIFEST, MANIFEST_BYTES_MAX))
    except (OSError, ValueError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError) as error:
        raise BackupUnreadable(path) from error


def extract(path: Path, target: Path, *, b3: str, size: int) -> None:
    """Write the book of a backup to a new file of mode 0600; raises `BackupUnreadable` if it is not that of `b3`.

    Raises `FileExistsError` and `OSError` for the target; nothing is left there by a failure.
    """
    hashed = blake3()
    with new_file(target) as file:
        for data in _book(path, size):
            hashed.update(data)
            file.write(data)
        if f"b3:{hashed.hexdigest()}" != b3:
            raise BackupUnreadable(path)
    files.fsync_folder(target.parent)


def _book(path: Path, size: int) -> Iterator[bytes]:
    try:
        with _opened(path) as archive:
            yield from _read(archive, BOOK, size)
    except (ValueError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        raise BackupUnreadable(path) from error


def _opened(path: Path) -> zipfile.ZipFile:
    archive = zipfile.ZipFile(path)
    if archive.namelist() != [MANIFEST, BOOK]:
        archive.close()
        raise ValueError(path)
    return archive


def _read(archive: zipfile.ZipFile, name: str, most: int) -> Iterator[bytes]:
    """The bytes of a member, which is never more than what is said of it: `ValueError`."""
    left = most
    inner: IO[bytes]
    with archive.open(name) as inner:
        while data := inner.read(_STEP):
            left -= len(data)
            if left < 0:
                raise ValueError(name)
            yield data
