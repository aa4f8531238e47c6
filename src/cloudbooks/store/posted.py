"""A posted block as it was admitted, read again from the log."""

from __future__ import annotations

from cloudbooks.chain import batch as batches
from cloudbooks.chain import block as blocks
from cloudbooks.chain.block import Block
from cloudbooks.chain.presuming import presumed
from cloudbooks.chain.rows import Admitted
from cloudbooks.store import log_bytes, sqlite
from cloudbooks.store.book_file import BookFile


def block(book: BookFile, number: int) -> tuple[Block, Admitted]:
    """The block of a number and what admitting it gave; raises `BytesDamaged` where the log has lost it."""
    data = log_bytes.block_bytes(book.connection, number)
    batch_data = log_bytes.batch_bytes(book.connection, number)
    if data is None or batch_data is None:
        raise log_bytes.BytesDamaged
    found = blocks.read(data)
    return found, presumed(found, batches.read(batch_data))


def entry_keys(connection: sqlite.Connection, number: int) -> tuple[int, int]:
    """The first and the last key of a block's entries; the last is before the first where it has none."""
    row = connection.execute("SELECT last_entry - entries + 1, last_entry FROM block WHERE number = ?", (number,))
    first, last = row.fetchone() or (1, 0)
    return int(first), int(last)
