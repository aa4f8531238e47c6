"""The receipt: its text, its one-way numbers, and what opening makes of each way in which it differs from the book."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.chain.strategies import BOOK
from tests.store.posted_book import PostedBook, another_program, without_triggers

from cloudbooks.chain.verdict import Policy
from cloudbooks.core.digest import short
from cloudbooks.errors import ChainFault
from cloudbooks.store import receipt
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.comparing import verify_book
from cloudbooks.store.receipt import Receipt
from cloudbooks.store.trusting import BookBehind, BookContradictsReceipt, LinkBroken, OlderCopy
from cloudbooks.store.writing import writing
from cloudbooks.system import files
from cloudbooks.system.clock import local_time

receipts = st.builds(
    Receipt, book=st.just(BOOK), number=st.integers(0, 2**40), hash=st.text(), path=st.text(), written_at=st.text()
)


@pytest.fixture
def posted(tmp_path: Path) -> PostedBook:
    """A book with three blocks."""
    book = PostedBook(tmp_path)
    book.block(book.entry())
    book.block(book.entry())
    return book


def write(posted: PostedBook, number: int, hash_: str | None = None, path: str = "") -> None:
    """Put a receipt of block `number` in its place, with that block's hash unless another is given."""
    with posted.open() as book:
        row = book.connection.execute("SELECT hash FROM block WHERE number = ?", (number,)).fetchone()
    true = f"b3:{row[0].hex()}" if row else "b3:" + "0" * 64
    target = receipt.path_of(posted.home, BOOK)
    target.write_bytes(
        receipt.text(Receipt(BOOK, number, hash_ or true, path or str(posted.path), "2026-11-20T18:02:00Z"))
    )


def kept(posted: PostedBook) -> Receipt | None:
    """The receipt that is in its place."""
    return receipt.read(posted.home, BOOK)


def refuses_writes(book: BookFile) -> ChainFault:
    """The fault that bars every write, and that verifying says too; reading works."""
    assert book.connection.execute("SELECT count(*) FROM entry").fetchone() == (2,)
    with pytest.raises(ChainFault) as caught, writing(book):
        pass
    verdict = verify_book(book, Policy())
    assert not verdict.valid
    assert caught.value.code in [finding.code for finding in verdict.findings]
    return caught.value


@given(receipts)
def test_a_receipt_reads_back(written: Receipt) -> None:
    """What is written is read, whatever path it names."""
    assert receipt.parse(receipt.text(written)) == written


@given(receipts, st.data())
def test_a_changed_receipt_is_unreadable(written: Receipt, data: st.DataObject) -> None:
    """A receipt of which one byte is another, or is missing, is none."""
    text = receipt.text(written)
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from([b"", bytes([text[at] ^ 1]), bytes([text[at] ^ 0x80])]))
    with pytest.raises(receipt.Unreadable):
        receipt.parse(text[:at] + other + text[at + 1 :])


def test_a_lower_number_never_replaces_a_higher(tmp_path: Path) -> None:
    """Two processes may end in the other order than they posted: the higher number stays."""
    high = Receipt(BOOK, 7, "b3:7", "a", "b")
    receipt.keep(tmp_path, high)
    receipt.keep(tmp_path, Receipt(BOOK, 6, "b3:6", "a", "c"))
    receipt.keep(tmp_path, Receipt(BOOK, 7, "b3:other", "a", "c"))
    assert receipt.read(tmp_path, BOOK) == high


def test_an_equal_receipt_says_nothing(posted: PostedBook) -> None:
    """Equal: goes on."""
    with posted.open() as book:
        assert (book.faults, book.stopped, book.barred, book.unsure) == ((), None, None, "")


def test_no_receipt_reads_with_a_warning_and_verifies_before_a_write(posted: PostedBook) -> None:
    """No receipt: reading with `receipt-new`; the first write verifies the whole book, then writes a receipt."""
    receipt.path_of(posted.home, BOOK).unlink()
    with posted.open() as book:
        assert [finding.code for finding in book.faults] == ["receipt-new"]
        assert book.stopped is None
        assert kept(posted) is None
        with writing(book):
            pass
        written = kept(posted)
        assert written is not None
        assert book.head is not None
        assert (written.number, written.hash) == (2, book.head.hash)
    with posted.open() as book:
        assert book.faults == ()


def test_verifying_ends_the_doubt(posted: PostedBook) -> None:
    """Whoever verified a book without a receipt, and found it well, has given it one."""
    receipt.path_of(posted.home, BOOK).unlink()
    with posted.open() as book:
        assert verify_book(book, Policy()).valid
        assert book.unsure == ""
    assert kept(posted) is not None


def test_no_receipt_and_a_changed_book_is_not_written_to(posted: PostedBook) -> None:
    """No receipt, and a row that was changed: the first write finds it, and no receipt is given."""
    receipt.path_of(posted.home, BOOK).unlink()
    with another_program(posted.path) as connection:
        without_triggers(connection, "UPDATE entry SET summary = 'other' WHERE key = 1")
    with posted.open() as book:
        with pytest.raises(ChainFault) as caught, writing(book):
            pass
        assert caught.value.code == "posted-changed"
        assert caught.value.findings
        assert not verify_book(book, Policy()).valid
        assert book.unsure
    assert kept(posted) is None


def test_a_book_ahead_of_its_receipt_is_acknowledged(posted: PostedBook) -> None:
    """A writer that was stopped before its receipt: the blocks since are looked at, and the receipt written."""
    write(posted, 0)
    with posted.open() as book:
        assert (book.faults, book.stopped) == ((), None)
    written = kept(posted)
    assert written is not None
    assert written.number == 2


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE log_batch SET bytes = x'00' WHERE block = 1",
        "DELETE FROM log_batch WHERE block = 2",
        "UPDATE log_block SET bytes = CAST(replace(CAST(bytes AS TEXT), 'b3', 'b4') AS BLOB) WHERE number = 1",
    ],
)
def test_a_block_since_the_receipt_that_does_not_fit_stops(posted: PostedBook, statement: str) -> None:
    """Blocks since the receipt must be linked, and their batches theirs; else no receipt is given for them."""
    write(posted, 0)
    with another_program(posted.path) as connection:
        without_triggers(connection, statement)
    with posted.open() as book:
        assert isinstance(book.stopped, LinkBroken)
    written = kept(posted)
    assert written is not None
    assert written.number == 0


def test_a_book_behind_its_receipt_stops(posted: PostedBook) -> None:
    """An old copy put back in the same place: stop, with both numbers, hashes and times."""
    old = posted.path.read_bytes()
    posted.block(posted.entry())
    posted.path.write_bytes(old)
    with posted.open() as book:
        assert isinstance(refuses_writes(book), BookBehind)
        assert book.stopped is not None
        said = str(book.stopped)
        assert book.head is not None
        written = kept(posted)
        assert written is not None
        for fact in ("block 2", "block 3", short(book.head.hash), short(written.hash), local_time(written.written_at)):
            assert fact in said
    assert kept(posted) == written


def test_an_older_copy_elsewhere_is_read(posted: PostedBook, tmp_path: Path) -> None:
    """A backup that is looked at: reading with a warning; verifying and writing end in exit status 4."""
    copy = tmp_path / "backup.cbk"
    shutil.copy2(posted.path, copy)
    posted.block(posted.entry())
    with posted.open(copy) as book:
        assert [finding.code for finding in book.faults] == ["older-copy"]
        assert book.stopped is None
        assert isinstance(refuses_writes(book), OlderCopy)


def test_another_history_stops(posted: PostedBook) -> None:
    """A block that was acknowledged has another hash: stop, equal in number or not."""
    for number in (1, 2):
        write(posted, number, "b3:" + "1" * 64)
        with posted.open() as book:
            assert isinstance(refuses_writes(book), BookContradictsReceipt)


def test_a_moved_book_goes_on(posted: PostedBook, tmp_path: Path) -> None:
    """A book under another name that is not behind is the same book; its next post says where it is."""
    moved = tmp_path / "moved.cbk"
    posted.path.rename(moved)
    posted.path = moved
    with posted.open() as book:
        assert book.faults == ()
    posted.block(posted.entry())
    written = kept(posted)
    assert written is not None
    assert written.path == str(moved)


def test_an_unreadable_receipt_is_kept_aside(posted: PostedBook) -> None:
    """Rot: the receipt is kept as `.bad`, with a warning, and the book is as one without a receipt."""
    path = receipt.path_of(posted.home, BOOK)
    rotten = path.read_bytes().replace(b"2", b"3", 1)
    for suffix in ("bad", "bad-2"):
        path.write_bytes(rotten)
        with posted.open() as book:
            assert [finding.code for finding in book.faults] == ["receipt-unreadable", "receipt-new"]
        assert path.with_name(f"{BOOK}.{suffix}").read_bytes() == rotten
        assert not path.exists()


def test_a_receipt_of_another_book_is_unreadable(posted: PostedBook) -> None:
    """A receipt that was copied under another book's name is no receipt."""
    path = receipt.path_of(posted.home, BOOK)
    other = Receipt("other", 2, "b3:1", "p", "t")
    path.write_bytes(receipt.text(other))
    with posted.open() as book:
        assert book.faults[0].code == "receipt-unreadable"


def test_a_receipt_that_cannot_be_written_is_a_finding(posted: PostedBook, monkeypatch: pytest.MonkeyPatch) -> None:
    """The batch is posted all the same, which is said with its number; the next command writes the receipt."""

    def full(_: int, __: bytes) -> None:
        raise OSError(28, os.strerror(28))

    with monkeypatch.context() as patch:
        patch.setattr(files, "write", full)
        posted.block(posted.entry())
    assert posted.last is not None
    assert [finding.code for finding in posted.last.findings] == ["receipt-not-written"]
    assert "block 3" in str(posted.last.findings[0].message)
    written = kept(posted)
    assert written is not None
    assert written.number == 2
    with posted.open():
        pass
    assert (kept(posted) or written).number == 3


def test_a_receipt_is_private_and_leaves_no_draft(posted: PostedBook) -> None:
    """The state folder holds 0600 files and 0700 folders, and nothing that was being written."""
    found = {path.name: path.stat().st_mode & 0o777 for path in (posted.home / "receipts").iterdir()}
    assert found == {BOOK: 0o600, "receipt.lock": 0o600}
    assert posted.home.stat().st_mode & 0o777 == 0o700
