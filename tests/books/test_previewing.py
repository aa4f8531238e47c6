"""A bank's file before it is imported: what cannot be read says why, and nothing is waited for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cloudbooks.books import previewing
from cloudbooks.books.previewing import StatementFileUnreadable


def why(path: Path) -> str:
    """What is said of a file that is refused."""
    with pytest.raises(StatementFileUnreadable) as refused:
        previewing.read_whole(path)
    assert refused.value.code == "statement-file-unreadable"
    return str(refused.value.message).removeprefix(f'"{path}" cannot be read: ')


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    """Nothing, a folder, and a pipe into which nobody writes: each has its own words."""
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    assert why(tmp_path / "none.csv") == "there is no such file."
    assert why(tmp_path) == "it is a folder."
    assert why(pipe) == "it is no regular file."


def test_a_file_that_is_larger_than_such_a_file_ever_is_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One byte more than the most is not read, and exactly the most is; a link to a file is followed."""
    monkeypatch.setattr(previewing, "BYTES_MAX", 3)
    file = tmp_path / "bank.csv"
    file.write_bytes(b"abcd")
    assert why(file) == "it is larger than 50 MB."
    file.write_bytes(b"abc")
    link = tmp_path / "link.csv"
    link.symlink_to(file)
    assert previewing.read_whole(link) == b"abc"
