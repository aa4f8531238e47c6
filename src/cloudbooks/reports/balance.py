"""Balances: what accounts have at the end of a period, or at the ends of its columns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from cloudbooks.core.balance import NOTHING_OPENED, MonthlyBalance, Opened
from cloudbooks.core.chart import Chart
from cloudbooks.core.commodity import Commodity
from cloudbooks.core.period import Period
from cloudbooks.errors import sentence
from cloudbooks.reports.columns import stood
from cloudbooks.reports.frame import Frame
from cloudbooks.reports.movement import Movement, MovementRow, counted_on, movements, rows_of, total
from cloudbooks.reports.table import Align, Amount, Bar, Cell, Column, Only, Row, RowKind, Say, Table, say_english


class BalanceRow(NamedTuple):
    """One account: its movement, its balance at the end of each column, and the foreign amounts it is made of.

    `foreign` is empty where the account holds nothing but the base, and in a report of one commodity.
    """

    moved: MovementRow
    closings: tuple[int, ...]
    foreign: tuple[Amount, ...]


class AccountBalances(NamedTuple):
    """Rows by code; `total` sums all postings of the accounts asked for, `closings` at the end of each column."""

    frame: Frame
    rows: tuple[BalanceRow, ...]
    total: Movement
    closings: tuple[int, ...]

    def data(self, _say: Say = say_english) -> dict[str, object]:
        """The report as JSON has it (CLI.md); `amounts` lists what an account holds in other commodities.

        With columns every account has `closings` too, and the report its `columns`.
        """
        amount = self.frame.measure.amount
        found: dict[str, object] = {
            "period": self.frame.span(),
            "accounts": [self._account(row) for row in self.rows],
            "totals": {"debit": amount(self.total.debit).json(), "credit": amount(self.total.credit).json()},
        }
        if self.frame.by is not None:
            found["columns"] = [str(period) for period in self.frame.columns]
        return found

    def _account(self, row: BalanceRow) -> dict[str, object]:
        found = row.moved.data(self.frame.measure)
        if self.frame.tree:
            found["level"] = row.moved.level
        if row.foreign:
            found["amounts"] = [amount.json() for amount in row.foreign]
        if self.frame.by is not None:
            found["closings"] = [self.frame.measure.amount(minor).json() for minor in row.closings]
        return found

    def table(self) -> Table:
        """The report as a table: foreign amounts stand beside the balance where there are any."""
        columns = (
            Column("code", sentence("Code"), short=True),
            Column("name", sentence("Account"), indents=self.frame.tree),
            Column("amounts", sentence("Amount (currency)"), Align.RIGHT, priority=1),
            *self._closing_columns(),
            Column("commodity", only=Only.CSV),
        )
        rows = [
            Row(
                (
                    row.moved.account.code,
                    row.moved.account.name,
                    row.foreign,
                    *self._cells(row.closings),
                ),
                row.moved.level - 1 if self.frame.tree else 0,
            )
            for row in self.rows
        ]
        last = Row(("", sentence("Total"), (), *self._cells(self.closings)), 0, RowKind.TOTAL)
        return Table(sentence("Balances"), columns, (*rows, last))

    def _closing_columns(self) -> tuple[Column, ...]:
        if self.frame.by is None:
            return (Column("closing", sentence("Balance"), Align.RIGHT),)
        periods: tuple[Period, ...] = self.frame.columns
        count = len(periods)
        return tuple(
            Column(str(period), str(period), Align.RIGHT, priority=count - place + 1 if place + 1 < count else 0)
            for place, period in enumerate(periods)
        )

    def _cells(self, closings: tuple[int, ...]) -> tuple[Cell, ...]:
        return (*map(self.frame.measure.amount, closings), self.frame.measure.commodity.code)

    def chart(self) -> tuple[Bar, ...]:
        """Bars: the balance of each row."""
        amount = self.frame.measure.amount
        return tuple(Bar(str(row.moved.account), amount(row.moved.movement.closing)) for row in self.rows)


def account_balances(
    balances: Iterable[MonthlyBalance],
    chart: Chart,
    frame: Frame,
    commodities: Mapping[str, Commodity],
    accounts: Collection[str] | None = None,
    opened: Opened = NOTHING_OPENED,
) -> AccountBalances:
    """The balances of a frame from all monthly balances up to its end; of the accounts with these ids, or of all."""
    asked = [one for one in balances if accounts is None or one.account in accounts]
    moves = movements(asked, frame.period, frame.measure, opened.only(accounts))
    if frame.by is None:
        ends = {account: [move.closing] for account, move in moves.items()}
    else:
        ends = stood(asked, frame.columns, frame.measure)
    closings = _rolled_up(chart, ends, frame)
    foreign = _foreign(chart, asked, frame)
    rows = tuple(
        BalanceRow(
            MovementRow(account, level, move),
            tuple(closings.get(account.id, (0,) * len(frame.columns))),
            tuple(
                Amount(minor, commodities[code].scale, code, named=True)
                for code, minor in sorted(foreign.get(account.id, {}).items())
                if minor
            ),
        )
        for account, level, move in rows_of(chart, moves, frame, foreign)
        if accounts is None or account.id in accounts or move
    )
    sums = tuple(sum(row[place] for row in ends.values()) for place in range(len(frame.columns)))
    return AccountBalances(frame, rows, total(moves.values()), sums)


def _rolled_up(chart: Chart, ends: Mapping[str, list[int]], frame: Frame) -> dict[str, list[int]]:
    """The closings of each shown account, with those of the accounts that count in its row."""
    whole: dict[str, list[int]] = {}
    for account_id, numbers in ends.items():
        for account in counted_on(chart, chart[account_id], frame):
            before = whole.get(account.id) or [0] * len(numbers)
            whole[account.id] = [one + other for one, other in zip(before, numbers, strict=True)]
    return whole


def _foreign(chart: Chart, balances: Iterable[MonthlyBalance], frame: Frame) -> dict[str, dict[str, int]]:
    """What each shown account holds in other commodities than the base at the end of the period."""
    held: defaultdict[str, dict[str, int]] = defaultdict(dict)
    if not frame.measure.in_base:
        return held
    for balance in balances:
        if balance.commodity == frame.measure.commodity.code or balance.month > frame.period.last.key:
            continue
        for account in counted_on(chart, chart[balance.account], frame):
            sums = held[account.id]
            sums[balance.commodity] = sums.get(balance.commodity, 0) + balance.totals.amount
    return {account: sums for account, sums in held.items() if any(sums.values())}
