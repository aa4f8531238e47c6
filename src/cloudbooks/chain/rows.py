"""What admitting a batch yields: entries with their numbers and parsed amounts, for stores and reports to keep."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from cloudbooks.chain.record import AnyRecord, Entry, Line

_new = tuple.__new__
"""Rows are made as the tuples that they are: the way through their own constructors takes twice as long."""


class PostingRow(NamedTuple):
    """One line of an entry with its amounts as integers; `debit` is the side it counts on (FORMAT.md section 2)."""

    account: str
    commodity: str
    amount: int
    value: int
    debit: bool


class EntryRow(NamedTuple):
    """An entry at its place: `record` counts the record lines of the batch from 1, `number` is the voucher number."""

    record: int
    id: str
    number: int
    entry: Entry

    @property
    def postings(self) -> list[PostingRow]:
        """The lines with their amounts as integers."""
        return [_posting(line) for line in self.entry.lines]


def _posting(line: Line) -> PostingRow:
    # Canonical amounts are written to the scale of their commodity, and a value stands where that is not the base.
    amount = int(line.amount.replace(".", ""))
    value = int(line.value.replace(".", "")) if line.value else amount
    return PostingRow(line.account, line.commodity, amount, value, ((amount or value) >= 0) is not line.red)


class EntryRows:
    """The entries of a lawful batch as rows, which are made anew each time that they are asked for.

    So a batch of any size takes no more memory than a few of its records.
    """

    __slots__ = ("_count", "_firsts", "_records")

    def __init__(self, records: Iterable[AnyRecord], count: int, numbers: Mapping[tuple[str, str], int]) -> None:
        """`count` of the records are entries; `numbers` are the first that they take, by series and period."""
        self._records = records
        self._count = count
        self._firsts = numbers

    def __len__(self) -> int:
        return self._count

    def __eq__(self, other: object) -> bool:
        """Whether these are the same rows in the same order."""
        return isinstance(other, EntryRows) and [*self] == [*other]

    __hash__ = None  # type: ignore[assignment] # they are compared, and never looked up

    def __iter__(self) -> Iterator[EntryRow]:
        following = dict(self._firsts)
        for place, record in enumerate(self._records, start=1):
            if type(record) is Entry:
                key = (record.series, record.date[:7])
                number = following[key]
                following[key] = number + 1
                yield _new(EntryRow, (place, record.id, number, record))


class NumberRow(NamedTuple):
    """The first voucher number that a batch takes in a series and period, and the last."""

    series: str
    period: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Admitted:
    """A batch that keeps all laws, at block `number`. `others` are its records that are no entries, with their places.

    `balances_root` is the root after the batch, as FORMAT.md section 4 defines it ("s256:…").
    """

    number: int
    entries: EntryRows
    others: list[tuple[int, AnyRecord]]
    numbers: tuple[NumberRow, ...]
    balances_root: str
