"""`verify`: every law checked on the log's bytes, and every kept row compared with them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from shlex import quote

from cloudbooks.books.desk import Desk
from cloudbooks.books.progress import Progress, counted_off, quiet, size_of
from cloudbooks.chain.authority import PEM_BYTES_MAX, Authority, read_authority
from cloudbooks.chain.canonical import FormFault
from cloudbooks.chain.checkpoint import origin
from cloudbooks.chain.note import Vkey
from cloudbooks.chain.policy import BYTES_MAX, read_policy
from cloudbooks.chain.verifying import Policy, Verdict, verify
from cloudbooks.errors import Finding, Refusal, Sentence, UsageError, sentence
from cloudbooks.peers import second_digests
from cloudbooks.peers.layout import FolderLog
from cloudbooks.peers.second_digests import SecondDigests
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


class NoChainHere(Refusal):
    """What was named to be verified is no folder of a chain, but a proof, an archive, or an audit pack."""

    code = "no-chain-here"

    def __init__(self, place: Path) -> None:
        name = quote(str(place))
        if place.is_dir():
            message = sentence('"{name}" is an audit pack: it holds proofs, and not the whole chain.', name=str(place))
            hint = sentence("python3 {name}/verify.py {name} --pin VKEY", name=name)
        elif place.suffix == ".zip":
            message = sentence('"{name}" is an archive, and a chain is verified in its folder.', name=str(place))
            hint = sentence("python3 -m zipfile -e {name} FOLDER", name=name)
        else:
            message = sentence('"{name}" is a file, and a chain is a folder.', name=str(place))
            hint = sentence("a proof: cloudbooks chain check {name}; a book: cloudbooks -b {name} verify", name=name)
        super().__init__(message, hint=hint)

    @staticmethod
    def is_one(place: Path) -> bool:
        """Whether a place is a file, or a folder with the proofs of a pack and no block."""
        try:
            return place.is_file() or (not (place / "block").is_dir() and (place / "proofs").is_dir())
        except OSError:
            # What cannot be looked at is told by whoever reads it.
            return False


@dataclass(frozen=True, slots=True)
class Verified:
    """What a verification says, the facts that were asked for and are missing, and by how many it was judged.

    `witnesses` and `authorities` are those that the verifier trusts.
    `since` is the earlier verification that it believes of the blocks up to that one's last.
    """

    verdict: Verdict
    missing: tuple[str, ...]
    book: str
    witnesses: int = 0
    authorities: int = 0
    sm3: SecondDigests | None = None
    """What the file `sm3` of a folder says; `None` where there is none. Its findings are among those of the verdict."""
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
        judged = policy_of(policy or desk.policy, origin(book.id), pin, pins.pinned(desk.state, book.id))
        told = counted_off(progress, size_of(book))
        verdict = verify_book(book, judged, told, attest=True, processes=processes or worthwhile(book))
        verdict = replace(verdict, findings=tuple(map(_with_remedy, verdict.findings)))
        stopped = book.stopped
        identity = book.id
    if stopped is not None:
        raise stopped
    return verified(verdict, require, identity, judged)


def _with_remedy(finding: Finding) -> Finding:
    """What a book lacks of signatures is signed by its next act; a log elsewhere cannot be helped so."""
    if finding.code not in ("checkpoint-behind", "checkpoint-missing") or finding.hint is not None:
        return finding
    return finding._replace(hint=sentence("cloudbooks sync or the next cloudbooks post signs one"))


def verify_folder(
    folder: Path,
    *,
    pin: str = "",
    require: tuple[str, ...] = (),
    policy: Path | None = None,
    progress: Progress = quiet,
) -> Verified:
    """Verify an exported chain, with nothing but its files, and what the verifier pins and trusts.

    Raises `NoChainHere`.
    """
    if NoChainHere.is_one(folder):
        raise NoChainHere(folder)
    source = FolderLog(folder)
    named = (source.checkpoint() or b"").partition(b"\n")[0].decode(errors="replace")
    judged = policy_of(policy, named, pin)
    tell = counted_off(progress, 0)

    def observe(*_admitted: object) -> tuple[()]:
        tell()
        return ()

    verdict = verify(source, judged, observe)
    second = second_digests.check(source)
    if second is not None:
        verdict = replace(verdict, findings=(*verdict.findings, *second.findings))
    return replace(verified(verdict, require, verdict.book, judged), sm3=second)


def verified(verdict: Verdict, require: tuple[str, ...], book: str, judged: Policy) -> Verified:
    """A verdict with what is missing of the facts that were asked for; raises `FactUnknown`."""
    return Verified(verdict, missing_facts(verdict, require), book, len(judged.witnesses), len(judged.authorities))


def policy_of(file: Path | None, named: str, pin: str = "", known: str = "") -> Policy:
    """The policy of a file for the log of an origin; where nobody pins a key, by `pin` or the file, the `known` one is.

    The certificates of its authorities are read from files beside it. Raises `PinUnreadable`, and `PolicyUnreadable`
    also where the file pins another key than `pin`.
    """
    given = read_pin(pin)
    if file is None:
        return Policy(given or read_pin(known))
    try:
        read = read_policy(files.read_regular(file, BYTES_MAX), named)
    except OSError as error:
        raise PolicyUnreadable(file, sentence("{why}.", why=files.reason(error))) from error
    except files.FileUnfit as error:
        raise PolicyUnreadable(file, error.message) from error
    except FormFault as fault:
        raise PolicyUnreadable(file, fault.message, fault.record or 0) from fault
    if given and read.pin and given != read.pin:
        raise PolicyUnreadable(file, sentence("It pins another key than --pin."))
    authorities = tuple(_authority(file, one) for one in read.authorities)
    return replace(read, pin=read.pin or given or read_pin(known), authorities=authorities)


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
    """The facts out of `require` that do not hold of every block, each of which was read; raises `FactUnknown`."""
    missing: list[str] = []
    for fact in require:
        if fact not in FACTS:
            raise FactUnknown(fact)
        size = getattr(verdict, fact, None)
        if size is None or size < verdict.blocks or verdict.blocks == 0 or verdict.since is not None:
            missing.append(fact)
    return tuple(missing)
