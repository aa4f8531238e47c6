"""Rows of entries and of their lines, and the sums by month that follow from them: the hot path of the fold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from cloudbooks.chain.record import Entry, Line, Source
from cloudbooks.chain.rows import Admitted, EntryRow
from cloudbooks.store.deriving_records import Keys, day
from cloudbooks.store.ids import packed
from cloudbooks.store.tables import ENTRY_KINDS, Row

CHUNK = 512
"""Entries that are turned into rows at once, so that memory does not grow with a batch."""

_PLAIN_SOURCES = (None, Source("manual"))
_PLACES = {name: place for place, name in enumerate(ENTRY_KINDS)}

Moved = list[int]
"""Keys of an account and a commodity, then what moved: debit, credit, debit value, credit value, postings."""


@dataclass(slots=True)
class EntryRows:
    """The rows of some entries of one block."""

    entries: list[Row] = field(default_factory=list)
    postings: list[Row] = field(default_factory=list)
    settled: list[Row] = field(default_factory=list)


class BlockEntries:
    """The entries of one block as rows, chunk by chunk; `sums` is whole when the chunks have all been taken."""

    def __init__(self, keys: Keys, admitted: Admitted, first: int) -> None:
        """`first` is the key of the first entry."""
        self._keys = keys
        self._admitted = admitted
        self._first = first
        self._months: dict[int, dict[tuple[str, str], Moved]] = {}
        self._named: dict[str, int] | None = None

    def chunks(self) -> Iterator[EntryRows]:
        """The rows, in log order."""
        source = iter(self._admitted.entries)
        for at in range(0, len(self._admitted.entries), CHUNK):
            yield self._chunk(islice(source, CHUNK), self._first + at)

    def sums(self) -> dict[tuple[int, int, int, int], tuple[int, ...]]:
        """What the block moves, by side, for each account, commodity, month and whether closing."""
        return {
            (moved[0], moved[1], month >> 1, month & 1): tuple(moved[2:])
            for month, targets in self._months.items()
            for moved in targets.values()
        }

    def _chunk(self, rows: Iterable[EntryRow], key: int) -> EntryRows:
        chunk = EntryRows()
        entries, postings, of = chunk.entries.append, chunk.postings.append, self._keys.of
        block = self._admitted.number
        for at, (record, id_, number, entry) in enumerate(rows, start=key):
            date = day(entry.date)
            closing = 1 if entry.kind == "closing" else 0
            targets = self._months.setdefault(date // 100 << 1 | closing, {})
            more = 1 if _says_more(entry) else 0
            for place, line in enumerate(entry.lines, start=1):
                account, commodity, red = line.account, line.commodity, line.red
                moved = targets.get((account, commodity)) or self._target(targets, account, commodity)
                # What `EntryRow.postings` gives, without a row made for it: most of the time is spent here.
                amount = int(line.amount.replace(".", ""))
                value = int(line.value.replace(".", "")) if line.value else amount
                party = of("party", line.party) if line.party else None
                postings((at, place, moved[0], date, moved[1], amount, value, 1 if red else 0, party))
                if ((amount or value) >= 0) is not red:
                    moved[2] += amount
                    moved[4] += value
                else:
                    moved[3] -= amount
                    moved[5] -= value
                moved[6] += 1
                if line.settles or line.text or line.tax or line.dimensions:
                    more = 1
                    chunk.settled += self._settled(line, at)
            reverses = self._entry_key(entry.reverses) if entry.reverses else None
            replaces = self._entry_key(entry.replaces) if entry.replaces else None
            entries(
                (at, packed(id_), date, entry.series, number, entry.summary, block, record, _PLACES[entry.kind],
                 of("member", entry.made_by), reverses, replaces, more)
            )  # fmt: skip
        return chunk

    def _target(self, targets: dict[tuple[str, str], Moved], account: str, commodity: str) -> Moved:
        moved = targets[account, commodity] = [*self._keys.target(account, commodity), 0, 0, 0, 0, 0]
        return moved

    def _settled(self, line: Line, entry: int) -> Iterator[Row]:
        for name in line.settles:
            statement, _, place = name.partition("/")
            yield self._keys.of("statement", statement), int(place), entry

    def _entry_key(self, id_: str) -> int | None:
        # An entry may be named in the very batch that brings it.
        if self._named is None:
            entries = self._admitted.entries
            named = {id_ for row in entries for id_ in (row.entry.reverses, row.entry.replaces) if id_}
            self._named = {row.id: at for at, row in enumerate(entries, self._first) if row.id in named}
        return self._named.get(id_) or self._keys.find("entry", id_)


def _says_more(entry: Entry) -> bool:
    """Whether the record's own text is needed to read the entry."""
    return bool(entry.tags or entry.attachments or entry.approvals or entry.source not in _PLAIN_SOURCES)
