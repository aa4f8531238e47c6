"""Lists page by page: the same rows from both ends, the same as a naive reading, at the same cost everywhere."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cloudbooks.books import correcting, drafting, listing, posting
from cloudbooks.books.browsing import Browser
from cloudbooks.books.demo import demo
from cloudbooks.books.desk import Desk
from cloudbooks.books.filtering import resolved
from cloudbooks.books.listing import View, place_of
from cloudbooks.core.draft import Draft
from cloudbooks.core.entry import PostedEntry
from cloudbooks.core.filter import parse
from cloudbooks.core.listing import Ask, EntryRow, PostingRow, Slice, Toward
from cloudbooks.core.period import Month, Period
from cloudbooks.errors import ChainFault, Refusal
from cloudbooks.store import reading
from cloudbooks.store.log_bytes import BytesDamaged

T = TypeVar("T")
WHOLE = Period(Month(2026, 1), Month(2026, 12))


class FixedClock:
    """A clock that stands still."""

    def now(self) -> datetime:
        """Always the same."""
        return datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A book of three months with a correction in it, drafts with and without a day, and a party."""
    folder = tmp_path_factory.mktemp("browsing")
    desk = Desk(folder / "none", folder / "state", FixedClock(), "test", lambda: b"")
    made = demo(desk, folder / "demo", zh=False)
    desk = Desk(made.book, folder / "state", FixedClock(), "test", lambda: b"")
    correcting.correct(desk, "2026-10/记-3", date(2026, 10, 6))
    posting.post(desk, (), everything=True)
    for day, words in ((5, "Copy Paper"), (5, "copy paper again"), (28, "Taxi")):
        drafting.add(desk, date(2026, 10, day), words, "5602", f"{day * 10}.00", "1002.01")
    opened = Browser(desk)
    yield opened
    opened.close()
    shutil.rmtree(folder)


def walked(ask: Callable[[Ask], Slice[T]], place: Callable[[T], object], limit: int) -> tuple[list[T], list[T]]:
    """All rows of a list, read from its beginning and read from its end."""
    page = ask(Ask(Toward.FIRST, limit=limit))
    forth = list(page.rows)
    assert not page.more_before
    while page.more_after:
        page = ask(Ask(Toward.AFTER, place(forth[-1]), limit))
        assert page.rows
        forth += page.rows
    page = ask(Ask(Toward.LAST, limit=limit))
    back = list(page.rows)
    assert not page.more_after
    while page.more_before:
        page = ask(Ask(Toward.BEFORE, place(back[0]), limit))
        assert page.rows
        back[:0] = page.rows
    return forth, back


@pytest.mark.parametrize("limit", [1, 2, 7, 200])
@pytest.mark.parametrize("backward", [False, True], ids=["upward", "downward"])
@pytest.mark.parametrize("drafts", [False, True], ids=["posted", "with-drafts"])
def test_the_journal_is_the_same_from_both_ends(browser: Browser, limit: int, *, drafts: bool, backward: bool) -> None:
    """Pages of any length, forth and back, hold every entry once and in order, drafts at their days."""
    view = View(WHOLE, drafts=drafts, backward=backward)
    forth, back = walked(lambda ask: listing.journal(browser, ask, view), place_of, limit)
    assert forth == back
    posted = [row.id for row in forth if isinstance(row, EntryRow)]
    everything = [one.id for one in reading.entries(browser.book)]
    assert posted == (everything[::-1] if backward else everything)
    assert len([row for row in forth if isinstance(row, Draft)]) == (5 if drafts else 0)
    places = [place_of(row) for row in forth]
    assert places == sorted(places, reverse=backward)
    assert listing.tally(browser, view).shown == len(forth)


@pytest.mark.parametrize("limit", [2, 9, 200])
def test_a_page_around_a_row_holds_it(browser: Browser, limit: int) -> None:
    """Around any row stands what stands around it in the whole list; of a row that is gone, the next one is meant."""
    view = View(WHOLE, drafts=True)
    rows = listing.journal(browser, Ask(limit=500), view).rows
    for number, row in enumerate(rows):
        page = listing.journal(browser, Ask(Toward.AROUND, place_of(row), limit), view)
        assert page.rows[page.at] == row
        assert page.rows == rows[number - page.at : number - page.at + len(page.rows)]
        assert page.more_before == (number - page.at > 0)
    gone = (20261028, 1, "", 10**6)
    page = listing.journal(browser, Ask(Toward.AROUND, gone, 6), view)
    assert place_of(page.rows[page.at]) >= gone or page.rows[page.at] == rows[-1]


@pytest.mark.parametrize("code", ["1002", "1002.01", "5602", "5001"])
@pytest.mark.parametrize("limit", [1, 5, 200])
def test_a_register_reckons_the_same_from_both_ends(browser: Browser, code: str, limit: int) -> None:
    """The balance after each posting is what a plain sum gives, from whichever end it was reckoned."""
    account = browser.names.chart.find(code)
    span = Period(Month(2026, 9), Month(2026, 10))
    view = View(span)
    forth, back = walked(lambda ask: listing.register(browser, ask, account.id, view), lambda row: row.place, limit)
    assert forth == back
    mine = {one.id for one in browser.names.chart.below(account)}
    balance, expected = 0, []
    entries = sorted(reading.entries(browser.book), key=lambda one: (one.date, one.block, one.series, one.number))
    for entry in entries:
        for posting_ in entry.postings:
            if posting_.account in mine:
                balance += posting_.value
                if entry.date in span:
                    expected.append((entry.id, posting_.value, balance))
    found = [(row.entry.id, row.amount, row.balance) for row in forth if isinstance(row, PostingRow)]
    assert found == expected
    middle = forth[len(forth) // 2]
    assert isinstance(middle, PostingRow)
    page = listing.register(browser, Ask(Toward.AROUND, middle.place, 4), account.id, view)
    assert page.rows[page.at] == middle


TERMS = (
    *("acct:1002", "acct:5602", "acct:56", "amt:>1000", "amt:<=428", "amt:-428", "amt:100..600", "date:2026-10"),
    *("date:..2026-09", "date:2026-10-06", "state:posted", "state:reversed", "state:draft", "batch:1", "batch:2"),
    *("by:li", "text:费", "text:TAXI", "doc:none", "tag:x", "id:记-3", "id:2026-10/记-3", "费", "icbc", "copy"),
)
FILTERS = st.recursive(
    st.sampled_from(TERMS),
    lambda inner: (
        inner.map(lambda one: f"-({one})")
        | st.tuples(inner, inner).map(lambda two: f"({two[0]} {two[1]})")
        | st.tuples(inner, inner).map(lambda two: f"({two[0]} | {two[1]})")
    ),
    max_leaves=4,
)


def holds(term: str, entry: PostedEntry, browser: Browser) -> bool:
    """Whether an entry passes one of the terms above, by a reading of its own."""
    field, _, value = term.rpartition(":") if ":" in term else ("", "", term)
    chart, lines = browser.names.chart, entry.postings
    values = [line.value for line in lines]
    codes = [str(chart[line.account]).casefold() for line in lines]
    day = entry.date
    answers: dict[str, bool] = {
        "acct:1002": any(code.startswith("1002") for code in codes),
        "acct:5602": any(code.startswith("5602") for code in codes),
        "acct:56": any("56" in code for code in codes),
        "amt:>1000": any(abs(one) > 100000 for one in values),
        "amt:<=428": any(abs(one) <= 42800 for one in values),
        "amt:-428": -42800 in values,
        "amt:100..600": any(10000 <= abs(one) <= 60000 for one in values),
        "date:2026-10": (day.year, day.month) == (2026, 10),
        "date:..2026-09": day < date(2026, 10, 1),
        "date:2026-10-06": day == date(2026, 10, 6),
        "state:posted": True,
        "state:reversed": bool(entry.reversed_by),
        "state:draft": False,
        "batch:1": entry.block == 1,
        "batch:2": entry.block == 2,
        "by:li": True,
        "text:费": "费" in entry.summary,
        "text:TAXI": "taxi" in entry.summary.casefold(),
        "doc:none": not entry.attachments,
        "tag:x": "x" in entry.tags,
        "id:记-3": entry.number == 3,
        "id:2026-10/记-3": entry.number == 3 and day.month == 10,
        "icbc": any("icbc" in code for code in codes) or "icbc" in entry.summary.casefold(),
        "copy": "copy" in entry.summary.casefold(),
        "费": "费" in entry.summary,
    }
    del field, value
    return answers[term]


def passed(text: str, entry: PostedEntry, browser: Browser) -> bool:
    """Whether an entry passes a filter, by walking through its brackets."""
    if text.startswith("-("):
        return not passed(text[2:-1], entry, browser)
    if not text.startswith("("):
        return holds(text, entry, browser)
    inner, depth = text[1:-1], 0
    for place, character in enumerate(inner):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth == 0 and character == " ":
            rest = inner[place + 1 :]
            left = passed(inner[:place], entry, browser)
            if rest.startswith("| "):
                return left or passed(rest[2:], entry, browser)
            return left and passed(rest, entry, browser)
    return passed(inner, entry, browser)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(FILTERS)
def test_a_filter_lets_pass_what_its_words_say(browser: Browser, text: str) -> None:
    """What SQL lets pass is what a plain walk over all entries lets pass, and the count is its length."""
    view = View(WHOLE, parse(text))
    found = [row.id for row in listing.journal(browser, Ask(limit=500), view).rows if isinstance(row, EntryRow)]
    assert found == [one.id for one in reading.entries(browser.book) if passed(text, one, browser)]
    assert listing.tally(browser, view).shown == len(found)


def test_drafts_pass_the_same_filters(browser: Browser) -> None:
    """A filter holds drafts to the same words: text whatever its case, accounts, amounts, states."""

    def names(text: str) -> list[str]:
        rows = listing.journal(browser, Ask(limit=500), View(WHOLE, parse(text), drafts=True)).rows
        return [row.summary for row in rows if isinstance(row, Draft)]

    assert names("text:COPY") == ["Copy Paper", "copy paper again"]
    assert names("copy amt:50") == ["Copy Paper", "copy paper again"]
    assert names("amt:280 acct:1002") == ["Taxi"]
    assert names("state:ready -copy") == ["Taxi"]
    assert names("state:posted") == []
    assert names("id:记-3") == []


def test_zero_hits_name_the_condition_that_removes_most(browser: Browser) -> None:
    """Where nothing passes, the condition is named without which most would."""
    found = listing.tally(browser, View(WHOLE, parse("acct:1002 amt:77 date:2026-10")))
    assert found.shown == 0
    assert found.blocking == "amt:77"
    assert found.without > 0


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("acct:nonsense", "account-unknown"),
        ("party:nobody", "filter-name"),
        ("by:nobody", "filter-name"),
        ("state:posted|gone", "filter-name"),
        ("amt:x", "amount-unreadable"),
        ("amt:~300", "filter-value"),
        ("amt:>1..2", "filter-value"),
        ("date:x", "period-unreadable"),
        ("date:>2026-09..2026-10", "filter-value"),
        ("batch:x", "filter-value"),
        ("batch:>1", "filter-value"),
        ("doc:x", "filter-value"),
        ("acct:>1002", "filter-value"),
        ("text:<x", "filter-value"),
        ("id:?", "filter-value"),
        ("due:today", "filter-not-yet"),
    ],
)
def test_a_name_that_is_none_is_refused(browser: Browser, text: str, code: str) -> None:
    """An unknown name or value, or a sign without meaning, is a refusal with what to do, never an empty list."""
    with pytest.raises(Refusal) as refused:
        resolved(parse(text), browser.lexicon)
    assert refused.value.code == code
    assert refused.value.hint is not None


def test_the_book_is_read_anew_once_another_program_wrote_it(browser: Browser) -> None:
    """A change of another connection is seen once, and names are read anew with it."""
    assert not browser.changed()
    drafting.add(browser.desk, date(2026, 10, 30), "Late", "5602", "1.00", "1002.01")
    assert browser.changed()
    assert not browser.changed()


def test_bytes_that_are_not_what_was_kept_are_told(browser: Browser) -> None:
    """A row that is read from damaged bytes ends in a fault that names the book and what looks further."""

    def read(_: Browser) -> None:
        raise BytesDamaged

    with pytest.raises(ChainFault) as found:
        browser.answer(read)
    assert found.value.code == "log-unreadable"
    assert "verify" in str(found.value.hint)
