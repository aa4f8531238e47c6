"""`verify`: every law checked on the log's bytes, and every kept row compared with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from cloudbooks.books.desk import Desk
from cloudbooks.books.progress import Progress, quiet, size_of
from cloudbooks.chain.canonical import FormFault
from cloudbooks.chain.note import Vkey
from cloudbooks.chain.verifying import Policy, Verdict, verify
from cloudbooks.errors import UsageError, sentence
from cloudbooks.peers.layout import FolderLog
from cloudbooks.store.comparing import verify_book
from cloudbooks.system import pins

FACTS = ("consistent", "signed", "anchored", "witnessed")


class FactUnknown(UsageError):
    """`--require` names a fact that no verifier states."""

    code = "fact-unknown"

    def __init__(self, word: str) -> None:
        super().__init__(
            sentence('"{word}" is no fact of a verification.', word=word),
            hint=sentence("cloudbooks verify --require consistent,signed"),
        )


class PinUnreadable(UsageError):
    """What was given with --pin is no verifier key."""

    code = "pin-unreadable"

    def __init__(self, text: str) -> None:
        super().__init__(
            sentence('"{text}" is no verifier key.', text=text),
            hint=sentence("a verifier key has three parts, NAME+ID+KEY; cloudbooks verify shows that of a log"),
        )


@dataclass(frozen=True, slots=True)
class Verified:
    """What a verification says, and the facts that were asked for and are missing."""

    verdict: Verdict
    missing: tuple[str, ...]
    book: str

    @property
    def exit_status(self) -> int:
        """0, 1 for findings or an incomplete log, 4 if the chain is invalid or a required fact is missing."""
        if not self.verdict.valid or self.missing:
            return 4
        complete = self.verdict.consistent == self.verdict.blocks
        return 0 if complete and not any(not finding.warning for finding in self.verdict.findings) else 1


def verify_this_book(
    desk: Desk, *, pin: str = "", require: tuple[str, ...] = (), progress: Progress = quiet
) -> Verified:
    """Verify a book against its own log; the first member's key is pinned by `pin`, else by this machine's record."""
    with desk.open() as book:
        known = pin or pins.pinned(desk.state, book.id)
        verdict = verify_book(book, Policy(key_of(known)), _counted(progress, size_of(book)))
        stopped = book.stopped
        identity = book.id
    if stopped is not None:
        raise stopped
    return Verified(verdict, missing_facts(verdict, require), identity)


def _counted(progress: Progress, total: int) -> Callable[[], None]:
    """Tells of one more block each time it is called."""
    done = count(1)
    return lambda: progress("verify", next(done), total)


def verify_folder(
    folder: Path, *, pin: str = "", require: tuple[str, ...] = (), progress: Progress = quiet
) -> Verified:
    """Verify an exported chain, with nothing but its files and the key that the verifier pins."""
    source = FolderLog(folder)
    tell = _counted(progress, 0)

    def observe(*_admitted: object) -> tuple[()]:
        tell()
        return ()

    verdict = verify(source, Policy(key_of(pin)), observe)
    return Verified(verdict, missing_facts(verdict, require), verdict.book)


def key_of(text: str) -> Vkey | None:
    """The pinned verifier key, `None` where there is none; raises `PinUnreadable`."""
    try:
        return Vkey.parse(text) if text else None
    except FormFault:
        raise PinUnreadable(text) from None


def missing_facts(verdict: Verdict, require: tuple[str, ...]) -> tuple[str, ...]:
    """The facts out of `require` that do not hold of every block; raises `FactUnknown`."""
    missing: list[str] = []
    for fact in require:
        if fact not in FACTS:
            raise FactUnknown(fact)
        size = getattr(verdict, fact, None)
        if size is None or size < verdict.blocks or verdict.blocks == 0:
            missing.append(fact)
    return tuple(missing)
