"""A chain as files (FORMAT.md section 6): what `chain export` writes, a folder peer holds, and a verifier reads."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from cloudbooks.chain.verifying import LogSource
from cloudbooks.errors import Refusal, sentence
from cloudbooks.system import files

BLOCK_BYTES_MAX = 32 << 10
BATCH_BYTES_MAX = 64 << 20
CHECKPOINT_BYTES_MAX = 1 << 20
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
        self._folder = folder

    def block(self, number: int) -> bytes | None:
        """The bytes of a block, or `None`."""
        return _read(self._folder / "block" / f"{number:08d}", BLOCK_BYTES_MAX)

    def batch(self, batch_hash: str) -> bytes | None:
        """The bytes of a batch named `b3:…`, or `None`."""
        return _read(self._folder / "batch" / batch_hash.removeprefix("b3:"), BATCH_BYTES_MAX)

    def attachment(self, b3: str) -> bytes | None:
        """The bytes of an attached file named `b3:…`, or `None`."""
        return _read(self._folder / "attachment" / b3.removeprefix("b3:"), BATCH_BYTES_MAX)

    def checkpoint(self) -> bytes | None:
        """The checkpoint's bytes, or `None`."""
        return _read(self._folder / "checkpoint", CHECKPOINT_BYTES_MAX)

    def cosignatures(self) -> Iterator[tuple[int, str, bytes]]:
        """Size, key id and bytes of every file under `cosignature/`."""
        for place in sorted(self._folder.glob("cosignature/*/*")):
            size = place.parent.name
            data = _read(place, CHECKPOINT_BYTES_MAX)
            if size.isascii() and size.isdigit() and data is not None:
                yield int(size), place.name, data

    def stray(self) -> Iterator[str]:
        """Names that are no part of the layout: unknown folders, and names that no file here may have."""
        for place in sorted(self._folder.iterdir()):
            if place.name not in _KNOWN:
                yield place.name
        for place in _listed(self._folder / "block"):
            if not _BLOCK_NAME.fullmatch(place.name):
                yield f"block/{place.name}"
        for kind in ("batch", "attachment"):
            yield from (
                f"{kind}/{place.name}" for place in _listed(self._folder / kind) if not _HASH_NAME.fullmatch(place.name)
            )


def _listed(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


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
        "attachment": ((name.removeprefix("b3:"), data) for name, data in attachments),
        "batch": ((name.removeprefix("b3:"), data) for name, data in batches),
        "block": ((f"{number:08d}", data) for number, data in blocks),
    }
    for kind, entries in named.items():
        _folder(folder / kind)
        for name, data in entries:
            fresh = _create(folder / kind / name, data)
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
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
    except FileExistsError:
        raise FolderTaken(place) from None
    except OSError as error:
        raise files.FileNotWritten(place, error) from error


def _create(place: Path, data: bytes) -> bool:
    """Create a file once; false if it is there with the same bytes."""
    try:
        if place.exists():
            if place.read_bytes() != data:
                raise FolderTaken(place)
            return False
        files.create(place, data)
    except OSError as error:
        raise files.FileNotWritten(place, error) from error
    return True
