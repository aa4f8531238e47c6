"""What a verifier is given, and what it says (FORMAT.md section 7)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from cloudbooks.chain.authority import Authority
from cloudbooks.chain.canonical import FormFault
from cloudbooks.chain.note import Vkey
from cloudbooks.errors import Finding, Sentence, counted, sentence

FINDINGS_MAX = 1000
"""How many findings a verdict lists; more are only counted."""


class LogSource(Protocol):
    """A copy of a log, from wherever it is kept. Whatever it gives is judged; nothing it says is believed."""

    def block(self, number: int) -> bytes | None:
        """The file of a block; `None` where there is none."""

    def batch(self, hash_: str) -> bytes | None:
        """The file of the batch with this hash ("b3:…"); `None` where there is none. May be asked for again."""

    def attachment(self, b3: str) -> bytes | None:
        """A file attached, statement or rule text, by its hash ("b3:…"); `None` where there is none."""

    def checkpoint(self) -> bytes | None:
        """The checkpoint; `None` where there is none."""

    def cosignatures(self) -> Iterable[tuple[int, str, bytes]]:
        """Cosignatures kept beside the checkpoint: size, key id (8 hex digits), and the signature line."""

    def timestamps(self) -> Iterable[tuple[int, bytes]]:
        """Timestamps kept beside the checkpoint, by rising size: the size, and the RFC 3161 token over it."""

    def stray(self) -> Iterable[str]:
        """Asked last: what is at hand and belongs to no place in the log, by its name in FORMAT.md section 6.

        A block after a gap (`block/00000007`) is one, and so is a batch that was never asked for.
        """


@dataclass(frozen=True, slots=True)
class Group:
    """So many of its members as `quorum` says: witnesses, by their keys, and other groups."""

    members: tuple[Vkey | Group, ...]
    quorum: int

    def reached(self, sizes: Mapping[Vkey, int]) -> int:
        """The greatest size that the quorum has seen, given what each witness has seen."""
        seen = [sizes.get(one, 0) if isinstance(one, Vkey) else one.reached(sizes) for one in self.members]
        return sorted(seen, reverse=True)[self.quorum - 1] if 0 < self.quorum <= len(seen) else 0


@dataclass(frozen=True, slots=True)
class Policy:
    """Whom the verifier trusts: `pin`, the first member's key, and so many of the `witnesses` as `quorum` says.

    Witnesses have keys of type 04; a quorum of 0 asks for none, and then nothing counts as witnessed. A `group` says
    instead which of the witnesses make a quorum together. Without `authorities` nothing counts as anchored.
    """

    pin: Vkey | None = None
    witnesses: tuple[Vkey, ...] = ()
    quorum: int = 0
    group: Group | None = None
    authorities: tuple[Authority, ...] = ()

    def reached(self, sizes: Mapping[Vkey, int]) -> int:
        """The greatest size that a quorum has seen."""
        return (self.group or Group(self.witnesses, self.quorum)).reached(sizes)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What holds of a log: each fact up to a size, in blocks from the first.

    `valid` is false only for INVALID; a log that is incomplete or that has findings is valid. `blocks` are those at
    hand; `records` and `entries` are counted over the consistent ones. `head` is the hash of the last block ("b3:…"),
    `root` that of the log's tree ("s256:…"). `first_key` is the verifier key that the log declares for its first
    member; `self_declared` says that the verifier pinned none. `anchored_at` is the instant of the timestamp that
    anchors the log, by the verifier's authority `anchored_by`; both are empty where `anchored` is 0. `stamped` counts
    the timestamps at hand.
    """

    valid: bool
    consistent: int
    signed: int
    self_declared: bool
    witnessed: int
    blocks: int
    records: int
    entries: int
    head: str
    root: str
    findings: tuple[Finding, ...]
    book: str = ""
    first_key: str = ""
    anchored: int = 0
    anchored_at: str = ""
    anchored_by: str = ""
    stamped: int = 0


class Judgement:
    """Findings as they come, and whether one of them makes the log invalid."""

    __slots__ = ("_findings", "_more", "valid")

    def __init__(self) -> None:
        self.valid = True
        self._findings: list[Finding] = []
        self._more = 0

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was found, in order; the last one counts what the list has no room for."""
        if not self._more:
            return tuple(self._findings)
        message = counted("{n} more finding is not listed.", "{n} more findings are not listed.", self._more)
        return (*self._findings, Finding("findings-not-listed", "log", message))

    def add(self, finding: Finding) -> None:
        """Keep a finding that leaves the log valid."""
        if len(self._findings) < FINDINGS_MAX:
            self._findings.append(finding)
        else:
            self._more += 1

    def find(
        self,
        code: str,
        message: Sentence,
        *,
        block: int | None = None,
        record: int | None = None,
        warning: bool = False,
    ) -> None:
        """Say something that leaves the log valid."""
        self.add(Finding(code, _where(block, record), message, block=block, record=record, warning=warning))

    def invalid(self, code: str, message: Sentence, *, block: int | None = None, record: int | None = None) -> None:
        """Say something that makes the log invalid."""
        self.valid = False
        self.find(code, message, block=block, record=record)

    def fault(self, fault: FormFault, *, block: int | None = None) -> None:
        """Judge a fault: what is only not understood leaves the log valid, all else makes it invalid."""
        if fault.code == "not-understood":
            self.find(fault.code, fault.message, block=block, record=fault.record)
        else:
            self.invalid(fault.code, fault.message, block=block, record=fault.record)

    def unreadable(self, error: Exception, *, block: int | None = None) -> None:
        """Judge any other exception that the bytes or their keeper caused."""
        self.invalid("unreadable", unread(error), block=block)


def unread(error: Exception) -> Sentence:
    """That reading ended in an exception."""
    return sentence("Reading stopped: {kind}: {why}.", kind=type(error).__name__, why=str(error))


def _where(block: int | None, record: int | None) -> str:
    if block is None:
        return "log"
    return f"block {block}" if record is None else f"block {block}, record {record}"
