"""A folder as a peer, and what `chain export` writes: the same files (FORMAT.md section 6)."""

from __future__ import annotations

import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cloudbooks.chain import canonical
from cloudbooks.chain.timestamp import token_file
from cloudbooks.errors import Refusal, sentence
from cloudbooks.peers.layout import FolderLog, block_file, hash_file, is_link_below
from cloudbooks.peers.peer import (
    ATTACHMENT_BYTES_MAX,
    BATCH_BYTES_MAX,
    KeptNothing,
    PeerLost,
    is_start_of,
    system_said,
)
from cloudbooks.system import files


class FolderTaken(Refusal):
    """A folder to export to holds something else than this chain."""

    code = "folder-taken"

    def __init__(self, place: Path) -> None:
        super().__init__(
            sentence('"{place}" is there already and is not part of this chain.', place=str(place)),
            hint=sentence("cloudbooks chain export an-empty-folder"),
        )


class FolderPeer(FolderLog):
    """A folder as a peer: on this disk, a stick, a network drive, or one that another program copies around.

    Files take the mode of the folder, so that whoever may work in it may read them. The folder itself is never made
    here: a stick that is not plugged in must not become a folder of its name. Links in the folder are not followed.
    """

    def __init__(self, folder: Path) -> None:
        # The folder itself may be a link; nothing in it may.
        self.folder = folder.resolve()
        self._asked = set()

    def checkpoint(self) -> bytes | None:
        """See `Peer`; the first thing that is asked, so that a folder that is not there is told from an empty one."""
        with _reaching(self.folder):
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

    def timestamps(self) -> Iterator[tuple[int, bytes]]:
        """See `FolderLog`; raises `PeerLost`."""
        with _reaching(self.folder):
            yield from super().timestamps()

    def stamped(self) -> list[int]:
        """See `Peer`."""
        with _reaching(self.folder):
            return super().stamped()

    def stray(self) -> Iterator[str]:
        """See `FolderLog`; raises `PeerLost`."""
        with _reaching(self.folder):
            yield from super().stray()

    def has_block(self, number: int) -> bool:
        """See `Peer`."""
        place = self.folder / block_file(number)
        with _reaching(self.folder):
            try:
                return stat.S_ISREG(place.lstat().st_mode)
            except (FileNotFoundError, NotADirectoryError):
                return False

    def keep_attachment(self, b3: str, data: bytes) -> int:
        """See `Peer`."""
        return self._keep(hash_file("attachment", b3), b3, data, ATTACHMENT_BYTES_MAX)

    def keep_batch(self, hash_: str, data: bytes) -> int:
        """See `Peer`."""
        return self._keep(hash_file("batch", hash_), hash_, data, BATCH_BYTES_MAX)

    def _keep(self, name: str, hash_: str, data: bytes, limit: int) -> int:
        there = self.read(name, limit)
        with _reaching(self.folder):
            place, mode = self._room(name)
            if there is not None and canonical.b3(there) == hash_:
                # Whoever put it there may have been stopped before the disk had it.
                files.fsync_there(place)
                return 0
            if there is None:
                files.create_whole(place, data, mode)
            else:
                # The name says what belongs there, so a copy that was cut off is made whole.
                files.replace_shared(place, data, mode)
        if self.read(name, limit) != data:
            raise KeptNothing(name)
        return len(data)

    def keep_timestamp(self, size: int, token: bytes) -> int:
        """See `Peer`. One that is there already stays, unless it is the beginning of this one: that was cut off."""
        name = token_file(size)
        there = self.timestamp(size)
        if there is not None and not (len(there) < len(token) and token.startswith(there)):
            return 0
        with _reaching(self.folder):
            place, mode = self._room(name)
            if there is None:
                files.create_whole(place, token, mode)
            else:
                files.replace_shared(place, token, mode)
        if self.timestamp(size) is None:
            raise KeptNothing(name)
        return len(token)

    def append(self, number: int, data: bytes, expected: str) -> bool:
        """See `Peer`."""
        name = block_file(number)
        before = self.block(number - 1) if number else b""
        if before is None or (number and canonical.b3(before) != expected):
            return False
        with _reaching(self.folder):
            place, mode = self._room(name)
            won = files.create_whole(place, data, mode)
            if not won and is_start_of(self.block(number), data):
                # Our own block, whose writing was cut off where files appear before they are whole.
                files.replace_shared(place, data, mode)
                won = True
        there = self.block(number)
        if there != data and (won or there is None):
            raise KeptNothing(name)
        if there == data and not won:
            with _reaching(self.folder):
                files.fsync_there(place)
        return there == data

    def keep_checkpoint(self, data: bytes) -> None:
        """See `Peer`."""
        with _reaching(self.folder):
            place, mode = self._room("checkpoint")
            files.replace_shared(place, data, mode)
        there = self.checkpoint()
        # Another machine may have put its own checkpoint of this book there in the same moment.
        if there is None or there.partition(b"\n")[0] != data.partition(b"\n")[0]:
            raise KeptNothing("checkpoint")

    def _room(self, name: str) -> tuple[Path, int]:
        """The place of a file, its folder made if it is missing, and the mode that it takes from the peer's folder."""
        place = self.folder / name
        mode = stat.S_IMODE(self.folder.stat().st_mode)
        if is_link_below(self.folder, place.parent):
            raise PeerLost(sentence("{place} is a link", place=str(place.parent)))
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
    cosignatures: Iterable[tuple[int, str, bytes]] = (),
    timestamps: Iterable[tuple[int, bytes]] = (),
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
    for size, key_id, line in cosignatures:
        _folder(folder / "cosignature" / str(size))
        kept += not _create(folder / "cosignature" / str(size) / key_id, line)
        written += 1
    for size, token in timestamps:
        _folder(folder / "timestamp")
        kept += not _stamp(folder / token_file(size), token)
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


def _stamp(place: Path, token: bytes) -> bool:
    """Create a token's file; one that is there stays, for another member may have asked another authority."""
    try:
        return files.create_whole(place, token)
    except OSError as error:
        raise files.FileNotWritten(place, error) from error


def _create(place: Path, data: bytes) -> bool:
    """Create a file once, whole or not at all; false if it is there with the same bytes."""
    try:
        fresh = files.create_whole(place, data)
        if not fresh and files.read_start(place, len(data) + 1) != data:
            raise FolderTaken(place)
    except OSError as error:
        raise files.FileNotWritten(place, error) from error
    return fresh
