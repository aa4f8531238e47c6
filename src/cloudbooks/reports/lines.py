"""The lines of a statement of accounts: accounts as a tree whose upper lines hold what is below them, and totals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

from cloudbooks.core.account import Account, AccountKind
from cloudbooks.core.chart import Chart
from cloudbooks.core.period import Period
from cloudbooks.errors import sentence
from cloudbooks.reports.frame import Frame
from cloudbooks.reports.measure import Measure
from cloudbooks.reports.table import Align, Column, Only, Row, RowKind, Say, Text

Sums = Mapping[str, Sequence[int]]
"""Debit less credit of accounts, by id, one number a column."""


FIRST_AMOUNT = 4
"""The place of the first column of amounts in `line_columns`."""


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One line. `line` is an account code or a fixed English word; level 0 is a total, accounts begin at 1.

    `amounts` has one number for each column, in minor units of the report's measure.
    """

    line: str
    label: Text
    level: int
    amounts: tuple[int, ...]

    @property
    def total(self) -> bool:
        """Whether the line sums others."""
        return self.level == 0

    def row(self, measure: Measure) -> Row:
        """The line as a row of a table with the columns that `line_columns` gives."""
        return Row(
            (
                self.line,
                str(self.level),
                self.line if isinstance(self.label, str) else "",
                self.label,
                *map(measure.amount, self.amounts),
                measure.commodity.code,
            ),
            max(0, self.level - 1),
            RowKind.TOTAL if self.total else RowKind.PLAIN,
        )

    def data(self, measure: Measure, say: Say) -> dict[str, object]:
        """The line as JSON has it (CLI.md)."""
        label = self.label if isinstance(self.label, str) else say(self.label)
        amounts = [measure.amount(minor).json() for minor in self.amounts]
        return {"line": self.line, "label": label, "level": self.level, "amounts": amounts}


def account_lines(chart: Chart, kind: AccountKind, sums: Sums, frame: Frame) -> Iterator[ReportLine]:
    """A line for each account of `kind`, in order of the tree, with what stands below it of the same kind included.

    Assets show debits as positive, all other kinds credits: so income is positive and an expense negative.
    """
    rolled = _rolled_up(chart, kind, sums)
    for account, level in _tree(chart, kind):
        amounts = tuple(signed(kind, number) for number in rolled.get(account.id, ()))
        if frame.shows(level) and (frame.zero or any(amounts)):
            width = len(frame.columns) + len(frame.compared)
            yield ReportLine(account.code, account.name, level, amounts or (0,) * width)


def kind_total(chart: Chart, kind: AccountKind, sums: Sums, width: int) -> tuple[int, ...]:
    """The sum over all accounts of a kind in `width` columns, signed as their lines are."""
    numbers = [row for account, row in sums.items() if chart[account].kind is kind]
    return tuple(signed(kind, sum(row[place] for row in numbers)) for place in range(width))


def signed(kind: AccountKind, number: int) -> int:
    """Debit less credit with the sign that a statement of accounts gives it."""
    return number if kind is AccountKind.ASSET else -number


def line_columns(periods: Sequence[Period], compared: Sequence[Period], *, at_end: bool = False) -> tuple[Column, ...]:
    """Code, name, and a column for each period: where room is short, codes go first, then the older periods.

    `at_end` heads a column with the last day of its period: what stands then, and not what moved in it.
    """
    count = len(periods)

    def head(period: Period) -> str:
        return period.last.last.isoformat() if at_end else str(period)

    return (
        Column("line", only=Only.CSV),
        Column("level", only=Only.CSV),
        Column("code", sentence("Code"), priority=2 * count + 1, short=True),
        Column("label", sentence("Account"), indents=True),
        *(
            Column(str(period), head(period), Align.RIGHT, priority=count - 1 - place)
            for place, period in enumerate(periods)
        ),
        *(
            Column(str(period), head(period), Align.RIGHT, priority=2 * count - place)
            for place, period in enumerate(compared)
        ),
        Column("commodity", only=Only.CSV),
    )


def _lineage(chart: Chart, account: Account) -> tuple[Account, ...]:
    """The account and those above it, as far as they are of one kind: a tree of one kind stands on its own."""
    return (account, *takewhile(lambda above: above.kind is account.kind, chart.above(account)))


def _tree(chart: Chart, kind: AccountKind) -> Iterator[tuple[Account, int]]:
    """The accounts of a kind depth first, each after the one above it, with their levels from 1."""
    below: dict[str, list[Account]] = {}
    for account in chart:
        if account.kind is kind:
            lineage = _lineage(chart, account)
            below.setdefault(lineage[1].id if lineage[1:] else "", []).append(account)

    def walk(parent: str, level: int) -> Iterator[tuple[Account, int]]:
        for account in below.get(parent, ()):
            yield account, level
            yield from walk(account.id, level + 1)

    return walk("", 1)


def _rolled_up(chart: Chart, kind: AccountKind, sums: Sums) -> dict[str, list[int]]:
    """The sums of each account of a kind with those below it; an account without any is left out."""
    whole: dict[str, list[int]] = {}
    for account_id, numbers in sums.items():
        if chart[account_id].kind is not kind:
            continue
        for account in _lineage(chart, chart[account_id]):
            before = whole.get(account.id) or [0] * len(numbers)
            whole[account.id] = [one + other for one, other in zip(before, numbers, strict=True)]
    return whole
