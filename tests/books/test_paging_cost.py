"""What a page costs, counted and not timed: the same in a book of a thousand entries and in one of twenty thousand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from benchmarks.building import Built, build, desk_of
from benchmarks.generating import entries

from cloudbooks.books import listing
from cloudbooks.books.browsing import Browser
from cloudbooks.books.listing import View, place_of
from cloudbooks.core.filter import parse
from cloudbooks.core.listing import Ask, EntryRow, Slice, Toward
from cloudbooks.core.period import Month, Period

ACCOUNT = "91000"
MIDDLE = (20200101, 0, "", 0)
"""A place between the entries of the generated books, which last from 2015 to 2024."""


@dataclass
class Counted:
    """Stands before a connection and counts the queries that go through it, and the rows that come back."""

    connection: Any
    queries: list[str] = field(default_factory=list)
    rows: int = 0

    def execute(self, query: str, values: Any = ()) -> Any:
        """Run one query."""
        self.queries.append(query)
        return _Rows(self, self.connection.execute(query, values))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.connection, name)


@dataclass
class _Rows:
    counted: Counted
    cursor: Any

    def fetchall(self) -> list[Any]:
        rows: list[Any] = self.cursor.fetchall()
        self.counted.rows += len(rows)
        return rows

    def fetchone(self) -> Any:
        row = self.cursor.fetchone()
        self.counted.rows += row is not None
        return row


@dataclass(frozen=True)
class Cost:
    """Queries, rows that came back, and steps of SQLite's own machine, in tens."""

    queries: list[str]
    rows: int
    steps: int


@pytest.fixture(scope="module")
def browsers(long_books: tuple[Built, Built]) -> Iterator[tuple[Browser, Browser]]:
    """The two books, open, with their names read."""
    opened = [Browser(desk_of(one.path, one.state)) for one in long_books]
    for one in opened:
        assert one.names.base == "CNY"
    yield opened[0], opened[1]
    for one in opened:
        one.close()


def cost(browser: Browser, question: Callable[[Browser], object]) -> Cost:
    """What a question costs."""
    steps = 0

    def step() -> int:
        nonlocal steps
        steps += 1
        return 0

    plain = browser.book.connection
    counted = Counted(plain)
    browser.book.connection = counted  # type: ignore[assignment] # it does what a connection does
    plain.set_progress_handler(step, 10)
    try:
        question(browser)
    finally:
        plain.set_progress_handler(None, 0)
        browser.book.connection = plain
    return Cost(counted.queries, counted.rows, steps)


def journal(ask: Ask, *, text: str = "") -> Callable[[Browser], Slice[Any]]:
    """A page of the journal of the whole book."""
    return lambda browser: listing.journal(browser, ask, View(None, parse(text)))


def register(ask: Ask, *, drafts: bool = False) -> Callable[[Browser], Slice[Any]]:
    """A page of an account's register over the whole book."""
    view = View(None, drafts=drafts)
    return lambda browser: listing.register(browser, ask, browser.names.chart.find(ACCOUNT).id, view)


ASKED = {
    "journal first": journal(Ask(limit=50)),
    "journal last": journal(Ask(Toward.LAST, limit=50)),
    "journal after": journal(Ask(Toward.AFTER, MIDDLE, 50)),
    "journal before": journal(Ask(Toward.BEFORE, MIDDLE, 50)),
    "journal around": journal(Ask(Toward.AROUND, MIDDLE, 50)),
    "journal filtered": journal(Ask(limit=20), text="taxi -date:2015-01-01"),
    "register first": register(Ask(limit=5)),
    "register last": register(Ask(Toward.LAST, limit=5)),
    "register after": register(Ask(Toward.AFTER, (20200101, 0, 0, 0), 5)),
    "register with drafts": register(Ask(Toward.AFTER, (20200101, 0, 0, 0), 5), drafts=True),
    "register before": register(Ask(Toward.BEFORE, (20200101, 0, 0, 0), 5)),
}


@pytest.mark.parametrize("name", ASKED)
def test_a_page_costs_the_same_in_a_long_book(browsers: tuple[Browser, Browser], name: str) -> None:
    """Twenty times the entries: as many queries and rows, and no more than half as many steps again inside SQLite."""
    small, large = (cost(browser, ASKED[name]) for browser in browsers)
    assert small.queries == large.queries
    assert len(large.queries) <= 12
    assert large.rows <= 1.2 * small.rows
    assert large.steps <= 1.5 * small.steps + 20
    for query in large.queries:
        assert "OFFSET" not in query.upper()


@pytest.mark.parametrize("name", [name for name in ASKED if name.startswith("journal")])
def test_a_page_asks_three_questions(browsers: tuple[Browser, Browser], name: str) -> None:
    """Keys, entries, their lines: three queries one way, six around a row, however many rows they bring."""
    _, large = browsers
    assert len(cost(large, ASKED[name]).queries) == (6 if "around" in name else 3)


@pytest.mark.parametrize("name", ASKED)
def test_no_query_of_a_page_reads_a_whole_table(browsers: tuple[Browser, Browser], name: str) -> None:
    """Every table that grows is entered by a key, and only what stands within one day is sorted."""
    _, large = browsers
    said: list[str] = []
    large.book.connection.set_trace_callback(said.append)
    try:
        ASKED[name](large)
    finally:
        large.book.connection.set_trace_callback(None)
    assert said
    for query in said:
        for row in large.book.connection.execute(f"EXPLAIN QUERY PLAN {query}").fetchall():
            assert not row[3].startswith(("SCAN entry", "SCAN posting", "USE TEMP B-TREE FOR ORDER BY"))


def test_a_day_of_many_entries_is_read_page_by_page(tmp_path: Path) -> None:
    """Three series on one day, posted in turns: pages of any length show them by series and number, from both ends."""
    in_turns = (replace(one, day=date(2015, 1, 15), series="MJA"[place % 3]) for place, one in enumerate(entries(900)))
    long_day = build(tmp_path / "day", 900, in_turns)
    browser = Browser(desk_of(long_day.path, long_day.state))
    view = View(Period(Month(2015, 1), Month(2015, 1)))
    expected = sorted(
        (row.place for row in listing.journal(browser, Ask(limit=10**6), view).rows if isinstance(row, EntryRow)),
    )
    assert len(expected) == long_day.entries
    assert len({day for day, _, _ in expected}) == 1
    assert len({series for _, series, _ in expected}) == 3
    for limit in (7, 200):
        page, forth = listing.journal(browser, Ask(limit=limit), view), list[object]()
        while True:
            forth += [row.place for row in page.rows if isinstance(row, EntryRow)]
            if not page.more_after:
                break
            page = listing.journal(browser, Ask(Toward.AFTER, place_of(page.rows[-1]), limit), view)
        assert forth == expected
        page, back = listing.journal(browser, Ask(Toward.LAST, limit=limit), view), list[object]()
        while True:
            back[:0] = [row.place for row in page.rows if isinstance(row, EntryRow)]
            if not page.more_before:
                break
            page = listing.journal(browser, Ask(Toward.BEFORE, place_of(page.rows[0]), limit), view)
        assert back == expected
    browser.close()
