"""The program that is loaded once answers as the one that is started; else what is run by it would prove nothing."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from tests.loaded.program import loaded
from tests.transcripts.transcript import STARTED, Command, Session

COMMANDS = (
    "cb --version",
    "cb status",
    "cb init acme --base CNY --chart generic --no-passphrase -q; echo $?",
    "cb add 2026-10-20 办公用品 6400 300 1010; LANG=zh_CN.UTF-8 cb draft list; cb draft list --csv | cat",
    "cb add 2026-10-20 Paper 6400 300 nothing --json",
    "printf 'date,description,amount\\n2026-10-01,ink,-1\\n' | cb import - --account 1010 2> said; cat said",
    "mkdir below; cd below; cb -b ../acme.cbk balance; cb --nothing; cb balance -b none 2>&1 | head -1",
    "(cb account list; echo $? >&2) | head -1 > /dev/null",
    "TZ=Asia/Shanghai CLOUDBOOKS_HOME=$PWD/other cb -b acme.cbk verify --json | grep -o '\"valid\":[a-z]*'",
    "cb nothing",
)


@pytest.fixture(scope="module")
def program(catalogues: None) -> Iterator[tuple[str, ...]]:  # noqa: ARG001 - the texts must be built
    """The words of the loaded program."""
    with loaded() as words:
        yield words


def said(program: Sequence[str], folder: Path) -> list[tuple[str, list[str], int]]:
    """What each command prints in a fresh folder, hashes and instants apart, and its status."""
    folder.mkdir()
    session, found = Session.fresh(folder, program), []
    for words in COMMANDS:
        printed, status = session.run(Command(0, words, (), 0))
        found.append((words, [session.plain(line) for line in printed], status))
    return found


def test_it_says_what_a_started_program_says(program: tuple[str, ...], tmp_path: Path) -> None:
    """With the same status: in pipes, in other folders, languages and states, refused or not."""
    by_start = said(STARTED, tmp_path / "started")
    assert any("办公用品" in line for line in by_start[3][1])
    assert {status for _, _, status in by_start} >= {0, 2, 3}
    assert said(program, tmp_path / "loaded") == by_start


def test_what_stops_the_stand_in_stops_the_program(program: tuple[str, ...], tmp_path: Path) -> None:
    """A signal goes on to the child that does the command, and both end by it."""
    session = Session.fresh(tmp_path, program)
    listening = [*program, "chain", "witness", "--listen", "127.0.0.1:0", "--no-passphrase"]
    with subprocess.Popen(
        listening, cwd=session.folder, env=session.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        # Its output ends with the last process that holds it.
        process.stdout.read()
        assert process.wait(30) == -signal.SIGTERM
