"""The log's Merkle tree as rows: the roots of all full subtrees, from which frontier, roots and proofs are read."""

from __future__ import annotations

from typing import Self

from cloudbooks.chain import merkle
from cloudbooks.store import sqlite
from cloudbooks.store.tables import Row


class Tree:
    """The frontier of the tree, which gives the rows that each new block adds."""

    def __init__(self, size: int = 0, subtrees: list[bytes] | None = None) -> None:
        self._size = size
        self._subtrees = subtrees or []

    @classmethod
    def resumed(cls, connection: sqlite.Connection) -> Self:
        """The tree over all blocks that the tables hold."""
        size = size_of(connection)
        return cls(size, subtrees(connection, size))

    def append(self, block: bytes) -> list[Row]:
        """Add a block, by the bytes of its file; gives the new rows of `node`."""
        level, place, hash_ = 0, self._size, merkle.leaf_hash(block)
        rows: list[Row] = [(level, place, hash_)]
        while place & 1:
            hash_ = merkle.root([self._subtrees.pop(), hash_])
            level, place = level + 1, place >> 1
            rows.append((level, place, hash_))
        self._subtrees.append(hash_)
        self._size += 1
        return rows


def size_of(connection: sqlite.Connection) -> int:
    """How many blocks the tables hold."""
    return int(connection.execute("SELECT coalesce(max(number), -1) + 1 FROM block").fetchone()[0])


def subtrees(connection: sqlite.Connection, size: int) -> list[bytes]:
    """The roots of the full subtrees that a tree of `size` blocks is made of, the largest first."""
    return _parts(connection, 0, size)


def root_at(connection: sqlite.Connection, size: int) -> bytes:
    """The root that the tree had over its first `size` blocks."""
    return root_of(connection, 0, size)


def root_of(connection: sqlite.Connection, start: int, end: int) -> bytes:
    """The root over the blocks from `start` up to `end`, a part into which the tree of RFC 6962 splits."""
    if start == end:
        return merkle.EMPTY_ROOT
    *rest, joined = _parts(connection, start, end)
    for subtree in reversed(rest):
        joined = merkle.root([subtree, joined])
    return joined


def _parts(connection: sqlite.Connection, start: int, end: int) -> list[bytes]:
    """The roots of the full subtrees over the blocks from `start` up to `end`, the largest first."""
    found: list[bytes] = []
    size = end - start
    for level in reversed(range(size.bit_length())):
        if size >> level & 1:
            row = connection.execute(
                "SELECT hash FROM node WHERE level = ? AND place = ?", (level, start >> level)
            ).fetchone()
            found.append(row[0] if row else b"")
            start += 1 << level
    return found
