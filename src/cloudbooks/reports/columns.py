"""The columns of a report: its period in months, quarters or years, and the same a year before."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from itertools import accumulate

from cloudbooks.core.balance import MonthlyBalance
from cloudbooks.core.period import Month, Period
from cloudbooks.reports.measure import Measure

MONTHS_OF_YEAR = 12


class By(StrEnum):
    """How long the time of one column is."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"

    @property
    def months(self) -> int:
        """How many months one column holds."""
        return {By.MONTH: 1, By.QUARTER: 3, By.YEAR: MONTHS_OF_YEAR}[self]


def columns(period: Period, by: By | None = None, year_start: int = 1) -> tuple[Period, ...]:
    """`period` in columns, one where `by` is `None`; quarters and years begin with the month `year_start` of a year.

    Where the period begins or ends inside a quarter or year, its first or last column is shorter.
    """
    if by is None:
        return (period,)
    starts = [
        month
        for month in period.months()
        if month == period.first or (month.month - year_start) % MONTHS_OF_YEAR % by.months == 0
    ]
    ends = [month.shifted(-1) for month in starts[1:]] + [period.last]
    return tuple(Period(first, last) for first, last in zip(starts, ends, strict=True))


def year_before(periods: Iterable[Period]) -> tuple[Period, ...]:
    """The same periods of the last year; those before the year 1 do not exist and are left out."""
    return tuple(period.shifted(-MONTHS_OF_YEAR) for period in periods if period.first >= Month(2, 1))


def moved(
    balances: Iterable[MonthlyBalance], periods: Sequence[Period], measure: Measure, *, closing: bool = True
) -> dict[str, list[int]]:
    """Debit less credit of each account in each period; postings of closing entries only with `closing`."""
    places = _places(periods)
    sums: dict[str, list[int]] = {}
    for balance in balances:
        if balance.closing and not closing:
            continue
        debit, credit = measure.sides(balance)
        for place in places.get(balance.month, ()):
            sums.setdefault(balance.account, [0] * len(periods))[place] += debit - credit
    return sums


def stood(balances: Iterable[MonthlyBalance], periods: Sequence[Period], measure: Measure) -> dict[str, list[int]]:
    """Debit less credit of each account since the beginning, at the end of each period."""
    order = sorted(range(len(periods)), key=lambda place: periods[place].last)
    ends = [periods[place].last.key for place in order]
    gained: dict[str, list[int]] = {}
    for balance in balances:
        rank = bisect_left(ends, balance.month)
        if rank < len(ends):
            debit, credit = measure.sides(balance)
            gained.setdefault(balance.account, [0] * len(ends))[rank] += debit - credit
    ranks = sorted(range(len(periods)), key=lambda rank: order[rank])
    return {account: _picked(list(accumulate(row)), ranks) for account, row in gained.items()}


def _picked(row: list[int], places: Sequence[int]) -> list[int]:
    return [row[place] for place in places]


def _places(periods: Sequence[Period]) -> Mapping[int, tuple[int, ...]]:
    """In which columns each month counts; it may be in several where a year is compared with the last."""
    places: dict[int, tuple[int, ...]] = {}
    for place, period in enumerate(periods):
        for month in period.months():
            places[month.key] = (*places.get(month.key, ()), place)
    return places
