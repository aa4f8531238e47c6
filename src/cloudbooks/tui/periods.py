"""Walking through periods: the one before, the next, a shorter and a longer one."""

from __future__ import annotations

from collections.abc import Sequence

from cloudbooks.core.period import Month, Period

_QUARTER = 3
_YEAR = 12


def stepped(period: Period, step: int, months: Sequence[Month] = ()) -> Period:
    """The period after the key `[ ] { }` of that number; what is longer than a year is all `months` with entries."""
    length = len(period.months())
    match step:
        case 0:
            return period.shifted(-length)
        case 1:
            return period.shifted(length)
        case 2:
            return _shorter(period, length)
        case _:
            return _longer(period, length, months)


def _shorter(period: Period, length: int) -> Period:
    """Its last quarter, or its last month."""
    if length > _QUARTER:
        return Period.of_quarter(period.last.year, (period.last.month + 2) // _QUARTER)
    return Period(period.last, period.last)


def _longer(period: Period, length: int, months: Sequence[Month]) -> Period:
    """The quarter, or the year, that it ends in; then everything."""
    if length < _QUARTER:
        return Period.of_quarter(period.last.year, (period.last.month + 2) // _QUARTER)
    if length >= _YEAR and months:
        return Period(min(period.first, months[0]), max(period.last, months[-1]))
    return Period.of_year(period.last.year)
