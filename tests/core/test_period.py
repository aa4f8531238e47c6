"""Months, periods and days as people write them."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudbooks.core.period import DateUnreadable, Month, Period, PeriodUnreadable, day

TODAY = date(2026, 2, 9)

months = st.builds(Month, st.integers(1, 9999), st.integers(1, 12))


@st.composite
def periods(draw: st.DrawFn) -> Period:
    """Any span of months."""
    first, last = sorted((draw(months), draw(months)))
    return Period(first, last)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026", "2026-01", "2026-12"),
        ("2026年", "2026-01", "2026-12"),
        ("2026-10", "2026-10", "2026-10"),
        (" 2026-3 ", "2026-03", "2026-03"),
        ("2026年10月", "2026-10", "2026-10"),
        ("２０２６－１０", "2026-10", "2026-10"),
        ("2026q3", "2026-07", "2026-09"),
        ("2026Q1", "2026-01", "2026-03"),
        ("2026-q4", "2026-10", "2026-12"),
        ("2026年第二季度", "2026-04", "2026-06"),
        ("2026年3季", "2026-07", "2026-09"),
        ("2026-01..2026-03", "2026-01", "2026-03"),
        ("2025..2026q1", "2025-01", "2026-03"),
        ("去年..本月", "2025-01", "2026-02"),
        ("this month", "2026-02", "2026-02"),
        ("本月", "2026-02", "2026-02"),
        ("last-month", "2026-01", "2026-01"),
        ("上月", "2026-01", "2026-01"),
        ("上个月", "2026-01", "2026-01"),
        ("本季度", "2026-01", "2026-03"),
        ("last quarter", "2025-10", "2025-12"),
        ("上季", "2025-10", "2025-12"),
        ("This Year", "2026-01", "2026-12"),
        ("今年", "2026-01", "2026-12"),
        ("去年", "2025-01", "2025-12"),
        ("lastyear", "2025-01", "2025-12"),
    ],
)
def test_periods_are_read(text: str, first: str, last: str) -> None:
    """Digits, quarters, spans and words of both languages name a period."""
    assert Period(Month.parse(first), Month.parse(last)) == Period.parse(text, TODAY)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "..",
        "2026-13",
        "2026-00",
        "0000",
        "0000-01",
        "2026q5",
        "2026q0",
        "2026年3",
        "2026-03..2026-01",
        "2026-01..2026-02..2026-03",
        "2026-01..",
        "..2026-01",
        "26-01",
        "2026-10-31",
        "next month",
        "下月",
        "q3",
        "20261",
        "2026०",
    ],
)
def test_what_is_no_period_is_refused_whole(text: str) -> None:
    """Anything else is refused, with the whole text that was given."""
    with pytest.raises(PeriodUnreadable) as caught:
        Period.parse(text, TODAY)
    assert f'"{text}"' in str(caught.value)


@given(periods())
def test_a_period_reads_its_own_name(period: Period) -> None:
    """The name of a period, as columns and titles have it, is read as the same period."""
    assert period == Period.parse(str(period), TODAY)


@given(periods())
def test_the_months_of_a_period_are_all_in_it(period: Period) -> None:
    """A period's months follow each other from its first to its last, and hold its days."""
    if period.last.year - period.first.year > 30:
        return
    listed = period.months()
    assert (listed[0], listed[-1]) == (period.first, period.last)
    assert all(one.shifted(1) == other for one, other in pairwise(listed))
    assert all(month.first in period and month.last in period for month in listed)


@given(months, st.integers(-600, 600))
def test_shifting_a_month_and_back_is_no_move(month: Month, steps: int) -> None:
    """So many months later and as many earlier is the same month."""
    assert month == month.shifted(steps).shifted(-steps)


@given(months)
def test_a_month_is_its_key_and_its_days(month: Month) -> None:
    """Key, first and last day all lead back to the month; the last day is the day before the next month."""
    assert (
        month == Month.from_key(month.key) == Month.of(month.first) == Month.of(month.last) == Month.parse(str(month))
    )
    assert 28 <= month.last.day <= 31


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-20", date(2026, 11, 20)),
        ("2026-1-2", date(2026, 1, 2)),
        ("2026年11月20日", date(2026, 11, 20)),
        ("11-20", date(2026, 11, 20)),
        ("2月9号", date(2026, 2, 9)),
        ("２０２６－０１－０２", date(2026, 1, 2)),
        ("today", TODAY),
        ("Today ", TODAY),
        ("今天", TODAY),
        ("yesterday", date(2026, 2, 8)),
        ("昨天", date(2026, 2, 8)),
        ("前天", date(2026, 2, 7)),
    ],
)
def test_days_are_read(text: str, expected: date) -> None:
    """ISO dates, days of this year and words of both languages name a day."""
    assert expected == day(text, TODAY)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "03/04/26",
        "3/4/2026",
        "2026-02-30",
        "02-29",
        "2026-13-01",
        "20261120",
        "11-20-2026",
        "tomorrow",
        "明天",
        "0000-01-01",
    ],
)
def test_a_date_that_may_be_two_or_none_is_refused(text: str) -> None:
    """Orders that differ by country, days that do not exist and unknown words are refused."""
    with pytest.raises(DateUnreadable) as caught:
        day(text, TODAY)
    assert f'"{text}"' in str(caught.value)


@given(st.dates())
def test_every_iso_date_is_read(one: date) -> None:
    """The ISO text of a day is that day."""
    assert one == day(one.isoformat(), TODAY)
