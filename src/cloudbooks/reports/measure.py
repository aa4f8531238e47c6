"""What a report counts: values in the base of the book, or amounts of one commodity only."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cloudbooks.core.balance import MonthlyBalance
from cloudbooks.core.commodity import Commodity
from cloudbooks.reports.table import Amount

if TYPE_CHECKING:
    from cloudbooks.core.entry import Posting


class Measure(NamedTuple):
    """What a report counts.

    With `in_base` it is the value of every posting, `commodity` being the base; else the amounts of the postings in
    `commodity`, and no others, even where that is the base.
    """

    commodity: Commodity
    in_base: bool = True

    def sides(self, balance: MonthlyBalance) -> tuple[int, int]:
        """Debit and credit of a monthly balance, both as positive numbers; zero for what is not counted."""
        totals = balance.totals
        if self.in_base:
            return totals.debit_value, totals.credit_value
        if balance.commodity != self.commodity.code:
            return 0, 0
        return totals.debit, totals.credit

    def counts(self, posting: Posting) -> bool:
        """Whether a posting is counted at all."""
        return self.in_base or posting.commodity == self.commodity.code

    def of(self, posting: Posting) -> int:
        """A posting in this measure, debit positive; zero for what is not counted."""
        if self.in_base:
            return posting.value
        return posting.amount if self.counts(posting) else 0

    def sides_of(self, posting: Posting) -> tuple[int, int]:
        """Debit and credit of a posting: on its side, with the sign that this side gives it."""
        number = self.of(posting)
        return (number, 0) if posting.debit_side else (0, -number)

    def amount(self, minor: int) -> Amount:
        """Minor units of this measure as an amount."""
        return Amount(minor, self.commodity.scale, self.commodity.code)
