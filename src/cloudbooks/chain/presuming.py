"""What admitting gives for batches that keep all laws, none of which is judged.

For whoever compares rows with a log while somebody else judges it: what comes out is of use only for blocks that
`admitting` admits, and is equal there to what it gives.
"""

from __future__ import annotations

from cloudbooks.chain.batch import Batch
from cloudbooks.chain.block import Block
from cloudbooks.chain.record import AnyRecord, Entry
from cloudbooks.chain.rows import Admitted, EntryRows, NumberRow


def presumed(block: Block, batch: Batch) -> Admitted:
    """The entries of a batch with the numbers that its block gives and the amounts that they tell, and its records.

    Raises whatever comes of a batch that is not lawful.
    """
    firsts = {(number.series, number.period): number.first for number in block.header.numbers}
    taken = dict.fromkeys(firsts, 0)
    others: list[tuple[int, AnyRecord]] = []
    for place, record in enumerate(batch.records, start=1):
        if type(record) is Entry:
            taken[record.series, record.date[:7]] += 1
        else:
            others.append((place, record))
    numbers = tuple(NumberRow(*key, first, first + taken[key] - 1) for key, first in firsts.items())
    entries = EntryRows(batch.records, sum(taken.values()), firsts)
    return Admitted(block.header.number, entries, others, numbers, block.header.balances_root)
