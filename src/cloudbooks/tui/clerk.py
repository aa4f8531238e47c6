"""The threads beside the screen: readers, who have the book open, and the writer, who does operations.

None of them is waited for without end: a question that is being answered is broken off when the screens are left, long
reading asks `leaving` whether to go on, and only an operation that writes is let end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock
from time import monotonic
from typing import TypeVar

from cloudbooks.books.browsing import Browser, ReadingStopped
from cloudbooks.books.desk import Desk

T = TypeVar("T")


class _Reader:
    """One thread that has the book open."""

    def __init__(self, desk: Desk, name: str) -> None:
        self._desk = desk
        self._thread = ThreadPoolExecutor(1, name)
        self._browser: Browser | None = None
        self._lock = Lock()
        self._owner: object = None
        self._closed = False

    async def answer(self, question: Callable[[Browser], T], owner: object) -> T:
        if self._closed:
            raise ReadingStopped
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._answer, question, owner)

    def _answer(self, question: Callable[[Browser], T], owner: object) -> T:
        with self._lock:
            if self._closed:
                raise ReadingStopped
            self._owner = owner
            if self._browser is not None:
                self._browser.begin()
        try:
            if self._browser is None:
                self._browser = Browser(self._desk)
            return self._browser.answer(question)
        finally:
            with self._lock:
                self._owner = None

    def interrupt(self, owner: object) -> None:
        """Break off the question that is being answered, if it is the owner's; `None` is anybody's."""
        with self._lock:
            if self._browser is not None and self._owner is not None and (owner is None or owner == self._owner):
                self._browser.interrupt()

    def _leave(self) -> None:
        browser, self._browser = self._browser, None
        if browser is not None:
            browser.close()

    def close(self) -> None:
        with self._lock:
            if self._closed:
                return
            self._closed = True
        self.interrupt(None)
        self._thread.submit(self._leave)
        self._thread.shutdown(wait=True)


class Clerk:
    """Answers questions and does operations outside the thread of the screen, each kind in order.

    A connection belongs to the thread that opened it, so each reader has its own, for as long as the program runs; an
    operation opens the book for itself. Counts have a reader of their own, so that no row waits for them.
    """

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._reader = _Reader(desk, "reader")
        self._counter = _Reader(desk, "counter")
        self._writer = ThreadPoolExecutor(1, "writer")
        self._long = ThreadPoolExecutor(1, "long")
        self.leaving = Event()
        self.writing_since: float | None = None

    async def read(self, question: Callable[[Browser], T], *, slow: bool = False, owner: object = None) -> T:
        """The answer to a question; raises what opening or asking raises, and `ReadingStopped` when it is broken off.

        `owner` names who asks, for `interrupt`.
        """
        if not slow:
            return await self._reader.answer(question, owner or question)

        def fresh(browser: Browser) -> T:
            browser.changed()
            return question(browser)

        return await self._counter.answer(fresh, owner or question)

    def interrupt(self, owner: object = None, *, slow: bool = False) -> None:
        """Break off the question that is being answered, the owner's only if one is named."""
        (self._counter if slow else self._reader).interrupt(owner)

    async def do(self, operation: Callable[[Desk], T]) -> T:
        """The result of an operation on the book; raises what it raises. It is not broken off: a write ends whole."""

        def done(desk: Desk) -> T:
            self.writing_since = monotonic()
            try:
                return operation(desk)
            finally:
                self.writing_since = None

        return await asyncio.get_running_loop().run_in_executor(self._writer, done, self.desk)

    async def long(self, work: Callable[[Desk, Callable[[], bool]], T]) -> T:
        """The result of long reading, beside everything else; raises what it raises.

        `work` gets the desk, and what tells whether the screens are still there: it ends soon after they are not.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._long, work, self.desk, lambda: not self.leaving.is_set())

    def close(self) -> None:
        """Let go of the book and end the threads: reading is broken off, an operation that writes is let end."""
        self.leaving.set()
        self._long.shutdown(wait=False, cancel_futures=True)
        for reader in (self._reader, self._counter):
            reader.close()
        self._writer.shutdown(wait=True)
