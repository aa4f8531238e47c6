"""What a hint promises is done: `doctor` turns a book back, and every list has its CSV."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from tests.cli.conftest import Run

from cloudbooks.store import sqlite


def begun(run: Run) -> Path:
    """A fresh book."""
    words = ("--name", "Acme", "--base", "CNY", "--chart", "cn-small", "--start", "2026-01", "--no-passphrase")
    assert run("init", "acme", *words, "--as", "Li Na", "--yes").status == 0
    return Path("acme.cbk")


def test_doctor_turns_a_book_back_from_a_write_ahead_log(run: Run) -> None:
    """A book with a write-ahead log is refused; `doctor` turns it back and verifies it, and it opens again."""
    book = begun(run)
    connection = sqlite.connect(book.absolute())
    connection.execute("PRAGMA journal_mode=WAL")
    connection.close()
    assert "[book-wal]" in run("status").err
    mended = run("doctor")
    assert "turned back from a write-ahead log; the whole book verifies" in mended.out
    assert mended.status == 0
    assert run("status").status == 0
    assert run("verify").status == 0


@pytest.mark.parametrize("words", [("account", "chart"), ("help",), ("config", "explain", "lang")], ids=" ".join)
def test_a_list_of_plain_words_has_its_csv(run: Run, words: tuple[str, ...]) -> None:
    """Rows that are plain text are a column of their own, and no cell is a value of the program's language."""
    answered = run(*words, "--csv")
    assert answered.status == 0
    rows = list(csv.reader(answered.out.splitlines()))
    assert len(rows) > 1
    assert "{'" not in answered.out
