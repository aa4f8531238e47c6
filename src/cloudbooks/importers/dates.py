"""Dates of statements: read by slices and a memory of days, in the order that the layout says."""

from __future__ import annotations

import re
from datetime import date

from cloudbooks.errors import Sentence, sentence
from cloudbooks.importers.cells import RowUnread, words
from cloudbooks.importers.layout import DateOrder

CENTURY = 2000
"""What a year of two digits belongs to."""

_KNOWN_MAX = 50_000
_NARROW = str.maketrans("０１２３４５６７８９／．－：", "0123456789/.-:")
_TIME = r"(?:[T\s,]*(\d{1,2}:\d{2}(?::\d{2})?|\d{6})(?:[.,]\d+)?(?:Z|[+-]\d{2}:?\d{2})?)?"
_YEAR_FIRST = re.compile(rf"(\d{{4}})[-/.年](\d{{1,2}})[-/.月](\d{{1,2}})日?{_TIME}", re.ASCII)
_COMPACT = re.compile(rf"(\d{{4}})(\d{{2}})(\d{{2}}){_TIME}", re.ASCII)
_YEAR_LAST = re.compile(rf"(\d{{1,2}})[-/.](\d{{1,2}})[-/.](\d{{4}}|\d{{2}}){_TIME}", re.ASCII)
_DAY_WORD = re.compile(rf"(\d{{1,2}})[-\s]?([A-Za-z]{{3,9}})\.?[-\s,]*(\d{{4}}){_TIME}", re.ASCII)
_WORD_DAY = re.compile(rf"([A-Za-z]{{3,9}})\.?\s*(\d{{1,2}}),?\s+(\d{{4}}){_TIME}", re.ASCII)
_DAY_ALONE = re.compile(r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?|\d{8}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}", re.ASCII)
_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?|([01]\d|2[0-3])([0-5]\d)([0-5]\d)", re.ASCII)

Day = tuple[date, str]


class Dates:
    """Reads the date cells of one file; `read` raises `RowUnread` for what is no date or no day of the calendar."""

    def __init__(self, order: DateOrder) -> None:
        self._order = order
        self._known: dict[str, date] = {}

    def read(self, cell: str) -> Day:
        """The day of a cell, and the time of day that stands with it, or nothing."""
        day, _, time = cell.strip().partition(" ")
        known = self._known.get(day)
        if known is None:
            return self._unknown(cell, day)
        if not time:
            return known, ""
        at = clock(time)
        return (known, at) if at else self._unknown(cell, day)

    def _unknown(self, cell: str, key: str) -> Day:
        text = words(cell).translate(_NARROW)
        year, month, day, time = self._parts(text)
        try:
            found = date(year, month, day)
        except ValueError:
            raise RowUnread(sentence('"{text}" is no day of the calendar.', text=text)) from None
        if len(self._known) < _KNOWN_MAX and _DAY_ALONE.fullmatch(key):
            self._known[key] = found
        return found, clock(time)

    def _parts(self, text: str) -> tuple[int, int, int, str]:
        if found := _YEAR_FIRST.fullmatch(text) or _COMPACT.fullmatch(text):
            return int(found[1]), int(found[2]), int(found[3]), found[4] or ""
        if found := _YEAR_LAST.fullmatch(text):
            if self._order is DateOrder.YMD:
                raise RowUnread(sentence('"{text}" does not begin with its year, as the dates here do.', text=text))
            first, second = int(found[1]), int(found[2])
            day, month = (first, second) if self._order is DateOrder.DMY else (second, first)
            year = int(found[3]) + (CENTURY if len(found[3]) == len("26") else 0)
            return year, month, day, found[4] or ""
        if found := _DAY_WORD.fullmatch(text):
            return int(found[3]), _month(found[2]), int(found[1]), found[4] or ""
        if found := _WORD_DAY.fullmatch(text):
            return int(found[3]), _month(found[1]), int(found[2]), found[4] or ""
        raise RowUnread(sentence('"{text}" is not a date.', text=text))


def _month(word: str) -> int:
    """The number of an English month or its beginning, 0 for another word, which is no day of the calendar then."""
    return next((n for n, name in enumerate(_MONTHS, start=1) if name.startswith(word.casefold())), 0)


def clock(text: str) -> str:
    """A time of day as HH:MM:SS; nothing for a blank cell or a text that is no time."""
    found = _CLOCK.fullmatch(text) or _CLOCK.fullmatch(words(text).translate(_NARROW))
    if not found:
        return ""
    hour, minute, second = found[1] or found[4], found[2] or found[5], found[3] or found[6] or "00"
    return f"{hour:0>2}:{minute}:{second}"


def day_or_month(cell: str) -> tuple[int, int] | None:
    """The first two numbers of a date that ends with its year, `None` for a date that can be read in one way."""
    found = _YEAR_LAST.fullmatch(words(cell).translate(_NARROW))
    return (int(found[1]), int(found[2])) if found else None


def looks_like_date(cell: str) -> bool:
    """Whether a cell holds a date in any order."""
    for order in (DateOrder.DMY, DateOrder.MDY):
        try:
            Dates(order).read(cell)
        except RowUnread:
            continue
        return True
    return False


def named_day(day: int, month: int) -> Sentence:
    """A day of a year as people say it: 3 April."""
    return (
        sentence("{day} January", day=day),
        sentence("{day} February", day=day),
        sentence("{day} March", day=day),
        sentence("{day} April", day=day),
        sentence("{day} May", day=day),
        sentence("{day} June", day=day),
        sentence("{day} July", day=day),
        sentence("{day} August", day=day),
        sentence("{day} September", day=day),
        sentence("{day} October", day=day),
        sentence("{day} November", day=day),
        sentence("{day} December", day=day),
    )[month - 1]
