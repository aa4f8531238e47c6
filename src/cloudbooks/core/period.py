"""Periods: months and spans of days, and how people name them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from cloudbooks.errors import Refusal, sentence

_MONTH = re.compile(r"(\d{4})-(\d{1,2})", re.ASCII)
_YEAR = re.compile(r"\d{4}", re.ASCII)
_QUARTER = re.compile(r"(\d{4})-?[qQ]([1-4])", re.ASCII)
_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
_MONTH_DAY = re.compile(r"(\d{1,2})-(\d{1,2})", re.ASCII)
_DAYS = {"today": 0, "今天": 0, "今日": 0, "yesterday": 1, "昨天": 1, "昨日": 1, "前天": 2}
_MONTHS = {"thismonth": 0, "本月": 0, "lastmonth": 1, "上月": 1, "上个月": 1}
_YEARS = {"thisyear": 0, "今年": 0, "本年": 0, "lastyear": 1, "去年": 1}


class DateUnreadable(Refusal):
    """A text cannot be read as a date, or may be two dates."""

    code = "date-unreadable"

    def __init__(self, text: str) -> None:
        super().__init__(
            sentence('"{text}" is not a date that can be read in one way only.', text=text),
            hint=sentence("write it like 2026-11-20, 11-20 or yesterday"),
        )


class PeriodUnreadable(Refusal):
    """A text cannot be read as a period."""

    code = "period-unreadable"

    def __init__(self, text: str) -> None:
        super().__init__(
            sentence('"{text}" is not a period.', text=text),
            hint=sentence("write it like 2026, 2026-10, 2026q3 or 2026-01..2026-03"),
        )


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month: the accounting period of an entry."""

    year: int
    month: int

    @classmethod
    def of(cls, day: date) -> Month:
        """The month in which `day` lies."""
        return cls(day.year, day.month)

    @classmethod
    def parse(cls, text: str) -> Month:
        """A month written 2026-10; raises `PeriodUnreadable`."""
        found = _MONTH.fullmatch(text.strip())
        if not found or not 1 <= int(found[2]) <= 12 or int(found[1]) < 1:  # noqa: PLR2004 - months of a year
            raise PeriodUnreadable(text)
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def from_key(cls, key: int) -> Month:
        """The month of a number such as 202610."""
        return cls(key // 100, key % 100)

    @property
    def key(self) -> int:
        """The month as one number: 202610."""
        return self.year * 100 + self.month

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.month, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        return self.shifted(1).first - timedelta(days=1) if (self.year, self.month) != (9999, 12) else date.max

    def shifted(self, months: int) -> Month:
        """The month so many months later."""
        count = self.year * 12 + self.month - 1 + months
        return Month(count // 12, count % 12 + 1)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"


@dataclass(frozen=True, slots=True)
class Period:
    """A span of whole months, both ends included."""

    first: Month
    last: Month

    @classmethod
    def parse(cls, text: str, today: date) -> Period:
        """A period as people write it: 2026, 2026-10, 2026q3, 2026-01..2026-03, 上月; raises `PeriodUnreadable`."""
        start, dots, end = text.strip().partition("..")
        if dots:
            return cls._ordered(cls.parse(start, today).first, cls.parse(end, today).last, text)
        if start in _MONTHS:
            month = Month.of(today).shifted(-_MONTHS[start])
            return cls(month, month)
        if start in _YEARS:
            start = str(today.year - _YEARS[start])
        if _YEAR.fullmatch(start) and int(start) > 0:
            return cls(Month(int(start), 1), Month(int(start), 12))
        if found := _QUARTER.fullmatch(start):
            first = Month(int(found[1]), 3 * int(found[2]) - 2)
            return cls(first, first.shifted(2))
        month = Month.parse(text)
        return cls(month, month)

    @classmethod
    def _ordered(cls, first: Month, last: Month, text: str) -> Period:
        if last < first:
            raise PeriodUnreadable(text)
        return cls(first, last)

    def months(self) -> tuple[Month, ...]:
        """Every month in it, in order."""
        count = (self.last.year - self.first.year) * 12 + self.last.month - self.first.month + 1
        return tuple(self.first.shifted(step) for step in range(count))

    def __contains__(self, day: date) -> bool:
        return self.first <= Month.of(day) <= self.last

    def __str__(self) -> str:
        if self.first == self.last:
            return str(self.first)
        if self.first.month == 1 and self.last == Month(self.first.year, 12):
            return f"{self.first.year:04d}"
        return f"{self.first}..{self.last}"


def day(text: str, today: date) -> date:
    """A date as people write it: ISO, 11-20 (of this year), yesterday, 昨天; `DateUnreadable` for anything else."""
    plain = text.strip()
    if plain in _DAYS:
        return today - timedelta(days=_DAYS[plain])
    try:
        if found := _DAY.fullmatch(plain):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := _MONTH_DAY.fullmatch(plain):
            return date(today.year, int(found[1]), int(found[2]))
    except ValueError:
        raise DateUnreadable(text) from None
    raise DateUnreadable(text)
