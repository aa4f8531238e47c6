"""Drafts in the register of an account: where they stand, and what the balance would be with them."""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from datetime import date

import pytest
from tests.books.test_browsing import FixedClock, walked

from cloudbooks.books import drafting, listing
from cloudbooks.books.browsing import Browser
from cloudbooks.books.demo import demo
from cloudbooks.books.desk import Desk
from cloudbooks.books.draft_balances import known
from cloudbooks.books.draft_postings import drafted_lines
from cloudbooks.books.listing import View
from cloudbooks.books.reporting import Question
from cloudbooks.core.draft import Draft, DraftLine
from cloudbooks.core.filter import parse
from cloudbooks.core.listing import Ask, DraftedRow, PostingRow, Slice, Toward
from cloudbooks.core.period import Month, Period
from cloudbooks.core.sieve import All
from cloudbooks.reports.trial_balance import TrialBalance
from cloudbooks.store import reading
from cloudbooks.store.paging_account import AccountSpan

SPAN = Period(Month(2026, 9), Month(2026, 10))
Row = PostingRow | DraftedRow


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A book of three months with drafts before, in and behind two of them, on one day with entries, and undated."""
    folder = tmp_path_factory.mktemp("register-drafts")
    desk = Desk(folder / "none", folder / "state", FixedClock(), "test", lambda: b"")
    desk = Desk(demo(desk, folder / "demo", zh=False).book, folder / "state", FixedClock(), "test", lambda: b"")
    for day, words, amount in (
        (date(2026, 8, 30), "Copy paper", "1.00"),
        (date(2026, 10, 6), "Cable", "20.00"),
        (date(2026, 10, 6), "Cable again", "20.00"),
        (date(2026, 10, 7), "Back from the bank", "-40.00"),
        (date(2026, 10, 31), "Taxi", "300.00"),
        (date(2026, 11, 3), "Later", "4000.00"),
    ):
        drafting.add(desk, day, words, "5602", amount, "1002.01")
    taxi = drafting.drafts(desk)[-2]
    drafting.keep(desk, Draft(None, "记", "Some day", taxi.lines))
    opened = Browser(desk)
    yield opened
    opened.close()


def plainly(browser: Browser, code: str) -> list[tuple[str, int, int | None]]:
    """Name, amount and balance of each row of the span as a plain sum over all entries and drafts gives them."""
    mine = {one.id for one in browser.names.chart.below(browser.names.chart.find(code))}
    lines: list[tuple[tuple[object, ...], date | None, str, int]] = []
    for entry in reading.entries(browser.book):
        for place, one in enumerate(entry.postings):
            if one.account in mine:
                order = (entry.date.isoformat(), 0, entry.block, entry.series, entry.number, place)
                lines.append((order, entry.date, entry.id, one.value))
    for draft in browser.drafts:
        for place, line in enumerate(draft.lines):
            totals = known(line, browser.names.base)
            if line.account in mine and totals is not None:
                order = (draft.date.isoformat() if draft.date else "", 1, draft.number, "", 0, place)
                lines.append((order, draft.date, draft.name, totals.debit_value - totals.credit_value))
    found: list[tuple[str, int, int | None]] = []
    balance = 0
    for _, day, name, amount in sorted(lines, key=lambda one: one[0]):
        balance += amount if day else 0
        if day is None or day in SPAN:
            found.append((name, amount, balance if day else None))
    return found


def told(row: Row) -> tuple[str, int | None, int | None]:
    """Name, amount and balance with drafts of a row."""
    if isinstance(row, DraftedRow):
        return row.draft.name, row.amount, row.balance
    return row.entry.id, row.amount, row.balance + row.drafted


@pytest.mark.parametrize("code", ["1002", "1002.01", "5602", "1001"])
@pytest.mark.parametrize("limit", [1, 2, 5, 200])
def test_a_register_with_drafts_reckons_the_same_from_both_ends(browser: Browser, code: str, limit: int) -> None:
    """Each balance is the plain sum of what is posted and drafted up to it; around every row the page is the same."""
    account = browser.names.chart.find(code)

    def page(ask: Ask) -> Slice[Row]:
        return listing.register(browser, ask, account.id, View(SPAN, drafts=True))

    forth, back = walked(page, lambda row: row.place, limit)
    assert forth == back
    assert [told(row) for row in forth] == plainly(browser, code)
    for place, row in enumerate(forth):
        around = page(Ask(Toward.AROUND, row.place, 4))
        assert around.rows[around.at] == row
        assert list(around.rows) == forth[max(0, place - 2) : place + 2]


def test_the_last_balance_is_that_of_the_accounts_with_drafts(browser: Browser) -> None:
    """A register with drafts ends where the trial balance with drafts closes, and without where that without does."""
    account = browser.names.chart.find("1002.01")
    for drafts in (False, True):
        question = Question(period=str(SPAN), tree=True, drafts=drafts)
        report = browser.report("trial-balance", question).report
        assert isinstance(report, TrialBalance)
        (closing,) = (row.movement.closing for row in report.rows if row.account == account)
        view = View(SPAN, drafts=drafts)
        last = listing.register(browser, Ask(Toward.LAST), account.id, view).rows[-1]
        assert told(last)[2] == closing


@pytest.mark.parametrize("words", ["cable", "state:draft", "state:posted", "amt:>100", "nothing has these words"])
@pytest.mark.parametrize("limit", [1, 3, 200])
def test_a_filter_takes_rows_out_and_leaves_their_balances(browser: Browser, words: str, limit: int) -> None:
    """What a filter lets pass keeps the balance that it has without one, and is counted as what it is."""
    account = browser.names.chart.find("1002.01").id
    everything = listing.register(browser, Ask(), account, View(SPAN, drafts=True)).rows
    whole = {row.place[:3]: told(row) for row in everything}
    view = View(SPAN, parse(words), drafts=True)
    forth, back = walked(lambda ask: listing.register(browser, ask, account, view), lambda row: row.place, limit)
    assert forth == back
    assert [told(row) for row in forth] == [whole[row.place[:3]] for row in forth]
    drafts = {row.draft.number for row in forth if isinstance(row, DraftedRow)}
    entries = {row.entry.id for row in forth if isinstance(row, PostingRow)}
    tally = listing.register_tally(browser, account, view)
    assert tally.shown == len(drafts) + len(entries)
    assert tally.whole == len({told(row)[0] for row in everything})


def test_a_register_without_drafts_is_as_it_was(browser: Browser) -> None:
    """Nobody who did not ask for drafts sees one, or a number with one."""
    account = browser.names.chart.find("1002.01").id
    rows = listing.register(browser, Ask(), account, View(SPAN)).rows
    assert rows
    assert all(isinstance(row, PostingRow) and row.drafted == 0 for row in rows)


def test_a_line_without_an_amount_moves_nothing(browser: Browser) -> None:
    """A draft in the making stands there with what is known of it; the balance is that of before."""
    account = browser.names.chart.find("1001")
    code = browser.names.base
    line = DraftLine(account.id, code, None, None)
    draft = Draft(date(2026, 10, 6), "记", "Cash, how much?", (line,), number=99)
    lines = drafted_lines(replaced(browser, draft), AccountSpan((account.id,), 20260900, 20261031), All())
    ((place, (shown, _)),) = lines.lines.items()
    assert shown == draft
    row = lines.shown((*place, 700))
    assert told(row) == ("D-99", None, 700)


def replaced(browser: Browser, *drafts: Draft) -> Browser:
    """A browser of the same book that sees other drafts."""
    other = copy(browser)
    other.__dict__["drafts"] = drafts
    return other
