"""From admitted batches to rows: what the derived tables hold is computed here, for writing and for comparing alike.

Keys are given in log order from 1, so that whoever folds the log from its beginning comes to the same ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from cloudbooks.chain.batch import Batch
from cloudbooks.chain.block import Block
from cloudbooks.chain.note import Vkey
from cloudbooks.chain.record import AnyRecord, Book, Close, Entry, Line, Member, Reopen, Source
from cloudbooks.chain.rows import Admitted, EntryRow
from cloudbooks.store import sqlite, tables
from cloudbooks.store.deriving_records import BUILDERS, Keys, day, month
from cloudbooks.store.deriving_tree import Tree
from cloudbooks.store.ids import packed
from cloudbooks.store.tables import ENTRY_KINDS, KIND, Row, Table

CHUNK = 4096
"""Entries that are turned into rows at once, so that memory does not grow with a batch."""

_PLAIN_SOURCES = (None, Source("manual"))
_ENTRY_PLACES = {name: place for place, name in enumerate(ENTRY_KINDS)}


@dataclass(slots=True)
class EntryRows:
    """The rows of some entries of one block."""

    entries: list[Row] = field(default_factory=list)
    postings: list[Row] = field(default_factory=list)
    settled: list[Row] = field(default_factory=list)


@dataclass(slots=True)
class BlockRows:
    """The rows of one block, its entries apart: those come in chunks, and `sums` is whole when they have all come."""

    block: Row
    nodes: list[Row]
    states: list[tuple[Table, Row]]
    events: list[tuple[Table, Row]]
    identities: list[Row]
    salts: list[Row]
    member_keys: list[Row]
    numbers: list[Row]
    chunks: Iterator[EntryRows]
    sums: dict[tuple[int, int, int, int], list[int]]


class Deriving:
    """The fold over admitted batches. It looks up in the tables what earlier blocks gave keys to."""

    def __init__(self, connection: sqlite.Connection, *, resumed: bool) -> None:
        """Begin at the first block, or, `resumed`, after the last one that the tables hold."""
        self._keys = Keys(connection, resumed=resumed)
        self._tree = Tree.resumed(connection) if resumed else Tree()
        self._last_entry = self._keys.last("entry") if resumed else 0
        self._closed: list[int] = _closed(connection) if resumed else []
        self._local: dict[str, int] = {}

    @property
    def last_entry(self) -> int:
        """The key of the last entry so far."""
        return self._last_entry

    def counts(self) -> dict[str, int]:
        """How many rows each keyed table has so far, by name."""
        return {**self._keys.counts, "entry": self._last_entry}

    def rows(self, block: Block, batch: Batch, admitted: Admitted) -> BlockRows:
        """The rows of the next block. Its chunks must be taken to their end before the next block comes."""
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
        sums: dict[tuple[int, int, int, int], list[int]] = {}
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
            chunks=self._chunks(admitted, first_entry, sums),
            sums=sums,
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

    def _chunks(
        self, admitted: Admitted, first: int, sums: dict[tuple[int, int, int, int], list[int]]
    ) -> Iterator[EntryRows]:
        named = {id_ for row in admitted.entries for id_ in (row.entry.reverses, row.entry.replaces) if id_}
        self._local = {row.id: at for at, row in enumerate(admitted.entries, first) if row.id in named} if named else {}
        source = iter(admitted.entries)
        while some := list(islice(source, CHUNK)):
            chunk = EntryRows()
            self._entries(some, first, admitted.number, chunk, sums)
            first += len(some)
            yield chunk

    def _entries(
        self,
        rows: Sequence[EntryRow],
        key: int,
        block: int,
        into: EntryRows,
        sums: dict[tuple[int, int, int, int], list[int]],
    ) -> None:
        """The hot path: what repeats from line to line is looked up once."""
        keys = self._keys
        postings, targets = into.postings.append, keys.targets
        for at, (record, id_, number, entry, lines) in enumerate(rows, start=key):
            date = day(entry.date)
            closing = 1 if entry.kind == "closing" else 0
            more = entry.tags or entry.attachments or entry.source not in _PLAIN_SOURCES
            for place, (target, line) in enumerate(zip(lines, entry.lines, strict=True), start=1):
                account, commodity, amount, value, debit = target
                pair = targets.get((account, commodity)) or keys.target(account, commodity)
                party = keys.of("party", line.party) if line.party else None
                postings((at, place, pair[0], date, pair[1], amount, value, 1 if line.red else 0, party))
                total = sums.get((*pair, date // 100, closing))
                if total is None:
                    total = sums[(*pair, date // 100, closing)] = [0, 0, 0, 0, 0]
                if debit:
                    total[0] += amount
                    total[2] += value
                else:
                    total[1] -= amount
                    total[3] -= value
                total[4] += 1
                if line.settles or line.text or line.tax or line.dimensions:
                    more = True
                    into.settled.extend(self._settled(line, at))
            into.entries.append(
                (at, packed(id_), date, entry.series, number, entry.summary, block, record,
                 _ENTRY_PLACES[entry.kind], keys.of("member", entry.made_by),
                 self._entry_key(entry.reverses), self._entry_key(entry.replaces), 1 if more else 0)
            )  # fmt: skip

    def _settled(self, line: Line, entry: int) -> Iterator[Row]:
        for name in line.settles:
            statement, _, place = name.partition("/")
            yield self._keys.of("statement", statement), int(place), entry

    def _entry_key(self, id_: str) -> int | None:
        """The key of an entry that another one names; it may stand in the same batch."""
        if not id_:
            return None
        return self._local.get(id_) or self._keys.find("entry", id_)


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
