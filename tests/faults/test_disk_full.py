"""R5: while the disk is full the book reads and verifies, what is refused leaves nothing, and room lets it go on."""

from __future__ import annotations

from hashlib import shake_256
from pathlib import Path

import pytest
from tests.limits import files_no_larger_than
from tests.store.posted_book import PostedBook

from cloudbooks.chain import sealing
from cloudbooks.chain.verdict import Policy
from cloudbooks.errors import CloudBooksError, Refusal
from cloudbooks.store import keeping_log, log, sqlite
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.commit import commit
from cloudbooks.store.comparing import verify_book
from cloudbooks.store.disk_faults import BookDamaged, BookReadOnly, DiskError, DiskFull, FolderReadOnly, translated
from cloudbooks.store.duplicating import duplicate
from cloudbooks.store.exclusive import OutcomeUnknown
from cloudbooks.store.place import has_journal


@pytest.fixture
def posted(disk_path: Path) -> PostedBook:
    """A book with two blocks, on the disk."""
    book = PostedBook(disk_path)
    book.block(book.entry())
    return book


def post_much(posted: PostedBook, book: BookFile) -> None:
    """Post a batch that needs many new pages."""
    summaries = (shake_256(bytes([number])).hexdigest(1500) for number in range(60))
    made = posted.batch(*(posted.entry(summary=summary) for summary in summaries))
    commit(book, made, sealing.seal(made, posted.signed(made), posted.instant()))


def well(book: BookFile, blocks: int) -> None:
    """The book reads and verifies, with so many blocks and no transaction open."""
    assert not book.connection.in_transaction
    verdict = verify_book(book, Policy())
    assert (verdict.valid, verdict.consistent) == (True, blocks)


@pytest.mark.parametrize("spare", range(0, 28, 2))
def test_a_book_without_room_refuses_and_stays(posted: PostedBook, spare: int) -> None:
    """With room for so many more pages and no more, a post is refused as `disk-full`; the book is what it was."""
    with posted.open() as book:
        (pages,) = book.connection.execute("PRAGMA page_count").fetchone()
        book.connection.execute(f"PRAGMA max_page_count={pages + spare}")
        with pytest.raises(DiskFull) as caught:
            post_much(posted, book)
        assert "nothing was written" in str(caught.value)
        well(book, 2)
        book.connection.execute("PRAGMA max_page_count=1000000")
        post_much(posted, book)
        well(book, 3)


@pytest.mark.parametrize("percent", [2, 10, 30, 90, 100, 110])
def test_a_system_that_refuses_to_write_is_told(posted: PostedBook, percent: int) -> None:
    """Where the system itself breaks off a write, of the journal or of the book, the refusal says what happened.

    Where it does not even let the journal be rolled back, the outcome is unknown until it does.
    """
    size = posted.path.stat().st_size
    with posted.open() as book:
        with files_no_larger_than(size * percent // 100), pytest.raises(Refusal) as caught:
            post_much(posted, book)
        assert isinstance(caught.value, DiskFull | DiskError | OutcomeUnknown)
    with posted.open() as book:
        well(book, 2)
        post_much(posted, book)
        well(book, 3)
    assert not has_journal(posted.path)


def test_a_copy_that_finds_no_room_is_refused(posted: PostedBook, tmp_path: Path) -> None:
    """What the library raises without a code is no bug either."""
    with posted.open() as book:
        with files_no_larger_than(3 * 4096), pytest.raises(Refusal) as caught:
            duplicate(book, tmp_path / "copy")
        assert isinstance(caught.value, DiskFull | DiskError)
        well(book, 2)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (sqlite.FULL, DiskFull),
        (sqlite.IOERR, DiskError),
        (sqlite.READONLY, BookReadOnly),
        (sqlite.CANTOPEN, FolderReadOnly),
        (sqlite.CORRUPT, BookDamaged),
        (sqlite.NOTADB, BookDamaged),
    ],
)
def test_each_error_of_the_library_has_its_meaning(code: int, kind: type[CloudBooksError]) -> None:
    """What SQLite says by code is said in words, with a next step; extended codes mean what their base does."""
    error = sqlite.OperationalError("said")
    error.sqlite_errorcode = code | 3 << 8
    meaning = translated(error, Path("/books/acme.cbk"))
    assert type(meaning) is kind
    assert "/books" in str(meaning)
    assert meaning.hint is not None


def test_a_checkpoint_without_room_is_made_up_later(posted: PostedBook) -> None:
    """A checkpoint is no receipt: where it cannot be kept the batch stands, and the next one takes its place."""
    with posted.open() as book:
        with files_no_larger_than(100), pytest.raises(Refusal):
            keeping_log.keep_checkpoint(book, posted.checkpoint())
        assert log.StoredLog(book).checkpoint() is None
        keeping_log.keep_checkpoint(book, posted.checkpoint())
        assert log.StoredLog(book).checkpoint() == posted.checkpoint()


def test_a_folder_that_takes_no_journal_is_told_from_a_book_that_takes_no_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where only the folder bars writing, the hint opens the folder, and not the book, which is open already."""
    folder = tmp_path / "office books"
    monkeypatch.setattr("os.access", lambda path, _mode: path != folder)
    error = sqlite.OperationalError("attempt to write a readonly database")
    error.sqlite_errorcode = sqlite.READONLY | 6 << 8
    meaning = translated(error, folder / "acme.cbk")
    assert isinstance(meaning, FolderReadOnly)
    assert str(meaning.hint).startswith(f"chmod u+w '{folder}'")
    monkeypatch.setattr("os.access", lambda _path, _mode: False)
    assert isinstance(translated(error, folder / "acme.cbk"), BookReadOnly)
