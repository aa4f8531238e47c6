"""The log as a source for verifiers and exports: blocks, batches, files, checkpoint, cosignatures and timestamps."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cloudbooks.store import attachments, log_bytes, sqlite
from cloudbooks.store.attachments import attachment
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.ids import unpacked
from cloudbooks.store.kept_digest import kept_digest
from cloudbooks.store.reads import reads

__all__ = [
    "BLOCK_COLUMNS",
    "BlockRow",
    "StoredLog",
    "attachment",
    "block_row",
    "blocks",
    "has_file",
    "root_at",
    "root_over",
    "signed_size",
    "size",
]


@dataclass(frozen=True, slots=True)
class BlockRow:
    """A block as lists show it; `hash` is `b3:…`, `author` a member's id, `batch_id` the batch's own id."""

    number: int
    hash: str
    committed_at: str
    author: str
    entries: int
    records: int
    made_at: str
    batch_id: str


BLOCK_COLUMNS = (
    "number, hash, committed_at, member.id, entries, records, made_at, batch FROM block"
    " LEFT JOIN member ON member.key = block.author"
)
"""What `block_row` reads of a block; the place of a WHERE comes after it."""


def block_row(row: tuple[Any, ...]) -> BlockRow:
    """A block from its row of `BLOCK_COLUMNS`."""
    number, hash_, committed_at, author, entries, records, made_at, batch = row
    return BlockRow(
        number, f"b3:{hash_.hex()}", committed_at, unpacked(author or b""), entries, records, made_at, unpacked(batch)
    )


class StoredLog:
    """A book's own log. Batches are found by the blocks that name them, not by a derived table."""

    def __init__(self, book: BookFile) -> None:
        self._connection = book.connection
        self._last = ("", -1)

    def block(self, number: int) -> bytes | None:
        """The file of a block; raises `BytesDamaged`."""
        data = log_bytes.block_bytes(self._connection, number)
        if data is not None:
            self._last = (_batch_named(data), number)
        return data

    def batch_of(self, number: int) -> str:
        """The hash of a block's batch, `b3:…`, as the block names it; empty where there is no such block."""
        data = log_bytes.block_bytes(self._connection, number)
        return "" if data is None else _batch_named(data)

    def batch(self, hash_: str) -> bytes | None:
        """The file of a batch by its hash, `b3:…`; raises `BytesDamaged`."""
        number = self._last[1] if self._last[0] == hash_ else self._number(hash_)
        return None if number is None else log_bytes.batch_bytes(self._connection, number)

    def _number(self, hash_: str) -> int | None:
        try:
            small = bytes.fromhex(hash_.removeprefix("b3:"))
        except ValueError:
            return None
        row = self._connection.execute("SELECT number FROM block WHERE batch_hash = ?", (small,)).fetchone()
        return None if row is None else int(row[0])

    def attachment(self, b3: str) -> bytes | None:
        """A file that records name, by its hash, `b3:…`; raises `BytesDamaged`."""
        return attachments.read(self._connection, b3)

    def checkpoint(self) -> bytes | None:
        """The signed checkpoint; raises `BytesDamaged`."""
        row = self._connection.execute("SELECT text, digest FROM checkpoint").fetchone()
        if row is not None and kept_digest(row[0]) != row[1]:
            raise log_bytes.BytesDamaged
        return None if row is None else bytes(row[0])

    def cosignatures(self) -> Iterator[tuple[int, str, bytes]]:
        """Size, key id in hex digits, and line of each cosignature that is kept; raises `BytesDamaged`."""
        rows = self._connection.execute("SELECT size, key_id, line, digest FROM cosignature ORDER BY size, key_id")
        for size, key_id, line, digest in rows.fetchall():
            if cosignature_digest(size, key_id, line) != digest:
                raise log_bytes.BytesDamaged
            yield int(size), key_id.hex(), line

    def timestamps(self) -> Iterator[tuple[int, bytes]]:
        """Size and token of each timestamp, by rising size, as it is now: what was damaged fails where it is judged."""
        for size, token, _ in timestamp_rows(self._connection):
            yield size, token

    def stamped(self) -> list[int]:
        """The sizes over which timestamps are kept, rising."""
        if not _has_timestamps(self._connection):
            return []
        return [int(size) for (size,) in self._connection.execute("SELECT size FROM timestamp ORDER BY size")]

    def timestamp(self, size: int) -> bytes | None:
        """The token over so many blocks; raises `BytesDamaged`."""
        if not _has_timestamps(self._connection):
            return None
        row = self._connection.execute("SELECT token, digest FROM timestamp WHERE size = ?", (size,)).fetchone()
        if row is not None and timestamp_digest(size, row[0]) != row[1]:
            raise log_bytes.BytesDamaged
        return None if row is None else bytes(row[0])

    def cosigned(self) -> list[tuple[int, str]]:
        """Size and key id in hex digits of each cosignature that is kept, by rising size."""
        rows = self._connection.execute("SELECT size, key_id FROM cosignature ORDER BY size, key_id")
        return [(int(size), key_id.hex()) for size, key_id in rows.fetchall()]

    def cosignature(self, size: int, key_id: str) -> bytes | None:
        """The line over so many blocks by a key of this id; raises `BytesDamaged`."""
        small = bytes.fromhex(key_id)
        row = self._connection.execute(
            "SELECT line, digest FROM cosignature WHERE size = ? AND key_id = ?", (size, small)
        ).fetchone()
        if row is not None and cosignature_digest(size, small, row[0]) != row[1]:
            raise log_bytes.BytesDamaged
        return None if row is None else bytes(row[0])

    def stray(self) -> Iterator[str]:
        """Blocks after a gap, and batches of no block."""
        (size,) = self._connection.execute("SELECT count(*) FROM log_block").fetchone()
        beyond = self._connection.execute(
            "SELECT number FROM log_block WHERE number NOT BETWEEN 0 AND ? ORDER BY number", (size - 1,)
        )
        for (number,) in beyond.fetchall():
            yield f"block/{number:08d}"
        orphans = self._connection.execute(
            "SELECT DISTINCT block FROM log_batch WHERE block NOT BETWEEN 0 AND ? ORDER BY block", (size - 1,)
        )
        for (number,) in orphans.fetchall():
            yield f"batch of block {number}"


def _batch_named(block: bytes) -> str:
    try:
        return str(json.loads(block.partition(b"\n")[0])["batch"])
    except (ValueError, KeyError, TypeError):
        return ""


def cosignature_digest(size: int, key_id: bytes, line: bytes) -> bytes:
    """The digest that is kept with a cosignature, over its other cells."""
    return kept_digest(b"%d %b %b" % (size, key_id, line))


def timestamp_rows(connection: sqlite.Connection) -> list[tuple[int, bytes, bytes]]:
    """Size, token and digest of each timestamp, by rising size."""
    if not _has_timestamps(connection):
        return []
    rows = connection.execute("SELECT size, token, digest FROM timestamp ORDER BY size").fetchall()
    return [(int(size), bytes(token), digest) for size, token, digest in rows]


def _has_timestamps(connection: sqlite.Connection) -> bool:
    """A book of the first version has no table of them, and is read as it is."""
    return connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'timestamp'").fetchone() is not None


def timestamp_digest(size: int, token: bytes) -> bytes:
    """The digest that is kept with a timestamp, over its other cells."""
    return kept_digest(b"%d %b" % (size, token))


def size(book: BookFile) -> int:
    """How many blocks the log has now."""
    from cloudbooks.store import deriving_tree  # noqa: PLC0415 - the chain, which lists of blocks do without

    return deriving_tree.size_of(book.connection)


def root_at(book: BookFile, size: int) -> bytes:
    """The root that the log's tree had over its first `size` blocks."""
    from cloudbooks.store import deriving_tree  # noqa: PLC0415 - the same

    return deriving_tree.root_at(book.connection, size)


def root_over(book: BookFile, start: int, end: int) -> bytes:
    """The root over the blocks from `start` up to `end`, a part into which the log's tree splits."""
    from cloudbooks.store import deriving_tree  # noqa: PLC0415 - the same

    return deriving_tree.root_of(book.connection, start, end)


def signed_size(book: BookFile) -> int:
    """The size that the checkpoint kept here speaks of; 0 where there is none."""
    row = book.connection.execute("SELECT size FROM checkpoint").fetchone()
    return int(row[0]) if row else 0


def has_file(book: BookFile, b3: str) -> bool:
    """Whether a file that records name is kept, by its hash, `b3:…`."""
    name = bytes.fromhex(b3.removeprefix("b3:"))
    return book.connection.execute("SELECT 1 FROM attachment WHERE b3 = ?", (name,)).fetchone() is not None


@reads
def blocks(book: BookFile) -> list[BlockRow]:
    """All blocks, in order."""
    rows = book.connection.execute(f"SELECT {BLOCK_COLUMNS} ORDER BY number").fetchall()
    return [block_row(row) for row in rows]
