"""Driving the screens: keys in, what stands on the terminal out. No pilot test sleeps; it waits until all is read.

Nothing is waited for without end: what does not come within `PATIENCE` fails the test with what stands on the terminal,
and a start of the screens that takes longer than `SESSION` ends with the places at which each task and thread stands.
"""

from __future__ import annotations

import asyncio
import faulthandler
import signal
import tempfile
import unicodedata
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from types import FrameType
from typing import Any

from textual import events
from textual.keys import REPLACED_KEYS, _character_to_key, _get_unicode_name_from_key
from textual.pilot import Pilot

from cloudbooks.books.desk import Desk
from cloudbooks.tui.app import BooksApp, Start
from cloudbooks.tui.page import Page

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
PATIENCE = 30.0
"""Seconds that one answer may take; a machine under load needs a few."""
SESSION = 240.0
"""Seconds that one start of the screens may take."""
Driver = Callable[["Hands"], Awaitable[None]]


class Stalled(AssertionError):
    """Something did not come: what was waited for, and what stood on the terminal then."""

    def __init__(self, waited_for: list[str], lines: list[str]) -> None:
        super().__init__("\n".join(["still waiting for:", *waited_for, "on the terminal:", *lines]))


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
        self.bugs_wanted = False

    async def press(self, *keys: str) -> None:
        """Press keys one after the other, each after what the last one asked for has come."""
        for key in keys:
            self.pressed += 1
            self.send(key)
            await self.settle()

    def send(self, *keys: str) -> None:
        """Send keys as a terminal does, and wait for nothing."""
        for key in keys:
            self.app.post_message(_event(key))

    async def type(self, text: str) -> None:
        """Type a text into a field."""
        self.send(*("space" if character == " " else character for character in text))
        await self.settle()

    async def settle(self) -> None:
        """Wait until nothing is being read and everything is painted."""
        until = monotonic() + PATIENCE
        while True:
            await self.pilot.pause()
            busy = [f"{worker.group} {worker.name}" for worker in self.app.workers if not worker.is_finished]
            if self.app.typed_ahead or self.app.between:
                busy.append("keys that were typed ahead, or a dialog that comes or goes")
            if not busy:
                break
            if monotonic() > until:
                raise Stalled(busy, self.lines)
            await asyncio.sleep(0.005)
        # What waits for a layout or a paint changes the picture once more; it is done when two looks see the same.
        before: list[str] = []
        while before != (now := self.lines):
            before = now
            await self.pilot.pause()
        if self.app._exception is not None:
            # A part of the screen is dead: nothing that is pressed from here on would be answered.
            raise self.app._exception
        if self.app.bugs and not self.bugs_wanted:
            raise self.app.bugs[0]

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


def _event(key: str) -> events.Key:
    """A key as a terminal sends it: named as Textual names it, with its character if it has one."""
    name = _character_to_key(key) if len(key) == 1 and not key.isalnum() else key
    try:
        character = unicodedata.lookup(_get_unicode_name_from_key(REPLACED_KEYS.get(name, name)))
    except KeyError:
        return events.Key(name, key if len(key) == 1 else None)
    return events.Key(name, character)


def drive(desk: Desk, driver: Driver, *, size: tuple[int, int] = (80, 24), start: Start | None = None) -> BooksApp:
    """Start the screens of a book, give them to `driver`, and end them. Raises `Stalled` where they do not end."""
    app = BooksApp(desk, start or Start(poll=False))

    async def session() -> None:
        async with app.run_test(size=size) as pilot:
            hands = Hands(app, pilot)
            driven = asyncio.ensure_future(_driven(hands, driver))
            await asyncio.wait({driven}, timeout=SESSION)
            if not driven.done():
                raise Stalled([_stack(task) for task in asyncio.all_tasks()], hands.lines)
            await driven

    with _watched(SESSION + PATIENCE):
        asyncio.run(session())
    return app


async def _driven(hands: Hands, driver: Driver) -> None:
    await hands.settle()
    await driver(hands)


def _stack(task: asyncio.Task[Any]) -> str:
    """Where a task stands."""
    places = [f"{frame.f_code.co_filename}:{frame.f_lineno}" for frame in task.get_stack()]
    return f"{task.get_name()}: {' '.join(places)}"


@contextmanager
def _watched(seconds: float) -> Iterator[None]:
    """Break off what holds up the thread of the screens itself, where no task of it can say so any more."""
    if not hasattr(signal, "SIGALRM"):
        yield
        return

    def late(_signal: int, _frame: FrameType | None) -> None:
        with tempfile.TemporaryFile("w+", encoding="utf-8") as told:
            faulthandler.dump_traceback(told)
            told.seek(0)
            raise Stalled([told.read()], [])

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
