"""A compact table of ids and the blocks that they stand in."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

_ID = 16
_LATE = 20


class IdTable:
    """Which ids stand in the log, and in which block each.

    UUIDv7 mostly come in rising order. Those that rise above all before them are kept in one array of 16 bytes each;
    the others, brought by batches that were made on an older head, in sorted runs of 20 bytes each, which are merged
    whenever a run is no longer than the next, so that there are never more than a few.
    """

    __slots__ = ("_blocks", "_greatest", "_late", "_rising", "_starts")

    def __init__(self) -> None:
        self._greatest = ""
        self._rising = bytearray()
        self._starts = array("Q")
        self._blocks = array("Q")
        self._late: list[bytes] = []

    def __len__(self) -> int:
        return len(self._rising) // _ID + sum(len(run) // _LATE for run in self._late)

    def add(self, block: int, ids: Iterable[str]) -> None:
        """The ids that block `block` brings, none of which is here; blocks come in order of their numbers."""
        ordered = sorted(ids)
        late = bisect_right(ordered, self._greatest)
        if late:
            self._add_late(_packed(ordered[:late]), block)
        if late < len(ordered):
            self._starts.append(len(self._rising) // _ID)
            self._blocks.append(block)
            self._rising += _packed(ordered[late:])
            self._greatest = ordered[-1]

    def __contains__(self, id_: str) -> bool:
        return id_ <= self._greatest and self.block_of(id_) is not None

    def block_of(self, id_: str) -> int | None:
        """The number of the block in which an id stands; `None` for an id that is not here."""
        packed = _packed((id_,))
        at = _place(self._rising, _ID, packed)
        if self._rising[_ID * at : _ID * (at + 1)] == packed:
            return self._blocks[bisect_right(self._starts, at) - 1]
        for run in self._late:
            at = _LATE * _place(run, _LATE, packed)
            if run[at : at + _ID] == packed:
                return int.from_bytes(run[at + _ID : at + _LATE], "big")
        return None

    def _add_late(self, packed: bytes, block: int) -> None:
        place = block.to_bytes(_LATE - _ID, "big")
        run = b"".join([packed[at : at + _ID] + place for at in range(0, len(packed), _ID)])
        while self._late and len(self._late[-1]) <= len(run):
            both = self._late.pop() + run
            run = b"".join(sorted([both[at : at + _LATE] for at in range(0, len(both), _LATE)]))
        self._late.append(run)


def _packed(ids: Sequence[str]) -> bytes:
    return bytes.fromhex("".join(ids).replace("-", ""))


def _place(rows: bytes | bytearray, width: int, packed: bytes) -> int:
    """The first of the sorted `rows` that does not stand before `packed`."""
    return bisect_left(range(len(rows) // width), packed, key=lambda at: bytes(rows[width * at : width * at + _ID]))
