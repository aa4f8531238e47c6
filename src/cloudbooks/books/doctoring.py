"""`doctor`: what this machine, this installation and this book are like, said plainly."""

from __future__ import annotations

import platform
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec

from cloudbooks import __version__
from cloudbooks.books.desk import Desk
from cloudbooks.errors import CloudBooksError, Finding, Sentence, joined, sentence
from cloudbooks.store import reading, sqlite
from cloudbooks.system import keyfile

EXTRAS = {
    "import": "python_calamine",
    "xlsx": "xlsxwriter",
    "print": "typst",
    "charts": "plotext",
    "s3": "obstore",
    "http": "httpx2",
    "server": "starlette",
    "pg": "psycopg",
    "age": "pyrage",
    "keyring": "keyring",
    "timestamp": "rfc3161_client",
    "fuzzy": "rapidfuzz",
}


@dataclass(frozen=True, slots=True)
class Checkup:
    """One thing looked at: its name, what was seen, and whether it is as it should be."""

    name: str
    seen: Sentence
    well: bool


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Everything that was looked at, and what is wrong as findings."""

    checks: tuple[Checkup, ...]
    findings: tuple[Finding, ...]


def diagnose(desk: Desk | None) -> Diagnosis:
    """Look at the installation, and at the book where there is one; a fault of the book is a finding, never a crash."""
    checks = list(_installation())
    findings: list[Finding] = []
    if desk is not None:
        try:
            checks += _book(desk)
        except CloudBooksError as error:
            findings.append(Finding(error.code, str(desk.book), error.message, error.hint))
    findings += [
        Finding("doctor", check.name, check.seen, sentence("cloudbooks help doctor"))
        for check in checks
        if not check.well
    ]
    return Diagnosis(tuple(checks), tuple(findings))


def _installation() -> Iterator[Checkup]:
    yield Checkup("cloudbooks", sentence("version {version}", version=__version__), well=True)
    python = platform.python_version()
    yield Checkup("python", sentence("{version} on {system}", version=python, system=sys.platform), well=True)
    yield Checkup("sqlite", sentence("{version}", version=sqlite.version()), well=True)
    missing = sorted(name for name, module in EXTRAS.items() if find_spec(module) is None)
    seen = sentence("not installed: {names}", names=joined(missing)) if missing else sentence("all installed")
    yield Checkup("extras", seen, well=True)


def _book(desk: Desk) -> Iterator[Checkup]:
    mode = stat.S_IMODE(desk.book.stat().st_mode)
    yield Checkup(
        "file", sentence("{path}, mode {mode}", path=str(desk.book), mode=f"{mode:04o}"), well=mode & 0o077 == 0
    )
    yield Checkup("state", sentence("{path}", path=str(desk.state)), well=True)
    with desk.open() as book:
        head = sentence("block {number}", number=book.head.number) if book.head else sentence("no block")
        yield Checkup("head", head, well=book.head is not None)
        receipt = book.stopped.message if book.stopped else sentence("agrees with the book")
        yield Checkup("receipt", receipt, well=book.stopped is None)
        for fault in book.faults:
            yield Checkup(fault.code, fault.message, well=False)
        here = [one.name for one in reading.members(book) if keyfile.exists(desk.state, book.id, one.id)]
        keys = sentence("of {names}", names=joined(here)) if here else sentence("none on this machine")
        yield Checkup("keys", keys, well=bool(here))
