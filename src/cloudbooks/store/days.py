"""Days as they are kept: yyyymmdd."""

from __future__ import annotations

from datetime import date


def day_number(day: date | None) -> int:
    """A day as yyyymmdd; 0 for none."""
    return 0 if day is None else day.year * 10000 + day.month * 100 + day.day


def day_of(number: int) -> date | None:
    """The day of yyyymmdd; `None` for 0."""
    return date(number // 10000, number // 100 % 100, number % 100) if number else None
