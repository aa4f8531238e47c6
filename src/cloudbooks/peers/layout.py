"""A chain as files (FORMAT.md section 6): their names, and the log that a folder of them holds, read file by file."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from cloudbooks.chain.timestamp import TOKEN_BYTES_MAX, token_file
from cloudbooks.chain.verdict import LogSource
from cloudbooks.errors import Refusal, sentence
from cloudbooks.peers.peer import (
    ATTACHMENT_BYTES_MAX,
    BATCH_BYTES_MAX,
    BLOCK_BYTES_MAX,
    CHECKPOINT_BYTES_MAX,
    COSIGNATURE_BYTES_MAX,
)
from cloudbooks.system import files

NAMES_MAX = 4_000_000
"""Names in one folder of the layout that are looked at; no chain has as many."""

COSIGNATURES_MAX = 20_000
"""Files under `cosignature/` that are looked at: three witnesses on every working day of 25 years."""

TIMESTAMPS_MAX = 100_000
"""Files under `timestamp/` that are read."""

_TOKEN_NAME = re.compile(r"([1-9][0-9]{0,18})\.tsr", re.ASCII)
_KEY_ID_NAME = re.compile(r"[0-9a-f]{8}", re.ASCII)
_COSIGNATURE_NAME = re.compile(r"(0|[1-9][0-9]{0,18})/([0-9a-f]{8})", re.ASCII)
_BLOCK_NAME = re.compile(r"[0-9]{8}|[1-9][0-9]{8,}", re.ASCII)
_HASH_NAME = re.compile(r"[0-9a-f]{64}", re.ASCII)
_KNOWN = frozenset({"checkpoint", "block", "batch", "attachment", "cosignature", "timestamp", "tile", "sm3"})


class FolderUnreadable(Refusal):
    """A folder that should hold a chain is not there or cannot be read."""

    code = "folder-unreadable"

    def __init__(self, place: Path) -> None:
        super().__init__(
            sentence('"{place}" is no folder that can be read.', place=str(place)),
            hint=sentence("cloudbooks chain export FOLDER writes one"),
        )


class EndlessListing(Exception):
    """A folder has more names than any chain has; which one stands in the text."""


class FolderLog(LogSource):
    """The log in a folder, read file by file; nothing in it is believed."""

    def __init__(self, folder: Path) -> None:
        try:
            there = folder.is_dir()
        except OSError:
            there = False  # a name that no disk takes
        if not there:
            raise FolderUnreadable(folder)
        self.folder = folder
        self._asked: set[bytes] = set()

    def block(self, number: int) -> bytes | None:
        """The bytes of a block, or `None`."""
        return self.read(block_file(number), BLOCK_BYTES_MAX)

    def batch(self, batch_hash: str) -> bytes | None:
        """The bytes of a batch named `b3:…`, or `None`."""
        name = hash_file("batch", batch_hash)
        self._asked.add(bytes.fromhex(name.removeprefix("batch/")))
        return self.read(name, BATCH_BYTES_MAX)

    def attachment(self, b3: str) -> bytes | None:
        """The bytes of an attached file named `b3:…`, or `None`."""
        return self.read(hash_file("attachment", b3), ATTACHMENT_BYTES_MAX)

    def checkpoint(self) -> bytes | None:
        """The checkpoint's bytes, or `None`."""
        return self.read("checkpoint", CHECKPOINT_BYTES_MAX)

    def cosignatures(self) -> Iterator[tuple[int, str, bytes]]:
        """Size, key id and bytes of every file under `cosignature/` that is one; raises `EndlessListing`."""
        for size, key_id in self.cosigned():
            data = self.cosignature(size, key_id)
            if data is not None:
                yield size, key_id, data

    def cosigned(self) -> list[tuple[int, str]]:
        """Size and key id of every name under `cosignature/` that is one, by rising size; raises `EndlessListing`."""
        named = (_COSIGNATURE_NAME.fullmatch(name) for name in self._cosigned())
        return sorted((int(found[1]), found[2]) for found in named if found)

    def _cosigned(self) -> list[str]:
        """Every name below `cosignature/`, by byte; an empty folder has its own."""
        found: list[str] = []
        for count, size in enumerate(self._names("cosignature")):
            names = [f"{size}/{name}" for name in islice(self._names(f"cosignature/{size}"), COSIGNATURES_MAX)]
            found += names or [size]
            if max(count, len(found)) >= COSIGNATURES_MAX:
                raise EndlessListing("cosignature")
        return sorted(found)

    def cosignature(self, size: int, key_id: str) -> bytes | None:
        """The line over so many blocks by a key of this id, or `None`."""
        return self.read(cosignature_file(size, key_id), COSIGNATURE_BYTES_MAX)

    def timestamps(self) -> Iterator[tuple[int, bytes]]:
        """Size and bytes of every token under `timestamp/`, by rising size; raises `EndlessListing`."""
        for size in self.stamped():
            data = self.timestamp(size)
            if data is not None:
                yield size, data

    def stamped(self) -> list[int]:
        """The sizes over which tokens are kept, rising; raises `EndlessListing`."""
        named = (_TOKEN_NAME.fullmatch(name) for name in self._names("timestamp"))
        sizes = sorted(int(found[1]) for found in named if found)
        if len(sizes) > TIMESTAMPS_MAX:
            raise EndlessListing("timestamp")
        return sizes

    def timestamp(self, size: int) -> bytes | None:
        """The token over so many blocks, or `None`."""
        return self.read(token_file(size), TOKEN_BYTES_MAX)

    def stray(self) -> Iterator[str]:
        """Names that are no part of the log: blocks after a gap, batches that no block named, and all other names.

        Programs that copy folders around leave such names ("00000042 (conflicted copy)"); files that are being written
        begin with a full stop and are passed over. Asked when the log was read. Raises `EndlessListing`.
        """
        yield from sorted(set(self._names("")) - _KNOWN)
        blocks = set(self._names("block"))
        size = 0
        while (name := f"{size:08d}") in blocks:
            blocks.remove(name)
            size += 1
        yield from (f"block/{name}" for name in sorted(blocks))
        for name in sorted(self._names("batch")):
            if not _HASH_NAME.fullmatch(name) or bytes.fromhex(name) not in self._asked:
                yield f"batch/{name}"
        for name in sorted(self._names("attachment")):
            if not _HASH_NAME.fullmatch(name):
                yield f"attachment/{name}"
        for name in self._cosigned():
            if not _COSIGNATURE_NAME.fullmatch(name) and not (self.folder / "cosignature" / name).is_dir():
                yield f"cosignature/{name}"
        for name in sorted(self._names("timestamp")):
            if not _TOKEN_NAME.fullmatch(name):
                yield f"timestamp/{name}"

    def names(self) -> Iterator[str]:
        """The names of the files that are created once, in their order: attachments, batches, blocks.

        Raises `EndlessListing`.
        """
        for kind, form in (("attachment", _HASH_NAME), ("batch", _HASH_NAME), ("block", _BLOCK_NAME)):
            yield from (f"{kind}/{name}" for name in sorted(self._names(kind)) if form.fullmatch(name))

    def read(self, name: str, limit: int) -> bytes | None:
        """A file of the layout, at most one byte more than `limit` of it; `None` where no regular file is."""
        place = self.folder / name
        return None if is_link_below(self.folder, place.parent) else files.read_start(place, limit + 1)

    def _names(self, name: str) -> Iterator[str]:
        """The names in a folder of the layout, without those of files that are being written."""
        folder = self.folder / name
        if is_link_below(self.folder, folder) or not folder.is_dir():
            return
        with os.scandir(folder) as listed:
            for count, entry in enumerate(listed):
                if count == NAMES_MAX:
                    raise EndlessListing(name)
                if not entry.name.startswith("."):
                    yield entry.name


def is_link_below(folder: Path, place: Path) -> bool:
    """Whether a place in a folder, or what lies between the two, is a link, which may lead anywhere."""
    between = [place, *place.parents]
    return any(one.is_symlink() for one in between[: between.index(folder)])


def block_file(number: int) -> str:
    """The name of a block's file in the layout."""
    return f"block/{number:08d}"


def cosignature_file(size: int, key_id: str) -> str:
    """The name of a cosignature's file; raises `ValueError` for what is no key id, so that no path is made."""
    if not _KEY_ID_NAME.fullmatch(key_id) or size < 0:
        raise ValueError(key_id)
    return f"cosignature/{size}/{key_id}"


def hash_file(kind: str, hash_: str) -> str:
    """The name of a batch's or attachment's file; raises `ValueError` for what is no hash, so that no path is made."""
    digits = hash_.removeprefix("b3:")
    if not _HASH_NAME.fullmatch(digits):
        raise ValueError(hash_)
    return f"{kind}/{digits}"
