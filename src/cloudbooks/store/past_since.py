"""The past of a log that is read from a block on: before it the tables answer, after it what was admitted."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cloudbooks.chain.memory_past import MemoryPast
from cloudbooks.chain.past import PartyFacts, Standing, StatementFacts
from cloudbooks.chain.record import Entry
from cloudbooks.store import sqlite
from cloudbooks.store.past import StoredPast
from cloudbooks.store.tables import KINDS


class PastBefore(StoredPast):
    """What the tables of a book told when its log had its first `size` blocks; later rows are overlooked.

    `standing` holds the rows of states as they were then, `counts` the last keys that were given then.
    """

    def __init__(
        self, connection: sqlite.Connection, standing: sqlite.Connection, counts: Mapping[str, int], size: int
    ) -> None:
        super().__init__(connection)
        self._standing = standing
        self._last = {**counts, "batch": size - 1}
        self._size = size

    def _find(self, id_: str) -> tuple[int, int] | None:
        found = super()._find(id_)
        return found if found is not None and found[1] <= self._last[KINDS[found[0]]] else None

    def has_salt(self, salt: str) -> bool:
        """See `Past`."""
        query = "SELECT 1 FROM salt WHERE salt = ? AND block < ?"
        return self._connection.execute(query, (bytes.fromhex(salt), self._size)).fetchone() is not None

    def party(self, id_: str) -> PartyFacts | None:
        """See `Past`."""
        query = "SELECT name, closed FROM party WHERE key = ?"
        row = self._standing.execute(query, (self._key("party", id_),)).fetchone()
        return None if row is None else PartyFacts(row[0], bool(row[1]))

    def key_holder(self, key_id: bytes) -> str:
        """See `Past`."""
        return StoredPast(self._standing).key_holder(key_id)

    def settled(self, name: str) -> bool:
        """See `Past`."""
        statement, _, place = name.partition("/")
        row = self._connection.execute(
            "SELECT 1 FROM settled WHERE statement = ?1 AND place = ?2 AND entry <= ?3"
            " AND NOT EXISTS (SELECT 1 FROM entry WHERE entry.reverses = settled.entry AND entry.key <= ?3) LIMIT 1",
            (self._key("statement", statement), int(place), self._last["entry"]),
        ).fetchone()
        return row is not None

    def reversed_by(self, id_: str) -> str:
        """See `Past`."""
        found = super().reversed_by(id_)
        return found if found and self._key("entry", found) is not None else ""


class PastSince:
    """A `Past` over the blocks from `size` on, and over `before` for the ones up to there."""

    def __init__(self, before: PastBefore, size: int, root: bytes, batch_of: Callable[[str], bytes | None]) -> None:
        self._before = before
        self._size = size
        self._since = MemoryPast(batch_of, size, root)
        self._settled: dict[str, bool] = {}

    def has_id(self, id_: str) -> bool:
        """See `Past`."""
        return self._since.has_id(id_) or self._before.has_id(id_)

    def has_salt(self, salt: str) -> bool:
        """See `Past`."""
        return self._since.has_salt(salt) or self._before.has_salt(salt)

    def party(self, id_: str) -> PartyFacts | None:
        """See `Past`."""
        return self._since.party(id_) or self._before.party(id_)

    def key_holder(self, key_id: bytes) -> str:
        """See `Past`."""
        return self._since.key_holder(key_id) or self._before.key_holder(key_id)

    def has_rules(self, id_: str) -> bool:
        """See `Past`."""
        return self._since.has_rules(id_) or self._before.has_rules(id_)

    def statement(self, id_: str) -> StatementFacts | None:
        """See `Past`."""
        return self._since.statement(id_) or self._before.statement(id_)

    def settled(self, name: str) -> bool:
        """See `Past`."""
        known = self._settled.get(name)
        return self._before.settled(name) if known is None else known

    def entry(self, id_: str) -> Entry | None:
        """See `Past`."""
        return self._since.entry(id_) if self._since.has_id(id_) else self._before.entry(id_)

    def reversed_by(self, id_: str) -> str:
        """See `Past`."""
        return self._since.reversed_by(id_) or self._before.reversed_by(id_)

    def root_at(self, size: int) -> bytes:
        """See `Past`; the present size is answered, too."""
        return self._since.root_at(size) if size >= self._size else self._before.root_at(size)

    def learn(self, standing: Standing) -> None:
        """See `Past`."""
        self._since.learn(standing)
        self._settled |= standing.settled

    def grow(self, root: bytes) -> None:
        """See `Past`."""
        self._since.grow(root)
