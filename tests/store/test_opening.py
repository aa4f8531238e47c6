"""Opening: what is refused, in which words, and what a connection is set to."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.store.posted_book import PostedBook, another_program, without_triggers

from cloudbooks.errors import CloudBooksError, Refusal
from cloudbooks.store import meta, place, schema, sqlite
from cloudbooks.store.disk_faults import BookDamaged, BookReadOnly
from cloudbooks.store.opening import (
    BookEmpty,
    BookNewer,
    BookToRecover,
    BookTurnedWal,
    NotABook,
    SchemaChanged,
)
from cloudbooks.store.opening_book import open_book
from cloudbooks.store.place import (
    BookIsFolder,
    BookIsLink,
    BookLinkedTwice,
    BookMissing,
    BookNotRegular,
    BookOnNetwork,
)
from cloudbooks.store.writing import writing


@pytest.fixture
def posted(tmp_path: Path) -> PostedBook:
    """A book with its first block."""
    return PostedBook(tmp_path)


def refused(posted: PostedBook, kind: type[CloudBooksError], path: Path | None = None) -> CloudBooksError:
    """The refusal that opening ends in; it says a whole sentence and gives a next step."""
    with pytest.raises(kind) as caught:
        posted.open(path)
    assert str(caught.value).endswith(".")
    assert caught.value.hint is not None
    return caught.value


def test_a_missing_file_is_named(posted: PostedBook, tmp_path: Path) -> None:
    """A name without a file is refused as such, also below something that is no folder."""
    refused(posted, BookMissing, tmp_path / "other.cbk")
    refused(posted, BookMissing, posted.path / "other.cbk")


def test_a_symbolic_link_is_refused(posted: PostedBook, tmp_path: Path) -> None:
    """A book is opened by its own name: its journal lies beside that one."""
    link = tmp_path / "link.cbk"
    link.symlink_to(posted.path)
    assert str(posted.path) in str(refused(posted, BookIsLink, link))


def test_a_link_in_the_folder_is_followed(posted: PostedBook, tmp_path: Path) -> None:
    """A linked folder is no matter: the file's own name is what counts."""
    (tmp_path / "books").symlink_to(tmp_path)
    with posted.open(tmp_path / "books" / "acme.cbk") as book:
        assert book.path == posted.path


@pytest.mark.parametrize("name", [b"\xff\xfe.cbk", "账 套?#%20&mode=ro.cbk".encode(), b"a'b\"c.cbk", b"-x.cbk"])
def test_any_name_that_a_file_can_have_will_do(tmp_path: Path, name: bytes) -> None:
    """Blanks, marks of URIs and SQL, and bytes that are no UTF-8: a book is made, posted to, and has its receipt."""
    posted = PostedBook(tmp_path, os.fsdecode(name))
    posted.block(posted.entry())
    with posted.open() as book:
        assert (book.path, book.faults) == (posted.path, ())
        assert posted.path.exists()


def test_a_second_name_is_refused(posted: PostedBook, tmp_path: Path) -> None:
    """A file with two names has two places for a journal."""
    os.link(posted.path, tmp_path / "twice.cbk")
    refused(posted, BookLinkedTwice)


def test_what_is_no_file_is_refused(posted: PostedBook, tmp_path: Path) -> None:
    """A folder and a pipe are told apart, and nobody waits for the pipe."""
    os.mkfifo(tmp_path / "pipe.cbk")
    refused(posted, BookIsFolder, tmp_path)
    refused(posted, BookNotRegular, tmp_path / "pipe.cbk")


@pytest.mark.parametrize("content", [b"date,amount\n2026-10-31,5\n" * 40, b"\0" * 4096, b"SQLite format 3\0", b"x"])
def test_another_file_is_no_book(posted: PostedBook, tmp_path: Path, content: bytes) -> None:
    """Files that are no database, or only begin like one, are no books; nothing of them is changed."""
    path = tmp_path / "bank.csv"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises((NotABook, BookDamaged)):
        posted.open(path)
    assert path.read_bytes() == content
    assert not path.with_name("bank.csv-journal").exists()


def test_another_database_is_no_book(posted: PostedBook, tmp_path: Path) -> None:
    """A database of another application is no book."""
    path = tmp_path / "other.sqlite"
    path.touch(0o600)
    with another_program(path) as connection:
        connection.execute("CREATE TABLE entry (key INTEGER PRIMARY KEY)")
    refused(posted, NotABook, path)


def test_an_empty_file_tells_of_a_stopped_making(posted: PostedBook, tmp_path: Path) -> None:
    """An empty file says that its making was stopped, and how to go on."""
    path = tmp_path / "empty.cbk"
    path.touch(0o600)
    refused(posted, BookEmpty, path)


def test_a_newer_book_is_refused(posted: PostedBook) -> None:
    """A schema version that this program does not know is not guessed at."""
    with another_program(posted.path) as connection:
        connection.execute("PRAGMA user_version=3")
    assert "3" in str(refused(posted, BookNewer))


def test_a_book_turned_to_wal_is_refused(posted: PostedBook) -> None:
    """A write-ahead log is refused before it is opened: no file of it appears beside the book."""
    with another_program(posted.path) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    refused(posted, BookTurnedWal)
    assert not posted.path.with_name("acme.cbk-wal").exists()


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TRIGGER entry_no_update",
        "CREATE TABLE extra (a)",
        "CREATE VIEW entries AS SELECT * FROM entry",
        "CREATE INDEX extra ON entry (summary)",
        "CREATE TRIGGER extra AFTER INSERT ON entry BEGIN SELECT 1; END",
        "ALTER TABLE entry ADD COLUMN extra TEXT",
        "DROP INDEX price_of_day",
    ],
)
def test_a_changed_schema_is_refused(posted: PostedBook, statement: str) -> None:
    """Whatever another program adds to the schema, or takes from it, is found before any other SQL runs."""
    with another_program(posted.path) as connection:
        connection.execute(statement)
    assert refused(posted, SchemaChanged).exit_status == 4


def test_a_file_on_a_network_is_refused(posted: PostedBook, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Network file systems are refused unless the user says that theirs is to be trusted."""
    mounts = tmp_path / "mountinfo"
    mounts.write_text(f"1 0 8:1 / / rw - ext4 d rw\n36 35 98:0 / {tmp_path} rw,noatime - nfs4 server:/home rw\n")
    monkeypatch.setattr(place, "_MOUNTS", mounts)
    assert "nfs4" in str(refused(posted, BookOnNetwork))
    monkeypatch.setenv(place.ALLOW_NETWORK, "1")
    with posted.open() as book:
        assert book.stopped is None


def test_an_open_mode_is_mended_and_told(posted: PostedBook) -> None:
    """A book that others could read is closed to them, and the reader is told."""
    posted.path.chmod(0o644)
    with posted.open() as book:
        assert [finding.code for finding in book.faults] == ["book-mode"]
    assert posted.path.stat().st_mode & 0o777 == 0o600


def test_a_read_only_file_is_read(posted: PostedBook) -> None:
    """A file without the right to write is read, and every write to it is refused."""
    posted.path.chmod(0o400)
    with posted.open() as book:
        assert book.head is not None
        with pytest.raises(BookReadOnly), writing(book):
            pass
    assert posted.path.stat().st_mode & 0o777 == 0o400


def test_a_hot_journal_on_a_read_only_file_is_told(posted: PostedBook) -> None:
    """Where a journal cannot be rolled back, nothing is read past it."""
    posted.path.with_name("acme.cbk-journal").write_bytes(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + bytes(504))
    posted.path.chmod(0o400)
    refused(posted, BookToRecover)


def test_settings_are_what_safety_rests_on(posted: PostedBook) -> None:
    """Every connection reads back the settings that the promises of durability and isolation rest on."""
    wanted = {
        "synchronous": 3,
        "foreign_keys": 1,
        "cell_size_check": 1,
        "trusted_schema": 0,
        "mmap_size": 0,
        "temp_store": 2,
        "secure_delete": 1,
        "busy_timeout": 10000,
        "journal_mode": "delete",
    }
    with posted.open() as book:
        found = {name: book.connection.execute(f"PRAGMA {name}").fetchone() for name in wanted}
    assert {name: row[0] if row else 0 for name, row in found.items()} == wanted


def test_an_open_book_is_read_only_outside_of_write_transactions(posted: PostedBook) -> None:
    """What only reads cannot write by accident: a connection writes between the beginning and the end of `writing`."""
    statement = "UPDATE setting SET value = value"
    with posted.open() as book:
        with pytest.raises(sqlite.OperationalError):
            book.connection.execute(statement)
        with writing(book):
            book.connection.execute(statement)
        with pytest.raises(sqlite.OperationalError):
            book.connection.execute(statement)


@pytest.mark.parametrize(
    "statement", ["ATTACH ':memory:' AS other", "PRAGMA writable_schema=ON", "PRAGMA Trusted_Schema=1"]
)
def test_a_connection_cannot_be_widened(posted: PostedBook, statement: str) -> None:
    """No other file is attached and no schema written by hand, whatever SQL comes along."""
    with posted.open() as book, pytest.raises(sqlite.DatabaseError) as caught:
        book.connection.execute(statement)
    assert sqlite.code_of(caught.value) == sqlite.AUTH


def test_a_setting_that_does_not_hold_is_refused(posted: PostedBook, monkeypatch: pytest.MonkeyPatch) -> None:
    """A library that takes a setting and does not keep it is not worked with."""
    monkeypatch.setattr(sqlite, "_SEEING", (("synchronous", "OFF", 3),))
    refused(posted, sqlite.SettingRefused)


def test_a_damaged_value_stops_writing(posted: PostedBook) -> None:
    """What the file keeps of itself is read with its digest; when that is off, reading works and nothing is written."""
    with another_program(posted.path) as connection:
        connection.execute("UPDATE meta SET value = '' WHERE key = 'change_counter'")
        connection.execute("UPDATE meta SET value = 'x' WHERE key = 'unverified'")
    with posted.open() as book:
        assert isinstance(book.stopped, meta.MetaDamaged)
        with pytest.raises(meta.MetaDamaged), writing(book):
            pass


def test_a_truncated_book_is_damaged(posted: PostedBook) -> None:
    """Half a book is no book: SQLite says so, or its tables are not found."""
    whole = posted.path.read_bytes()
    posted.path.write_bytes(whole[: len(whole) // 8 * 5])
    with pytest.raises(CloudBooksError) as caught:
        posted.open()
    assert caught.value.exit_status in (3, 4)


def test_a_last_block_that_is_none_is_told(posted: PostedBook) -> None:
    """Bytes in the place of the last block that are no block are named."""
    with another_program(posted.path) as connection:
        without_triggers(connection, "UPDATE log_block SET bytes = x'00'")
    with pytest.raises(CloudBooksError, match="last block"):
        posted.open()


def test_nobody_else_is_refused_by_a_refusal(posted: PostedBook) -> None:
    """A refused opening lets go of everything: the book opens the next time."""
    with another_program(posted.path) as connection:
        connection.execute("PRAGMA user_version=9")
    with pytest.raises(Refusal):
        open_book(posted.path, state=posted.home, clock=posted.clock)
    with another_program(posted.path) as connection:
        connection.execute(f"PRAGMA user_version={schema.VERSION}")
    with posted.open() as book:
        assert book.stopped is None
