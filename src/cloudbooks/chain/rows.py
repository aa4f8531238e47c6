"""What admitting a batch yields: entries with their numbers and parsed amounts, for stores and reports to keep."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from cloudbooks.chain.record import AnyRecord, Entry


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
    postings: list[PostingRow]


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
    entries: list[EntryRow]
    others: list[tuple[int, AnyRecord]]
    numbers: tuple[NumberRow, ...]
    balances_root: str
