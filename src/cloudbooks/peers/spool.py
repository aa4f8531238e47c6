"""What a peer gave, set aside on this machine, so that it can be read again while the book is locked for writing.

A peer may be slow, or be lost in the middle: nobody who wants to write the book is to wait for that.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from cloudbooks.peers.incoming import Giver
from cloudbooks.peers.layout import block_file, hash_file
from cloudbooks.system import files

MEMORY_BYTES_MAX = 16 << 20
"""What is held in memory; more lies in a file without a name in the folder of temporary files."""


class Spool(Giver):
    """A giver of blocks, batches and files that asks `giver` for each once; a context manager lets go of it all.

    Raises what `giver` raises, and `FileNotWritten` where this machine has no room.
    """

    def __init__(self, giver: Giver) -> None:
        self._giver = giver
        self._file = tempfile.SpooledTemporaryFile(max_size=MEMORY_BYTES_MAX)  # noqa: SIM115 - closed by `__exit__`
        self._places: dict[str, tuple[int, int] | None] = {}

    def block(self, number: int) -> bytes | None:
        """See `Giver`."""
        return self._given(block_file(number), lambda: self._giver.block(number))

    def batch(self, hash_: str) -> bytes | None:
        """See `Giver`."""
        return self._given(hash_file("batch", hash_), lambda: self._giver.batch(hash_))

    def attachment(self, b3: str) -> bytes | None:
        """See `Giver`."""
        return self._given(hash_file("attachment", b3), lambda: self._giver.attachment(b3))

    def _given(self, name: str, ask: Callable[[], bytes | None]) -> bytes | None:
        if name not in self._places:
            self._places[name] = self._kept(ask())
        place = self._places[name]
        if place is None:
            return None
        self._file.seek(place[0])
        return self._file.read(place[1])

    def _kept(self, data: bytes | None) -> tuple[int, int] | None:
        if data is None:
            return None
        try:
            start = self._file.seek(0, os.SEEK_END)
            self._file.write(data)
        except OSError as error:
            raise files.FileNotWritten(Path(tempfile.gettempdir()) / "spool", error) from error
        return start, len(data)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
