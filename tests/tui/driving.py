"""Driving the screens: keys in, what stands on the terminal out. No pilot test sleeps; it waits until all is read."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from cloudbooks.books.desk import Desk
from cloudbooks.tui.app import BooksApp, Start
from cloudbooks.tui.page import Page

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
Driver = Callable[["Hands"], Awaitable[None]]


class FixedClock:
    """A clock that stands still."""

    def now(self) -> datetime:
        """Always the same."""
        return NOW


def desk_at(book: Path, state: Path) -> Desk:
    """The desk of a test: fixed time, a key without a passphrase."""
    return Desk(book, state, FixedClock(), "cloudbooks tui", lambda: b"")


class Hands:
    """What a test does with the screens; it counts the keys it presses."""

    def __init__(self, app: BooksApp, pilot: Pilot[Any]) -> None:
        self.app = app
        self.pilot = pilot
        self.pressed = 0

    async def press(self, *keys: str) -> None:
        """Press keys one after the other, each after what the last one asked for has come."""
        for key in keys:
            self.pressed += 1
            await self.pilot.press(key)
            await self.settle()

    async def type(self, text: str) -> None:
        """Type a text into a field."""
        names = {" ": "space", ":": "colon", "/": "slash", ">": "greater_than_sign", "-": "minus"}
        for character in text:
            await self.pilot.press(names.get(character, character))
        await self.settle()

    async def settle(self) -> None:
        """Wait until nothing is being read and everything is painted."""
        for _ in range(200):
            await self.pilot.pause()
            busy = [worker for worker in self.app.workers if not worker.is_finished]
            if not busy:
                break
            await asyncio.wait({asyncio.ensure_future(worker.wait()) for worker in busy}, timeout=5)
        await self.pilot.pause()

    @property
    def on(self) -> str:
        """The name of the page's class."""
        return type(self.page).__name__

    @property
    def lines(self) -> list[str]:
        """The terminal, line by line."""
        strips = self.app.screen._compositor.render_strips()
        return ["".join(segment.text for segment in strip) for strip in strips]

    @property
    def text(self) -> str:
        """The terminal as one text."""
        return "\n".join(self.lines)

    @property
    def page(self) -> Page:
        """The page that is shown."""
        page = self.app.page
        assert page is not None
        return page


def drive(desk: Desk, driver: Driver, *, size: tuple[int, int] = (80, 24), start: Start | None = None) -> BooksApp:
    """Start the screens of a book, give them to `driver`, and end them."""
    app = BooksApp(desk, start or Start(poll=False))

    async def session() -> None:
        async with app.run_test(size=size) as pilot:
            hands = Hands(app, pilot)
            await hands.settle()
            await driver(hands)

    asyncio.run(session())
    return app
