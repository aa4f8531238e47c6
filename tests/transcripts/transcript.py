"""Transcripts: documents whose `$ command` blocks are run and whose printed answers must still be what comes out.

In a document
- ```` ```console ```` holds commands (`$ …`, continued by lines that begin with `> `) and what they print, standard
  output and standard error together; `[exit N]` after it where the status is not 0. `...` alone on a line stands for
  any lines, and inside a line for any words.
- ```` ```file name.csv ```` writes a file, `<!-- samples: a.csv b.csv -->` copies files of `tests/samples`.
- All blocks of a document run one after the other in one fresh folder with its own state folder.

What differs from run to run is compared as a placeholder: hashes, ids, instants, days of today, versions, folders.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.loaded.program import STARTED

REPOSITORY = Path(__file__).parents[2]
SAMPLES = REPOSITORY / "tests" / "samples"
SECONDS_MAX = 120

_BLOCK = re.compile(
    r"^```(?P<kind>console|file)(?: (?P<name>\S+))?\n(?P<body>.*?)^```$|^<!-- samples: (?P<samples>.+?) -->$",
    re.MULTILINE | re.DOTALL,
)
_EXPORT = re.compile(r"export ([A-Z_]+)=(\S+)")
_PLACEHOLDERS = (
    (re.compile(r"[\w./-]+\+[0-9a-f]{8}\+[A-Za-z0-9+/=]{44}"), "VKEY"),
    (re.compile(r"\b(b3|s256):[0-9a-f]{64}\b"), r"\1:HASH"),
    (re.compile(r"\b(b3|s256):[0-9a-f]{2,16}…[0-9a-f]{0,16}"), r"\1:HASH"),
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\b"), "ID"),
    (re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"), "INSTANT"),
    (re.compile(r"\b\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?\b"), "INSTANT"),
    (re.compile(r"(?<=[ （(])\d\d:\d\d(?=[)）])"), "TIME"),
    (re.compile(r"\bcloudbooks[ /]\d+\.\d+\.\d+\S*"), "cloudbooks VERSION"),
    (re.compile(r"\b(?:\d+-)?(?:[0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}\b"), "CODE"),
    (re.compile(r"\bSQLite \d+\.\d+\.\d+\b"), "SQLite VERSION"),
)


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a transcript: where it stands, its words, what is printed and its exit status."""

    line: int
    words: str
    expected: tuple[str, ...]
    status: int


@dataclass(frozen=True, slots=True)
class Given:
    """A file that is there before the commands that follow: written from its text, or copied from the samples."""

    name: str
    text: str | None


@dataclass(slots=True)
class Session:
    """The folder and the environment in which a document's commands run."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    @classmethod
    def fresh(cls, folder: Path, program: Sequence[str] = STARTED) -> Session:
        """A session in an empty folder; `cloudbooks` and `cb` are this source tree's, run by the words of `program`."""
        programs, work, home = folder / "bin", folder / "work", folder / "home"
        for made in (programs, work, home):
            made.mkdir()
        for name in ("cloudbooks", "cb"):
            command = programs / name
            command.write_text(f'#!/bin/sh\nexec {shlex.join(program)} "$@"\n', encoding="utf-8")
            command.chmod(0o755)
        kept = {
            name: value for name, value in os.environ.items() if name in ("HOME", "TMPDIR", "COVERAGE_PROCESS_START")
        }
        return cls(
            work,
            {
                **kept,
                "PATH": f"{programs}:{Path(sys.executable).parent}:{os.environ.get('PATH', '/usr/bin:/bin')}",
                "PYTHONPATH": str(REPOSITORY / "src"),
                "CLOUDBOOKS_HOME": str(home),
                "LANG": "C.UTF-8",
                "TZ": "UTC",
            },
        )

    def give(self, given: Given) -> None:
        """Put a file into the folder."""
        target = self.folder / Path(given.name).name
        if given.text is None:
            shutil.copyfile(SAMPLES / given.name, target)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(given.text, encoding="utf-8")

    def run(self, command: Command) -> tuple[list[str], int]:
        """What a command prints on both streams, line by line, and its exit status; `export` lasts for the document."""
        if exported := _EXPORT.fullmatch(command.words):
            self.environment[exported[1]] = exported[2]
            return [], 0
        done = subprocess.run(
            ["bash", "-c", f"exec 2>&1\n{command.words}"],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            timeout=SECONDS_MAX,
            check=False,
        )
        return done.stdout.decode("utf-8", errors="replace").splitlines(), done.returncode

    def plain(self, line: str) -> str:
        """A line with placeholders for what differs from run to run."""
        line = line.rstrip().replace(str(self.folder), "FOLDER").replace(self.environment["CLOUDBOOKS_HOME"], "STATE")
        for pattern, placeholder in _PLACEHOLDERS:
            line = pattern.sub(placeholder, line)
        return line


def steps(document: Path) -> Iterator[Command | Given]:
    """The files and commands of a document, in order."""
    text = document.read_text(encoding="utf-8")
    for block in _BLOCK.finditer(text):
        if block["samples"]:
            yield from (Given(name, None) for name in block["samples"].split())
        elif block["kind"] == "file":
            yield Given(block["name"], block["body"])
        else:
            yield from _commands(block["body"], text.count("\n", 0, block.start("body")) + 1)


def _commands(body: str, first: int) -> Iterator[Command]:
    begun: tuple[int, list[str], list[str]] | None = None
    for number, line in enumerate(body.splitlines(), start=first):
        if line.startswith("$ "):
            if begun:
                yield _command(begun)
            begun = (number, [line.removeprefix("$ ")], [])
        elif begun and line.startswith("> ") and not begun[2]:
            begun[1].append(line.removeprefix("> "))
        elif begun:
            begun[2].append(line)
    if begun:
        yield _command(begun)


def _command(begun: tuple[int, list[str], list[str]]) -> Command:
    number, words, printed = begun
    status = 0
    while printed and not printed[-1].strip():
        printed.pop()
    if printed and (found := re.fullmatch(r"\[exit (\d+)\]", printed[-1].strip())):
        status = int(found[1])
        printed.pop()
    return Command(number, "\n".join(words), tuple(printed), status)


def matches(expected: list[str], printed: list[str]) -> bool:
    """Whether what was printed is what stands in the document; `...` stands for any lines, or any words of a line."""
    if not expected:
        return not printed
    if expected[0].strip() == "...":
        return any(matches(expected[1:], printed[skipped:]) for skipped in range(len(printed) + 1))
    return bool(printed) and _line_matches(expected[0], printed[0]) and matches(expected[1:], printed[1:])


def _line_matches(expected: str, printed: str) -> bool:
    if "..." not in expected:
        return expected == printed
    return re.fullmatch(".*".join(re.escape(part) for part in expected.split("...")), printed) is not None
