"""Rebuilding: tables made anew from the log are those that posting made, and what was changed in them is mended."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.chain.strategies import BOOK
from tests.store.posted_book import PostedBook, Ticking, another_program, format1_book, without_triggers

from cloudbooks.chain.verdict import Policy
from cloudbooks.store import receipt, sqlite, tables
from cloudbooks.store.comparing import verify_book
from cloudbooks.store.opening_book import open_book
from cloudbooks.store.rebuilding import LogBroken, rebuild
from cloudbooks.store.trusting import BookBehind


def rows(connection: sqlite.Connection) -> dict[str, list[tables.Row]]:
    """Every row of every derived table."""
    return {table.name: connection.execute(table.every).fetchall() for table in tables.ALL}


def test_a_rebuild_equals_what_is_stored(tmp_path: Path) -> None:
    """Every derived row of a log with every type of record is the same after a rebuild."""
    path, home = format1_book(tmp_path)
    with open_book(path, state=home, clock=Ticking()) as book:
        before = rows(book.connection)
        assert all(before.values())
        assert rebuild(book) == 13
        assert rows(book.connection) == before
        verdict = verify_book(book, Policy())
    assert (verdict.valid, verdict.findings) == (True, ())


def test_a_rebuild_mends_tables(tmp_path: Path) -> None:
    """Rows changed, added and taken away by another program are as the log has them after a rebuild."""
    posted = PostedBook(tmp_path)
    posted.fill()
    with posted.open() as book:
        before = rows(book.connection)
    with another_program(posted.path) as connection:
        without_triggers(
            connection,
            "UPDATE entry SET summary = 'other'",
            "DELETE FROM posting WHERE line = 1",
            "UPDATE meta SET value = 'x' WHERE key = 'change_counter'",
            "INSERT INTO leaf VALUES (99, 1, 1, 1, 1, 1, 1, 1)",
        )
    assert not posted.verdict().valid
    with posted.open() as book:
        rebuild(book)
        assert rows(book.connection) == before
    posted.block(posted.entry())
    assert posted.verdict().valid


def test_the_receipt_stays(tmp_path: Path) -> None:
    """A rebuild says nothing of the head: the receipt is not touched, and a book behind it is not rebuilt."""
    posted = PostedBook(tmp_path)
    old = posted.path.read_bytes()
    posted.block(posted.entry())
    path = receipt.path_of(posted.home, BOOK)
    before = path.read_bytes()
    with posted.open() as book:
        rebuild(book)
    assert path.read_bytes() == before
    posted.path.write_bytes(old)
    with posted.open() as book, pytest.raises(BookBehind):
        rebuild(book)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE log_batch SET bytes = zeroblob(9) WHERE block = 1",
        "DELETE FROM log_batch WHERE block = 1",
        "UPDATE log_block SET bytes = CAST(bytes || x'0a' AS BLOB) WHERE number = 1",
    ],
)
def test_nothing_is_made_of_a_broken_log(tmp_path: Path, statement: str) -> None:
    """Where the log itself is not what was posted, the tables stay as they are."""
    posted = PostedBook(tmp_path)
    posted.block(posted.entry())
    posted.block(posted.entry())
    with another_program(posted.path) as connection:
        without_triggers(connection, statement)
    with posted.open() as book:
        before = rows(book.connection)
        with pytest.raises(LogBroken, match="block 1"):
            rebuild(book)
        assert rows(book.connection) == before
