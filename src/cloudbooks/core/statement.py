"""Statements and their lines: what the bank says, kept as it came."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from cloudbooks.errors import Sentence


class Fate(StrEnum):
    """What became of a line at import (domain/statements.md section 4)."""

    NEW = "new"
    SEEN = "seen"
    TWIN = "twin"
    CHANGED = "changed"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One movement on a statement. `amount` is in minor units, positive when money comes in to the account.

    `row` is the number of its first line in the file, from 1; `reference` the provider's id; `kind` the bank's word
    for it; `balance` the running balance where the file shows a real one; `raw` the row as it came, decoded.
    `undecided` says that neither the file nor its layout tells the direction: the amount stands as money out, and a
    person decides.
    """

    row: int
    date: date
    amount: int
    commodity: str
    text: str
    party: str = ""
    reference: str = ""
    kind: str = ""
    time: str = ""
    balance: int | None = None
    raw: str = ""
    undecided: bool = False

    def identity(self, account: str) -> str:
        """What makes two lines the same movement: account, day, amount, and the provider's id or else the words."""
        words = self.reference or " ".join(f"{self.kind} {self.party} {self.text}".split()).casefold()
        return "\x1f".join((account, self.commodity, self.date.isoformat(), str(self.amount), words))


@dataclass(frozen=True, slots=True)
class Fingerprinted:
    """A line with its identity in the book: 16 bytes, in which equal lines differ by their running `occurrence`."""

    line: StatementLine
    fingerprint: bytes
    occurrence: int


def fingerprints(lines: Iterable[StatementLine], account: str) -> Iterator[Fingerprinted]:
    """Each line with its fingerprint; the n-th of equal lines gets occurrence n, from 1, so that none is lost."""
    seen: Counter[str] = Counter()
    for line in lines:
        identity = line.identity(account)
        seen[identity] += 1
        occurrence = seen[identity]
        digest = hashlib.blake2b(f"{identity}\x1f{occurrence}".encode(), digest_size=16).digest()
        yield Fingerprinted(line, digest, occurrence)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A row that could not be read: its place in the file, the row as it came, and why."""

    row: int
    raw: str
    why: Sentence


@dataclass(frozen=True, slots=True)
class BalanceBreak:
    """A running balance that does not follow: after the line of `row` the file says `said`, the lines give `summed`.

    `previous` is the row of the last line before it, in the order of time, whose balance the file tells.
    """

    row: int
    said: int
    summed: int
    previous: int


@dataclass(frozen=True, slots=True)
class Statement:
    """The lines of one file in one commodity. `opening` and `closing` are what the file itself says, where it does.

    `profile` names the layout and its version; `first` and `last` are the days it spans.
    """

    profile: str
    commodity: str
    lines: tuple[StatementLine, ...]
    opening: int | None = None
    closing: int | None = None

    @property
    def first(self) -> date:
        """The earliest day of a line."""
        return min(line.date for line in self.lines)

    @property
    def last(self) -> date:
        """The latest day of a line."""
        return max(line.date for line in self.lines)

    @property
    def agrees(self) -> bool | None:
        """Whether opening + lines = closing; `None` where the file does not say both."""
        if self.opening is None or self.closing is None:
            return None
        return self.opening + sum(line.amount for line in self.lines) == self.closing
