"""What accounts had, moved and have: the sums under the trial balance and the balances."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from typing import NamedTuple

from cloudbooks.core.account import Account
from cloudbooks.core.balance import NOTHING_OPENED, MonthlyBalance, Opened
from cloudbooks.core.chart import Chart
from cloudbooks.core.period import Period
from cloudbooks.reports.frame import Frame
from cloudbooks.reports.measure import Measure


class Movement(NamedTuple):
    """An opening balance (debit positive) and what was debited and credited since; credits are positive numbers."""

    opening: int = 0
    debit: int = 0
    credit: int = 0

    @property
    def closing(self) -> int:
        """The closing balance, debit positive: opening + debit - credit."""
        return self.opening + self.debit - self.credit

    def __add__(self, other: Movement) -> Movement:  # type: ignore[override]  # sums are added, never joined as tuples
        return Movement(self.opening + other.opening, self.debit + other.debit, self.credit + other.credit)

    def __bool__(self) -> bool:
        return bool(self.opening or self.debit or self.credit)


class MovementRow(NamedTuple):
    """One account with its movement; `level` counts from 1 at the top of the chart."""

    account: Account
    level: int
    movement: Movement

    def data(self, measure: Measure) -> dict[str, object]:
        """The row as JSON has it (CLI.md)."""
        move = self.movement
        return {
            "code": self.account.code,
            "name": self.account.name,
            "kind": self.account.kind.value,
            "commodity": measure.commodity.code,
            "opening": measure.amount(move.opening).json(),
            "debit": measure.amount(move.debit).json(),
            "credit": measure.amount(move.credit).json(),
            "closing": measure.amount(move.closing).json(),
        }


def movements(
    balances: Iterable[MonthlyBalance], period: Period, measure: Measure, opened: Opened = NOTHING_OPENED
) -> dict[str, Movement]:
    """The movement of each account by id; months after the period do not count.

    What `opened` the book within the period is among `balances`, and counts in the opening instead of the movement.
    """
    first, last = period.first.key, period.last.key
    openings: defaultdict[str, int] = defaultdict(int)
    debits: defaultdict[str, int] = defaultdict(int)
    credits_: defaultdict[str, int] = defaultdict(int)
    for balance in balances:
        debit, credit = measure.sides(balance)
        if balance.month < first:
            openings[balance.account] += debit - credit
        elif balance.month <= last:
            debits[balance.account] += debit
            credits_[balance.account] += credit
    for balance in opened.balances:
        if first <= balance.month <= last:
            debit, credit = measure.sides(balance)
            openings[balance.account] += debit - credit
            debits[balance.account] -= debit
            credits_[balance.account] -= credit
    accounts = {*openings, *debits}
    return {account: Movement(openings[account], debits[account], credits_[account]) for account in accounts}


def counted_on(chart: Chart, account: Account, frame: Frame) -> tuple[Account, ...]:
    """The accounts in whose rows an account counts: itself or, below the depth, the one above that is shown.

    In a tree it counts in every shown account above it too.
    """
    lineage = (account, *chart.above(account))
    hidden = 0 if frame.depth is None else max(0, len(lineage) - max(1, frame.depth))
    return lineage[hidden:] if frame.tree else lineage[hidden : hidden + 1]


def rows_of(
    chart: Chart, moves: Mapping[str, Movement], frame: Frame, also: Container[str] = ()
) -> Iterator[tuple[Account, int, Movement]]:
    """Each account that has a row, with its level from 1 and its movement, in order of code.

    Without `frame.tree` every posting counts in one row only. Rows of zeros are left out, but for accounts `also` asked
    for by id, unless `frame.zero`, which brings in every open account.
    """
    sums: defaultdict[str, Movement] = defaultdict(Movement)
    for account_id, movement in moves.items():
        for account in counted_on(chart, chart[account_id], frame):
            sums[account.id] += movement
    for account in chart:
        level = chart.depth(account) + 1
        movement = sums.get(account.id, Movement())
        if movement or account.id in also or (frame.zero and not account.closed and frame.shows(level)):
            yield account, level, movement


def total(moves: Iterable[Movement]) -> Movement:
    """The sum of movements."""
    return sum(moves, Movement())
