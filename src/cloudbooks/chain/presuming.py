"""What admitting gives for batches that keep all laws, none of which is judged.

For whoever compares rows with a log while somebody else judges it: what comes out is of use only for blocks that
`admitting` admits, and is equal there to what it gives.
"""

from __future__ import annotations

from cloudbooks.chain.batch import Batch
from cloudbooks.chain.block import Block
from cloudbooks.chain.record import AnyRecord, Entry, Line
from cloudbooks.chain.rows import Admitted, EntryRow, NumberRow, PostingRow

_new = tuple.__new__
"""Rows are made as the tuples that they are: the way through their own constructors takes twice as long."""


def presumed(block: Block, batch: Batch) -> Admitted:
    """The entries of a batch with the numbers that its block gives and the amounts that they tell, and its records.

    Raises whatever comes of a batch that is not lawful.
    """
    firsts = {(number.series, number.period): number.first for number in block.header.numbers}
    following = dict(firsts)
    entries: list[EntryRow] = []
    others: list[tuple[int, AnyRecord]] = []
    for place, record in enumerate(batch.records, start=1):
        if type(record) is Entry:
            key = (record.series, record.date[:7])
            number = following[key]
            following[key] = number + 1
            entries.append(_new(EntryRow, (place, record.id, number, record, _postings(record.lines))))
        else:
            others.append((place, record))
    numbers = tuple(NumberRow(*key, first, following[key] - 1) for key, first in firsts.items())
    return Admitted(block.header.number, entries, others, numbers, block.header.balances_root)


def _postings(lines: tuple[Line, ...]) -> list[PostingRow]:
    rows: list[PostingRow] = []
    for line in lines:
        # Canonical amounts are written to the scale of their commodity, and a value stands where that is not the base.
        amount = int(line.amount.replace(".", ""))
        value = int(line.value.replace(".", "")) if line.value else amount
        debit = ((amount or value) >= 0) is not line.red
        rows.append(_new(PostingRow, (line.account, line.commodity, amount, value, debit)))
    return rows
