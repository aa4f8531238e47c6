"""R4: the power fails. What a command did to the disk is recorded once, call by call, and cut off at any of them.

The disk here promises no more than disks do: bytes are on it after an `fsync` of their file, names after an `fsync` of
their folder. Of everything else each write may be lost, kept, or torn at 512 bytes, in any combination; names come
back in the order in which they were changed, up to some point. Nothing of the program runs while the disk is cut: it
is recorded from the program as it is, by strace.
"""

from __future__ import annotations

import random
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

from tests.faults.tracing import Call

_SECTOR: Final = 512
_KEPT, _TORN = 0.3, 0.5
"""Shares of unsynced writes that are kept, and kept or torn, where fates are mixed; the rest is lost."""
_OFFSET = re.compile(rb", (\d+)$")


class Fate(StrEnum):
    """What becomes of what was not synced."""

    LOST = "lost"
    KEPT = "kept"
    TORN = "torn"
    MIXED = "mixed"


@dataclass(frozen=True, slots=True)
class Write:
    """Bytes at an offset, or with `size` the end of the file."""

    offset: int
    data: bytes
    size: int | None = None

    def on(self, content: bytearray) -> None:
        """Do it."""
        if self.size is not None:
            content[self.size :] = bytes(max(0, self.size - len(content)))
            return
        content.extend(bytes(max(0, self.offset - len(content))))
        content[self.offset : self.offset + len(self.data)] = self.data


@dataclass(slots=True)
class Inode:
    """A file without its name: what it holds, what of that is on the disk, and the writes in between."""

    content: bytearray = field(default_factory=bytearray)
    synced: bytes = b""
    pending: list[Write] = field(default_factory=list)

    def write(self, write: Write) -> None:
        """Write, not synced yet."""
        write.on(self.content)
        self.pending.append(write)

    def sync(self) -> None:
        """All of it is on the disk."""
        self.synced = bytes(self.content)
        self.pending = []

    def after(self, fate: Fate, chance: random.Random) -> bytes:
        """What is found when the power is back."""
        found = bytearray(self.synced)
        for write in self.pending:
            drawn = chance.random()
            if fate is Fate.KEPT or (fate is Fate.MIXED and drawn < _KEPT):
                write.on(found)
            elif (fate is Fate.TORN or (fate is Fate.MIXED and drawn < _TORN)) and write.size is None:
                sectors = chance.randint(0, len(write.data) // _SECTOR)
                Write(write.offset, write.data[: sectors * _SECTOR]).on(found)
        return bytes(found)


Names = dict[str, "Inode | Folder"]


@dataclass(slots=True)
class Folder:
    """Names: those that are, those on the disk, and each state in between."""

    names: Names = field(default_factory=dict)
    history: list[Names] = field(default_factory=lambda: [{}])

    def changed(self) -> None:
        """A name was changed, not synced yet."""
        self.history.append(dict(self.names))

    def sync(self) -> None:
        """All names are on the disk."""
        self.history = [dict(self.names)]

    def after(self, fate: Fate, chance: random.Random) -> Names:
        """The names that are found when the power is back."""
        if fate is Fate.LOST:
            return self.history[0]
        if fate is Fate.KEPT:
            return self.history[-1]
        return chance.choice(self.history)


class Disk:
    """What a box looks like to the system while calls are replayed, and to a disk that loses its power."""

    def __init__(self, box: Path) -> None:
        self._box = box
        self._root = self._read(box)
        self._positions: dict[str, int] = {}

    def _read(self, place: Path) -> Folder:
        folder = Folder()
        for path in place.iterdir():
            if path.is_dir():
                folder.names[path.name] = self._read(path)
            else:
                inode = Inode(bytearray(path.read_bytes()))
                inode.sync()
                folder.names[path.name] = inode
        folder.sync()
        return folder

    def _at(self, path: str) -> Inode | Folder | None:
        found: Inode | Folder | None = self._root
        for part in Path(path).relative_to(self._box).parts:
            found = found.names.get(part) if isinstance(found, Folder) else None
        return found

    def _home(self, path: str) -> tuple[Folder, str]:
        folder = self._at(str(Path(path).parent))
        assert isinstance(folder, Folder), path
        return folder, Path(path).name

    def do(self, call: Call) -> None:
        """Do what a call did; calls elsewhere, and those that the system refused, do nothing here."""
        if not call.ok or not call.paths or not all(path.startswith(str(self._box)) for path in call.paths):
            return
        step = getattr(self, f"_{call.name}", None)
        assert step is not None, f"no model of {call}"
        step(call)

    def _openat(self, call: Call) -> None:
        folder, name = self._home(call.place)
        self._positions.pop(call.place, None)
        if name not in folder.names:
            folder.names[name] = Inode()
            folder.changed()
        elif b"O_TRUNC" in call.given:
            self._inode(call).write(Write(0, b"", 0))

    def _inode(self, call: Call) -> Inode:
        inode = self._at(call.paths[0])
        # A file that has lost its name already holds nothing that anybody could find.
        return inode if isinstance(inode, Inode) else Inode()

    def _pwrite64(self, call: Call) -> None:
        offset = _OFFSET.search(call.given)
        assert offset is not None
        self._inode(call).write(Write(int(offset[1]), call.texts[0][: call.result]))

    def _write(self, call: Call) -> None:
        inode, path = self._inode(call), call.paths[0]
        # A file is written from its end on, unless somebody moved in it.
        at = self._positions.get(path, len(inode.content))
        inode.write(Write(at, call.texts[0][: call.result]))
        if path in self._positions:
            self._positions[path] = at + call.result

    def _lseek(self, call: Call) -> None:
        self._positions[call.paths[0]] = call.result

    def _ftruncate(self, call: Call) -> None:
        size = _OFFSET.search(call.given)
        assert size is not None
        self._inode(call).write(Write(0, b"", int(size[1])))

    def _fsync(self, call: Call) -> None:
        there = self._at(call.place)
        if there is not None:
            there.sync()

    _fdatasync = _fsync

    def _unlink(self, call: Call) -> None:
        folder, name = self._home(call.place)
        folder.names.pop(name, None)
        folder.changed()

    _unlinkat = _rmdir = _unlink

    def _mkdir(self, call: Call) -> None:
        folder, name = self._home(call.place)
        folder.names[name] = Folder()
        folder.changed()

    def _rename(self, call: Call) -> None:
        before, name = self._home(call.paths[0])
        after, target = self._home(call.paths[1])
        after.names[target] = before.names.pop(name)
        before.changed()
        if after is not before:
            after.changed()

    def _link(self, call: Call) -> None:
        before, name = self._home(call.paths[0])
        after, target = self._home(call.paths[1])
        after.names[target] = before.names[name]
        after.changed()

    _linkat = _link

    def lose_power(self, fate: Fate, chance: random.Random) -> None:
        """Write to the box what is found when the power is back."""
        shutil.rmtree(self._box, ignore_errors=True)
        self._found(self._root, self._box, fate, chance)

    def _found(self, folder: Folder, place: Path, fate: Fate, chance: random.Random) -> None:
        place.mkdir(mode=0o700)
        for name, there in folder.after(fate, chance).items():
            if isinstance(there, Folder):
                self._found(there, place / name, fate, chance)
            else:
                (place / name).touch(mode=0o600)
                (place / name).write_bytes(there.after(fate, chance))


def cuts(box: Path, calls: Sequence[Call], at: Sequence[int], fates: Sequence[Fate], seed: int) -> Iterator[str]:
    """Put the box, call after call, as a power cut after that call would leave it; each time gives what was said.

    The box must be as it was before the calls. `at` are the numbers of calls to cut after, each once for every fate.
    """
    disk = Disk(box)
    chance = random.Random(seed)
    said = ""
    wanted = set(at)
    for number, call in enumerate(calls):
        if call.name == "sendto":
            if call.given.partition(b"<")[0] not in (b"1", b"2"):
                continue  # what goes over a network says nothing to whoever waits for the command
            said += b"".join(call.texts).decode()
        else:
            disk.do(call)
        if number in wanted:
            for fate in fates:
                disk.lose_power(fate, chance)
                yield said
