"""After a recovery: a journal that a stopped writer left is rolled back, told, and the book verified before a write."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.store.posted_book import PostedBook, Ticking, another_program

from cloudbooks.chain import sealing
from cloudbooks.chain.verdict import Policy
from cloudbooks.store import meta, opening, receipt, sqlite, whole
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.commit import commit
from cloudbooks.store.comparing import verify_book
from cloudbooks.store.disk_faults import BookDamaged
from cloudbooks.store.leaving_wal import LogLeftUnmarked, leave_wal
from cloudbooks.store.opening_book import open_book
from cloudbooks.store.place import has_journal
from cloudbooks.store.whole import PostedChanged
from cloudbooks.store.writing import writing


@pytest.fixture
def stopped(tmp_path: Path) -> PostedBook:
    """A book beside which a hot journal lies: copied, both together, in the middle of a transaction that spilled."""
    posted = PostedBook(tmp_path)
    posted.block(*(posted.entry(summary=f"rent {number}") for number in range(50)))
    copy = tmp_path / "copy.cbk"
    with another_program(posted.path) as connection:
        connection.execute("PRAGMA cache_size=5")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("DROP TRIGGER entry_no_update")
        connection.execute("DROP TRIGGER posting_no_update")
        connection.execute("UPDATE entry SET summary = summary || hex(randomblob(400))")
        connection.execute("UPDATE posting SET amount = amount + 1")
        shutil.copy2(posted.path, copy)
        shutil.copy2(f"{posted.path}-journal", f"{copy}-journal")
        connection.execute("ROLLBACK")
    assert copy.read_bytes() != posted.path.read_bytes()
    shutil.move(copy, posted.path)
    shutil.move(f"{copy}-journal", f"{posted.path}-journal")
    return posted


def post(posted: PostedBook, book: BookFile) -> None:
    """Post one entry."""
    made = posted.batch(posted.entry())
    commit(book, made, sealing.seal(made, posted.signed(made), posted.instant()))


def test_a_hot_journal_is_rolled_back_and_told(stopped: PostedBook) -> None:
    """Opening recovers, says so, and keeps that the book is to be verified, for other processes too."""
    assert has_journal(stopped.path)
    for _ in range(2):
        with stopped.open() as book:
            assert [finding.code for finding in book.faults] == ["unverified"]
            assert book.unsure == opening.RECOVERED
            assert meta.read(book.connection, meta.UNVERIFIED) == opening.RECOVERED
            assert int(meta.read(book.connection, meta.COUNTER)) == book.header.change_counter()
    assert not has_journal(stopped.path)


def test_the_first_write_after_it_verifies_the_whole(stopped: PostedBook) -> None:
    """The first write verifies, ends the doubt, and writes."""
    with stopped.open() as book:
        post(stopped, book)
        assert book.unsure == ""
        assert verify_book(book, Policy()).valid
    with stopped.open() as book:
        assert book.faults == ()


def test_of_many_that_found_it_so_one_verifies(stopped: PostedBook, verified: list[BookFile]) -> None:
    """Whoever opened it in doubt too, and writes after the first one has, does not verify it once more."""
    with stopped.open() as first, stopped.open() as second:
        post(stopped, first)
        post(stopped, second)
        assert (first.unsure, second.unsure) == ("", "")
        assert verified == [first]
    with stopped.open() as third:
        assert (third.unsure, third.faults) == ("", ())


def test_a_bad_recovery_is_not_written_on(stopped: PostedBook) -> None:
    """A bit that flipped in the journal, where SQLite does not see it, is found before anything is written."""
    journal = stopped.path.with_name("acme.cbk-journal")
    whole, book_bytes = journal.read_bytes(), stopped.path.read_bytes()
    kept = receipt.path_of(stopped.home, stopped.book().id).read_bytes()
    found = 0
    for place in range(600, len(whole), len(whole) // 40):
        changed = bytearray(whole)
        changed[place] ^= 4
        stopped.path.write_bytes(book_bytes)
        journal.write_bytes(changed)
        receipt.path_of(stopped.home, stopped.book().id).write_bytes(kept)
        try:
            with stopped.open() as book:
                post(stopped, book)
                assert verify_book(book, Policy()).valid
        except (PostedChanged, opening.SchemaChanged, BookDamaged, meta.MetaDamaged, opening.LastBlockUnreadable):
            found += 1
    assert found


def test_a_lost_journal_is_found(stopped: PostedBook) -> None:
    """Where the journal was deleted, the mixture that is left is not written on."""
    stopped.path.with_name("acme.cbk-journal").unlink()
    with pytest.raises((PostedChanged, opening.SchemaChanged)), stopped.open() as book, writing(book):
        post(stopped, book)


def test_a_writer_at_work_is_not_disturbed(tmp_path: Path) -> None:
    """A journal of a living writer is left alone: opening reads, and marks nothing."""
    posted = PostedBook(tmp_path)
    with another_program(posted.path) as connection:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO salt VALUES (zeroblob(16), 0)")
        assert has_journal(posted.path)
        with posted.open() as book:
            assert book.unsure == ""
            assert book.faults == ()
        connection.execute("ROLLBACK")
    with open_book(posted.path, state=posted.home, clock=Ticking()) as book:
        assert book.unsure == ""
        assert sqlite.version()


def test_a_book_leaves_its_write_ahead_log(tmp_path: Path) -> None:
    """A book that another program turned to WAL is turned back, with all it holds, and is verified before a write."""
    posted = PostedBook(tmp_path)
    with another_program(posted.path) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("UPDATE setting SET value = value")
        with pytest.raises(opening.BookTurnedWal):
            leave_wal(posted.path)
    leave_wal(posted.path)
    assert not posted.path.with_name("acme.cbk-wal").exists()
    with posted.open() as book:
        assert book.unsure
        post(posted, book)
        assert book.unsure == ""
        assert verify_book(book, Policy()).valid


def test_a_book_that_left_its_write_ahead_log_without_a_mark_is_verified(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`wal-left`, and not that nothing was written; the next write verifies the whole book before it begins."""
    posted = PostedBook(tmp_path)
    with another_program(posted.path) as connection:
        connection.execute("PRAGMA journal_mode=WAL")

    def full(*_: object) -> None:
        raise sqlite.OperationalError("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(opening, "mark_unverified", full)
        with pytest.raises(LogLeftUnmarked) as caught:
            leave_wal(posted.path)
    assert caught.value.code == "wal-left"
    verified: list[BookFile] = []
    monkeypatch.setattr(whole, "require_whole", verified.append)
    with posted.open() as book:
        post(posted, book)
    assert verified
