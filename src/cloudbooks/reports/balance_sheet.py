"""The balance sheet: what the firm has and owes at the ends of periods."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cloudbooks.core.account import AccountKind
from cloudbooks.core.balance import MonthlyBalance
from cloudbooks.core.chart import Chart
from cloudbooks.core.period import Period
from cloudbooks.errors import sentence
from cloudbooks.reports.columns import stood
from cloudbooks.reports.frame import Frame
from cloudbooks.reports.lines import ReportLine, Sums, account_lines, kind_total, line_columns
from cloudbooks.reports.measure import Measure
from cloudbooks.reports.table import Bar, Say, Table, say_english


@dataclass(frozen=True, slots=True)
class BalanceSheet:
    """Assets, liabilities and equity at the end of each of `columns`, then of `compared`.

    Equity holds what income and expense accounts have not yet been closed into it, so that both sides are equal.
    """

    columns: tuple[Period, ...]
    compared: tuple[Period, ...]
    measure: Measure
    lines: tuple[ReportLine, ...]

    def amounts(self, line: str) -> tuple[int, ...]:
        """The amounts of a total: `assets`, `liabilities`, `equity` or `liabilities-and-equity`."""
        return next(one.amounts for one in self.lines if one.total and one.line == line)

    def data(self, say: Say = say_english) -> dict[str, object]:
        """The report as JSON has it (CLI.md)."""
        return {
            "columns": [str(period) for period in (*self.columns, *self.compared)],
            "rows": [line.data(self.measure, say) for line in self.lines],
        }

    def table(self) -> Table:
        """The report as a table."""
        rows = tuple(line.row(self.measure) for line in self.lines)
        return Table(
            sentence("Balance sheet"), line_columns(self.columns, self.compared, at_end=True), rows, totals=True
        )

    def chart(self) -> tuple[Bar, ...]:
        """Bars: equity by column, or the three totals where there is one column only."""
        if len(self.columns) > 1:
            pairs = zip(self.columns, self.amounts("equity"), strict=False)
            return tuple(Bar(period.last.last.isoformat(), self.measure.amount(minor)) for period, minor in pairs)
        totals = [line for line in self.lines if line.total and line is not self.lines[-1]]
        return tuple(Bar(line.label, self.measure.amount(line.amounts[0])) for line in totals)


def balance_sheet(balances: Iterable[MonthlyBalance], chart: Chart, frame: Frame) -> BalanceSheet:
    """The balance sheet of a frame from all monthly balances up to its end."""
    periods = (*frame.columns, *frame.compared)
    sums = stood(balances, periods, frame.measure)
    width = len(periods)
    assets = kind_total(chart, AccountKind.ASSET, sums, width)
    liabilities = kind_total(chart, AccountKind.LIABILITY, sums, width)
    added = tuple(_added_equity(chart, sums, frame, width))
    equity = _sum(kind_total(chart, AccountKind.EQUITY, sums, width), *(line.amounts for line in added))
    lines = (
        *account_lines(chart, AccountKind.ASSET, sums, frame),
        ReportLine("assets", sentence("Total assets"), 0, assets),
        *account_lines(chart, AccountKind.LIABILITY, sums, frame),
        ReportLine("liabilities", sentence("Total liabilities"), 0, liabilities),
        *account_lines(chart, AccountKind.EQUITY, sums, frame),
        *(line for line in added if frame.zero or any(line.amounts)),
        ReportLine("equity", sentence("Total equity"), 0, equity),
        ReportLine("liabilities-and-equity", sentence("Total liabilities and equity"), 0, _sum(liabilities, equity)),
    )
    return BalanceSheet(frame.columns, frame.compared, frame.measure, lines)


def _added_equity(chart: Chart, sums: Sums, frame: Frame, width: int) -> Iterator[ReportLine]:
    """What belongs to equity and stands on no account of it."""
    result = _sum(
        kind_total(chart, AccountKind.INCOME, sums, width), kind_total(chart, AccountKind.EXPENSE, sums, width)
    )
    yield ReportLine("result", sentence("Result not closed yet"), 1, result)
    if not frame.measure.in_base:
        # The amounts of one commodity alone need not balance: it was bought with others, or sold for them.
        rest = _sum(*(tuple(row) for row in sums.values())) if sums else (0,) * width
        yield ReportLine("exchanged", sentence("Exchanged for other commodities"), 1, rest)


def _sum(*rows: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(sum(numbers) for numbers in zip(*rows, strict=True))
