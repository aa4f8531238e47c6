"""Periods: months and spans of days, and how people name them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import MINYEAR, date, timedelta
from typing import NamedTuple

from cloudbooks.errors import Refusal, sentence

# Compiled when a text is first read: many commands know their period without one.
_MONTH = r"(\d{4})-(\d{1,2})|(\d{4})年(\d{1,2})月"
_YEAR = r"(\d{4})年?"
_QUARTER = r"(\d{4})-?q([1-4])|(\d{4})年第?([1-4一二三四])季度?"
_DAY = r"(\d{4})-(\d{1,2})-(\d{1,2})|(\d{4})年(\d{1,2})月(\d{1,2})[日号]"
_MONTH_DAY = r"(\d{1,2})-(\d{1,2})|(\d{1,2})月(\d{1,2})[日号]"
_DAYS = {"today": 0, "今天": 0, "今日": 0, "yesterday": 1, "昨天": 1, "昨日": 1, "前天": 2}
_MONTHS = {"thismonth": 0, "本月": 0, "这个月": 0, "lastmonth": 1, "上月": 1, "上个月": 1}
_QUARTERS = {"thisquarter": 0, "本季": 0, "本季度": 0, "lastquarter": 1, "上季": 1, "上季度": 1}
_YEARS = {"thisyear": 0, "今年": 0, "本年": 0, "lastyear": 1, "去年": 1, "上年": 1}
_NUMERALS = {"一": 1, "二": 2, "三": 3, "四": 4}
_FULL_WIDTH = str.maketrans("０１２３４５６７８９－．", "0123456789-.")


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


class Month(NamedTuple):
    """A calendar month: the accounting period of an entry."""

    year: int
    month: int

    @classmethod
    def of(cls, day: date) -> Month:
        """The month in which `day` lies."""
        return cls(day.year, day.month)

    @classmethod
    def parse(cls, text: str) -> Month:
        """A month written 2026-10 or 2026年10月; raises `PeriodUnreadable`."""
        found = _written_as(_MONTH, _word(text))
        if found:
            year, month = (int(group) for group in found.groups() if group)
            if year >= MINYEAR and 1 <= month <= 12:  # noqa: PLR2004 - months of a year
                return cls(year, month)
        raise PeriodUnreadable(text)

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
        start, dots, end = text.partition("..")
        first = cls._single(_word(start), today)
        last = cls._single(_word(end), today) if dots else first
        if first is None or last is None or last.last < first.first:
            raise PeriodUnreadable(text)
        return cls(first.first, last.last)

    @classmethod
    def of_quarter(cls, year: int, quarter: int) -> Period:
        """The three months of a calendar quarter, counted from 1."""
        first = Month(year, 3 * quarter - 2)
        return cls(first, first.shifted(2))

    @classmethod
    def of_year(cls, year: int) -> Period:
        """The twelve months of a calendar year."""
        return cls(Month(year, 1), Month(year, 12))

    @classmethod
    def _single(cls, word: str, today: date) -> Period | None:
        """A period without `..`; `None` where the word is none."""
        return cls._spoken(word.replace("-", "").replace(" ", ""), today) or cls._written(word)

    @classmethod
    def _spoken(cls, word: str, today: date) -> Period | None:
        """A period as seen from today."""
        this = Month.of(today)
        if word in _MONTHS:
            return cls(this, this).shifted(-_MONTHS[word])
        if word in _QUARTERS:
            return cls.of_quarter(this.year, (this.month + 2) // 3).shifted(-3 * _QUARTERS[word])
        if word in _YEARS:
            return cls.of_year(this.year).shifted(-12 * _YEARS[word])
        return None

    @classmethod
    def _written(cls, word: str) -> Period | None:
        """A period with its year in digits."""
        found = _written_as(_YEAR, word) or _written_as(_QUARTER, word)
        if not found:
            try:
                month = Month.parse(word)
            except PeriodUnreadable:
                return None
            return cls(month, month)
        year, *quarter = (group for group in found.groups() if group)
        if int(year) < MINYEAR:
            return None
        if not quarter:
            return cls.of_year(int(year))
        return cls.of_quarter(int(year), _NUMERALS.get(quarter[0]) or int(quarter[0]))

    def months(self) -> tuple[Month, ...]:
        """Every month in it, in order."""
        count = (self.last.year - self.first.year) * 12 + self.last.month - self.first.month + 1
        return tuple(self.first.shifted(step) for step in range(count))

    def __contains__(self, day: date) -> bool:
        return self.first <= Month.of(day) <= self.last

    def shifted(self, months: int) -> Period:
        """The period of the same length so many months later."""
        return Period(self.first.shifted(months), self.last.shifted(months))

    def __str__(self) -> str:
        """The period as `parse` reads it back."""
        if self.first == self.last:
            return str(self.first)
        if self == Period.of_year(self.first.year):
            return f"{self.first.year:04d}"
        quarter = (self.first.month + 2) // 3
        if self == Period.of_quarter(self.first.year, quarter):
            return f"{self.first.year:04d}q{quarter}"
        return f"{self.first}..{self.last}"


def day(text: str, today: date) -> date:
    """A date as people write it: ISO, 11-20 (of this year), yesterday, 昨天; `DateUnreadable` for anything else."""
    word = _word(text)
    if word in _DAYS:
        return today - timedelta(days=_DAYS[word])
    if found := _written_as(_DAY, word):
        year, month, number = (int(group) for group in found.groups() if group)
    elif found := _written_as(_MONTH_DAY, word):
        year = today.year
        month, number = (int(group) for group in found.groups() if group)
    else:
        raise DateUnreadable(text)
    try:
        return date(year, month, number)
    except ValueError:
        raise DateUnreadable(text) from None


def _written_as(form: str, word: str) -> re.Match[str] | None:
    return re.fullmatch(form, word, re.ASCII)


def _word(text: str) -> str:
    """What was typed, in lower case and with half-width digits."""
    return text.strip().translate(_FULL_WIDTH).casefold()
