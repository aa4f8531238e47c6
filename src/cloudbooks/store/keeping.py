"""Putting rows into the derived tables, in the caller's transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from cloudbooks.store import sqlite, tables
from cloudbooks.store.deriving import BlockRows
from cloudbooks.store.tables import KIND

_ADD_BALANCE = (
    f"{tables.BALANCE.insert} ON CONFLICT (account, commodity, month, closing) DO UPDATE SET"
    " debit = debit + excluded.debit, credit = credit + excluded.credit,"
    " debit_value = debit_value + excluded.debit_value, credit_value = credit_value + excluded.credit_value,"
    " postings = postings + excluded.postings"
)
_ADD_LEAF = (
    f"{tables.LEAF.insert} ON CONFLICT (account, commodity) DO UPDATE SET"
    " debit = debit + excluded.debit, credit = credit + excluded.credit,"
    " debit_value = debit_value + excluded.debit_value, credit_value = credit_value + excluded.credit_value,"
    " postings = postings + excluded.postings, block = excluded.block"
)


def keep(connection: sqlite.Connection, rows: BlockRows) -> None:
    """Keep the rows of a block."""
    many = connection.executemany
    for table, row in rows.states:
        connection.execute(table.restate, row)
    for table, row in rows.events:
        connection.execute(table.insert, row)
    many(tables.IDENTITY.insert, rows.identities)
    many(tables.SALT.insert, rows.salts)
    many(tables.MEMBER_KEY.insert, rows.member_keys)
    connection.execute(tables.BLOCK.insert, rows.block)
    many(tables.NODE.insert, rows.nodes)
    for chunk in rows.entries.chunks():
        many(tables.ENTRY.insert, chunk.entries)
        many(tables.IDENTITY.insert, [(entry[1], KIND["entry"], entry[0]) for entry in chunk.entries])
        many(tables.POSTING.insert, chunk.postings)
        many(tables.SETTLED.insert, chunk.settled)
    sums = rows.entries.sums()
    many(_ADD_BALANCE, [(*key, *totals) for key, totals in sums.items()])
    many(_ADD_LEAF, [(*key, *totals, rows.block[0]) for key, totals in by_leaf(sums).items()])
    many(tables.LAST_NUMBER.restate, rows.numbers)


def by_leaf(sums: Mapping[tuple[int, int, int, int], Sequence[int]]) -> dict[tuple[int, int], list[int]]:
    """Sums by month added up for each account and commodity."""
    leaves: defaultdict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0, 0, 0, 0])
    for (account, commodity, _, _), totals in sums.items():
        leaves[account, commodity] = [a + b for a, b in zip(leaves[account, commodity], totals, strict=True)]
    return leaves
