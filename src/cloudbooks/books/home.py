"""What a day begins with: what waits, how the banks agree with the book, and how the last months went.

What waits is counted and shown first; what sums need is loaded, and asked, after that.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from cloudbooks.books.browsing import Browser
from cloudbooks.books.reporting import Question
from cloudbooks.core.account import Account
from cloudbooks.core.draft import DraftState
from cloudbooks.core.period import Month, Period
from cloudbooks.reports.table import Amount
from cloudbooks.store import working
from cloudbooks.store.staged import StagedStatement

MONTHS = 4
UNDECIDED = (DraftState.INCOMPLETE, DraftState.PROPOSED)


@dataclass(frozen=True, slots=True)
class BankRow:
    """An account that statements came for: the closing balance that the last one states, and the book's on that day.

    `said` is `None` where no statement tells a balance; `days` is how old the last statement is.
    """

    account: Account
    said: Amount | None
    booked: Amount
    until: date
    days: int

    @property
    def difference(self) -> Amount | None:
        """What the bank says less what the book says; `None` where the bank says nothing."""
        if self.said is None:
            return None
        return Amount(self.said.minor - self.booked.minor, self.said.scale, self.said.commodity)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits. `counts` has the drafts by state; `decide` are those that no rule was sure of."""

    counts: dict[DraftState, int]
    sure: int
    decide: int
    waiting_records: int
    entries: int


@dataclass(frozen=True, slots=True)
class Sums:
    """How the banks agree, and how the last months went, in order of time.

    `cash` is what the accounts with statements hold together at the end of each month.
    """

    banks: tuple[BankRow, ...]
    net: tuple[tuple[Month, Amount], ...]
    cash: tuple[tuple[Month, Amount], ...]


def waiting(browser: Browser) -> Waiting:
    """What waits now: counts only, so that it stands on the screen before anything is summed."""
    standing = browser.standing()
    return Waiting(
        counts=dict(standing.drafts),
        sure=standing.sure,
        decide=sum(standing.drafts.get(state, 0) for state in UNDECIDED) - standing.sure,
        waiting_records=working.pending_count(browser.book),
        entries=standing.entries,
    )


def sums(browser: Browser, until: Period, *, drafts: bool = False) -> Sums:
    """The banks, and the months up to the end of a period, of what is posted, or with drafts."""
    staged = [one for one in working.statements(browser.book) if one.state != "withdrawn"]
    months = tuple(until.last.shifted(step) for step in range(1 - MONTHS, 1))
    return Sums(
        banks=tuple(_banks(browser, staged)),
        net=_net(browser, months, drafts=drafts),
        cash=tuple(_cash(browser, {one.account for one in staged}, months)),
    )


def _banks(browser: Browser, staged: Iterable[StagedStatement]) -> Iterable[BankRow]:
    last: dict[tuple[str, str], StagedStatement] = {}
    for one in staged:
        before = last.get((one.account, one.commodity))
        if before is None or (one.last, one.number) >= (before.last, before.number):
            last[one.account, one.commodity] = one
    for (account, code), statement in last.items():
        if account in browser.names.chart and code in browser.names.commodities:
            scale = browser.names.commodities[code].scale
            said = None if statement.closing is None else Amount(statement.closing, scale, code)
            booked = Amount(_balance_on(browser, account, code, statement.last), scale, code)
            days = (browser.desk.today - statement.last).days
            yield BankRow(browser.names.chart[account], said, booked, statement.last, days)


def _balance_on(browser: Browser, account: str, commodity: str, day: date) -> int:
    """The balance of an account at the end of a day, of what is posted."""
    from cloudbooks.store.paging_account import AccountSpan, balance_after  # noqa: PLC0415 - what waits is shown before any sum

    number = day.year * 10000 + day.month * 100 + day.day
    return balance_after(browser.book, AccountSpan((account,), 0, number, commodity))


def _net(browser: Browser, months: tuple[Month, ...], *, drafts: bool) -> tuple[tuple[Month, Amount], ...]:
    from cloudbooks.reports.columns import By  # noqa: PLC0415 - what waits is shown before any report
    from cloudbooks.reports.income import IncomeStatement  # noqa: PLC0415 - as for its columns

    period = Period(months[0], months[-1])
    report = browser.report("income", Question(period=str(period), by=By.MONTH, drafts=drafts)).report
    assert isinstance(report, IncomeStatement)
    amounts = report.lines[-1].amounts
    return tuple((month, report.measure.amount(minor)) for month, minor in zip(months, amounts, strict=True))


def _cash(browser: Browser, accounts: set[str], months: tuple[Month, ...]) -> Iterable[tuple[Month, Amount]]:
    from cloudbooks.store.paging_account import AccountSpan, balance_at  # noqa: PLC0415 - what waits is shown before any sum

    base = browser.names.commodities[browser.names.base]
    span = AccountSpan(tuple(sorted(accounts)), 0, 99991231)
    for month in months if accounts else ():
        minor = balance_at(browser.book, span, month.shifted(1).key)
        yield month, Amount(minor, base.scale, base.code)
