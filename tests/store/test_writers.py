"""Several programs on one book: each waits its turn, is told who keeps it waiting, and nobody's post is lost."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from tests.store.posted_book import PostedBook, Ticking

from cloudbooks.chain import sealing
from cloudbooks.chain.verdict import Policy
from cloudbooks.store import keeping_log, log, sqlite, writer_note
from cloudbooks.store.commit import commit
from cloudbooks.store.comparing import verify_book
from cloudbooks.store.exclusive import BookBusy
from cloudbooks.store.opening_book import open_book
from cloudbooks.store.writing import writing

_REPOSITORY = Path(__file__).parents[2]
_HOLD = """
import sys
from pathlib import Path
from cloudbooks.store.opening_book import open_book
from cloudbooks.store.writing import writing
from cloudbooks.system.clock import SystemClock

with open_book(Path(sys.argv[1]), state=Path(sys.argv[2]), clock=SystemClock()) as book:
    with writing(book, "cloudbooks import"):
        print("held", flush=True)
        sys.stdin.readline()
"""


@pytest.fixture
def posted(tmp_path: Path) -> PostedBook:
    """A book with its first block."""
    return PostedBook(tmp_path)


def holder(posted: PostedBook) -> subprocess.Popen[str]:
    """Another process that holds the write lock until a line comes."""
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(posted.path), str(posted.home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(_REPOSITORY / "src")},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_busy_book_names_who_writes(posted: PostedBook, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waited in vain is told the command, the process and since when; reading works meanwhile."""
    with holder(posted) as process, posted.open() as book:
        monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.1)
        with pytest.raises(BookBusy) as caught, writing(book):
            pass
        said = str(caught.value)
        assert "acme.cbk is being written by cloudbooks import" in said
        assert f"pid {process.pid}" in said
        assert verify_book(book, Policy()).valid
        process.communicate("end\n", timeout=10)
        with writing(book):
            pass
    assert writer_note.read(posted.home, book.id) is None


def test_a_stopped_writer_is_not_blamed(posted: PostedBook) -> None:
    """A note that a killed process left names nobody."""
    with holder(posted) as process:
        process.kill()
    with posted.open() as book:
        assert writer_note.path_of(posted.home, book.id).exists()
        assert writer_note.read(posted.home, book.id) is None
        with writing(book):
            note = writer_note.read(posted.home, book.id)
            assert note is not None
            assert note.pid == os.getpid()


def test_a_waiting_writer_looks_often(posted: PostedBook, monkeypatch: pytest.MonkeyPatch) -> None:
    """It looks every few milliseconds, so that it takes its turn between others that pause for no longer."""
    pauses: list[float] = []
    with holder(posted) as process, posted.open() as book:

        def sleep(seconds: float) -> None:
            pauses.append(seconds)
            if len(pauses) == 3:
                process.communicate("end\n", timeout=10)

        monkeypatch.setattr("cloudbooks.store.exclusive.time.sleep", sleep)
        with writing(book):
            pass
    assert len(pauses) >= 3
    assert max(pauses[:3]) <= 0.02


def test_waiting_ends_when_the_other_is_done(posted: PostedBook) -> None:
    """A writer that comes second waits, and writes when the first one ends."""
    with holder(posted) as process, posted.open() as book:
        started = time.monotonic()
        timer = threading.Timer(0.3, lambda: process.communicate("end\n"))
        timer.start()
        keeping_log.keep_file(book, b"second")
        assert time.monotonic() - started > 0.2
        timer.join()
        assert process.wait(10) == 0
        assert book.connection.execute("SELECT count(*) FROM attachment").fetchone() == (1,)


def test_posts_of_two_connections_follow_each_other(posted: PostedBook) -> None:
    """Two open books in one process post in turn: each finds the head where the other left it."""
    with posted.open() as one, posted.open() as other:
        for number in range(6):
            made = posted.batch(posted.entry())
            seal = sealing.seal(made, posted.signed(made), posted.instant())
            assert commit(one if number % 2 else other, made, seal).block.header.number == number + 1
        assert one.refresh() == other.refresh()
    assert posted.verdict().consistent == 7


def test_closing_one_of_two_books_keeps_the_lock_of_the_other(posted: PostedBook) -> None:
    """Closing a descriptor of a file drops a process's locks on it: closing a second open book must not."""
    with posted.open() as one:
        second = posted.open()
        with writing(one):
            second.close()
            script = f"from cloudbooks.store import sqlite\nsqlite.BUSY_SECONDS = 0.1\n{_HOLD}"
            result = subprocess.run(
                [sys.executable, "-c", script, str(posted.path), str(posted.home)],
                input="end\n",
                capture_output=True,
                text=True,
                check=False,
                env={**os.environ, "PYTHONPATH": str(_REPOSITORY / "src")},
            )
            assert result.returncode != 0
            assert "BookBusy" in result.stderr


def test_verifying_does_not_hold_writers_up(posted: PostedBook, monkeypatch: pytest.MonkeyPatch) -> None:
    """A verification reads what never changes without a transaction, and follows a log that grows meanwhile."""
    posted.fill()
    seen: list[int] = []
    with posted.open() as reader:
        real = log.StoredLog.block

        def block(self: log.StoredLog, number: int) -> bytes | None:
            if number == 1 and not seen:
                seen.append(number)
                posted.block(posted.entry())
            return real(self, number)

        monkeypatch.setattr(log.StoredLog, "block", block)
        verdict = verify_book(reader, Policy())
    assert seen
    assert (verdict.valid, verdict.consistent) == (True, 5)


def test_a_closed_book_lets_its_file_go(posted: PostedBook) -> None:
    """After the last book on a file is closed, nothing of this process holds it open."""
    for _ in range(3):
        with posted.open(), open_book(posted.path, state=posted.home, clock=Ticking()):
            pass
    held = {link.resolve() for link in Path("/proc/self/fd").iterdir()}
    assert posted.path not in held
