"""The threads beside the screen: readers, who have the book open, and the writer, who does operations."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from cloudbooks.books.browsing import Browser
from cloudbooks.books.desk import Desk

T = TypeVar("T")


class _Reader:
    """One thread that has the book open."""

    def __init__(self, desk: Desk, name: str) -> None:
        self._desk = desk
        self._thread = ThreadPoolExecutor(1, name)
        self._browser: Browser | None = None

    async def answer(self, question: Callable[[Browser], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._answer, question)

    def _answer(self, question: Callable[[Browser], T]) -> T:
        if self._browser is None:
            self._browser = Browser(self._desk)
        return self._browser.answer(question)

    def interrupt(self) -> None:
        """Break off what is being read, if anything is."""
        browser = self._browser
        if browser is not None:
            browser.interrupt()

    def _leave(self) -> None:
        browser, self._browser = self._browser, None
        if browser is not None:
            browser.close()

    def close(self) -> None:
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

    async def read(self, question: Callable[[Browser], T], *, slow: bool = False) -> T:
        """The answer to a question; raises what opening or asking raises."""
        if not slow:
            return await self._reader.answer(question)

        def fresh(browser: Browser) -> T:
            browser.changed()
            return question(browser)

        return await self._counter.answer(fresh)

    def interrupt(self, *, slow: bool = False) -> None:
        """Break off the question that is being answered: it raises `ReadingStopped`."""
        (self._counter if slow else self._reader).interrupt()

    async def do(self, operation: Callable[[Desk], T]) -> T:
        """The result of an operation on the book; raises what it raises."""
        return await asyncio.get_running_loop().run_in_executor(self._writer, operation, self.desk)

    async def long(self, work: Callable[[Desk], T]) -> T:
        """The result of long reading, beside everything else; raises what it raises."""
        return await asyncio.get_running_loop().run_in_executor(self._long, work, self.desk)

    def close(self) -> None:
        """Let go of the book and end the threads; what was begun is ended first."""
        self._long.shutdown(wait=False, cancel_futures=True)
        for reader in (self._reader, self._counter):
            reader.close()
        self._writer.shutdown(wait=True)
