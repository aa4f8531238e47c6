"""Rebasing: blocks of ours that lost the race for their place stand behind the winners, or return to drafts.

Only blocks may be moved that no checkpoint kept here speaks of: nobody has signed where they stand. It is one
transaction: the log is cut back to what both sides have, the derived tables are made anew, the winners' blocks are
taken in, and each own batch is committed again, unchanged and with its author's signature. A batch that breaks a law
now is handed to the caller, who puts its records back to what waits. The receipt follows as `moving` describes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from cloudbooks.chain import batch as batches
from cloudbooks.chain import block as blocks
from cloudbooks.chain import sealing
from cloudbooks.chain.batch import Batch
from cloudbooks.chain.block import Block
from cloudbooks.chain.canonical import FormFault
from cloudbooks.chain.checkpoint import Checkpoint
from cloudbooks.chain.sealing import Sealed
from cloudbooks.chain.state import State
from cloudbooks.core.entry import PostedEntry
from cloudbooks.errors import ChainFault, Finding, counted, sentence
from cloudbooks.store import adopting, guard, log, log_bytes, moving, past, reading, rebuilding, receipt, trusting
from cloudbooks.store.adopting import Given, Taking
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.moving import Move
from cloudbooks.store.schema_posted import TRIGGERS
from cloudbooks.store.unit import Title, Unit
from cloudbooks.store.writing import writing
from cloudbooks.system.clock import instant

_CUT: Mapping[str, str] = {
    "log_batch": "DELETE FROM log_batch WHERE block >= ?",
    "log_block": "DELETE FROM log_block WHERE number >= ?",
}
"""What is cut off, in this order: batches refer to their blocks."""


class SignedPlace(ChainFault):
    """Blocks that a signed checkpoint speaks of were to be moved; they stand for ever."""

    code = "signed-place"

    def __init__(self, common: int, signed: int) -> None:
        super().__init__(
            sentence("the first {signed} blocks are signed; they are not cut back to {common}.", signed=signed,
                     common=common),
            hint=sentence("cloudbooks peer diff NAME"),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Moved:
    """An own batch that was committed again: the block that it had, and the one that it has now."""

    batch: Batch
    before: Block
    after: Sealed


@dataclass(frozen=True, slots=True)
class Returned:
    """An own batch that breaks a law where it would stand now: why, and its entries as they stood before."""

    batch: Batch
    before: Block
    fault: FormFault
    entries: Mapping[str, PostedEntry]


@dataclass(frozen=True, slots=True)
class Rebased:
    """What a rebase did: blocks taken in, own batches at new places, own batches that returned."""

    sealed: tuple[Sealed, ...]
    moved: tuple[Moved, ...]
    returned: tuple[Returned, ...]
    findings: tuple[Finding, ...]


GiveBack = Callable[[Unit, Sequence[Returned]], None]
"""Puts what returns back to what waits, in the same transaction; called only where something returns."""


def rebase(
    book: BookFile, common: int, given: Iterable[Given], claimed: Checkpoint | None, *, by: str, give_back: GiveBack
) -> Rebased:
    """Put others' blocks in the places from `common` on, and our own behind them.

    `by` is the id of the member at work. Raises `SignedPlace`, `Unlawful`, what `writing` raises, and whatever the
    giver raises; then nothing was written.
    """
    with writing(book):
        if log.signed_size(book) > common:
            raise SignedPlace(common, log.signed_size(book))
        guard.guarded_state(book)
        own = _own(book, common)
        before = book.refresh()
        _cut_back(book, common)
        taking = Taking(book, past.state_of(book.connection), claimed)
        for one in given:
            taking.take(one)
        state, moved, returned = _again(book, taking, own)
        if returned:
            _return(book, returned, state.size - 1, by, give_back)
        assert before is not None
        moving.announce(book.state, book.id, Move(before.hash, state.head))
        counter = book.header.change_counter()
    adopting.remember(book, state, counter)
    return Rebased(tuple(taking.sealed), tuple(moved), tuple(returned), tuple(_acknowledged(book)))


def _return(book: BookFile, returned: Sequence[Returned], last: int, by: str, give_back: GiveBack) -> None:
    """Give back what breaks a law, as an operation that is not undone: what it was about is not posted any more."""
    what = counted("return {n} batch to drafts", "return {n} batches to drafts", len(returned))
    unit = Unit(book.connection, Title("sync", what, by, instant(book.clock.now())), block=last)
    give_back(unit, returned)
    unit.finish()


def _own(book: BookFile, common: int) -> list[tuple[Batch, Block, dict[str, PostedEntry]]]:
    """Our batches from a place on, with their blocks and their entries as they stand."""
    found = []
    for number in range(common, log.size(book)):
        data, batch = (read(book.connection, number) for read in (log_bytes.block_bytes, log_bytes.batch_bytes))
        if data is None or batch is None:
            raise log_bytes.BytesDamaged
        entries = {entry.id: entry for entry in reading.entries_of_block(book, number)}
        found.append((batches.read(batch), blocks.read(data), entries))
    return found


def _cut_back(book: BookFile, size: int) -> None:
    """Leave the first `size` blocks, and the tables as they follow from those."""
    triggers = {statement.split()[2]: statement for statement in TRIGGERS}
    for table, cut in _CUT.items():
        name = f"{table}_no_delete"
        book.connection.execute(f"DROP TRIGGER {name}")
        book.connection.execute(cut, (size,))
        book.connection.execute(triggers[name])
    rebuilding.remake(book)


def _again(
    book: BookFile, taking: Taking, own: Sequence[tuple[Batch, Block, dict[str, PostedEntry]]]
) -> tuple[State, list[Moved], list[Returned]]:
    """Commit own batches at the next places, unchanged; those that break a law there are given back."""
    state = taking.state
    moved: list[Moved] = []
    returned: list[Returned] = []
    there = {sealed.block.header.batch for sealed in taking.sealed}
    now = instant(book.clock.now())
    for batch, before, entries in own:
        if batch.hash in there:
            # It had won a place there already, and only the answer was lost.
            continue
        try:
            sealed = sealing.seal(batch, before.note, now)(state)
        except FormFault as fault:
            returned.append(Returned(batch, before, fault, entries))
            state = past.state_of(book.connection)
            continue
        adopting.keep(book, batch, sealed, state)
        moved.append(Moved(batch, before, sealed))
    return state, moved, returned


def _acknowledged(book: BookFile) -> list[Finding]:
    """Let the receipt follow the book; a finding where the state folder does not take it."""
    try:
        kept = receipt.read(book.state, book.id)
        if kept is not None:
            moving.settled(book, kept)
    except moving.Unfinished as left:
        return [trusting.not_written(book.state, book.path, left.after.number, left.why)]
    except receipt.Unreadable:
        pass  # the new one is kept in its place, and it beside that
    return trusting.acknowledge(book)
