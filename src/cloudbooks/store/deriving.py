"""From admitted batches to rows: what the derived tables hold is computed here, for writing and for comparing alike.

Keys are given in log order from 1, so that whoever folds the log from its beginning comes to the same ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Self

from cloudbooks.chain.batch import Batch
from cloudbooks.chain.block import Block
from cloudbooks.chain.note import Vkey
from cloudbooks.chain.record import AnyRecord, Book, Close, Entry, Member, Reopen
from cloudbooks.chain.rows import Admitted
from cloudbooks.store import deriving_tree, sqlite, tables
from cloudbooks.store.deriving_entries import BlockEntries
from cloudbooks.store.deriving_records import BUILDERS, Keys, month
from cloudbooks.store.deriving_tree import Tree
from cloudbooks.store.ids import packed
from cloudbooks.store.tables import KIND, Row, Table


@dataclass(slots=True)
class BlockRows:
    """The rows of one block; those of its entries come in chunks, which must be taken before the sums are asked for."""

    block: Row
    nodes: list[Row]
    states: list[tuple[Table, Row]]
    events: list[tuple[Table, Row]]
    identities: list[Row]
    salts: list[Row]
    member_keys: list[Row]
    numbers: list[Row]
    entries: BlockEntries


class Deriving:
    """The fold over admitted batches. It looks up in the tables what earlier blocks gave keys to."""

    def __init__(self, connection: sqlite.Connection, *, resumed: bool) -> None:
        """Begin at the first block, or, `resumed`, after the last one that the tables hold."""
        self._keys = Keys(connection, resumed=resumed)
        self._tree = Tree.resumed(connection) if resumed else Tree()
        self._last_entry = self._keys.last("entry") if resumed else 0
        self._closed: list[int] = _closed(connection) if resumed else []

    @classmethod
    def since(
        cls, connection: sqlite.Connection, standing: sqlite.Connection, counts: Mapping[str, int], size: int
    ) -> Self:
        """Begin after the first `size` blocks of a longer log.

        `standing` holds the rows of states and locks as they were then, `counts` the last keys given then.
        """
        deriving = cls(standing, resumed=False)
        deriving._keys = Keys.at(connection, standing, counts)
        deriving._tree = Tree(size, deriving_tree.subtrees(connection, size))
        deriving._last_entry = counts["entry"]
        deriving._closed = _closed(standing)
        return deriving

    def rows(self, block: Block, batch: Batch, admitted: Admitted) -> BlockRows:
        """The rows of the next block."""
        states: list[tuple[Table, Row]] = []
        events: list[tuple[Table, Row]] = []
        identities: list[Row] = [(packed(batch.header.id), KIND["batch"], admitted.number)]
        salts: dict[bytes, None] = {}
        member_keys: dict[bytes, Row] = {}
        for place, record in admitted.others:
            table, row, is_new = self._row(record, admitted.number, place)
            (states if table in tables.STATES else events).append((table, row))
            if is_new:
                identities.append((row[1], KIND[table.name], row[0]))
            salts |= dict.fromkeys(_salts(record, is_new=is_new))
            if isinstance(record, Member):
                member_keys |= self._new_key(record, row)
        first_entry = self._last_entry + 1
        self._last_entry += len(admitted.entries)
        return BlockRows(
            block=self._block(block, batch, admitted),
            nodes=self._tree.append(block.data),
            states=states,
            events=events,
            identities=identities,
            salts=[(salt, admitted.number) for salt in salts],
            member_keys=list(member_keys.values()),
            numbers=[(row.series, month(row.period), row.last) for row in admitted.numbers],
            entries=BlockEntries(self._keys, admitted, first_entry),
        )

    def _row(self, record: AnyRecord, block: int, place: int) -> tuple[Table, Row, bool]:
        table, build = BUILDERS[type(record)]
        key, is_new = self._keys.give(table, record.id)
        if table is tables.COMMODITY:
            self._keys.name_commodity(record, key)
        if isinstance(record, Close | Reopen):
            self._lock(record)
            return table, (key, packed(record.id), *build(record, self._keys), self._through, record.reason,
                           block, place), is_new  # fmt: skip
        return table, (key, packed(record.id), *build(record, self._keys), block, place), is_new

    @property
    def _through(self) -> int:
        return self._closed[-1] if self._closed else 0

    def _lock(self, record: Close | Reopen) -> None:
        if isinstance(record, Close):
            self._closed.append(month(record.period))
        else:
            self._closed.pop()

    def _new_key(self, record: Member, row: Row) -> dict[bytes, Row]:
        key_id = Vkey.parse(record.key).key_id
        return {} if self._keys.has_member_key(key_id) else {key_id: (key_id, row[0])}

    def _block(self, block: Block, batch: Batch, admitted: Admitted) -> Row:
        header = batch.header
        return (
            *(admitted.number, bytes.fromhex(block.hash[3:]), packed(header.id), bytes.fromhex(batch.hash[3:])),
            *(self._keys.of("member", header.author), header.made_at, block.header.committed_at, len(batch.data)),
            *(len(batch.records), len(admitted.entries), self._last_entry),
        )


def _salts(record: AnyRecord, *, is_new: bool) -> Iterator[bytes]:
    if isinstance(record, Entry):
        return
    salt = getattr(record, "salt", "")
    if salt:
        yield bytes.fromhex(salt)
    if isinstance(record, Book) and is_new:
        yield bytes.fromhex(record.blind)


def _closed(connection: sqlite.Connection) -> list[int]:
    closed: list[int] = []
    for closes, at in connection.execute("SELECT closes, month FROM lock ORDER BY key").fetchall():
        if closes:
            closed.append(at)
        else:
            closed.pop()
    return closed
