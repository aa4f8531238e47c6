"""Balances: sums of postings by side, per account, commodity and month.

Both values are named tuples: a report of a large book makes tens of thousands of them, at half the cost.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from cloudbooks.core.entry import PostedEntry, Posting


class Totals(NamedTuple):
    """Sums by side since some beginning; credits are positive numbers."""

    debit: int = 0
    credit: int = 0
    debit_value: int = 0
    credit_value: int = 0
    postings: int = 0

    def __add__(self, other: Totals) -> Totals:  # type: ignore[override]  # sums are added, never joined as tuples
        return Totals(
            self.debit + other.debit,
            self.credit + other.credit,
            self.debit_value + other.debit_value,
            self.credit_value + other.credit_value,
            self.postings + other.postings,
        )

    @property
    def amount(self) -> int:
        """Debit less credit, in the commodity."""
        return self.debit - self.credit

    @property
    def value(self) -> int:
        """Debit less credit, in the base."""
        return self.debit_value - self.credit_value


def side(posting: Posting) -> Totals:
    """One posting as totals: on its side, with the sign that this side gives it."""
    return on_side(posting.amount, posting.value, debit=posting.debit_side)


def on_side(amount: int, value: int, *, debit: bool) -> Totals:
    """An amount and its value as the totals of one posting on a side."""
    if debit:
        return Totals(debit=amount, debit_value=value, postings=1)
    return Totals(credit=-amount, credit_value=-value, postings=1)


class MonthlyBalance(NamedTuple):
    """What one account moved in one commodity in one month (202610); `closing` keeps closing entries apart."""

    account: str
    commodity: str
    month: int
    closing: bool
    totals: Totals


class Opened(NamedTuple):
    """The entries that open a book, by id, and what they posted: what accounts had, and no movement of their month.

    They are the entries of kind `opening` with which the log begins. One that is posted later is a movement: by then
    the book had said what it had.
    """

    entries: frozenset[str] = frozenset()
    balances: tuple[MonthlyBalance, ...] = ()

    @classmethod
    def of(cls, postings: Iterable[tuple[str, MonthlyBalance]]) -> Opened:
        """The same from single postings with the ids of their entries."""
        sums: defaultdict[tuple[str, str, int, bool], Totals] = defaultdict(Totals)
        entries = set()
        for entry, posted in postings:
            entries.add(entry)
            sums[posted[:4]] += posted.totals
        return cls(frozenset(entries), tuple(MonthlyBalance(*key, totals) for key, totals in sorted(sums.items())))

    def only(self, accounts: Container[str] | None) -> Opened:
        """The same of some accounts alone, or of all for `None`."""
        if accounts is None:
            return self
        return Opened(self.entries, tuple(one for one in self.balances if one.account in accounts))


NOTHING_OPENED = Opened()


def monthly(entries: Iterable[PostedEntry]) -> tuple[MonthlyBalance, ...]:
    """The monthly balances of entries, by fold: the naive answer that the kept table must equal."""
    sums: defaultdict[tuple[str, str, int, bool], Totals] = defaultdict(Totals)
    for entry in entries:
        month = entry.date.year * 100 + entry.date.month
        for posting in entry.postings:
            key = (posting.account, posting.commodity, month, entry.kind == "closing")
            sums[key] += side(posting)
    return tuple(MonthlyBalance(*key, totals) for key, totals in sorted(sums.items()))
