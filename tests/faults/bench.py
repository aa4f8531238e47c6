"""The bench: a box in which a command runs again and again from the same start, and what stands in it afterwards."""

from __future__ import annotations

import json
import shlex
import shutil
from pathlib import Path
from typing import Any, Final, NamedTuple

from tests.faults.children import Child, Ending, Nursery
from tests.faults.verbs import ENVIRONMENT, FILES, Verb
from tests.faults.written import written_files
from tests.golden.books import unpack
from tests.store.posted_book import another_program

from cloudbooks.chain.note import Vkey
from cloudbooks.chain.verdict import Policy
from cloudbooks.chain.verifying import verify
from cloudbooks.peers.layout import FolderLog
from cloudbooks.store import reading, receipt
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.comparing import verify_book
from cloudbooks.store.opening import BookTurnedWal
from cloudbooks.store.opening_book import open_book
from cloudbooks.store.place import has_journal
from cloudbooks.system import keyfile
from cloudbooks.system.clock import SystemClock

OFFICE: Final = "office: "
GONE: Final = "gone: "
WAL: Final = "wal: "
GOLDEN: Final = "golden: "
COUNTED: Final = (
    "log_block", "entry", "member", "attachment", "draft", "staged_statement", "staged_line", "pending", "setting",
    "operation", "cosignature",
)  # fmt: skip

MADE_UP_LATER: Final = frozenset({"checkpoint-behind", "checkpoint-missing"})
"""Findings that a stopped writer may leave behind: the next post signs the head anew."""


class Broken(AssertionError):
    """A promise was not kept: what, and everything that is known about it."""


Standing = dict[str, int]
"""How many rows and files there are of each kind: what a command changes, apart from ids and times."""


class Seen(NamedTuple):
    """A book as it was found: what stands in it, and whether a journal or a receipt was behind when it was opened."""

    standing: Standing
    hot: bool
    receipt_behind: bool


class Bench:
    """Boxes for one nursery, in one folder. The box is always at the same path: receipts and peers name it.

    `authority` is the address of a timestamp authority, and the file of its certificates, where one is at work.
    """

    authority: tuple[str, str] = ("", "")

    def __init__(self, nursery: Nursery, root: Path) -> None:
        self.nursery = nursery
        self.box = root / "box"
        self._templates = root / "templates"
        self._templates.mkdir()
        self._made: dict[tuple[str, ...], Path] = {}
        self._office_key: str = ""

    def start(self, verb: Verb) -> None:
        """Put the box as it is before a command."""
        self._put_back(self._template(verb.before))

    def _put_back(self, template: Path) -> None:
        shutil.rmtree(self.box, ignore_errors=True)
        shutil.copytree(template, self.box)

    def _template(self, before: tuple[str, ...]) -> Path:
        if before in self._made:
            return self._made[before]
        if before:
            self._put_back(self._template(before[:-1]))
            self._lead_up(before[-1])
        else:
            shutil.rmtree(self.box, ignore_errors=True)
            for folder in (self.box, self.box / "office", self.box / "shared"):
                folder.mkdir()
            for name, text in FILES.items():
                (self.box / name).write_text(text, encoding="utf-8")
        kept = self._templates / str(len(self._made))
        shutil.copytree(self.box, kept)
        self._made[before] = kept
        return kept

    def _lead_up(self, command: str) -> None:
        if command.startswith(WAL):
            with another_program(self.box / command.removeprefix(WAL)) as connection:
                connection.execute("PRAGMA journal_mode=WAL")
            return
        if command.startswith(GOLDEN):
            unpack(command.removeprefix(GOLDEN), self.box)
            return
        if command.startswith(GONE):
            for pattern in command.removeprefix(GONE).split():
                *_, path = sorted(self.box.glob(pattern))
                shutil.rmtree(path) if path.is_dir() else path.unlink()
            return
        folder = self.box / "office" if command.startswith(OFFICE) else self.box
        done = self.nursery.run(folder, *self._words(shlex.split(command.removeprefix(OFFICE))))
        if done.status:
            raise Broken(f"{command}: {done}")
        if "--from" in command:
            self._office_key = json.loads(done.out)["data"]["key"]

    def _words(self, words: list[str] | tuple[str, ...]) -> list[str]:
        known = {"OFFICE": self._office_key, "AUTHORITY": self.authority[0], "CERTIFICATES": self.authority[1]}
        return [known.get(word, word) for word in words]

    def child(self, verb: Verb, *, sabotage: tuple[str, ...] = ()) -> Child:
        """The command, at its gate."""
        return self.nursery.start("run", self.box, self._words(verb.words), sabotage=sabotage, environment=ENVIRONMENT)

    def run(self, verb: Verb) -> Ending:
        """The command, undisturbed."""
        child = self.child(verb)
        child.release()
        return child.finish()

    def books(self) -> list[Path]:
        """The books of this machine."""
        return sorted(self.box.glob("*.cbk"))

    def look(self) -> Seen:
        """Open every book without a step by hand, verify it, and count what stands; raises `Broken`."""
        standing: Standing = {}
        hot = behind = False
        for path in self.books():
            if not path.stat().st_size:
                continue
            hot = hot or has_journal(path)
            numbers = {written.number for written in self._receipts()}
            moved = any((self.box / "state" / "receipts").glob("*.moving"))
            try:
                opened = open_book(path, state=self.box / "state", clock=SystemClock())
            except BookTurnedWal:
                standing[f"{path.stem} write-ahead log"] = 1
                continue
            with opened as book:
                if moved:
                    # An announced move excuses a receipt that is ahead; opening has made it the book's own.
                    numbers = {written.number for written in self._receipts()}
                found, late = judged(book, numbers)
                found |= keys_here(book)
            behind = behind or late
            standing |= {f"{path.stem} {name}": count for name, count in found.items()}
        for name in ("shared", "folder"):
            if (self.box / name / "checkpoint").exists():
                standing |= _folder(self.box / name, name)
        standing |= written_files(self.box)
        return Seen(standing, hot, behind)

    def _receipts(self) -> list[receipt.Receipt]:
        folder = self.box / "state" / "receipts"
        names = [path.name for path in folder.glob("*")] if folder.is_dir() else []
        kept = [receipt.read(self.box / "state", name) for name in names if len(name) == 36]
        return [one for one in kept if one is not None]


def judged(book: BookFile, receipts: set[int]) -> tuple[Standing, bool]:
    """What stands in a whole book, and whether its receipt was behind; raises `Broken` for any other book."""
    if book.stopped or book.barred or book.head is None:
        raise Broken(f"the book does not open: {book.stopped or book.barred}")
    if any(number > book.head.number for number in receipts):
        raise Broken(f"a receipt {receipts} is ahead of the book, which ends at {book.head.number}")
    verdict = verify_book(book, Policy())
    if not verdict.valid or verdict.consistent != book.head.number + 1:
        raise Broken(f"the book does not verify: {verdict.findings}")
    grave = [finding for finding in verdict.findings if not finding.warning and finding.code not in MADE_UP_LATER]
    if grave:
        raise Broken(f"the book has findings: {grave}")
    return counted(book), book.head.number not in receipts


def counted(book: BookFile) -> Standing:
    """The rows of each kind, and the version of the tables that hold them."""
    rows = {"version": book.version} | {name: one(book, f"SELECT count(*) FROM {name}") for name in COUNTED}
    drafts = book.connection.execute("SELECT state, count(*) FROM draft GROUP BY state").fetchall()
    if book.version > 1:
        rows["timestamp"] = one(book, "SELECT count(*) FROM timestamp")
    return rows | {f"drafts {state}": count for state, count in drafts}


def keys_here(book: BookFile) -> Standing:
    """How many members can sign here, and how many hold the key here that is to follow theirs."""
    held = keyfile.held(book.state, book.id)
    promised = {keyfile.promise(Vkey.parse(key)) for key in held}
    stand = [one for one in reading.members(book) if not one.revoked]
    return {
        "keys": sum(one.key in held for one in stand),
        "next keys": sum(one.next_key in promised for one in stand),
    }


def one(book: BookFile, question: str) -> Any:
    """The one value that a question has for an answer."""
    return book.connection.execute(question).fetchone()[0]


def _folder(place: Path, name: str) -> Standing:
    verdict = verify(FolderLog(place), Policy())
    if not verdict.valid:
        raise Broken(f"the folder {name} does not verify: {verdict.findings}")
    cosigned = sum(1 for _ in FolderLog(place).cosignatures())
    return {f"{name} blocks": verdict.blocks, f"{name} records": verdict.records, f"{name} cosignatures": cosigned}
