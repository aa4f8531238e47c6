"""A compact table of ids and the blocks that they stand in."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from mmap import mmap

_ID = 16
_LATE = 20
CHUNK_IDS = 1 << 16


class IdTable:
    """Which ids stand in the log, and in which block each.

    UUIDv7 mostly come in rising order. Those that rise above all before them are kept in 16 bytes each, in chunks of
    memory of their own: never all are copied into a larger array, and all are given back when the table is dropped.
    The others, brought by batches that were made on an older head, are kept in sorted runs of 20 bytes each, which are
    merged whenever a run is no longer than the next, so that there are never more than a few.
    """

    __slots__ = ("_blocks", "_count", "_greatest", "_late", "_rising", "_starts")

    def __init__(self) -> None:
        self._greatest = ""
        self._rising: list[mmap] = []
        self._count = 0
        self._starts = array("Q")
        self._blocks = array("Q")
        self._late: list[bytes] = []

    def __len__(self) -> int:
        return self._count + sum(len(run) // _LATE for run in self._late)

    def add(self, block: int, ids: Iterable[str]) -> None:
        """The ids that block `block` brings, none of which is here; blocks come in order of their numbers."""
        ordered = sorted(ids)
        late = bisect_right(ordered, self._greatest)
        if late:
            self._add_late(_packed(ordered[:late]), block)
        if late < len(ordered):
            self._starts.append(self._count)
            self._blocks.append(block)
            self._add_rising(ordered[late:])
            self._greatest = ordered[-1]

    def __contains__(self, id_: str) -> bool:
        return id_ <= self._greatest and self.block_of(id_) is not None

    def block_of(self, id_: str) -> int | None:
        """The number of the block in which an id stands; `None` for an id that is not here."""
        packed = _packed((id_,))
        at = bisect_left(range(self._count), packed, key=self._at)
        if at < self._count and self._at(at) == packed:
            return self._blocks[bisect_right(self._starts, at) - 1]
        for run in self._late:
            at = _LATE * _place(run, _LATE, packed)
            if run[at : at + _ID] == packed:
                return int.from_bytes(run[at + _ID : at + _LATE], "big")
        return None

    def _at(self, place: int) -> bytes:
        """The rising id at a place."""
        chunk, at = divmod(place, CHUNK_IDS)
        return self._rising[chunk][_ID * at : _ID * (at + 1)]

    def _add_rising(self, ids: Sequence[str]) -> None:
        packed = _packed(ids)
        while packed:
            chunk, at = divmod(self._count, CHUNK_IDS)
            if chunk == len(self._rising):
                self._rising.append(mmap(-1, _ID * CHUNK_IDS))
            some = packed[: _ID * (CHUNK_IDS - at)]
            self._rising[chunk][_ID * at : _ID * at + len(some)] = some
            self._count += len(some) // _ID
            packed = packed[len(some) :]

    def _add_late(self, packed: bytes, block: int) -> None:
        place = block.to_bytes(_LATE - _ID, "big")
        run = b"".join([packed[at : at + _ID] + place for at in range(0, len(packed), _ID)])
        while self._late and len(self._late[-1]) <= len(run):
            both = self._late.pop() + run
            run = b"".join(sorted([both[at : at + _LATE] for at in range(0, len(both), _LATE)]))
        self._late.append(run)


def _packed(ids: Sequence[str]) -> bytes:
    return bytes.fromhex("".join(ids).replace("-", ""))


def _place(rows: bytes, width: int, packed: bytes) -> int:
    """The first of the sorted `rows` that does not stand before `packed`."""
    return bisect_left(range(len(rows) // width), packed, key=lambda at: rows[width * at : width * at + _ID])
