"""`verify`: every law checked on the log's bytes, and every kept row compared with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from cloudbooks.books.desk import Desk
from cloudbooks.books.progress import Progress, quiet, size_of
from cloudbooks.chain.authority import PEM_BYTES_MAX, Authority, read_authority
from cloudbooks.chain.canonical import FormFault
from cloudbooks.chain.checkpoint import origin
from cloudbooks.chain.note import Vkey
from cloudbooks.chain.policy import BYTES_MAX, read_policy
from cloudbooks.chain.verifying import Policy, Verdict, verify
from cloudbooks.errors import Sentence, UsageError, sentence
from cloudbooks.peers.layout import FolderLog
from cloudbooks.store.comparing import verify_book
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
        self.why = why
        place = f"{file}:{line}" if line else str(file)
        super().__init__(
            sentence("{place} is no policy: {why}", place=place, why=why),
            hint=sentence(
                "lines of it: log VKEY, witness NAME VKEY, group NAME all|any|K NAMES, quorum NAME|none, "
                "authority NAME FILE"
            ),
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
    """What a verification says, the facts that were asked for and are missing, and by how many it was judged.

    `witnesses` and `authorities` are those that the verifier trusts.
    """

    verdict: Verdict
    missing: tuple[str, ...]
    book: str
    witnesses: int = 0
    authorities: int = 0

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
) -> Verified:
    """Verify a book against its own log; the first member's key is pinned by `pin`, else by this machine's record.

    A `policy` file says whom the verifier trusts; raises `PolicyUnreadable`.
    """
    with desk.open() as book:
        judged = policy_of(policy or desk.policy, origin(book.id), pin or pins.pinned(desk.state, book.id))
        verdict = verify_book(book, judged, _counted(progress, size_of(book)))
        stopped = book.stopped
        identity = book.id
    if stopped is not None:
        raise stopped
    return verified(verdict, require, identity, judged)


def _counted(progress: Progress, total: int) -> Callable[[], None]:
    """Tells of one more block each time it is called."""
    done = count(1)
    return lambda: progress("verify", next(done), total)


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
    tell = _counted(progress, 0)

    def observe(*_admitted: object) -> tuple[()]:
        tell()
        return ()

    verdict = verify(source, judged, observe)
    return verified(verdict, require, verdict.book, judged)


def verified(verdict: Verdict, require: tuple[str, ...], book: str, judged: Policy) -> Verified:
    """A verdict with what is missing of the facts that were asked for; raises `FactUnknown`."""
    return Verified(verdict, missing_facts(verdict, require), book, len(judged.witnesses), len(judged.authorities))


def policy_of(file: Path | None, named: str, pin: str) -> Policy:
    """The policy of a file for the log of an origin; where it pins no key, that is `pin`, given or known.

    The certificates of its authorities are read from files beside it. Raises `PolicyUnreadable`, `PinUnreadable`.
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
    authorities = tuple(_authority(file, one) for one in read.authorities)
    return replace(read, pin=read.pin or read_pin(pin), authorities=authorities)


def _authority(policy: Path, one: Authority) -> Authority:
    """An authority with its certificates, out of the file that its line in a policy names."""
    try:
        return authority_of(policy.parent / one.file, one.name)
    except PolicyUnreadable as unread:
        raise PolicyUnreadable(policy, sentence("{place}: {why}", place=one.file, why=unread.why), one.line) from None


def authority_of(file: Path, name: str) -> Authority:
    """The timestamp authority of a PEM file of certificates; raises `PolicyUnreadable`."""
    try:
        return read_authority(name, files.read_regular(file, PEM_BYTES_MAX))
    except (OSError, ValueError) as error:
        why = files.reason(error) if isinstance(error, OSError) else sentence("there is no such file")
        raise PolicyUnreadable(file, sentence("{why}.", why=why)) from error
    except (files.FileUnfit, FormFault) as error:
        raise PolicyUnreadable(file, error.message) from error


def read_pin(text: str) -> Vkey | None:
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
