"""A posted block as it was admitted, read again from the log and the tables."""

from __future__ import annotations

from cloudbooks.chain import batch as batches
from cloudbooks.chain import block as blocks
from cloudbooks.chain.block import Block
from cloudbooks.chain.record import AnyRecord, Entry
from cloudbooks.chain.rows import Admitted, EntryRow, NumberRow, PostingRow
from cloudbooks.store import log_bytes, sqlite
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.ids import unpacked

_POSTINGS = (
    "SELECT account.id, commodity.code, amount, value, red FROM posting"
    " JOIN account ON account.key = posting.account JOIN commodity ON commodity.key = posting.commodity"
    " WHERE entry = ? ORDER BY line"
)


def block(book: BookFile, number: int) -> tuple[Block, Admitted]:
    """The block of a number and what admitting it gave; raises `BytesDamaged` where the log has lost it."""
    data = log_bytes.block_bytes(book.connection, number)
    batch_data = log_bytes.batch_bytes(book.connection, number)
    if data is None or batch_data is None:
        raise log_bytes.BytesDamaged
    found, batch = blocks.read(data), batches.read(batch_data)
    rows = book.connection.execute(
        "SELECT record, number, key FROM entry WHERE key BETWEEN ? AND ? ORDER BY key",
        entry_keys(book.connection, number),
    )
    entries = []
    for record, voucher, key in rows.fetchall():
        entry = batch.records[record - 1]
        assert isinstance(entry, Entry)
        entries.append(EntryRow(record, entry.id, voucher, entry, _postings(book.connection, key)))
    others: list[tuple[int, AnyRecord]] = [
        (place, one) for place, one in enumerate(batch.records, start=1) if not isinstance(one, Entry)
    ]
    numbers = tuple(
        NumberRow(one.series, one.period, one.first, one.first + _taken(entries, one.series, one.period) - 1)
        for one in found.header.numbers
    )
    return found, Admitted(number, entries, others, numbers, found.header.balances_root)


def entry_keys(connection: sqlite.Connection, number: int) -> tuple[int, int]:
    """The first and the last key of a block's entries; the last is before the first where it has none."""
    row = connection.execute("SELECT last_entry - entries + 1, last_entry FROM block WHERE number = ?", (number,))
    first, last = row.fetchone() or (1, 0)
    return int(first), int(last)


def _postings(connection: sqlite.Connection, key: int) -> list[PostingRow]:
    return [
        PostingRow(unpacked(account), commodity, amount, value, ((amount or value) >= 0) is not bool(red))
        for account, commodity, amount, value, red in connection.execute(_POSTINGS, (key,)).fetchall()
    ]


def _taken(entries: list[EntryRow], series: str, period: str) -> int:
    return sum(1 for row in entries if row.entry.series == series and row.entry.date[:7] == period)
