"""Durable files: whatever the system does not carry out, there is the old file or the new one, whole."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cloudbooks.system import files

CALLS = ("open_new", "write", "fsync", "replace", "unlink", "fsync_folder")


class Stopped(BaseException):
    """The world ends here: nothing that comes after is done."""


def breaking(monkeypatch: pytest.MonkeyPatch, at: int, fault: Callable[[], BaseException], *, after: bool) -> list[str]:
    """Let the call number `at` (from 0) break, before or `after` it took effect; gives the calls that are made."""
    made: list[str] = []

    def wrapped(name: str) -> Callable[..., object]:
        real = getattr(files, name)

        def call(*arguments: object) -> object:
            made.append(name)
            if len(made) - 1 != at:
                return real(*arguments)
            if after:
                real(*arguments)
            raise fault()

        return call

    for name in CALLS:
        monkeypatch.setattr(files, name, wrapped(name))
    return made


def io_error() -> OSError:
    """What a failing disk raises."""
    return OSError(5, os.strerror(5))


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("fault", [io_error, Stopped])
@pytest.mark.parametrize("at", range(8))
def test_a_replaced_file_is_old_or_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int, fault: Callable[[], BaseException], *, after: bool
) -> None:
    """At whichever call a replacement breaks, the file holds what it held, or what it was to hold."""
    path = tmp_path / "file"
    files.create(path, b"old")
    breaking(monkeypatch, at, fault, after=after)
    done = False
    try:
        files.replace_whole(path, b"new content")
        done = True
    except (OSError, Stopped):
        pass
    monkeypatch.undo()
    assert path.read_bytes() == b"new content" if done else path.read_bytes() in (b"old", b"new content")
    files.replace_whole(path, b"newer")
    assert path.read_bytes() == b"newer"
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("at", range(5))
def test_a_created_file_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int) -> None:
    """A file that could not be made leaves its name free."""
    path = tmp_path / "file"
    made = breaking(monkeypatch, at, io_error, after=False)
    try:
        files.create(path, b"content")
    except OSError:
        assert not path.exists()
    else:
        assert at >= len(made)
        assert path.read_bytes() == b"content"


def test_a_file_is_created_once(tmp_path: Path) -> None:
    """What is there stays, a link that leads nowhere included."""
    path = tmp_path / "file"
    files.create(path, b"first")
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "nowhere")
    for taken in (path, link):
        with pytest.raises(FileExistsError):
            files.create(taken, b"second")
    assert path.read_bytes() == b"first"
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("mask", [0o022, 0o002, 0o000])
def test_files_and_folders_are_private(tmp_path: Path, mask: int) -> None:
    """Whatever the user's mask lets through, nobody else reads what is made here."""
    before = os.umask(mask)
    try:
        folder = files.private_folder(tmp_path / "a" / "b")
        files.create(folder / "one", b"1")
        files.replace_whole(folder / "two", b"2")
        with files.locked(folder / "lock"):
            pass
    finally:
        os.umask(before)
    assert {(folder / name).stat().st_mode & 0o777 for name in ("one", "two", "lock")} == {0o600}
    assert {path.stat().st_mode & 0o777 for path in (folder, folder.parent)} == {0o700}


def test_only_regular_files_are_read(tmp_path: Path) -> None:
    """A pipe is not waited for, a link not followed, a folder and a large file not read."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "large").write_bytes(b"x" * 11)
    (tmp_path / "link").symlink_to(tmp_path / "large")
    for name in ("pipe", "large"):
        with pytest.raises(files.FileUnfit):
            files.read_regular(tmp_path / name, 10)
    for name in ("link", "missing"):
        with pytest.raises(OSError, match=name):
            files.read_regular(tmp_path / name, 10)
    assert files.read_regular(tmp_path / "large", 11) == b"x" * 11


def test_a_lock_keeps_another_process_out(tmp_path: Path) -> None:
    """One process at a time, and the lock ends with the process that holds it."""
    path = tmp_path / "lock"
    script = f"import fcntl; fcntl.flock(open({str(path)!r}, 'r+'), fcntl.LOCK_EX | fcntl.LOCK_NB)"
    with files.locked(path):
        held = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
        assert "BlockingIOError" in held.stderr
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
