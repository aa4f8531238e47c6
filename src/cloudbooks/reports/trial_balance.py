"""The trial balance: what every account had, moved and has, with debit and credit proving each other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cloudbooks.core.balance import NOTHING_OPENED, MonthlyBalance, Opened
from cloudbooks.core.chart import Chart
from cloudbooks.errors import sentence
from cloudbooks.reports.frame import Frame
from cloudbooks.reports.movement import Movement, MovementRow, movements, rows_of, total
from cloudbooks.reports.table import Align, Amount, Bar, Column, Only, Row, RowKind, Say, Table, say_english


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """Rows by code, and the sum over all postings; in the base of a whole book its opening and closing are zero.

    Unless the frame is a tree, the rows sum to `total`.
    """

    frame: Frame
    rows: tuple[MovementRow, ...]
    total: Movement

    def data(self, _say: Say = say_english) -> dict[str, object]:
        """The report as JSON has it (CLI.md)."""
        amount = self.frame.measure.amount
        accounts = [row.data(self.frame.measure) for row in self.rows]
        if self.frame.tree:
            accounts = [one | {"level": row.level} for one, row in zip(accounts, self.rows, strict=True)]
        return {
            "period": self.frame.span(),
            "accounts": accounts,
            "totals": {"debit": amount(self.total.debit).json(), "credit": amount(self.total.credit).json()},
        }

    def table(self) -> Table:
        """The report as a table."""
        columns = (
            Column("code", sentence("Code"), short=True),
            Column("name", sentence("Account"), indents=self.frame.tree),
            Column("kind", only=Only.CSV),
            Column("commodity", only=Only.CSV),
            Column("opening", sentence("Opening balance"), Align.RIGHT, priority=2),
            Column("debit", sentence("Debit"), Align.RIGHT, priority=1),
            Column("credit", sentence("Credit"), Align.RIGHT, priority=1),
            Column("closing", sentence("Closing balance"), Align.RIGHT),
        )
        unit = self.frame.measure.commodity.code
        rows = [
            Row(
                (row.account.code, row.account.name, row.account.kind.value, unit, *self._amounts(row.movement)),
                row.level - 1 if self.frame.tree else 0,
            )
            for row in self.rows
        ]
        last = Row(("", sentence("Total"), "", unit, *self._amounts(self.total)), 0, RowKind.TOTAL)
        return Table(sentence("Trial balance"), columns, (*rows, last))

    def _amounts(self, move: Movement) -> tuple[Amount, ...]:
        return tuple(map(self.frame.measure.amount, (move.opening, move.debit, move.credit, move.closing)))

    def chart(self) -> tuple[Bar, ...]:
        """Bars: the closing balance of each row."""
        amount = self.frame.measure.amount
        return tuple(Bar(str(row.account), amount(row.movement.closing)) for row in self.rows)


def trial_balance(
    balances: Iterable[MonthlyBalance], chart: Chart, frame: Frame, opened: Opened = NOTHING_OPENED
) -> TrialBalance:
    """The trial balance of a frame from all monthly balances up to its end, closing entries included.

    What `opened` the book stands in the opening balances, as in a 科目余额表.
    """
    moves = movements(balances, frame.period, frame.measure, opened)
    rows = tuple(MovementRow(account, level, move) for account, level, move in rows_of(chart, moves, frame))
    return TrialBalance(frame, rows, total(moves.values()))
