"""The income statement: what came in and what it cost, by period."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cloudbooks.core.account import AccountKind
from cloudbooks.core.balance import MonthlyBalance
from cloudbooks.core.chart import Chart
from cloudbooks.core.period import Period
from cloudbooks.errors import sentence
from cloudbooks.reports.columns import moved
from cloudbooks.reports.frame import Frame
from cloudbooks.reports.lines import FIRST_AMOUNT, ReportLine, account_lines, kind_total, line_columns
from cloudbooks.reports.measure import Measure
from cloudbooks.reports.table import Align, Bar, Column, Row, Say, Table, say_english


@dataclass(frozen=True, slots=True)
class IncomeStatement:
    """Income positive, expenses negative, net their sum. Postings of closing entries are left out.

    `lines` have an amount for each of `columns` and then for each of `compared`; the last is the net profit.
    """

    columns: tuple[Period, ...]
    compared: tuple[Period, ...]
    measure: Measure
    lines: tuple[ReportLine, ...]

    @property
    def net(self) -> int:
        """The net profit of the whole period."""
        return sum(self.lines[-1].amounts[: len(self.columns)])

    def data(self, say: Say = say_english) -> dict[str, object]:
        """The report as JSON has it (CLI.md); `net` is that of the whole period."""
        return {
            "columns": [str(period) for period in (*self.columns, *self.compared)],
            "rows": [line.data(self.measure, say) for line in self.lines],
            "net": self.measure.amount(self.net).json(),
        }

    def table(self) -> Table:
        """The report as a table; several columns have their total beside them."""
        columns = line_columns(self.columns, self.compared)
        rows = tuple(line.row(self.measure) for line in self.lines)
        if len(self.columns) > 1:
            place = FIRST_AMOUNT + len(self.columns)
            total = Column("total", sentence("Total"), Align.RIGHT)
            columns = (*columns[:place], total, *columns[place:])
            rows = tuple(self._with_total(row, line, place) for row, line in zip(rows, self.lines, strict=True))
        return Table(sentence("Income statement"), columns, rows, totals=True)

    def _with_total(self, row: Row, line: ReportLine, place: int) -> Row:
        total = self.measure.amount(sum(line.amounts[: len(self.columns)]))
        return Row((*row.cells[:place], total, *row.cells[place:]), row.level, row.kind)

    def chart(self) -> tuple[Bar, ...]:
        """Bars: net profit by column, or each line at the top where there is one column only."""
        if len(self.columns) > 1:
            pairs = zip(self.columns, self.lines[-1].amounts, strict=False)
            return tuple(Bar(str(period), self.measure.amount(minor)) for period, minor in pairs)
        shown = [line for line in self.lines if line.level == 1 or line is self.lines[-1]]
        return tuple(Bar(line.label, self.measure.amount(line.amounts[0])) for line in shown)


def income_statement(balances: Iterable[MonthlyBalance], chart: Chart, frame: Frame) -> IncomeStatement:
    """The income statement of a frame from the monthly balances of its columns; others may be among them."""
    periods = (*frame.columns, *frame.compared)
    sums = moved(balances, periods, frame.measure, closing=False)
    income = kind_total(chart, AccountKind.INCOME, sums, len(periods))
    expenses = kind_total(chart, AccountKind.EXPENSE, sums, len(periods))
    lines = (
        *account_lines(chart, AccountKind.INCOME, sums, frame),
        ReportLine("income", sentence("Total income"), 0, income),
        *account_lines(chart, AccountKind.EXPENSE, sums, frame),
        ReportLine("expenses", sentence("Total expenses"), 0, expenses),
        ReportLine("net", sentence("Net profit"), 0, _sum(income, expenses)),
    )
    return IncomeStatement(frame.columns, frame.compared, frame.measure, lines)


def _sum(one: Sequence[int], other: Sequence[int]) -> tuple[int, ...]:
    return tuple(a + b for a, b in zip(one, other, strict=True))
