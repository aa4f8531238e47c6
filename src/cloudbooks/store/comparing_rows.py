"""Every derived row against the fold of the log, range by range."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

import msgspec

from cloudbooks.chain.batch import Batch
from cloudbooks.chain.block import Block
from cloudbooks.chain.rows import Admitted
from cloudbooks.errors import Finding, Sentence, joined, sentence
from cloudbooks.store import keeping, sqlite, tables
from cloudbooks.store.deriving import BlockRows, Deriving
from cloudbooks.store.row_words import COLUMNS, RowNames
from cloudbooks.store.tables import KIND, Cell, Row, Table

_RANGE = 512
"""Entries of small blocks are gathered until so many can be compared at once."""

_ID_BYTES = 16

_AS_TEXT = {
    table: f"SELECT json_group_array(json_array({', '.join(table.columns)})) FROM ({table.span})".replace(  # noqa: S608 - names from our own tables
        "json_array(key, id,", f"json_array(key, id IS substr(?3, {_ID_BYTES} * (key - ?1) + 1, {_ID_BYTES}),"
    )
    for table in (tables.ENTRY, tables.POSTING)
}
"""Ranges of rows as one text, in which numbers, texts and bytes are told apart. Making such a text on either side and
comparing the two takes half the time of making a value of each cell. The ids of a range, which are of consecutive keys,
are given in a row, and of each cell it is told whether it is the one."""

_encode = msgspec.json.Encoder().encode

_REBUILD = sentence("cloudbooks book rebuild remakes the tables from the log")


class Comparison:
    """The fold of the log beside the tables. `compare` takes the blocks in order, `finish` what is left at the end."""

    def __init__(self, connection: sqlite.Connection, deriving: Deriving | None = None) -> None:
        self._connection = connection
        self._deriving = deriving or Deriving(connection, resumed=False)
        self._states: dict[Table, dict[Cell, Row]] = {table: {} for table in tables.STATES}
        self._names = RowNames(self._states)
        self._counts: Counter[str] = Counter()
        self._entries: list[Row] = []
        self._postings: list[Row] = []
        self._balances: defaultdict[tuple[int, int, int, int], list[int]] = defaultdict(lambda: [0, 0, 0, 0, 0])
        self._leaf_blocks: dict[tuple[int, int], Cell] = {}
        self._numbers: dict[tuple[Cell, Cell], Cell] = {}
        self._broken = False

    def compare(self, block: Block, batch: Batch, admitted: Admitted) -> Iterator[Finding]:
        """What differs in the rows of a block; those of entries are compared when enough have gathered."""
        if self._broken:
            return
        # What raises in here leaves the fold behind the log; nothing after it could be compared.
        self._broken = True
        rows = self._deriving.rows(block, batch, admitted)
        for table, row in rows.states:
            self._states[table][row[0]] = row
        for table, row in rows.events:
            yield from self._one(table, row, admitted.number)
        for table, some in (
            *((tables.BLOCK, [rows.block]), (tables.NODE, rows.nodes), (tables.MEMBER_KEY, rows.member_keys)),
            *((tables.IDENTITY, rows.identities), (tables.SALT, rows.salts)),
        ):
            for row in some:
                yield from self._one(table, row, admitted.number)
        for chunk in rows.entries.chunks():
            self._entries += chunk.entries
            self._postings += chunk.postings
            for row in chunk.settled:
                yield from self._one(tables.SETTLED, row, admitted.number)
            if len(self._entries) >= _RANGE:
                yield from self._flush()
        self._add(rows)
        self._broken = False

    def _add(self, rows: BlockRows) -> None:
        for key, totals in rows.entries.sums().items():
            self._balances[key] = [a + b for a, b in zip(self._balances[key], totals, strict=True)]
            self._leaf_blocks[key[:2]] = rows.block[0]
        for series, month, number in rows.numbers:
            self._numbers[series, month] = number

    def _one(self, table: Table, row: Row, block: int) -> Iterator[Finding]:
        self._counts[table.name] += 1
        stored = self._connection.execute(table.one, row[: table.keys]).fetchone()
        if stored != row:
            yield _differs(self._names, table, row, stored, None, block)

    def _flush(self) -> Iterator[Finding]:
        """Compare the entries that have gathered, and their postings."""
        if not self._entries:
            return
        span = (self._entries[0][0], self._entries[-1][0])
        ids = b"".join([row[1] for row in self._entries if isinstance(row[1], bytes)])
        found = [(row[0], 1, *row[2:]) for row in self._entries]
        for table, expected, written, values in (
            (tables.ENTRY, self._entries, found, (*span, ids)),
            (tables.POSTING, self._postings, self._postings, span),
        ):
            self._counts[table.name] += len(expected)
            (text,) = self._connection.execute(_AS_TEXT[table], values).fetchone()
            if text.encode() != _encode(written):
                stored = self._connection.execute(table.span, span).fetchall()
                yield from _differences(self._names, table, expected, stored, self._entries)
        self._entries.clear()
        self._postings.clear()

    def finish(self, *, whole: bool) -> Iterator[Finding]:
        """What differs in rows that later blocks change, and rows that no block made.

        Not `whole` says that the log could not be followed to its end: then rows may be left that are not judged.
        """
        if self._broken:
            return
        yield from self._flush()
        if not whole:
            return
        for table, expected in self._states.items():
            yield from self._every(table, list(expected.values()))
        for table, expected_sums in self._sums():
            yield from self._every(table, expected_sums)
        yield from self._count()

    def _sums(self) -> Iterator[tuple[Table, list[Row]]]:
        balances: list[Row] = [(*key, *totals) for key, totals in self._balances.items()]
        yield tables.BALANCE, balances
        leaves = keeping.by_leaf(self._balances)
        yield tables.LEAF, [(*key, *totals, self._leaf_blocks[key]) for key, totals in leaves.items()]
        yield tables.LAST_NUMBER, [(*key, number) for key, number in self._numbers.items()]

    def _every(self, table: Table, expected: list[Row]) -> Iterator[Finding]:
        stored = self._connection.execute(table.every).fetchall()
        if len(stored) != len(expected) or set(stored) != set(expected):
            yield from _differences(self._names, table, expected, stored, ())

    def _count(self) -> Iterator[Finding]:
        """Rows were found one by one; that there are not more of them is counted."""
        named = "SELECT count(*) FROM entry JOIN identity ON identity.id = entry.id AND identity.kind = ?"
        (entries,) = self._connection.execute(f"{named} AND identity.key = entry.key", (KIND["entry"],)).fetchone()
        if entries != self._counts["entry"]:
            yield Finding(
                "posted-changed",
                "table identity",
                sentence("{n} entries are not found by their ids.", n=abs(self._counts["entry"] - entries)),
                _REBUILD,
            )
        self._counts["identity"] += entries
        for table in tables.ALL:
            if table in (*tables.STATES, *tables.SUMS):
                continue
            (there,) = self._connection.execute(f"SELECT count(*) FROM {table.name} NOT INDEXED").fetchone()  # noqa: S608 - the same
            if there != self._counts[table.name]:
                message = sentence(
                    'the table "{table}" has {there} rows; the log makes {expected}.',
                    table=table.name, there=there, expected=self._counts[table.name],
                )  # fmt: skip
                yield posted_changed(table, message)


def posted_changed(table: Table, message: Sentence) -> Finding:
    """That a table as a whole is not what was posted."""
    return Finding("posted-changed", f"table {table.name}", message, _REBUILD)


def _differences(
    names: RowNames, table: Table, expected: Sequence[Row], stored: Sequence[Row], entries: Sequence[Row]
) -> Iterator[Finding]:
    """Each row that differs, is missing, or is there without a record."""
    of = {row[0]: row for row in entries}
    there = {row[: table.keys]: row for row in stored}
    for row in expected:
        found = there.pop(row[: table.keys], None)
        if found is None or not all(map(_same, row, found)):
            yield _differs(names, table, row, found, of.get(row[0]))
    for row in there.values():
        message = sentence("{what} was never posted.", what=names.what(table, row, of.get(row[0])))
        yield posted_changed(table, message)


_PLACED = (*tables.STATES, *tables.EVENTS)
"""Tables whose last two columns are the place of a row's record in the log."""

_BLOCK = tables.ENTRY.columns.index("block")
_RECORD = tables.ENTRY.columns.index("record")


def _differs(
    names: RowNames, table: Table, row: Row, stored: Row | None, entry: Row | None, block: int | None = None
) -> Finding:
    """A row that is not what the log makes; `entry` is the one that it belongs to, if it is an entry's."""
    what = names.what(table, row, entry)
    if stored is None:
        message = sentence("{what} is missing.", what=what)
    else:
        pairs = zip(table.columns, row, stored, strict=False)
        columns = joined([COLUMNS.get(name, name) for name, ours, theirs in pairs if not _same(ours, theirs)])
        message = sentence("{what} differs from what was posted ({columns}).", what=what, columns=columns)
    record = None
    if table in _PLACED:
        block, record = (one if isinstance(one, int) else None for one in row[-2:])
    if entry is not None:
        block, record = (one if isinstance(one, int) else None for one in (entry[_BLOCK], entry[_RECORD]))
    where = f"table {table.name}" if block is None else f"block {block}"
    return Finding("posted-changed", where, message, _REBUILD, block=block, record=record)


def _same(ours: Cell, theirs: object) -> bool:
    return type(ours) is type(theirs) and ours == theirs
