"""The Merkle tree over the record lines of one batch, for the path of a single line."""

from __future__ import annotations

from cloudbooks.chain import merkle
from cloudbooks.store import log_bytes, sqlite


class RecordTree:
    """The tree of a block's batch; its lines are read when the first path is asked for."""

    def __init__(self, connection: sqlite.Connection, block: int) -> None:
        self._connection = connection
        self._block = block
        self._hashes: list[bytes] = []

    def path(self, index: int) -> list[bytes]:
        """The path of a line, counted from 0; raises `BytesDamaged`."""
        if not self._hashes:
            data = log_bytes.batch_bytes(self._connection, self._block)
            if data is None:
                raise log_bytes.BytesDamaged
            self._hashes = merkle.leaf_hashes(data.split(b"\n")[1:-1])
        return merkle.inclusion(self._hashes, index)
