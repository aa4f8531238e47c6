"""Durable files: created once, or replaced whole, and on the disk when the call returns.

Everything that writes goes through six calls (`open_new`, `write`, `fsync`, `replace`, `unlink`, `fsync_folder`), so
that a test can let each of them fail, tear or stop the world.
"""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from cloudbooks.errors import Refusal, Sentence, sentence

PRIVATE = 0o600
PRIVATE_FOLDER = 0o700
_FLAGS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_READER_SECONDS = 1.0
_WINDOWS = os.name == "nt"
_NO_SUCH_CALL = frozenset({errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP})
_NO_LINKS = _NO_SUCH_CALL | {errno.EPERM, errno.EMLINK, errno.EACCES}
_NO_FILE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EMLINK, errno.EISDIR, errno.ENXIO})
_HERE, _NO_REPLACE = -100, 1
"""Linux's AT_FDCWD and RENAME_NOREPLACE."""


class FileUnfit(Refusal):
    """A file that is about to be read is no regular file, or is larger than such a file ever is."""

    code = "file-unfit"

    def __init__(self, path: Path) -> None:
        super().__init__(
            sentence("{path} is no regular file of a size that is read here.", path=str(path)),
            hint=sentence("ls -l {path}", path=str(path)),
        )


class FileNotWritten(Refusal):
    """The system did not write a file: the disk is full or read-only, or the folder is not ours."""

    code = "file-not-written"

    def __init__(self, path: Path, error: OSError) -> None:
        there = next((folder for folder in path.parents if folder.is_dir()), path.parent)
        why = reason(error)
        if error.errno == errno.ENOENT and there != path.parent:
            why = sentence("there is no such folder")
        super().__init__(
            sentence("{path} was not written: {why}.", path=str(path), why=why),
            hint=sentence("df -h {folder}; ls -ld {folder}", folder=str(there)),
        )


_REASONS: Final = {
    errno.ENOENT: sentence("there is no such file"),
    errno.EEXIST: sentence("something of this name is there"),
    errno.EACCES: sentence("this user may not do that there"),
    errno.EPERM: sentence("this user may not do that there"),
    errno.EISDIR: sentence("it is a folder"),
    errno.ENOTDIR: sentence("a part of its path is no folder"),
    errno.ENOSPC: sentence("the disk is full"),
    errno.EDQUOT: sentence("the disk is full"),
    errno.EROFS: sentence("the disk is read-only"),
    errno.EFBIG: sentence("the file would be larger than this user's files may be"),
    errno.EIO: sentence("the disk did not do its work"),
}


def reason(error: OSError) -> Sentence | str:
    """Why the system refused, in the reader's language where the reason is a common one; without a full stop."""
    return _REASONS.get(error.errno or 0, os.strerror(error.errno or 0))


def open_new(path: Path) -> int:
    """A descriptor of a file that did not exist, mode 0600; `FileExistsError` otherwise, links included."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _FLAGS, PRIVATE)


def write(descriptor: int, data: bytes) -> None:
    """Write all of `data`."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def fsync(descriptor: int) -> None:
    """Wait until what was written is on the disk."""
    os.fsync(descriptor)


def replace(source: Path, target: Path) -> None:
    """Rename over `target`. Windows refuses while somebody reads it: there it is tried for one second."""
    deadline = time.monotonic() + _READER_SECONDS
    while True:
        try:
            source.replace(target)
        except PermissionError:
            if not _WINDOWS or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return


def unlink(path: Path) -> None:
    """Remove a file that may be gone already."""
    path.unlink(missing_ok=True)


def fsync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk.

    Windows and some network drives have no such call: there the system decides when.
    """
    if _WINDOWS:
        return
    descriptor = os.open(folder, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | _FLAGS)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _NO_SUCH_CALL:
            raise
    finally:
        os.close(descriptor)


def create(path: Path, data: bytes) -> None:
    """Write a new file of mode 0600, whole or not at all; `FileExistsError` where there is one.

    Nothing is left behind by a failure, and a process that is killed leaves the name free.
    """
    draft, won = _shared_draft(path), False
    try:
        _fill(open_new(draft), data)
        named = named_new(draft, path)
        won = _taken(path, data, PRIVATE) if named is None else named
        unlink(draft)
        fsync_folder(path.parent)
    except BaseException:
        unlink(draft)
        if won:
            unlink(path)
        raise
    if not won:
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))


def create_whole(path: Path, data: bytes, mode: int = PRIVATE) -> bool:
    """Create a file that others see whole or not at all; false where something stands under its name already.

    Of two that create the same name at once one wins. Where the file system gives no second name, and renames to no
    name that must be free, the name is taken first and filled then, and a power cut may leave it cut off.
    """
    draft = _shared_draft(path)
    try:
        _fill(_opened(draft, mode), data)
        won = named_new(draft, path)
        if won is None:
            won = _taken(path, data, mode)
    finally:
        unlink(draft)
    fsync_folder(path.parent)
    return won


def named_new(draft: Path, path: Path) -> bool | None:
    """Give a file that is whole another name, which must be free: false where it is not. The first name may remain.

    Where the file system knows no hard links (sticks, some network drives) the file is renamed. `None` where it does
    not know how to rename to a name that must be free either.
    """
    won = _linked(draft, path) if hasattr(os, "link") else None
    return renamed_new(draft, path) if won is None else won


def fsync_there(path: Path) -> None:
    """Wait until a file that somebody else may have written, and its name, are on the disk."""
    descriptor = os.open(path, (os.O_RDWR if _WINDOWS else os.O_RDONLY) | _FLAGS)
    try:
        fsync(descriptor)
    finally:
        os.close(descriptor)
    fsync_folder(path.parent)


def replace_shared(path: Path, data: bytes, mode: int = PRIVATE) -> None:
    """Put `data` in the place of a file that other machines may be replacing too: one of them wins, whole."""
    draft = _shared_draft(path)
    try:
        _fill(_opened(draft, mode), data)
        replace(draft, path)
    except BaseException:
        unlink(draft)
        raise
    fsync_folder(path.parent)


def _shared_draft(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}-{time.monotonic_ns()}.new")


def _opened(path: Path, mode: int) -> int:
    descriptor = open_new(path)
    if mode != PRIVATE and not _WINDOWS:
        os.fchmod(descriptor, mode)
    return descriptor


def _linked(draft: Path, path: Path) -> bool | None:
    """Give a whole file its second name; `None` where the file system gives none."""
    try:
        os.link(draft, path, follow_symlinks=False)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno in _NO_LINKS:
            return None
        raise
    return True


def renamed_new(source: Path, target: Path) -> bool | None:
    """Rename a file to a name that is free; false where it is taken, `None` where the system knows no such call."""
    if _WINDOWS:
        try:
            source.rename(target)  # which on this system never replaces
        except FileExistsError:
            return False
        return True
    import ctypes  # noqa: PLC0415 - only for file systems without hard links

    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return None
    if rename(_HERE, os.fsencode(source), _HERE, os.fsencode(target), _NO_REPLACE) == 0:
        return True
    error = ctypes.get_errno()
    if error == errno.EEXIST:
        return False
    if error in _NO_SUCH_CALL:
        return None
    raise OSError(error, os.strerror(error), str(target))


def _taken(path: Path, data: bytes, mode: int) -> bool:
    try:
        descriptor = _opened(path, mode)
    except FileExistsError:
        return False
    try:
        _fill(descriptor, data)
    except BaseException:
        unlink(path)
        raise
    return True


def replace_whole(path: Path, data: bytes) -> None:
    """Put `data` in the place of a file: whoever reads sees the old one or the new one, whole, power cuts included.

    The caller keeps others from replacing the same file at the same time (`locked`).
    """
    draft = path.with_name(f".{path.name}.new")
    # A draft that is there was left by a process that was stopped: nobody else works here now.
    unlink(draft)
    descriptor = open_new(draft)
    try:
        _fill(descriptor, data)
        replace(draft, path)
    except BaseException:
        unlink(draft)
        raise
    fsync_folder(path.parent)


def _fill(descriptor: int, data: bytes) -> None:
    try:
        write(descriptor, data)
        fsync(descriptor)
    finally:
        os.close(descriptor)


def read_regular(path: Path, most: int) -> bytes:
    """The bytes of a regular file of at most `most` bytes, no link followed, no pipe waited for.

    Raises `FileUnfit`, or `OSError` as the system has it (`FileNotFoundError`…).
    """
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | _FLAGS)
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode) or status.st_size > most:
            raise FileUnfit(path)
        return file.read(most + 1)


def read_start(path: Path, most: int) -> bytes | None:
    """A regular file's bytes, at most `most` of them; `None` where there is none, or something else of its name.

    No link is followed and no pipe waited for. Raises `OSError` for all else that the system has against it.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | _FLAGS)
    except OSError as error:
        if error.errno in _NO_FILE or (_WINDOWS and path.is_dir()):
            return None
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        return None
    with os.fdopen(descriptor, "rb") as file:
        return file.read(most)


def private_folder(path: Path) -> Path:
    """Make a folder, and those above it, that only the owner enters; one that exists stays as it is."""
    return new_folder(path, PRIVATE_FOLDER)


def new_folder(path: Path, mode: int) -> Path:
    """Make a folder, and those above it, and wait until their names are on the disk; one that exists stays as it is."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(mode=mode, exist_ok=True)
        fsync_folder(folder.parent)
    return path


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold an advisory lock on the file `path`, which is made if it is missing, until the block ends.

    It ends with the process, however that ends. Waits as long as another process holds it.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | _FLAGS, PRIVATE)
    try:
        _lock(descriptor)
        yield
    finally:
        os.close(descriptor)


def in_use(path: Path) -> bool:
    """Whether some process holds the lock on the file `path` now; a file that is not there is held by nobody."""
    try:
        descriptor = os.open(path, os.O_RDWR | _FLAGS)
    except FileNotFoundError:
        return False
    try:
        _lock(descriptor, wait=False)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False


if _WINDOWS:  # pragma: no cover - the other system

    def _lock(descriptor: int, *, wait: bool = True) -> None:
        import msvcrt  # noqa: PLC0415 - exists on Windows only

        mode = msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK  # type: ignore[attr-defined, unused-ignore] # Windows only
        msvcrt.locking(descriptor, mode, 1)  # type: ignore[attr-defined, unused-ignore] # Windows only

else:
    import fcntl

    def _lock(descriptor: int, *, wait: bool = True) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
