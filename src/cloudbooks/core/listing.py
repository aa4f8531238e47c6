"""Pages of long lists: which page is asked for, and the rows of entries and postings that lists show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Generic, TypeVar

from cloudbooks.core.draft import Draft

T = TypeVar("T")

PAGE = 200
"""Rows that are asked for at once, where nothing else is said."""


class Toward(StrEnum):
    """Which page of a list is meant."""

    FIRST = "first"
    LAST = "last"
    AFTER = "after"
    BEFORE = "before"
    AROUND = "around"


@dataclass(frozen=True, slots=True)
class Ask:
    """A page of a list: its beginning, its end, or what stands after, before or around the place of a row."""

    toward: Toward = Toward.FIRST
    place: Any = None
    limit: int = PAGE


@dataclass(frozen=True, slots=True)
class Way:
    """One way through a list: from a place (an end for `None`) up or down, so many rows, with the place's own or not.

    Going down, the row that stands last comes first.
    """

    up: bool
    place: Any
    limit: int
    with_place: bool = False


@dataclass(frozen=True, slots=True)
class Slice(Generic[T]):
    """A page: rows in order, whether there are others before and after, and which of them was asked around."""

    rows: tuple[T, ...] = ()
    more_before: bool = False
    more_after: bool = False
    at: int = 0


@dataclass(frozen=True, slots=True)
class EntryRow:
    """A posted entry as lists show it. `amount` is its debit side in the base, both sides list account ids, each once.

    `place` is what it is ordered by: day (yyyymmdd), series, number.
    """

    id: str
    date: date
    series: str
    number: int
    summary: str
    block: int
    amount: int
    debits: tuple[str, ...]
    credits: tuple[str, ...]
    reverses: bool = False
    reversed: bool = False

    @property
    def voucher(self) -> str:
        """The voucher number as people write it: 记-0012."""
        return f"{self.series}-{self.number:04d}"

    @property
    def place(self) -> tuple[int, str, int]:
        """What lists are ordered by."""
        return (self.date.year * 10000 + self.date.month * 100 + self.date.day, self.series, self.number)


@dataclass(frozen=True, slots=True)
class PostingRow:
    """A posting of one account in a list: its entry, what it moves, and the balance of the account after it.

    `amount` and `balance` are in minor units of what is counted; `others` are the accounts of the other lines.
    `place` is what it is ordered by: day, entry, line, with the balance after it, from which neighbours are reckoned.
    `drafted` is what the drafts before it would add to `balance`, 0 where drafts are not asked for.
    """

    entry: EntryRow
    amount: int
    balance: int
    others: tuple[str, ...]
    party: str
    place: tuple[int, int, int, int]
    drafted: int = 0


@dataclass(frozen=True, slots=True)
class DraftedRow:
    """A line of a draft among the postings of an account: what it would move, and the balance that would be after it.

    `amount` is `None` where it is not known yet, `balance` where nobody knows when: the draft has no date. The balance
    counts what is posted up to there, and all drafts with a date up to this one. The rest is as in `PostingRow`.
    """

    draft: Draft
    amount: int | None
    balance: int | None
    others: tuple[str, ...]
    party: str
    place: tuple[int, int, int, int]
