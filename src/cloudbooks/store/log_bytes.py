"""The log's bytes as they were hashed, read without knowing what they mean.

A batch is kept deflated, in parts of whole lines of about 256 KiB, so that one record is read at one part's cost
however large its batch is.
"""

from __future__ import annotations

import zlib
from collections import deque
from collections.abc import Iterator
from typing import Final

from cloudbooks.store import sqlite
from cloudbooks.store.kept_digest import kept_digest

PART_BYTES: Final = 256 << 10
LEVEL: Final = 1
_PARTS_KEPT: Final = 8


class BytesDamaged(Exception):
    """Stored bytes do not agree with their digest or size."""

    def __init__(self) -> None:
        super().__init__("the bytes are not those that were kept")


def deflated(data: bytes) -> bytes:
    """`data` as it is kept."""
    return zlib.compress(data, LEVEL)


def inflated(stored: object, size: int, digest: object) -> bytes:
    """The `size` bytes that were kept; raises `BytesDamaged`."""
    # Inflation does not look at every bit of deflated bytes; their digest does.
    if not isinstance(stored, bytes) or kept_digest(stored) != digest:
        raise BytesDamaged
    opened = zlib.decompressobj()
    try:
        # The bound keeps bytes that lie about their size from taking more memory than it says.
        data = opened.decompress(stored, max(1, size))
        rest = opened.decompress(opened.unconsumed_tail, 1)
    except zlib.error as error:
        raise BytesDamaged from error
    if len(data) != size or rest or not opened.eof or opened.unused_data:
        raise BytesDamaged
    return data


def parts(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The parts of a batch file: the number of each part's first line (0 is the header), and its bytes."""
    first = start = 0
    while start < len(data):
        end = data.find(b"\n", min(start + PART_BYTES, len(data)) - 1) + 1 or len(data)
        part = data[start:end]
        yield first, part
        first += part.count(b"\n")
        start = end


def keep_batch(connection: sqlite.Connection, block: int, data: bytes) -> None:
    """Keep the batch of a block."""
    rows = []
    for place, (first, part) in enumerate(parts(data)):
        stored = deflated(part)
        rows.append((block, place, first, len(part), kept_digest(stored), stored))
    connection.executemany(
        "INSERT INTO log_batch (block, part, first, size, digest, bytes) VALUES (?, ?, ?, ?, ?, ?)", rows
    )


def block_bytes(connection: sqlite.Connection, number: int) -> bytes | None:
    """The file of a block; raises `BytesDamaged` where something else than bytes stands there."""
    row = connection.execute("SELECT bytes FROM log_block WHERE number = ?", (number,)).fetchone()
    return None if row is None else _demand_bytes(row[0])


def last_block(connection: sqlite.Connection) -> tuple[int, bytes] | None:
    """The number and the file of the last block; raises `BytesDamaged`."""
    row = connection.execute("SELECT number, bytes FROM log_block ORDER BY number DESC LIMIT 1").fetchone()
    return None if row is None else (int(row[0]), _demand_bytes(row[1]))


def _demand_bytes(stored: object) -> bytes:
    if not isinstance(stored, bytes):
        raise BytesDamaged
    return stored


def batch_bytes(connection: sqlite.Connection, block: int) -> bytes | None:
    """The file of the batch of a block; raises `BytesDamaged`."""
    rows = connection.execute(
        "SELECT part, first, size, digest, bytes FROM log_batch WHERE block = ? ORDER BY part DESC", (block,)
    ).fetchall()
    if not rows:
        return None
    pieces: list[bytes] = []
    line = 0
    while rows:
        # Taken out of the list, so that what is deflated does not lie in memory beside all that was inflated.
        part, first, size, digest, stored = rows.pop()
        piece = inflated(stored, size, digest)
        if part != len(pieces) or first != line:
            raise BytesDamaged
        line += piece.count(b"\n")
        pieces.append(piece)
    return b"".join(pieces)


class Lines:
    """Record lines of the log by their places; the parts read last are kept at hand for their neighbours."""

    def __init__(self, connection: sqlite.Connection) -> None:
        self._connection = connection
        self._parts: deque[tuple[int, int, list[bytes]]] = deque(maxlen=_PARTS_KEPT)

    def line(self, block: int, record: int) -> bytes:
        """The line, without LF, of record `record` (from 1) of a block's batch; raises `BytesDamaged`."""
        for number, first, lines in self._parts:
            if number == block and 0 <= record - first < len(lines):
                return lines[record - first]
        first, lines = self._open(block, record)
        self._parts.appendleft((block, first, lines))
        return lines[record - first]

    def _open(self, block: int, record: int) -> tuple[int, list[bytes]]:
        row = self._connection.execute(
            "SELECT first, size, digest, bytes FROM log_batch WHERE block = ? AND first <= ?"
            " ORDER BY part DESC LIMIT 1",
            (block, record),
        ).fetchone()
        if row is None:
            raise BytesDamaged
        first, size, digest, stored = row
        lines = inflated(stored, size, digest).split(b"\n")[:-1]
        if not 0 <= record - first < len(lines):
            raise BytesDamaged
        return first, lines
