"""`verify`: every law checked on the log's bytes, and every kept row compared with them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from cloudbooks.books.desk import Desk
from cloudbooks.books.progress import Progress, counted_off, quiet, size_of
from cloudbooks.chain.canonical import FormFault
from cloudbooks.chain.checkpoint import origin
from cloudbooks.chain.note import Vkey
from cloudbooks.chain.policy import BYTES_MAX, read_policy
from cloudbooks.chain.verifying import Policy, Verdict, verify
from cloudbooks.errors import Sentence, UsageError, sentence
from cloudbooks.peers.layout import FolderLog
from cloudbooks.store.attested import Attested
from cloudbooks.store.comparing import verify_book
from cloudbooks.store.comparing_apart import worthwhile
from cloudbooks.system import files, pins

FACTS = ("consistent", "signed", "anchored", "witnessed")


class FactUnknown(UsageError):
    """`--require` names a fact that no verifier states."""

    code = "fact-unknown"

    def __init__(self, word: str) -> None:
        super().__init__(
            sentence('"{word}" is no fact of a verification.', word=word),
            hint=sentence("cloudbooks verify --require consistent,signed"),
        )


class PolicyUnreadable(UsageError):
    """What was given with --policy is no policy file, or one of another log."""

    code = "policy-unreadable"

    def __init__(self, file: Path, why: Sentence, line: int = 0) -> None:
        place = f"{file}:{line}" if line else str(file)
        super().__init__(
            sentence("{place} is no policy: {why}", place=place, why=why),
            hint=sentence("lines of it: log VKEY, witness NAME VKEY, group NAME all|any|K NAMES, quorum NAME|none"),
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
    """What a verification says, the facts that were asked for and are missing, and how many witnesses were trusted.

    `since` is the earlier verification that it believes of the blocks up to that one's last.
    """

    verdict: Verdict
    missing: tuple[str, ...]
    book: str
    witnesses: int = 0
    since: Attested | None = None

    @property
    def exit_status(self) -> int:
        """0, 1 for findings or an incomplete log, 4 if the chain is invalid or a required fact is missing."""
        if not self.verdict.valid or self.missing:
            return 4
        complete = self.verdict.consistent == self.verdict.blocks
        return 0 if complete and not any(not finding.warning for finding in self.verdict.findings) else 1


def verify_this_book(
    desk: Desk,
    *,
    pin: str = "",
    require: tuple[str, ...] = (),
    policy: Path | None = None,
    progress: Progress = quiet,
    processes: int = 0,
) -> Verified:
    """Verify a book against its own log; the first member's key is pinned by `pin`, else by this machine's record.

    A `policy` file says whom the verifier trusts; raises `PolicyUnreadable`. One or two `processes` do it, 0 being as
    many as are worthwhile for a book of its size; raises `ComparerLost` where the second one ends too early.
    """
    with desk.open() as book:
        judged = policy_of(policy, origin(book.id), pin or pins.pinned(desk.state, book.id))
        told = counted_off(progress, size_of(book))
        verdict = verify_book(book, judged, told, attest=True, processes=processes or worthwhile(book))
        stopped = book.stopped
        identity = book.id
    if stopped is not None:
        raise stopped
    return Verified(verdict, missing_facts(verdict, require), identity, len(judged.witnesses))


def verify_folder(
    folder: Path,
    *,
    pin: str = "",
    require: tuple[str, ...] = (),
    policy: Path | None = None,
    progress: Progress = quiet,
) -> Verified:
    """Verify an exported chain, with nothing but its files, and what the verifier pins and trusts."""
    source = FolderLog(folder)
    named = (source.checkpoint() or b"").partition(b"\n")[0].decode(errors="replace")
    judged = policy_of(policy, named, pin)
    tell = counted_off(progress, 0)

    def observe(*_admitted: object) -> tuple[()]:
        tell()
        return ()

    verdict = verify(source, judged, observe)
    return Verified(verdict, missing_facts(verdict, require), verdict.book, len(judged.witnesses))


def policy_of(file: Path | None, named: str, pin: str) -> Policy:
    """The policy of a file for the log of an origin; where it pins no key, that is `pin`, given or known.

    Raises `PolicyUnreadable`, `PinUnreadable`.
    """
    if file is None:
        return Policy(read_pin(pin))
    try:
        read = read_policy(files.read_regular(file, BYTES_MAX), named)
    except OSError as error:
        raise PolicyUnreadable(file, sentence("{why}.", why=files.reason(error))) from error
    except files.FileUnfit as error:
        raise PolicyUnreadable(file, error.message) from error
    except FormFault as fault:
        raise PolicyUnreadable(file, fault.message, fault.record or 0) from fault
    return read if read.pin else replace(read, pin=read_pin(pin))


def read_pin(text: str) -> Vkey | None:
    """The pinned verifier key, `None` where there is none; raises `PinUnreadable`."""
    try:
        return Vkey.parse(text) if text else None
    except FormFault:
        raise PinUnreadable(text) from None


def missing_facts(verdict: Verdict, require: tuple[str, ...]) -> tuple[str, ...]:
    """The facts out of `require` that do not hold of every block, each of which was read; raises `FactUnknown`."""
    missing: list[str] = []
    for fact in require:
        if fact not in FACTS:
            raise FactUnknown(fact)
        size = getattr(verdict, fact, None)
        if size is None or size < verdict.blocks or verdict.blocks == 0 or verdict.since is not None:
            missing.append(fact)
    return tuple(missing)
