"""Following: taking in a block that somebody else made, at the place that it says, by the same fold as posting."""

from __future__ import annotations

from collections.abc import Callable

from cloudbooks.chain import block as blocks
from cloudbooks.chain import rights
from cloudbooks.chain.admitting import LawBroken, admit
from cloudbooks.chain.batch import Batch
from cloudbooks.chain.block import Block
from cloudbooks.chain.merkle import leaf_hash
from cloudbooks.chain.sealing import Sealed
from cloudbooks.chain.state import State
from cloudbooks.errors import sentence


def follow(block: Block, batch: Batch) -> Callable[[State], Sealed]:
    """A function that gives `batch` the place that `block` says, where it fits and keeps all laws.

    It is to a foreign block what `seal` is to an own batch: it verifies the author's note, judges all laws, compares
    numbers and balances with what the block says, changes the state that it is given, and raises `FormFault` where
    something is off; then the state must be dropped. The bytes stay the block's own.
    """

    def sealed(state: State) -> Sealed:
        header = block.header
        blocks.check_batch(block, batch)
        if header.previous != state.head:
            raise LawBroken("chain", sentence("The block does not name the one before it, {hash}.", hash=state.head))
        rights.verify_author(batch, block.note, rights.author(state, batch))
        admitted = admit(state, batch, header.number, header.committed_at)
        given = [(row.series, row.period, row.first) for row in admitted.numbers]
        if given != [(number.series, number.period, number.first) for number in header.numbers]:
            raise LawBroken("numbers", sentence("The block's voucher numbers do not follow the last ones given."))
        if admitted.balances_root != header.balances_root:
            raise LawBroken("balances", sentence("The block's balances are not those of the entries up to it."))
        state.grow(leaf_hash(block.data), block.hash, header.committed_at)
        return Sealed(block, admitted, clock_went_back=False)

    return sealed
