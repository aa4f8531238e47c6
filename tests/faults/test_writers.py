"""R10: eight programs write one book at once; every post that was acknowledged is there once, in one chain."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from tests.books.small_book import ICBC, import_lines, small_book
from tests.faults.bench import Bench, one
from tests.faults.children import Child
from tests.faults.crowd import crowded
from tests.faults.verbs import VERBS
from tests.store.posted_book import PostedBook, another_program

from cloudbooks.books import drafting, posting
from cloudbooks.chain.verdict import Policy
from cloudbooks.core.draft import DraftState
from cloudbooks.store import opening, place, reading, receipt, sqlite
from cloudbooks.store.comparing import verify_book
from cloudbooks.store.disk_faults import BookLocked
from cloudbooks.store.header import Header
from cloudbooks.store.opening_book import open_book
from cloudbooks.system.clock import SystemClock

WRITERS = 8
ENTRIES = 200
"""How many entries many programs post at once; a release is tortured with more."""
ROUNDS = int(os.environ.get("CLOUDBOOKS_ROUNDS", "3"))
"""How often each writer drafts and posts; a release is tortured with more."""


def released(bench: Bench, commands: list[list[str]]) -> list[Child]:
    """Children with one command each, all released together."""
    children = [bench.nursery.start("run", bench.box, command) for command in commands]
    for child in children:
        child.release()
    return children


def test_eight_writers_lose_nothing_and_fork_nothing(bench: Bench) -> None:
    """Each drafts, then each posts its own draft, all at once: no refusal, no gap in the numbers, no draft left."""
    bench.start(VERBS["draft"])
    before = bench.look().standing
    for turn in range(ROUNDS):
        summaries = [f"writer {number} in round {turn}" for number in range(WRITERS)]
        drafts = []
        for child in released(
            bench, [["add", "2026-10-20", what, "6400", "10", "1010.01", "--json"] for what in summaries]
        ):
            done = child.finish()
            assert done.status == 0, done
            drafts.append(done.out.partition('"id":"')[2].partition('"')[0])
        assert len(set(drafts)) == WRITERS
        posts = [child.finish() for child in released(bench, [["post", name, "--yes"] for name in drafts])]
        assert [done.status for done in posts] == [0] * WRITERS, posts
    after = bench.look().standing
    assert after["acme entry"] == before["acme entry"] + ROUNDS * WRITERS
    assert after["acme log_block"] == before["acme log_block"] + ROUNDS * WRITERS
    assert after["acme draft"] == 0
    require_one_series(bench.box / "acme.cbk", bench.box / "state")


def test_many_that_post_sync_verify_and_read_lose_nothing(bench: Bench) -> None:
    """Four import and post all that is ready, one syncs, one verifies, one reads: each line is an entry, once."""
    tally = crowded(bench, ENTRIES)
    assert not tally.broken, "\n".join(tally.broken)
    assert tally.counts["entries"] == ENTRIES
    require_one_series(bench.box / "acme.cbk", bench.box / "state")


def test_a_post_that_others_overtook_is_planned_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another program posts some of the same between the plan and the commit: the rest is posted, nothing twice."""
    desk = small_book(tmp_path)
    import_lines(desk, [("2026-10-05", "shop", "ink", "-7.00")])
    for summary in ("paper", "ink"):
        drafting.add(desk, date(2026, 10, 20), summary, "5602", "5", ICBC)
    real = posting._batches
    first, _ = [one.number for one in drafting.drafts(desk) if one.state is DraftState.READY]

    def overtaken(*given: Any) -> Any:
        monkeypatch.setattr(posting, "_batches", real)
        posting.post(desk, [first], everything=False)
        return real(*given)

    monkeypatch.setattr(posting, "_batches", overtaken)
    done = posting.post(desk, [], everything=True)
    assert [block.entries for block in done.blocks] == [1]
    with desk.open() as book:
        assert [entry.summary for entry in reading.entries(book)][-2:] == ["paper", "ink"]
        assert verify_book(book, Policy()).valid


def require_one_series(path: Path, state: Path) -> None:
    """The voucher numbers run from 1 without a gap, each once."""
    with open_book(path, state=state, clock=SystemClock()) as book:
        assert verify_book(book, Policy()).valid
        count = one(book, "SELECT count(*) FROM entry")
        assert one(book, "SELECT count(DISTINCT number) FROM entry") == count
        assert one(book, "SELECT max(number) FROM entry") == count


def test_a_post_between_two_looks_is_no_loss(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening looks at the head, then at the receipt: a block that another program posts in between is not missed."""
    posted = PostedBook(tmp_path)
    real = receipt.read

    def read(state: Path, book: str) -> receipt.Receipt | None:
        monkeypatch.setattr(receipt, "read", real)
        posted.block(posted.entry())
        return real(state, book)

    monkeypatch.setattr(receipt, "read", read)
    with posted.open() as book:
        assert (book.stopped, book.faults) == (None, ())
        assert book.head is not None
        assert book.head.number == 1


def test_opening_waits_for_a_commit(tmp_path: Path) -> None:
    """A book whose writer is in the middle of its commit is opened when that has ended, not refused."""
    posted = PostedBook(tmp_path)
    with another_program(posted.path) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        connection.execute("INSERT INTO salt VALUES (zeroblob(16), 0)")
        assert place.has_journal(posted.path)
        with ThreadPoolExecutor(1) as threads:
            opened = threads.submit(lambda: posted.open().close())
            time.sleep(0.3)
            assert not opened.done()
            connection.execute("ROLLBACK")
            opened.result(10)


def test_a_book_that_another_program_keeps_locked_is_said_to_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`book-locked` after the time that a reader waits, not a bug; and it reads when the other is done."""
    posted = PostedBook(tmp_path)
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.1)
    with another_program(posted.path) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        with pytest.raises(BookLocked) as caught:
            posted.open()
        assert caught.value.code == "book-locked"
        connection.execute("ROLLBACK")
    posted.open().close()


def test_a_journal_that_is_gone_a_moment_later_casts_no_doubt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening saw the journal of a writer at work, who was done before it was looked at: nothing is to be verified."""
    posted = PostedBook(tmp_path)
    real = opening.hold
    with another_program(posted.path) as connection:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO salt VALUES (zeroblob(16), 0)")

        def hold(seen: place.Place) -> Header:
            assert seen.journal
            connection.execute("ROLLBACK")
            return real(seen)

        monkeypatch.setattr(opening, "hold", hold)
        with posted.open() as book:
            assert (book.unsure, book.faults) == ("", ())


def test_a_journal_whose_writer_ends_at_that_moment_waits_for_readers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Opening saw the journal of a writer that was done a moment later; it waits for who reads, as any writer does."""
    posted, reads = PostedBook(tmp_path), Event()
    monkeypatch.setattr(opening, "has_journal", lambda _: True)

    def read() -> None:
        with another_program(posted.path) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM entry").fetchall()
            reads.set()
            time.sleep(0.3)

    connection = sqlite.connect(posted.path)
    with closing(connection), closing(Header(posted.path)) as header, ThreadPoolExecutor(1) as threads:
        reading = threads.submit(read)
        assert reads.wait(10)
        assert opening.recover(connection, posted.path, header, read_only=False)
        reading.result(10)


def test_writers_that_are_killed_hold_nobody_up(bench: Bench) -> None:
    """Half of eight writers are killed at work: the others end well, and what they said is there."""
    bench.start(VERBS["draft"])
    before = bench.look().standing
    children = released(
        bench, [["add", "2026-10-20", f"writer {number}", "6400", "10", "1010.01"] for number in range(8)]
    )
    for child in children[::2]:
        child.kill()
    endings = [child.finish() for child in children]
    assert all(ending.status == 0 for ending in endings[1::2]), endings
    said = sum(bool(ending.out) for ending in endings)
    after = bench.look().standing
    assert before["acme draft"] + said <= after["acme draft"] <= before["acme draft"] + len(children)
