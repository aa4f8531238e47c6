"""Sealing: from a batch that carries no position to the block that gives it its place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cloudbooks.chain import block as blocks
from cloudbooks.chain import rights
from cloudbooks.chain.admitting import admit
from cloudbooks.chain.batch import BATCH_BYTES_MAX, RECORDS_MAX, Batch
from cloudbooks.chain.block import NUMBERS_MAX, Block, Number
from cloudbooks.chain.canonical import normalised_lines
from cloudbooks.chain.merkle import leaf_hash
from cloudbooks.chain.record import AnyRecord, Entry
from cloudbooks.chain.rows import Admitted
from cloudbooks.chain.state import State

_HEADER_BYTES_MAX = 16 << 10
"""More than the longest header of a batch, whose `program` may have 4 096 characters, all escaped."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A batch in its place. `clock_went_back` says that the previous block's time was taken for this one."""

    block: Block
    admitted: Admitted
    clock_went_back: bool


def seal(batch: Batch, note: bytes, now: str) -> Callable[[State], Sealed]:
    """A function that makes `batch`, signed by the author's `note`, the next block of any log of its book.

    `now` is the instant of committing; a block is never older than the one before it. The function verifies the note,
    judges all laws, changes the state that it is given, and raises `FormFault` where something is off; then the state
    must be dropped, and may be loaded anew for another call.
    """

    def sealed(state: State) -> Sealed:
        went_back = now < state.committed_at
        committed_at = state.committed_at if went_back else now
        rights.verify_author(batch, note, rights.author(state, batch))
        admitted = admit(state, batch, state.size, committed_at)
        block = blocks.make(
            batch=batch,
            note=note,
            number=admitted.number,
            previous=state.head,
            committed_at=committed_at,
            numbers=tuple(Number(row.series, row.period, row.first) for row in admitted.numbers),
            balances_root=admitted.balances_root,
        )
        state.grow(leaf_hash(block.data), block.hash, committed_at)
        return Sealed(block, admitted, went_back)

    return sealed


def entries_that_fit(entries: Sequence[Entry], before: Sequence[AnyRecord] = ()) -> int:
    """How many of the leading `entries` one batch can hold after the records `before`, by all limits of format 1.

    Those are the bytes and records of a batch, and the series and months in which it takes numbers. 0 means that
    `before` leaves no room; what is wrong with a record by itself, `batch.make` says.
    """
    room = BATCH_BYTES_MAX - _HEADER_BYTES_MAX - len(normalised_lines(before))
    most = max(min(len(entries), RECORDS_MAX - len(before)), 0)
    taken: set[tuple[str, str]] = set()
    for count, entry in enumerate(entries[:most]):
        taken.add((entry.series, entry.date[:7]))
        room -= len(normalised_lines([entry]))
        if room < 0 or len(taken) > NUMBERS_MAX:
            return count
    return most
