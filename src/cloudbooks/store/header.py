"""The header of a SQLite file, read beside the connection: what kind of file it is, and its change counter.

Closing any descriptor of a file drops all locks that this process holds on it, those of its connections included. So
one descriptor is opened for a file before the first connection, shared by all, and closed after the last one.
"""

from __future__ import annotations

import os
from pathlib import Path
from threading import Lock
from typing import Final

MAGIC: Final = b"SQLite format 3\0"
_BYTES: Final = 100
_WRITE_VERSION: Final = 18
_READ_VERSION: Final = 19
_WAL: Final = 2
_COUNTER: Final = slice(24, 28)
_FLAGS: Final = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_NONBLOCK", 0)
)

_lock = Lock()
_held: dict[tuple[int, int], tuple[int, int]] = {}
"""By device and inode: the descriptor, and how many hold it."""


class Header:
    """The header of one file; `close` after the connection to it is closed."""

    def __init__(self, path: Path) -> None:
        """Hold the file at `path`. Raises `OSError`."""
        with _lock:
            status = path.lstat()
            self._key = (status.st_dev, status.st_ino)
            descriptor, holders = _held.get(self._key, (-1, 0))
            if not holders:
                descriptor = os.open(path, _FLAGS)
                opened = os.fstat(descriptor)
                if (opened.st_dev, opened.st_ino) != self._key:
                    os.close(descriptor)
                    raise FileNotFoundError(str(path))
            _held[self._key] = (descriptor, holders + 1)
        self._descriptor = descriptor
        self.process = os.getpid()
        """The process that opened the file: locks are not those of its children."""

    @property
    def identity(self) -> tuple[int, int]:
        """Device and inode of the file that is held."""
        return self._key

    def is_at(self, path: Path) -> bool:
        """Whether the file that is held still has this name."""
        try:
            status = path.lstat()
        except OSError:
            return False
        return (status.st_dev, status.st_ino) == self._key

    def _read(self) -> bytes:
        if hasattr(os, "pread"):
            return os.pread(self._descriptor, _BYTES, 0)
        with _lock:
            os.lseek(self._descriptor, 0, os.SEEK_SET)
            return os.read(self._descriptor, _BYTES)

    def is_sqlite(self) -> bool:
        """Whether the file begins as a SQLite file does."""
        return self._read().startswith(MAGIC)

    def is_wal(self) -> bool:
        """Whether the file asks for a write-ahead log."""
        header = self._read()
        return len(header) == _BYTES and _WAL in (header[_WRITE_VERSION], header[_READ_VERSION])

    def change_counter(self) -> int:
        """How many transactions have changed the file, modulo 2**32; exact while this process holds the write lock."""
        return int.from_bytes(self._read()[_COUNTER], "big")

    def close(self) -> None:
        """Let go of the file; the last to do so closes it."""
        with _lock:
            descriptor, holders = _held.pop(self._key)
            if holders > 1:
                _held[self._key] = (descriptor, holders - 1)
            else:
                os.close(descriptor)
