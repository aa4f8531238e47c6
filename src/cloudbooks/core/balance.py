"""Balances: sums of postings by side, per account, commodity and month.

Both values are named tuples: a report of a large book makes tens of thousands of them, at half the cost.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
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
    if posting.debit_side:
        return Totals(debit=posting.amount, debit_value=posting.value, postings=1)
    return Totals(credit=-posting.amount, credit_value=-posting.value, postings=1)


class MonthlyBalance(NamedTuple):
    """What one account moved in one commodity in one month (202610); `closing` keeps closing entries apart."""

    account: str
    commodity: str
    month: int
    closing: bool
    totals: Totals


def monthly(entries: Iterable[PostedEntry]) -> tuple[MonthlyBalance, ...]:
    """The monthly balances of entries, by fold: the naive answer that the kept table must equal."""
    sums: defaultdict[tuple[str, str, int, bool], Totals] = defaultdict(Totals)
    for entry in entries:
        month = entry.date.year * 100 + entry.date.month
        for posting in entry.postings:
            key = (posting.account, posting.commodity, month, entry.kind == "closing")
            sums[key] += side(posting)
    return tuple(MonthlyBalance(*key, totals) for key, totals in sorted(sums.items()))
