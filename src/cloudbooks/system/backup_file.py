"""A backup as a file: a zip of a signed manifest and the book, written whole or not at all, read with suspicion.

Encrypted, it is this zip in an age file, so that the signature is inside.
"""

from __future__ import annotations

import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from blake3 import blake3

from cloudbooks.errors import Refusal, sentence
from cloudbooks.system import files

MANIFEST: Final = "manifest"
BOOK: Final = "book.cbk"
MANIFEST_BYTES_MAX: Final = 4096
_STEP = 1 << 16
_MODE = 0o600 << 16


class BackupUnreadable(Refusal):
    """A file is no backup, or is cut off, or does not hold the bytes that were backed up."""

    code = "backup-unreadable"

    def __init__(self, path: Path) -> None:
        super().__init__(
            sentence("{path} is no whole backup as it was written.", path=str(path)),
            hint=sentence("another backup, or a peer: cloudbooks init NAME --from URL"),
        )


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
