"""Encrypted backups that are stopped: in order they leave nothing, and killed what is named; none shows a secret."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.books.age_keys import IN_CLEAR, OWN, key_file
from tests.books.program import Program
from tests.books.test_backups import KILLS

from cloudbooks.system import age_file, private_copy


def _started(program: Program, *words: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "cloudbooks", *words], cwd=program.folder, env=program.env, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip


@pytest.fixture
def program(tmp_path: Path, loaded_program: tuple[str, ...]) -> Program:
    """A book with a posted entry, keys, a backup encrypted to them, and a folder that is elsewhere."""
    program = Program(tmp_path / "firm", loaded_program)
    program.folder.mkdir()
    key_file(tmp_path / "firm" / "own", OWN)
    program("init", "acme", "--base", "CNY", "--start", "2026-01", "--bank", "1002.01=ICBC", "--no-passphrase")
    program("add", "2026-10-20", "Paper", "5602", "300", "1002.01")
    program("post", "--all", "--yes")
    (tmp_path / "away").mkdir()
    return program


def _recipient(program: Program) -> str:
    return next(iter(age_file.identities(program.folder / "own").public()))


def _waits_for(program: Program, child: subprocess.Popen[bytes]) -> Iterator[Path]:
    """The private folder of a command, as soon as there is one."""
    while child.poll() is None:
        yield from program.folder.glob(private_copy.PREFIX + "*")
        time.sleep(0.01)


@pytest.mark.parametrize(("kind", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
@pytest.mark.parametrize("act", ["backup", "restore"])
def test_stopped_it_leaves_nothing(program: Program, kind: signal.Signals, status: int, act: str) -> None:
    """Ctrl-C, an orderly end and a closed terminal, while the copy lies in its folder: that folder goes."""
    words = ["book", "backup", "../away/one.age", "--age", _recipient(program), "--identity", "own"]
    if act == "restore":
        program(*words)
        words = ["book", "restore", "../away/one.age", "back", "--identity", "own"]
    before = sorted(path.name for path in program.folder.parent.rglob("*") if "home" not in path.parts)
    child = _started(program, *words)
    assert next(_waits_for(program, child), None) is not None
    child.send_signal(kind)
    assert child.wait(60) == status
    assert sorted(path.name for path in program.folder.parent.rglob("*") if "home" not in path.parts) == before


def test_killed_it_leaves_what_is_named(program: Program) -> None:
    """At any time: nothing in clear where the backup goes; what stays in the book's folder, `doctor` names."""
    words = ["book", "backup", "--age", _recipient(program), "--identity", "own"]
    began = time.monotonic()
    assert _started(program, *words, "../away/good.age").wait(60) == 0
    lasts = time.monotonic() - began
    chance, left = random.Random(3), 0
    away = program.folder.parent / "away"
    for number in range(max(6, KILLS)):
        child = _started(program, *words, f"../away/{number}.age")
        if number % 2:
            _wait_for_a_copy(program.folder, lasts)
        time.sleep(chance.uniform(0, 0.3 if number % 2 else 0.95) * lasts)
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        assert not [path for path in away.iterdir() if path.read_bytes().startswith(IN_CLEAR)]
        folders = list(program.folder.glob(private_copy.PREFIX + "*"))
        findings = program.run("doctor", "--json").stdout
        assert [folder.name in findings for folder in folders] == [True] * len(folders)
        left += len(folders)
        for folder in folders:
            assert folder.stat().st_mode & 0o777 == 0o700
            shutil.rmtree(folder)
        whole = away / f"{number}.age"
        if whole.exists() and whole.stat().st_size:
            program("book", "restore", str(whole), f"r{number}", "--identity", "own", "--dry-run")
    assert left


def _wait_for_a_copy(folder: Path, lasts: float) -> None:
    """Until something in clear may stand in the folder, however busy the machine is."""
    until = time.monotonic() + 10 * lasts
    while not list(folder.glob(private_copy.PREFIX + "*")) and time.monotonic() < until:
        time.sleep(0.001)


def test_what_another_process_works_on_is_not_called_left(program: Program) -> None:
    """`copy-left` is said of folders whose process is no more, and by the next backup too."""
    with private_copy.private_folder(program.folder) as own:
        assert private_copy.left_behind(program.folder) == ()
        shutil.copytree(own, program.folder / ".cloudbooks-dead")
        assert [one.where for one in private_copy.left_behind(program.folder)] == [".cloudbooks-dead"]
        said = program.run("book", "backup", "../away/x.age", "--age", _recipient(program))
    assert "copy-left" in said.stderr
    assert said.returncode == 0


def test_a_secret_in_the_arguments_is_not_repeated(program: Program) -> None:
    """It is refused, and stands in no answer and in no file of ours."""
    for form in ((), ("--json",), ("--key", "k1")):
        said = program.run("book", "backup", "x", "--age", OWN, *form)
        assert said.returncode == 3
        assert OWN[20:] not in said.stdout + said.stderr
    kept = [path for path in (program.folder / "home").rglob("*") if path.is_file()]
    assert not [path for path in kept if OWN[20:].encode() in path.read_bytes()]
