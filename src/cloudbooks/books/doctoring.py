"""`doctor`: what this machine, this installation and this book are like, said plainly."""

from __future__ import annotations

import platform
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec

from cloudbooks import __version__
from cloudbooks.books.backing_up import BACKUP_DAYS, last_backup
from cloudbooks.books.desk import Desk
from cloudbooks.chain.verdict import Policy, Verdict
from cloudbooks.errors import ChainFault, CloudBooksError, Finding, Sentence, joined, sentence
from cloudbooks.store import reading, sqlite
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.comparing import verify_book
from cloudbooks.store.leaving_wal import leave_wal
from cloudbooks.store.opening import BookTurnedWal
from cloudbooks.system import keyfile
from cloudbooks.system.clock import moment
from cloudbooks.system.private_copy import left_behind

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
    """One thing looked at: its name, what was seen, and the finding where it is not as it should be."""

    name: str
    seen: Sentence
    amiss: Finding | None = None

    @property
    def well(self) -> bool:
        """Whether it is as it should be."""
        return self.amiss is None


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Everything that was looked at, and what is wrong as findings; `broken` where the book itself is (exit 4)."""

    checks: tuple[Checkup, ...]
    findings: tuple[Finding, ...]
    broken: bool = False


def diagnose(desk: Desk | None) -> Diagnosis:
    """Look at the installation, and at the book where there is one, all of which is verified.

    A fault of the book is a finding, never a crash.
    """
    checks = list(_installation())
    broken = False
    if desk is not None:
        try:
            checks += _without_write_ahead_log(desk)
            seen, whole = _book(desk)
            checks += seen
            broken = not whole
        except CloudBooksError as error:
            broken = isinstance(error, ChainFault)
            name = desk.book.name
            checks.append(Checkup("book", error.message, Finding(error.code, name, error.message, error.hint)))
    return Diagnosis(tuple(checks), tuple(check.amiss for check in checks if check.amiss), broken)


def _installation() -> Iterator[Checkup]:
    yield Checkup("cloudbooks", sentence("version {version}", version=__version__))
    python = platform.python_version()
    yield Checkup("python", sentence("{version} on {system}", version=python, system=sys.platform))
    yield Checkup("sqlite", sentence("{version}", version=sqlite.version()))
    missing = sorted(name for name, module in EXTRAS.items() if find_spec(module) is None)
    seen = sentence("not installed: {names}", names=joined(missing)) if missing else sentence("all installed")
    yield Checkup("extras", seen)


def _without_write_ahead_log(desk: Desk) -> Iterator[Checkup]:
    """Turn a book back that another program gave a write-ahead log, and verify all of it; nothing for other books."""
    try:
        desk.open().close()
    except BookTurnedWal:
        leave_wal(desk.book)
        with desk.open() as book:
            # It ends the doubt that leaving the log began, and what is said below is of a book that is whole again.
            verdict = verify_book(book, Policy())
        if verdict.valid:
            yield Checkup("journal", sentence("turned back from a write-ahead log; the whole book verifies"))


def _book(desk: Desk) -> tuple[list[Checkup], bool]:
    """What is to be said of a book, and whether the whole of it verifies."""
    with desk.open() as book:
        verdict = verify_book(book, Policy())
        return [*_outside(desk, book), *_chain(book, verdict)], verdict.valid


def _chain(book: BookFile, verdict: Verdict) -> Iterator[Checkup]:
    """What verifying found, but what opening said already."""
    said = {fault.code for fault in book.faults} | {book.barred.code if book.barred else ""}
    found = [finding for finding in verdict.findings if finding.code not in said]
    for finding in found:
        yield Checkup("chain", finding.message, finding)
    if verdict.valid and not found:
        yield Checkup("chain", sentence("all of it verifies: {blocks} blocks", blocks=verdict.blocks))


def _outside(desk: Desk, book: BookFile) -> Iterator[Checkup]:
    """What does not need the whole book to be read."""
    mode = stat.S_IMODE(desk.book.stat().st_mode)
    yield Checkup("file", sentence("{path}, mode {mode}", path=str(desk.book), mode=f"{mode:04o}"))
    yield Checkup("state", sentence("{path}", path=str(desk.state)))
    yield Checkup("head", sentence("block {number}", number=book.head.number if book.head else 0))
    stopped = book.stopped
    if stopped is None:
        yield Checkup("receipt", sentence("agrees with the book"))
    else:
        amiss = Finding(stopped.code, book.path.name, stopped.message, stopped.hint)
        yield Checkup("receipt", stopped.message, amiss)
    for fault in book.faults:
        yield Checkup(fault.code, fault.message, fault)
    yield _keys(desk, book)
    yield _backup(desk, book)
    yield _restore(desk, book)
    for left in left_behind(desk.book.absolute().parent):
        yield Checkup("folder", left.message, left)


def _backup(desk: Desk, book: BookFile) -> Checkup:
    """The last backup that was verified; one older than a week, or none since the book began, is said."""
    last = last_backup(desk.state, book.id)
    since = moment(last.made_at if last else reading.facts(book).created_at)
    seen = sentence("none yet")
    if last is not None:
        seen = sentence("block {number}, {day}: {path}", number=last.number, day=last.made_at[:10], path=last.path)
    days = (desk.clock.now() - since).days
    if days < BACKUP_DAYS:
        return Checkup("backup", seen)
    message = sentence("no backup was verified for {days} days.", days=days)
    return Checkup("backup", seen, Finding("backup-old", book.path.name, message, sentence("cloudbooks book backup"),
                                           warning=True))  # fmt: skip


def _restore(desk: Desk, book: BookFile) -> Checkup:
    """The last time that a book came out of a backup here and verified: only that shows that backups are any good."""
    last = last_backup(desk.state, book.id, restored=True)
    if last is None:
        return Checkup("restore", sentence("never tried here: cloudbooks book restore BACKUP NAME --dry-run"))
    days = (desk.clock.now() - moment(last.made_at)).days
    return Checkup(
        "restore",
        sentence("verified {days} days ago, block {number}: {path}", days=days, number=last.number, path=last.path),
    )


def _keys(desk: Desk, book: BookFile) -> Checkup:
    held = keyfile.held(desk.state, book.id)
    members = reading.members(book)
    replaced = held.values()
    here = [
        one.name
        for one in members
        # A file that cannot be read is named when it is to be used.
        if not one.revoked
        and (one.key in held or (one.id not in replaced and keyfile.exists(desk.state, book.id, one.id)))
    ]
    if here:
        return Checkup("keys", sentence("of {names}", names=joined(here)))
    member = members[0]
    missing = keyfile.KeyMissing(member.id, keyfile.path_of(desk.state, book.id, member.id))
    amiss = Finding(missing.code, book.path.name, missing.message, missing.hint)
    return Checkup("keys", sentence("none on this machine"), amiss)
