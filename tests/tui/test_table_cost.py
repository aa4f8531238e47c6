"""What the house table asks for, counted: as much in a long book as in a short one, never in the screen's thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from benchmarks.building import Built, desk_of
from tests.tui.driving import Hands, drive

from cloudbooks.core.listing import PAGE
from cloudbooks.core.period import Period
from cloudbooks.store import sqlite
from cloudbooks.tui.app import Start
from cloudbooks.tui.table import HouseTable
from cloudbooks.tui.table_window import KEPT

Asked = list[tuple[str, str]]
"""Thread and text of every query."""


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """Every query of every connection that is opened from here on."""
    said: Asked = []
    connect = sqlite.connect

    def traced(*words: Any, **named: Any) -> sqlite.Connection:
        connection = connect(*words, **named)
        connection.set_trace_callback(lambda query: said.append((threading.current_thread().name, query)))
        return connection

    monkeypatch.setattr(sqlite, "connect", traced)
    return said


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many rows each page has that a table is given."""
    counts: list[int] = []
    take: Callable[..., None] = HouseTable._take

    def counted(table: HouseTable, ask: Any, rows: Any, *, keep: str) -> None:
        counts.append(len(rows.rows))
        take(table, ask, rows, keep=keep)

    monkeypatch.setattr(HouseTable, "_take", counted)
    return counts


def of_reader(asked: Asked) -> int:
    """How many queries the rows waited for; a count has a reader of its own."""
    return len([query for thread, query in asked if thread.startswith("reader")])


def walked(built: Built, asked: Asked, taken: list[int]) -> list[tuple[str, int, list[int]]]:
    """What each step through the whole journal asks for: its name, queries, and the rows that came."""
    steps: list[tuple[str, int, list[int]]] = []

    async def look(hands: Hands) -> None:
        whole = await hands.app.clerk.read(lambda browser: browser.standing().months)
        hands.app.change_period(Period(whole[0], whole[-1]))
        await hands.settle()
        asked.clear()
        taken.clear()
        await hands.press("2")
        steps.append(("open", of_reader(asked), list(taken)))
        for key in ("pagedown", "pagedown", "down", "end", "pageup", "home", "end", "slash"):
            asked.clear()
            taken.clear()
            await hands.press(key)
            steps.append((key, of_reader(asked), list(taken)))
        asked.clear()
        taken.clear()
        await hands.type("taxi")
        await hands.press("enter")
        steps.append(("filter", of_reader(asked), list(taken)))
        table = hands.page.query_one(HouseTable)
        assert len(table.window) <= KEPT + PAGE

    desk = desk_of(built.path, built.state)
    drive(desk, look, start=Start(poll=False))
    return steps


def test_a_paint_asks_the_same_in_a_long_book(long_books: tuple[Built, Built], asked: Asked, taken: list[int]) -> None:
    """Open, page, end, beginning, filter: as many queries and rows with 1 000 entries as with 20 000, few of both."""
    small, large = (walked(built, asked, taken) for built in long_books)
    assert small[:-1] == large[:-1]
    assert [name for name, *_ in small] == [name for name, *_ in large]
    for _, queries, pages in large:
        assert queries <= 4
        assert all(rows <= PAGE for rows in pages)
        assert len(pages) <= 1


def test_no_query_runs_where_the_screen_is_drawn(long_books: tuple[Built, Built], asked: Asked) -> None:
    """Every query, from the first look at the book on, runs in a thread beside the screen; none counts rows to skip."""
    drawing = threading.current_thread().name
    everything: Asked = []

    async def look(hands: Hands) -> None:
        for key in ("2", "end", "pageup", "home", "enter", "escape", "3", "7", "9", "1"):
            await hands.press(key)
        everything.extend(asked)

    drive(desk_of(long_books[0].path, long_books[0].state), look, size=(140, 30))
    assert len(everything) > 20
    for thread, query in everything:
        assert thread != drawing, query
        assert "OFFSET" not in query.upper()
