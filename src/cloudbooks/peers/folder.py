"""A chain as files (FORMAT.md section 6): what `chain export` writes, a folder peer holds, and a verifier reads."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cloudbooks.chain import canonical
from cloudbooks.chain.verifying import LogSource
from cloudbooks.errors import Refusal, sentence
from cloudbooks.peers.peer import (
    ATTACHMENT_BYTES_MAX,
    BATCH_BYTES_MAX,
    BLOCK_BYTES_MAX,
    CHECKPOINT_BYTES_MAX,
    KeptNothing,
    PeerLost,
    system_said,
)
from cloudbooks.system import files

_BLOCK_NAME = re.compile(r"[0-9]{8,}", re.ASCII)
_HASH_NAME = re.compile(r"[0-9a-f]{64}", re.ASCII)
_KNOWN = frozenset({"checkpoint", "block", "batch", "attachment", "cosignature", "timestamp", "tile"})


class FolderTaken(Refusal):
    """A folder to export to holds something else than this chain."""

    code = "folder-taken"

    def __init__(self, place: Path) -> None:
        super().__init__(
            sentence('"{place}" is there already and is not part of this chain.', place=str(place)),
            hint=sentence("cloudbooks chain export an-empty-folder"),
        )


class FolderUnreadable(Refusal):
    """A folder that should hold a chain is not there or cannot be read."""

    code = "folder-unreadable"

    def __init__(self, place: Path) -> None:
        super().__init__(
            sentence('"{place}" is no folder that can be read.', place=str(place)),
            hint=sentence("cloudbooks chain export FOLDER writes one"),
        )


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

    def block(self, number: int) -> bytes | None:
        """The bytes of a block, or `None`."""
        return self.read(block_file(number), BLOCK_BYTES_MAX)

    def batch(self, batch_hash: str) -> bytes | None:
        """The bytes of a batch named `b3:…`, or `None`."""
        return self.read(hash_file("batch", batch_hash), BATCH_BYTES_MAX)

    def attachment(self, b3: str) -> bytes | None:
        """The bytes of an attached file named `b3:…`, or `None`."""
        return self.read(hash_file("attachment", b3), ATTACHMENT_BYTES_MAX)

    def checkpoint(self) -> bytes | None:
        """The checkpoint's bytes, or `None`."""
        return self.read("checkpoint", CHECKPOINT_BYTES_MAX)

    def cosignatures(self) -> Iterator[tuple[int, str, bytes]]:
        """Size, key id and bytes of every file under `cosignature/`."""
        for place in sorted(self.folder.glob("cosignature/*/*")):
            size = place.parent.name
            data = _read(place, CHECKPOINT_BYTES_MAX)
            if size.isascii() and size.isdigit() and data is not None:
                yield int(size), place.name, data

    def stray(self) -> Iterator[str]:
        """Names that are no part of the layout: unknown folders, and names that no file here may have.

        Programs that copy folders around leave such names ("00000042 (conflicted copy)"); files that are being written
        begin with a full stop and are passed over.
        """
        for place in _listed(self.folder):
            if place.name not in _KNOWN:
                yield place.name
        for place in _listed(self.folder / "block"):
            if not _BLOCK_NAME.fullmatch(place.name):
                yield f"block/{place.name}"
        for kind in ("batch", "attachment"):
            yield from (
                f"{kind}/{place.name}" for place in _listed(self.folder / kind) if not _HASH_NAME.fullmatch(place.name)
            )

    def read(self, name: str, limit: int) -> bytes | None:
        """A file of the layout, at most one byte more than `limit` of it; `None` where no regular file is."""
        return _read(self.folder / name, limit)


class FolderPeer(FolderLog):
    """A folder as a peer: on this disk, a stick, a network drive, or one that another program copies around.

    Files take the mode of the folder, so that whoever may work in it may read them. The folder itself is never made
    here: a stick that is not plugged in must not become a folder of its name.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def checkpoint(self) -> bytes | None:
        """See `Peer`; the first thing that is asked, so that a folder that is not there is told from an empty one."""
        if not self.folder.is_dir():
            raise PeerLost(sentence("{place} is no folder that is there", place=str(self.folder)))
        return super().checkpoint()

    def read(self, name: str, limit: int) -> bytes | None:
        """See `FolderLog`; raises `PeerLost`."""
        with _reaching(self.folder):
            return super().read(name, limit)

    def cosignatures(self) -> Iterator[tuple[int, str, bytes]]:
        """See `FolderLog`; raises `PeerLost`."""
        with _reaching(self.folder):
            yield from super().cosignatures()

    def stray(self) -> Iterator[str]:
        """See `FolderLog`; raises `PeerLost`."""
        with _reaching(self.folder):
            yield from super().stray()

    def has_block(self, number: int) -> bool:
        """See `Peer`."""
        with _reaching(self.folder):
            place = self.folder / block_file(number)
            return not place.is_symlink() and place.is_file()

    def keep_attachment(self, b3: str, data: bytes) -> int:
        """See `Peer`."""
        return self._keep(hash_file("attachment", b3), b3, data, ATTACHMENT_BYTES_MAX)

    def keep_batch(self, hash_: str, data: bytes) -> int:
        """See `Peer`."""
        return self._keep(hash_file("batch", hash_), hash_, data, BATCH_BYTES_MAX)

    def _keep(self, name: str, hash_: str, data: bytes, limit: int) -> int:
        there = self.read(name, limit)
        if there is not None and canonical.b3(there) == hash_:
            return 0
        with _reaching(self.folder):
            place, mode = self._room(name)
            if there is None:
                files.create_whole(place, data, mode)
            else:
                # The name says what belongs there, so a copy that was cut off is made whole.
                files.replace_shared(place, data, mode)
        if self.read(name, limit) != data:
            raise KeptNothing(name)
        return len(data)

    def append(self, number: int, data: bytes, expected: str) -> bool:
        """See `Peer`."""
        name = block_file(number)
        before = self.block(number - 1) if number else b""
        if before is None or (number and canonical.b3(before) != expected):
            return False
        with _reaching(self.folder):
            place, mode = self._room(name)
            won = files.create_whole(place, data, mode)
            if not won and _is_start_of(self.block(number) or b"", data):
                # Our own block, whose writing was cut off where files appear before they are whole.
                files.replace_shared(place, data, mode)
                won = True
        there = self.block(number)
        if there != data and (won or there is None):
            raise KeptNothing(name)
        return there == data

    def keep_checkpoint(self, data: bytes) -> None:
        """See `Peer`."""
        with _reaching(self.folder):
            place, mode = self._room("checkpoint")
            files.replace_shared(place, data, mode)
        if self.checkpoint() is None:
            raise KeptNothing("checkpoint")

    def _room(self, name: str) -> tuple[Path, int]:
        """The place of a file, its folder made if it is missing, and the mode that it takes from the peer's folder."""
        place = self.folder / name
        mode = stat.S_IMODE(self.folder.stat().st_mode)
        if not place.parent.is_dir():
            place.parent.mkdir(exist_ok=True)
            place.parent.chmod(mode)
            files.fsync_folder(self.folder)
        return place, mode & 0o666


@contextmanager
def _reaching(folder: Path) -> Iterator[None]:
    """Make what the system says of the folder the peer's being lost."""
    try:
        yield
    except OSError as error:
        raise PeerLost(system_said(error, str(folder))) from error


def _is_start_of(there: bytes, block: bytes) -> bool:
    """Whether `there` is the beginning of `block` and of no other: it reaches beyond the hash of the batch."""
    named = block.find(b'"book":')
    return named < len(there) < len(block) and block.startswith(there)


def block_file(number: int) -> str:
    """The name of a block's file in the layout."""
    return f"block/{number:08d}"


def hash_file(kind: str, hash_: str) -> str:
    """The name of a batch's or attachment's file; raises `ValueError` for what is no hash, so that no path is made."""
    digits = hash_.removeprefix("b3:")
    if not _HASH_NAME.fullmatch(digits):
        raise ValueError(hash_)
    return f"{kind}/{digits}"


def _listed(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(place for place in folder.iterdir() if not place.name.startswith("."))


def _read(place: Path, limit: int) -> bytes | None:
    """A regular file's bytes, at most one more than `limit` so that a longer one is seen to be too long."""
    if place.is_symlink() or not place.is_file():
        return None
    with place.open("rb") as file:
        return file.read(limit + 1)


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export wrote: files in all, and how many of them were there before with the same bytes."""

    folder: Path
    files: int
    kept: int


def export(
    folder: Path,
    *,
    blocks: Iterable[tuple[int, bytes]],
    batches: Iterable[tuple[str, bytes]],
    attachments: Iterable[tuple[str, bytes]],
    checkpoint: bytes | None,
) -> Exported:
    """Write a chain as files, create-only but for the checkpoint; a file that is there with other bytes is a refusal.

    The checkpoint is written last: a folder that was cut off never claims blocks that it does not hold. Raises
    `FolderTaken`, `FileNotWritten`; what was written before stays, and the next export goes on from there.
    """
    _folder(folder)
    written = kept = 0
    named: Mapping[str, Iterable[tuple[str, bytes]]] = {
        "attachment": ((hash_file("attachment", name), data) for name, data in attachments),
        "batch": ((hash_file("batch", name), data) for name, data in batches),
        "block": ((block_file(number), data) for number, data in blocks),
    }
    for kind, entries in named.items():
        _folder(folder / kind)
        for name, data in entries:
            fresh = _create(folder / name, data)
            written += 1
            kept += not fresh
    if checkpoint is not None:
        try:
            files.replace_whole(folder / "checkpoint", checkpoint)
        except OSError as error:
            raise files.FileNotWritten(folder / "checkpoint", error) from error
        written += 1
    return Exported(folder, written, kept)


def _folder(place: Path) -> None:
    try:
        if place.exists() and not place.is_dir():
            raise FolderTaken(place)
        # Not mkdir alone: a new folder is on the disk only when the one above it is, and all that lies in it with it.
        files.private_folder(place)
    except FileExistsError:
        raise FolderTaken(place) from None
    except OSError as error:
        raise files.FileNotWritten(place, error) from error


def _create(place: Path, data: bytes) -> bool:
    """Create a file once, whole or not at all; false if it is there with the same bytes."""
    try:
        if not place.exists() and files.create_whole(place, data):
            return True
        if place.read_bytes() != data:
            raise FolderTaken(place)
    except OSError as error:
        raise files.FileNotWritten(place, error) from error
    return False
