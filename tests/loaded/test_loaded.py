"""The program that is loaded once answers as the one that is started; else what is run by it would prove nothing."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.loaded.program import STARTED
from tests.transcripts.transcript import Command, Session

COMMANDS = (
    "cb --version",
    "cb status",
    "cb init acme --base CNY --chart generic --no-passphrase -q; echo $?",
    "cb add 2026-10-20 办公用品 6400 300 1010; LANG=zh_CN.UTF-8 cb draft list; cb draft list --csv | cat",
    "cb add 2026-10-20 Paper 6400 300 nothing --json",
    "printf 'date,description,amount\\n2026-10-01,ink,-1\\n' | cb import - --account 1010 2> said; cat said",
    "mkdir below; cd below; cb -b ../acme.cbk balance; cb --nothing; cb balance -b none 2>&1 | head -1",
    "(sleep 0.5; cb account list; echo $? >&2) | true",
    "TZ=Asia/Shanghai CLOUDBOOKS_HOME=$PWD/other cb -b acme.cbk verify --json | grep -o '\"valid\":[a-z]*'",
    "cb nothing",
)


def said(program: Sequence[str], folder: Path) -> list[tuple[str, list[str], int]]:
    """What each command prints in a fresh folder, hashes and instants apart, and its status."""
    folder.mkdir()
    session, found = Session.fresh(folder, program), []
    for words in COMMANDS:
        printed, status = session.run(Command(0, words, (), 0))
        found.append((words, [session.plain(line) for line in printed], status))
    return found


def test_it_says_what_a_started_program_says(loaded_program: tuple[str, ...], tmp_path: Path) -> None:
    """With the same status: in pipes, in other folders, languages and states, refused or not."""
    by_start = said(STARTED, tmp_path / "started")
    assert any("办公用品" in line for line in by_start[3][1])
    assert {status for _, _, status in by_start} >= {0, 2, 3}
    assert said(loaded_program, tmp_path / "loaded") == by_start


def ending(program: Sequence[str], folder: Path) -> int:
    """How a program that waits for others ends when it is told to."""
    folder.mkdir()
    session = Session.fresh(folder, program)
    words = "cb init acme --base CNY --no-passphrase -q > /dev/null; cb member list --json"
    listed, _ = session.run(Command(0, words, (), 0))
    (key,) = re.findall('"key":"([^"]*)"', "".join(listed))
    logs = folder / "home" / "witness" / "logs"
    logs.parent.mkdir()
    logs.write_text(f"{key}\n", encoding="utf-8")
    listening = [*program, "chain", "witness", "--listen", "127.0.0.1:0", "--no-passphrase"]
    with subprocess.Popen(
        listening, cwd=session.folder, env=session.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        assert process.stdout is not None
        address = next(found for line in process.stdout if (found := re.search(rb"127\.0\.0\.1:(\d+)", line)))
        # It tells its address before it waits for signals; once it answers, it does.
        with socket.create_connection(("127.0.0.1", int(address[1])), timeout=30) as asking:
            asking.sendall(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
            assert asking.recv(12).startswith(b"HTTP/1.1 ")
        process.send_signal(signal.SIGTERM)
        # Its output ends with the last process that holds it.
        process.stdout.read()
        return process.wait(30)


def test_what_stops_the_stand_in_stops_the_program(loaded_program: tuple[str, ...], tmp_path: Path) -> None:
    """A signal goes on to the child that does the command, and it ends as a started program does: in order."""
    assert ending(loaded_program, tmp_path / "loaded") == ending(STARTED, tmp_path / "started") == 0
