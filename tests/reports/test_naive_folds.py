"""Every report equals the sum that one would make by hand over the entries."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from hypothesis import given
from hypothesis import strategies as st
from tests.core.strategies import CNY, COMMODITIES, books

from cloudbooks.core.account import Account, AccountKind
from cloudbooks.core.balance import Opened, monthly
from cloudbooks.core.chart import Chart
from cloudbooks.core.entry import PostedEntry, Posting
from cloudbooks.core.period import Month, Period
from cloudbooks.reports.balance import account_balances
from cloudbooks.reports.balance_sheet import balance_sheet
from cloudbooks.reports.columns import By, columns, year_before
from cloudbooks.reports.frame import Frame
from cloudbooks.reports.income import income_statement
from cloudbooks.reports.journal import journal
from cloudbooks.reports.ledger import ledger
from cloudbooks.reports.measure import Measure
from cloudbooks.reports.movement import Movement
from cloudbooks.reports.names import Names
from cloudbooks.reports.trial_balance import trial_balance

Book = tuple[Chart, tuple[PostedEntry, ...]]

measures = st.sampled_from([Measure(CNY), *(Measure(one, in_base=False) for one in COMMODITIES.values())])
in_base = st.just(Measure(CNY))


@st.composite
def frames(draw: st.DrawFn, measure: st.SearchStrategy[Measure] = measures) -> Frame:
    """Any frame around the months in which the generated books have entries."""
    first = Month(2025, 10).shifted(draw(st.integers(-3, 8)))
    return Frame(
        period=Period(first, first.shifted(draw(st.integers(0, 14)))),
        measure=draw(measure),
        by=draw(st.sampled_from([None, *By])),
        compare=draw(st.booleans()),
        depth=draw(st.sampled_from([None, 1, 2, 3])),
        zero=draw(st.booleans()),
        tree=draw(st.booleans()),
        year_start=draw(st.sampled_from([1, 4])),
    )


def counted(measure: Measure, posting: Posting) -> int:
    """A posting in a measure, by hand."""
    if measure.in_base:
        return posting.value
    return posting.amount if posting.commodity == measure.commodity.code else 0


def summed(
    entries: Iterable[PostedEntry], measure: Measure, accounts: Iterable[Account], first: date, last: date
) -> int:
    """Debit less credit of accounts from one day to another, by hand."""
    ids = {account.id for account in accounts}
    return sum(
        counted(measure, posting)
        for entry in entries
        if first <= entry.date <= last
        for posting in entry.postings
        if posting.account in ids
    )


def of_kind(chart: Chart, kind: AccountKind) -> list[Account]:
    """The accounts of a kind."""
    return [account for account in chart if account.kind is kind]


@given(books(), frames())
def test_the_trial_balance_is_the_sum_of_postings(book: Book, frame: Frame) -> None:
    """Openings and closings of all rows, and each row on its own, are the sums over the entries."""
    chart, entries = book
    report = trial_balance(monthly(entries), chart, frame)
    first, last = frame.period.first.first, frame.period.last.last
    assert report.total.closing == summed(entries, frame.measure, chart, date.min, last)
    assert report.total.debit - report.total.credit == summed(entries, frame.measure, chart, first, last)
    for row in report.rows:
        assert row.movement.closing == row.movement.opening + row.movement.debit - row.movement.credit
        below = chart.below(row.account)
        shown_below = {one.account.id for one in report.rows} - {row.account.id}
        counts = below if frame.tree else [one for one in below if not _shown_under(chart, one, row.account, frame)]
        assert frame.tree or not shown_below & {one.id for one in counts}
        assert row.movement.closing == summed(entries, frame.measure, counts, date.min, last)


@given(books(), frames(), st.integers(0, 3))
def test_what_opened_a_book_stands_in_the_openings(book: Book, frame: Frame, count: int) -> None:
    """Closings stay; of every account, what the opening entries of the period posted is opening instead of movement."""
    chart, entries = book
    opening = entries[:count]
    opened = Opened(frozenset(entry.id for entry in opening), monthly(opening))
    plain = {row.account.id: row.movement for row in trial_balance(monthly(entries), chart, frame).rows}
    moved = {row.account.id: row.movement for row in trial_balance(monthly(entries), chart, frame, opened).rows}
    others = [entry for entry in entries if entry not in opening]
    without = {row.account.id: row.movement for row in trial_balance(monthly(others), chart, frame).rows}
    for account in {*plain, *moved, *without}:
        before, after = plain.get(account, Movement()), moved.get(account, Movement())
        assert after.closing == before.closing
        rest = without.get(account, Movement())
        assert (after.debit, after.credit) == (rest.debit, rest.credit)


def _shown_under(chart: Chart, account: Account, above: Account, frame: Frame) -> bool:
    """Whether `account`, which is `above` or stands below it, counts in a row of its own below that of `above`."""
    if account == above:
        return False
    return frame.depth is None or chart.depth(above) + 1 < frame.depth


@given(books(), frames(in_base))
def test_the_trial_balance_proves_itself(book: Book, frame: Frame) -> None:
    """In the base debits equal credits, opening and closing sum to zero, and flat rows sum to the total."""
    chart, entries = book
    report = trial_balance(monthly(entries), chart, frame)
    assert report.total.debit == report.total.credit
    assert report.total.opening == report.total.closing == 0
    if not frame.tree:
        assert report.total == sum((row.movement for row in report.rows), Movement())


@given(books(), frames())
def test_rows_of_zeros(book: Book, frame: Frame) -> None:
    """Without `zero` no row is all zeros; with it every open account within the depth has a row, in order of code."""
    chart, entries = book
    report = trial_balance(monthly(entries), chart, frame)
    codes = [row.account.code for row in report.rows]
    assert codes == sorted(codes)
    if frame.zero:
        assert codes == [account.code for account in chart if frame.shows(chart.depth(account) + 1)]
    else:
        assert all(row.movement for row in report.rows)


@given(books(), frames())
def test_balances_agree_with_the_trial_balance(book: Book, frame: Frame) -> None:
    """The balances of all accounts have the rows, totals and closings of the trial balance."""
    chart, entries = book
    report = account_balances(monthly(entries), chart, frame, COMMODITIES)
    trial = {row.account.id: row.movement for row in trial_balance(monthly(entries), chart, frame).rows}
    assert trial.items() <= {row.moved.account.id: row.moved.movement for row in report.rows}.items()
    for row in report.rows:
        assert row.closings[-1] == row.moved.movement.closing
        assert row.moved.account.id in trial or row.foreign
    assert report.closings[-1] == report.total.closing


@given(books(), frames(), st.data())
def test_balances_of_some_accounts(book: Book, frame: Frame, data: st.DataObject) -> None:
    """Asked for an account and what is below it, only their postings count, column by column."""
    chart, entries = book
    account = data.draw(st.sampled_from(list(chart)))
    below = chart.below(account)
    report = account_balances(monthly(entries), chart, frame, COMMODITIES, {one.id for one in below})
    for place, period in enumerate(frame.columns):
        assert report.closings[place] == summed(entries, frame.measure, below, date.min, period.last.last)
    held = [amount for row in report.rows for amount in row.foreign]
    assert all(amount.minor and amount.named and amount.commodity != "CNY" for amount in held)


@given(books(), frames())
def test_the_income_statement_leaves_closing_entries_out(book: Book, frame: Frame) -> None:
    """Each column is income less expenses of its months without closing entries; net is that of the whole period."""
    chart, entries = book
    report = income_statement(monthly(entries), chart, frame)
    ordinary = [entry for entry in entries if entry.kind != "closing"]
    result = [*of_kind(chart, AccountKind.INCOME), *of_kind(chart, AccountKind.EXPENSE)]
    for place, period in enumerate((*frame.columns, *frame.compared)):
        expected = -summed(ordinary, frame.measure, result, period.first.first, period.last.last)
        assert expected == report.lines[-1].amounts[place]
    whole = -summed(ordinary, frame.measure, result, frame.period.first.first, frame.period.last.last)
    assert whole == report.net


@given(books(), frames(in_base))
def test_net_profit_is_the_change_of_everything_else(book: Book, frame: Frame) -> None:
    """Without closing entries, net profit is what assets gained over liabilities and equity accounts."""
    chart, entries = book
    ordinary = tuple(entry for entry in entries if entry.kind != "closing")
    net = income_statement(monthly(ordinary), chart, frame).net
    kinds = (AccountKind.ASSET, AccountKind.LIABILITY, AccountKind.EQUITY)
    others = [account for kind in kinds for account in of_kind(chart, kind)]
    assert net == summed(ordinary, frame.measure, others, frame.period.first.first, frame.period.last.last)


@given(books(), frames())
def test_the_balance_sheet_balances(book: Book, frame: Frame) -> None:
    """In every column and measure, assets are liabilities and equity; assets are the sum over their accounts."""
    chart, entries = book
    report = balance_sheet(monthly(entries), chart, frame)
    assert report.amounts("assets") == report.amounts("liabilities-and-equity")
    for place, period in enumerate((*frame.columns, *frame.compared)):
        assets = summed(entries, frame.measure, of_kind(chart, AccountKind.ASSET), date.min, period.last.last)
        assert assets == report.amounts("assets")[place]


@given(books(), frames())
def test_the_top_lines_hold_all_the_others(book: Book, frame: Frame) -> None:
    """In both statements the lines of level 1 of a group sum to its total, whatever depth is shown."""
    chart, entries = book
    for report in (income_statement(monthly(entries), chart, frame), balance_sheet(monthly(entries), chart, frame)):
        group = [0] * len(report.lines[-1].amounts)
        for line in report.lines:
            if line.level == 1:
                group = [one + other for one, other in zip(group, line.amounts, strict=True)]
            elif line.level == 0:
                assert line.line in {"net", "liabilities-and-equity"} or list(line.amounts) == group
                group = [0] * len(line.amounts)
            assert frame.depth is None or line.level <= frame.depth


@given(books(), frames(), st.data())
def test_the_ledger_runs_from_opening_to_closing(book: Book, frame: Frame, data: st.DataObject) -> None:
    """The balance after each posting is the sum up to it, the last one the closing of the trial balance."""
    chart, entries = book
    account = data.draw(st.sampled_from(list(chart)))
    names = Names("CNY", chart, COMMODITIES)
    report = ledger(entries, monthly(entries), names, account, frame)
    below = chart.below(account)
    day_before = date.fromordinal(frame.period.first.first.toordinal() - 1)
    balance = summed(entries, frame.measure, below, date.min, day_before)
    assert balance == report.opening
    for line in report.lines:
        balance += counted(frame.measure, line.posting)
        assert balance == line.balance
        assert line.debit - line.credit == counted(frame.measure, line.posting)
        assert line.entry.date in frame.period
    assert balance == report.moved.closing
    assert balance == summed(entries, frame.measure, below, date.min, frame.period.last.last)
    assert balance == report.chart()[-1].amount.minor


@given(books(), frames())
def test_the_journal_has_every_entry_of_the_period_once(book: Book, frame: Frame) -> None:
    """Each entry of the period stands once, by day, and debits less credits are the sum of its postings."""
    chart, entries = book
    report = journal(entries, Names("CNY", chart, COMMODITIES), frame)
    assert sorted(entry.id for entry in report.entries) == sorted(
        entry.id for entry in entries if entry.date in frame.period
    )
    assert [entry.date for entry in report.entries] == sorted(entry.date for entry in report.entries)
    first, last = frame.period.first.first, frame.period.last.last
    assert report.debit - report.credit == summed(entries, frame.measure, chart, first, last)


@given(frames())
def test_columns_cover_the_period_without_gap(frame: Frame) -> None:
    """Columns follow each other from the first month of the period to the last; a full one has its full length."""
    months = [month for column in frame.columns for month in column.months()]
    assert list(frame.period.months()) == months
    if frame.by is not None:
        assert all(len(column.months()) == frame.by.months for column in frame.columns[1:-1])
        assert all((column.first.month - frame.year_start) % frame.by.months == 0 for column in frame.columns[1:])


def test_columns_have_names_that_are_periods() -> None:
    """A column is called as the period would be typed."""
    span = Period(Month(2025, 12), Month(2026, 7))
    assert [str(one) for one in columns(span, By.QUARTER)] == ["2025-12", "2026q1", "2026q2", "2026-07"]
    assert [str(one) for one in columns(span, By.YEAR)] == ["2025-12", "2026-01..2026-07"]
    assert [str(one) for one in columns(span)] == ["2025-12..2026-07"]
    assert [str(one) for one in year_before(columns(span, By.QUARTER))] == ["2024-12", "2025q1", "2025q2", "2025-07"]
