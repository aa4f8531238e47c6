"""R14: what SQLite's authors know to destroy its files is refused, or named by `doctor`; nothing of it goes unseen."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
from tests.books.small_book import ICBC, small_book
from tests.store.posted_book import another_program

from cloudbooks.books import drafting, posting
from cloudbooks.books.desk import Desk
from cloudbooks.books.doctoring import Diagnosis, diagnose
from cloudbooks.store import place, sqlite
from cloudbooks.store.exclusive import BookOfParent, BookReplaced
from cloudbooks.store.unit import operation

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A book with an entry, and drafts."""
    made = small_book(tmp_path / "books")
    for summary in ("paper", "ink"):
        drafting.add(made, date(2026, 10, 20), summary, "5602", "5", ICBC)
    posting.post(made, [1], everything=False)
    assert codes(made) == set()
    return made


def codes(desk: Desk) -> set[str]:
    """What `doctor` names."""
    return {finding.code for finding in diagnose(desk).findings}


def draft(desk: Desk) -> None:
    """Write to the book."""
    drafting.add(desk, date(2026, 10, 21), "toner", "5602", "5", ICBC)


@contextmanager
def in_mid_transaction(path: Path) -> Iterator[None]:
    """Another program in the middle of a transaction that has spilled into the file."""
    with another_program(path) as connection:
        connection.execute("PRAGMA cache_size=5")
        connection.execute("BEGIN IMMEDIATE")
        for table in ("log_batch", "log_block"):
            connection.execute(f"DROP TRIGGER {table}_no_update")
            connection.execute(f"UPDATE {table} SET bytes = CAST(bytes || randomblob(40000) AS BLOB)")
        assert place.has_journal(path)
        yield
        connection.execute("ROLLBACK")


def test_a_stray_descriptor_is_named(desk: Desk) -> None:
    """A program that prints to a descriptor which has become the book's overwrites a few bytes of it."""
    data = desk.book.read_bytes()
    at = data.find(b"paper")
    with desk.book.open("r+b") as file:
        file.seek(at)
        file.write(b"Usage")
    diagnosis = diagnose(desk)
    assert diagnosis.broken
    assert diagnosis.findings


ONE_LIBRARY = """
import sqlite3
from cloudbooks.cli import door
from cloudbooks.store import sqlite

def second(*_):
    raise SystemExit("a second library opens a file")

if not sqlite.version().startswith("sqlite3 "):
    sqlite3.connect = sqlite3.dbapi2.connect = second
for command in (
    "init acme --base CNY --chart generic --no-passphrase",
    "add 2026-10-20 Paper 6400 300 1010",
    "post --all --yes",
    "book rebuild --yes",
    "verify",
):
    assert door.run(command.split()) == 0, command
print("one")
"""
"""Commands with the library of Python itself made useless, where another one is what the program works with."""


def test_one_library_opens_a_book(tmp_path: Path) -> None:
    """Two copies of SQLite that open one file in one process drop each other's locks."""
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY / "src"), "CLOUDBOOKS_HOME": str(tmp_path / "home")}
    said = subprocess.run(
        [sys.executable, "-c", ONE_LIBRARY], capture_output=True, text=True, check=False, cwd=tmp_path, env=environment
    )
    assert (said.returncode, said.stdout.splitlines()[-1:]) == (0, ["one"]), said


def test_a_hard_link_is_refused(desk: Desk) -> None:
    """A second name has another journal."""
    os.link(desk.book, desk.book.with_name("other.cbk"))
    assert codes(desk) == {"book-linked-twice"}


def test_a_symbolic_link_is_refused(desk: Desk) -> None:
    """So has a link."""
    desk.book.rename(desk.book.with_name("real"))
    desk.book.symlink_to("real")
    assert codes(desk) == {"book-is-link"}


@pytest.mark.parametrize("gone", [True, False])
def test_a_book_that_lost_its_name_is_not_written(desk: Desk, *, gone: bool) -> None:
    """Renamed or removed under a program that has it open: what it acknowledged would be nowhere."""
    with desk.open() as book:
        desk.book.unlink() if gone else desk.book.rename(desk.book.with_name("moved.cbk"))
        with pytest.raises(BookReplaced), operation(book, verb="set", summary="", by="") as unit:
            unit.put_setting("word", "value")


@pytest.mark.parametrize("how", ["removed", "renamed", "left behind", "another book's"])
def test_a_journal_that_is_not_there_is_named(desk: Desk, tmp_path: Path, how: str) -> None:
    """A stopped writer's journal that was removed, renamed, not copied with the book, or is another book's."""
    torn = tmp_path / "torn"
    with in_mid_transaction(desk.book):
        shutil.copy(desk.book, torn)
        shutil.copy(f"{desk.book}-journal", f"{torn}-journal")
    desk.book.unlink()
    shutil.copy(torn, desk.book)
    journal = desk.book.with_name(f"{desk.book.name}-journal")
    if how == "renamed":
        shutil.copy(f"{torn}-journal", desk.book.with_name("acme-journal"))
    elif how == "another book's":
        other = small_book(tmp_path / "other")
        with in_mid_transaction(other.book):
            shutil.copy(f"{other.book}-journal", journal)
    assert named_broken(diagnose(desk))


def named_broken(diagnosis: Diagnosis) -> bool:
    """Whether the book is said to be broken, by name."""
    return diagnosis.broken and any(not finding.warning for finding in diagnosis.findings)


def test_a_stopped_writer_is_rolled_back_and_named(desk: Desk, tmp_path: Path) -> None:
    """With its journal the same book is whole again; that it had to be rolled back is said."""
    torn = tmp_path / "torn"
    with in_mid_transaction(desk.book):
        shutil.copy(desk.book, torn)
        shutil.copy(f"{desk.book}-journal", f"{torn}-journal")
    desk.book.unlink()
    shutil.copy(torn, desk.book)
    shutil.copy(f"{torn}-journal", f"{desk.book}-journal")
    diagnosis = diagnose(desk)
    assert not diagnosis.broken
    assert {finding.code for finding in diagnosis.findings} == {"unverified"}
    assert codes(desk) == set()


def test_a_fork_does_not_write(desk: Desk) -> None:
    """A child has the parent's connection, and none of its locks."""
    with desk.open() as book:
        child = os.fork()
        if child == 0:
            status = 1
            try:
                with operation(book, verb="set", summary="", by="") as unit:
                    unit.put_setting("word", "value")
            except BookOfParent as refused:
                status = 0 if refused.code == "book-of-parent" else 2
            finally:
                os._exit(status)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        with operation(book, verb="set", summary="", by="") as unit:
            unit.put_setting("word", "value")
    assert codes(desk) == set()


def test_a_library_that_does_not_wait_for_the_disk_is_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """`synchronous` is read back on every connection: one that stays OFF is not worked with."""
    monkeypatch.setattr(sqlite, "_SEEING", (("synchronous", "OFF", 3),))
    assert codes(desk) == {"sqlite-setting"}


def test_a_network_folder_is_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Locks and flushes of network drives cannot be relied on."""
    mounts = tmp_path / "mounts"
    mounts.write_text(f"1 2 0:1 / {desk.book.parent} rw - nfs4 server:/books rw\n")
    monkeypatch.setattr(place, "_MOUNTS", mounts)
    assert codes(desk) == {"book-on-network"}


def test_a_write_ahead_log_is_refused_and_left(desk: Desk) -> None:
    """Another program's write-ahead log: every command refuses it, `doctor` turns it back, and all of it verifies."""
    with another_program(desk.book) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
    with pytest.raises(Exception, match="write-ahead log"):
        draft(desk)
    assert codes(desk) == set()
    draft(desk)
    assert codes(desk) == set()


@pytest.mark.parametrize("what", ["cut off", "overwritten", "one page zeroed"])
def test_a_file_that_another_program_broke_is_named(desk: Desk, what: str) -> None:
    """Cut off, with another program's text over its beginning, or with a page of zeros in its middle."""
    data = desk.book.read_bytes()
    middle = len(data) // 8192 * 4096
    desk.book.write_bytes(
        {
            "cut off": data[:middle],
            "overwritten": b"something else\n" + data[15:],
            "one page zeroed": data[:middle] + bytes(4096) + data[middle + 4096 :],
        }[what]
    )
    diagnosis = diagnose(desk)
    assert diagnosis.findings
    assert any(not finding.warning for finding in diagnosis.findings)
