"""A verification in two processes: the laws are judged here, the rows compared in another (`rows_apart`).

Both read blocks that stand and never change. What later blocks do change is compared while both hold the file, so that
both see the same blocks: nobody commits while one of them reads.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Final, Self

from cloudbooks.errors import Finding, Refusal, Sentence, sentence
from cloudbooks.store import log_bytes, sqlite
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.live_log import LiveLog
from cloudbooks.store.sentence_text import finding_of
from cloudbooks.system import files, own_process

WORTHWHILE: Final = 20_000
"""Entries from which on the second process saves more than its start costs."""

_BRIEFLY = 0.3
_PAUSE_SECONDS = 0.1


class ComparerLost(Refusal):
    """The process that compares rows ended before it was done, so nothing can be said of the book."""

    code = "comparer-lost"

    def __init__(self, pid: int, why: Sentence | str) -> None:
        super().__init__(
            sentence("the process {pid} that compared the rows ended before it was done ({why}); the book is not"
                     " verified.", pid=pid, why=why),
            hint=sentence("cloudbooks verify --processes 1 does all in one process"),
        )  # fmt: skip


def worthwhile(book: BookFile) -> int:
    """How many processes verify a book soonest: two for a large one, where there are two processors."""
    try:
        row = book.connection.execute("SELECT max(key) FROM entry").fetchone()
    except sqlite.Error:
        # A damaged file: one process says what is amiss with it.
        return 1
    return 2 if (row[0] or 0) >= WORTHWHILE and _processors() > 1 else 1


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Apart:
    """The other process. It is ended when the block ends, however that does; everything here raises `ComparerLost`."""

    def __init__(self, book: BookFile) -> None:
        """Start it on the blocks that the book has now."""
        assert book.head is not None
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                own_process.command("cloudbooks.store.rows_apart"),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                encoding="utf-8",
            )
        except OSError as error:
            raise ComparerLost(0, files.reason(error)) from error
        self._order(
            path=os.fsencode(book.path).hex(),
            read_only=book.read_only,
            file=list(book.header.identity),
            size=book.head.number + 1,
            head=book.head.hash,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the process, whatever it is doing: it only reads."""
        self._process.kill()
        self._process.communicate()

    def ready(self) -> None:
        """Wait until the rows of all blocks that it was started on are compared."""
        self._answer("ready")

    def hold(self) -> int:
        """Have it hold the file; gives the number of the last block that it sees."""
        self._order(do="hold")
        return int(self._answer("held"))

    def release(self) -> None:
        """Have it let others write."""
        self._order(do="release")
        self._answer("released")

    def finish(self, size: int) -> None:
        """Have it compare what is left of `size` blocks; it goes on meanwhile."""
        self._order(do="finish", size=size)

    def findings(self) -> list[Finding]:
        """Wait for everything that it found."""
        return [finding_of(one) for one in self._answer("findings")]

    def _order(self, **said: object) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(said) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise self._lost() from None

    def _answer(self, word: str) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        said = json.loads(line) if line.endswith("\n") else {}
        if word not in said:
            raise self._lost(str(said.get("error", "")))
        return said[word]

    def _lost(self, why: str = "") -> ComparerLost:
        self._process.kill()
        status = self._process.wait()
        if why:
            return ComparerLost(self._process.pid, why)
        if status < 0:
            return ComparerLost(self._process.pid, sentence("signal {number}", number=-status))
        return ComparerLost(self._process.pid, sentence("status {number}", number=status))


class LogForTwo(LiveLog):
    """The log of a book that another process reads, too.

    `admitted` counts the blocks that keep all laws, for whoever verifies to count. `early` is called when the laws are
    judged, while the other process is at work. `lost` is why that one did not come to its end.
    """

    def __init__(self, book: BookFile, apart: Apart, early: Callable[[], object]) -> None:
        super().__init__(book)
        self._apart = apart
        self._early = early
        self.admitted = 0
        self.lost: ComparerLost | None = None

    def hold(self) -> None:
        """See `LiveLog`: once the other process has compared the same blocks, both hold the file."""
        if self._book.connection.in_transaction:
            return
        if self.admitted < self._size:
            # A law was broken, so that what the other process compares is of no use.
            super().hold()
            return
        self._early()
        try:
            self._apart.ready()
            while not self._both_hold():
                time.sleep(_PAUSE_SECONDS)
        except ComparerLost as lost:
            # Verifying takes every exception for a fault of the log; this one is none.
            self.lost = lost
            raise

    def _both_hold(self) -> bool:
        """Hold the file in both processes; false where a writer stands between them, which must be let through."""
        connection = self._book.connection
        seen = self._apart.hold()
        sqlite.wait(connection, _BRIEFLY)
        try:
            connection.execute("BEGIN")
            last = log_bytes.last_block(connection)
            if last is not None and last[0] == seen:
                return True
        except sqlite.OperationalError as error:
            if sqlite.code_of(error) != sqlite.BUSY:
                raise
        finally:
            sqlite.wait(connection)
        connection.execute("ROLLBACK")
        self._apart.release()
        return False
