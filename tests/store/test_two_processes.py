"""A verification in two processes says what one in one process says, or names the process that was lost."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any, Self

import pytest
from tests.chain.building import BookBuilder
from tests.store.posted_book import PostedBook, another_program, without_triggers

from cloudbooks.chain import presuming
from cloudbooks.chain.batch import Batch, presumed
from cloudbooks.chain.sealing import Sealed
from cloudbooks.chain.verdict import Policy, Verdict
from cloudbooks.errors import sentence
from cloudbooks.store import comparing
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.comparing import verify_book
from cloudbooks.store.comparing_apart import Apart, ComparerLost


@pytest.fixture
def posted(tmp_path: Path) -> PostedBook:
    """A book with a row of nearly every table."""
    book = PostedBook(tmp_path)
    book.fill()
    return book


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The processes that were started, each with what is done before it is waited for, and before it holds."""
    all_of_them: list[Any] = []

    class Watched(Apart):
        before_ready: Callable[[Watched], object] = lambda _self: None
        after_hold: Callable[[Watched], object] = lambda _self: None

        def __enter__(self) -> Self:
            all_of_them.append(self)
            return self

        def ready(self) -> None:
            type(self).before_ready(self)
            super().ready()

        def hold(self) -> int:
            number = super().hold()
            type(self).after_hold(self)
            return number

    monkeypatch.setattr(comparing, "Apart", Watched)
    all_of_them.append(Watched)
    return all_of_them


def verdict_of(posted: PostedBook, processes: int, watch: Callable[[], None] | None = None) -> Verdict:
    """What is said of the file; findings in words."""
    with posted.open() as book:
        verdict = verify_book(book, Policy(), watch, processes=processes)
    return replace(
        verdict, findings=tuple(one._replace(message=sentence(str(one.message)), hint=None) for one in verdict.findings)
    )


ENTRY = "id, date, series, 99, summary, block, record, kind, made_by, NULL, NULL, more"
POSTING = "account, date, commodity, amount, value, red, party"
ANYWAY = {"attachment-missing", "file-touched"}
"""What is found in any case: files that nobody kept, and that another program wrote."""

DAMAGE = {
    "nothing": (),
    "checkpoint": ("UPDATE checkpoint SET digest = x'00'",),
    "last block": ("UPDATE log_block SET bytes = x'7b7d' WHERE number = 3",),
    "first block gone": ("DELETE FROM log_batch WHERE block = 0", "DELETE FROM log_block WHERE number = 0"),
    "batch gone": ("DELETE FROM log_batch WHERE block = 2",),
    "batch of no block": ("INSERT INTO log_batch SELECT 9, part, first, size, digest, bytes FROM log_batch LIMIT 1",),
    "bytes of a batch": ("UPDATE log_batch SET bytes = zeroblob(9) WHERE block = 2",),
    "an entry more": (f"INSERT INTO entry SELECT 99, {ENTRY} FROM entry WHERE key = 1",),
    "a posting more": (f"INSERT INTO posting SELECT entry, 9, {POSTING} FROM posting WHERE entry = 1 AND line = 1",),
    "all postings": ("UPDATE posting SET amount = amount + 1",),
    "a tally of drafts": ("UPDATE working_tally SET sum = zeroblob(16)",),
    "a file that is kept": ("INSERT INTO attachment VALUES (zeroblob(32), 1, zeroblob(8), zeroblob(3))",),
    "the schema": ("CREATE TABLE more (a)",),
    "what the file knows": ("UPDATE meta SET value = 'x' WHERE key = 'migrations'",),
}  # fmt: skip


@pytest.mark.parametrize("name", DAMAGE)
def test_both_ways_find_the_same_in_the_same_order(posted: PostedBook, name: str) -> None:
    """Whatever is damaged: the log, a table, the working state, or the file."""
    with posted.open() as one, posted.open() as two, another_program(posted.path) as connection:
        without_triggers(connection, *DAMAGE[name])
        verdicts = [verify_book(one, Policy(), processes=1), verify_book(two, Policy(), processes=2)]
    first, second = (
        (replace(verdict, findings=()), [(*map(str, found[:4]), *found[4:]) for found in verdict.findings])
        for verdict in verdicts
    )
    assert first == second
    assert ({found.code for found in verdicts[0].findings} == ANYWAY) is (name == "nothing")


def test_a_process_that_dies_is_named_and_nothing_is_called_valid(posted: PostedBook, started: list[Any]) -> None:
    """The refusal tells its number and the signal, and names the way that does without it."""
    started[0].before_ready = lambda apart: os.kill(apart._process.pid, signal.SIGKILL)
    with pytest.raises(ComparerLost, match=r"process \d+ .*signal 9"):
        verdict_of(posted, 2)
    with posted.open() as book:
        assert not book.connection.in_transaction


def test_an_interrupt_ends_both(posted: PostedBook, started: list[Any]) -> None:
    """Ctrl-C in the one that judges leaves no other behind."""

    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        verdict_of(posted, 2, interrupt)
    assert started[1]._process.returncode is not None


def test_the_other_process_ends_when_nobody_listens(posted: PostedBook) -> None:
    """It reads to the end of its orders and is gone: a parent that was killed leaves none behind."""
    with posted.open() as book:
        apart = Apart(book)
        process = apart._process
        assert process.stdin is not None
        apart.ready()
        process.stdin.close()
        assert process.wait(20) == 1
        assert process.stdout is not None
        process.stdout.close()


def test_what_is_posted_meanwhile_is_seen_by_both(posted: PostedBook) -> None:
    """Blocks that another program adds while the laws are judged are verified too, rows included."""
    more = [lambda: posted.block(posted.entry())]

    def watch() -> None:
        if more:
            more.pop()()

    verdict = verdict_of(posted, 2, watch)
    assert (verdict.valid, verdict.blocks, verdict.consistent) == (True, posted.state.size, posted.state.size)


def test_a_writer_between_the_two_is_let_through(posted: PostedBook, started: list[Any]) -> None:
    """One holds the file, a writer waits for it and bars the other: both let go, and see the writer's block."""
    writers: list[Thread] = []

    def write(_apart: Any) -> None:
        if not writers:
            writers.append(Thread(target=lambda: posted.block(posted.entry())))
            writers[0].start()
            writers[0].join(1.0)

    started[0].after_hold = write
    verdict = verdict_of(posted, 2)
    writers[0].join()
    assert posted.last is not None
    assert (verdict.valid, verdict.blocks) == (True, posted.state.size)


class Noting(BookBuilder):
    """A builder that remembers every batch with what became of it."""

    def __init__(self) -> None:
        self.noted: list[tuple[Batch, Sealed]] = []
        super().__init__()

    def commit(self, made: Batch, signed: bytes, now: str = "") -> Sealed:
        """See `BookBuilder`."""
        sealed = super().commit(made, signed, now)
        self.noted.append((made, sealed))
        return sealed


def test_what_is_presumed_of_lawful_batches_is_what_admitting_gives() -> None:
    """Entries, numbers, amounts, sides, and all other records: over blocks with something of everything."""

    class Filled(Noting):
        remark, rate = PostedBook.remark, PostedBook.rate

    book = Filled()
    rent = book.entry()
    dollars = book.entry(
        book.line(book.DOLLARS, "5.00", "USD", value="36.00"), book.line(book.SALES, "-36.00"), series="付"
    )
    book.block(rent, book.entry(date="2026-10-01"), dollars)
    book.block(book.reversal(rent), book.entry(), book.close("2026-09"))
    for made, sealed in book.noted:
        batch = presumed(made.data, made.hash)
        assert presuming.presumed(sealed.block, batch) == sealed.admitted
        assert (batch.header, batch.records, batch.hash, batch.data) == (
            made.header,
            made.records,
            made.hash,
            made.data,
        )


def test_a_process_that_cannot_be_started_is_a_refusal(posted: PostedBook, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system starts none, the way that does without it is named."""
    monkeypatch.setattr(sys, "executable", str(posted.path.with_name("no-python")))
    with pytest.raises(ComparerLost, match="there is no such file"):
        verdict_of(posted, 2)


def test_a_file_that_was_put_in_the_place_of_the_book_is_not_compared(posted: PostedBook, started: list[Any]) -> None:
    """The other process opens the book by its name: it must be the same file, with the same last block."""
    other = posted.path.with_name("other.cbk")
    other.write_bytes(posted.path.read_bytes())
    begin = Apart.__init__

    def swapped(self: Apart, book: BookFile) -> None:
        other.replace(posted.path)
        begin(self, book)

    started[0].__init__ = swapped
    with pytest.raises(ComparerLost, match="AnotherFile"):
        verdict_of(posted, 2)
