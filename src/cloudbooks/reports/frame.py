"""The frame of a report: its period and columns, what it counts, and how much of the chart it shows."""

from __future__ import annotations

from typing import NamedTuple

from cloudbooks.core.period import Period
from cloudbooks.reports.columns import By, columns, year_before
from cloudbooks.reports.measure import Measure


class Frame(NamedTuple):
    """What a reader asks of a report besides its name.

    `by` splits the period into columns; `compare` adds the same periods of the last year behind them. `depth` shows
    that many levels of accounts from the top (1 is the top), what is deeper counting in the account above it; `None`
    shows all. `zero` keeps rows that hold only zeros. `tree` shows accounts with what is below them included.
    `year_start` is the month in which the book's year begins.
    """

    period: Period
    measure: Measure
    by: By | None = None
    compare: bool = False
    depth: int | None = None
    zero: bool = False
    tree: bool = False
    year_start: int = 1

    @property
    def columns(self) -> tuple[Period, ...]:
        """The columns of the period itself."""
        return columns(self.period, self.by, self.year_start)

    @property
    def compared(self) -> tuple[Period, ...]:
        """The columns of the last year; none unless `compare`."""
        return year_before(self.columns) if self.compare else ()

    def shows(self, level: int) -> bool:
        """Whether accounts of a level, from 1 at the top, have rows of their own."""
        return self.depth is None or level <= self.depth

    def span(self) -> dict[str, str]:
        """The period as JSON has it: its first and last day."""
        return {"from": self.period.first.first.isoformat(), "to": self.period.last.last.isoformat()}
