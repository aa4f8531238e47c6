"""Ctrl-C in the middle of an import: a whole state, a sentence that says which, and status 130."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.books.program import Program
from tests.books.small_book import Seconds

from cloudbooks.books.desk import Desk
from cloudbooks.store import working

SECONDS = 120
HEADER = "Date,Description,Amount,Balance\n"


def statement(path: Path, lines: int) -> None:
    """A file of a bank with so many lines."""
    rows = (f"2026-10-{place % 28 + 1:02},{path.stem} {place},1.00,{place + 1}.00\n" for place in range(lines))
    path.write_text(HEADER + "".join(rows), encoding="utf-8")


@pytest.fixture
def program(tmp_path: Path, loaded_program: tuple[str, ...]) -> Program:
    """A book, two short statements, and one that takes its time."""
    made = Program(tmp_path, loaded_program)
    made("init", "acme", "--base", "CNY", "--start", "2026-01", "--bank", "1002.01=ICBC", "--no-passphrase")
    for name, lines in (("first", 3), ("second", 5), ("third", 30_000)):
        statement(tmp_path / f"{name}.csv", lines)
    return made


def kept(program: Program) -> tuple[int, int]:
    """How many statements and drafts the book has."""
    desk = Desk(program.folder / "acme.cbk", program.folder / "home", Seconds(), "test", lambda: b"")
    with desk.open() as book:
        return len(working.statements(book)), len(working.drafts(book))


def stopped(program: Program, *words: str, when: Callable[[], bool]) -> tuple[int, str]:
    """Status and words on standard error of an import that is interrupted as soon as `when` says so."""
    process = subprocess.Popen(
        [sys.executable, "-m", "cloudbooks", "import", *words, "--account", "1002.01"],
        cwd=program.folder,
        env=program.env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - no thread runs in these tests
    )
    deadline = time.monotonic() + SECONDS
    while not when():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=SECONDS)
    assert out == ""
    return process.returncode, err


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Stopped. 2 of 3 files were imported; of the others nothing was written.\n"),
        ("zh", "已停止。3 个文件中已导入 2 个，其余未写入。\n"),
    ],
)
def test_an_import_of_several_files_says_how_many_were_imported(program: Program, language: str, said: str) -> None:
    """The file under way leaves nothing, those before it are whole, and importing all again adds only the rest."""
    files = ("first.csv", "second.csv", "third.csv")
    answered = stopped(program, *files, "--lang", language, when=lambda: kept(program)[0] == 2)
    assert answered == (130, said)
    assert kept(program) == (2, 8)
    assert program("verify")["valid"]
    again = program("import", *files, "--account", "1002.01")["files"]
    assert [(one["new"], one["seen"]) for one in again] == [(0, 3), (0, 5), (30_000, 0)]


def test_an_import_of_one_file_writes_nothing(program: Program) -> None:
    """As soon as the program runs long enough to be reading, and whatever it had read."""
    begun = time.monotonic()
    status, said = stopped(program, "third.csv", when=lambda: time.monotonic() - begun > 1.5)
    assert (status, kept(program)) == (130, (0, 0))
    assert said.startswith("Stopped. ")
