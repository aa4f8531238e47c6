"""The two threads beside the screen: the reader, who has the book open, and the writer, who does operations."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

from cloudbooks.books.browsing import Browser
from cloudbooks.books.desk import Desk

T = TypeVar("T")


class Clerk:
    """Answers questions and does operations outside the thread of the screen, each kind in order.

    A connection belongs to the thread that opened it, so the reader has its own, for as long as the program runs; an
    operation opens the book for itself.
    """

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._reader = ThreadPoolExecutor(1, "reader")
        self._writer = ThreadPoolExecutor(1, "writer")
        self._browser: Browser | None = None
        self.asked = 0

    async def read(self, question: Callable[[Browser], T]) -> T:
        """The answer to a question; raises what opening or asking raises."""
        self.asked += 1
        return await asyncio.get_running_loop().run_in_executor(self._reader, self._answer, question)

    async def do(self, operation: Callable[[Desk], T]) -> T:
        """The result of an operation on the book; raises what it raises."""
        return await asyncio.get_running_loop().run_in_executor(self._writer, operation, self.desk)

    def _answer(self, question: Callable[[Browser], T]) -> T:
        if self._browser is None:
            self._browser = Browser(self.desk)
        return question(self._browser)

    def reopen(self) -> None:
        """Let the next question open the book anew."""
        self._reader.submit(self._leave)

    def _leave(self) -> None:
        browser, self._browser = self._browser, None
        if browser is not None:
            browser.close()

    def close(self) -> None:
        """Let go of the book and end both threads; what was begun is ended first."""
        with suppress(RuntimeError):
            self._reader.submit(self._leave)
        self._reader.shutdown(wait=True, cancel_futures=False)
        self._writer.shutdown(wait=True, cancel_futures=False)
