"""Entries: dated, balanced postings. One that does not balance cannot be built."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from cloudbooks.core.money import grouped
from cloudbooks.errors import Refusal, Sentence, sentence


class EntryKind(StrEnum):
    """Entries that reports treat apart; an ordinary entry has none of these."""

    CLOSING = "closing"
    OPENING = "opening"
    REVALUATION = "revaluation"


class SourceKind(StrEnum):
    """Where an entry came from (FORMAT.md section 2)."""

    CLOSE = "close"
    MANUAL = "manual"
    MIGRATION = "migration"
    REVERSAL = "reversal"
    RULE = "rule"
    STATEMENT = "statement"


@dataclass(frozen=True, slots=True)
class Source:
    """Where an entry came from: its kind, a reference in the user's words, the rule's name and the `rules` record."""

    kind: SourceKind
    ref: str = ""
    rule: str = ""
    rules: str = ""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that belongs to an entry, by its digests (`b3:…`, `s256:…`), size in bytes, media type and name."""

    b3: str
    s256: str
    size: int
    media: str
    name: str


@dataclass(frozen=True, slots=True)
class Posting:
    """One line of an entry. Debit is positive; `amount` is in minor units of `commodity`, `value` of the base.

    `red` marks a line that counts as a negative on the other side (红字). `settles` names statement lines.
    """

    account: str
    commodity: str
    amount: int
    value: int
    party: str = ""
    text: str = ""
    tax: str = ""
    dimensions: tuple[tuple[str, str], ...] = ()
    settles: tuple[str, ...] = ()
    red: bool = False

    @property
    def debit_side(self) -> bool:
        """Whether the line counts on the debit side (FORMAT.md section 2, lines)."""
        sign = self.amount or self.value
        return (sign >= 0) != self.red


class EntryUnbalanced(Refusal):
    """The postings of an entry do not sum to zero."""

    code = "entry-unbalanced"

    def __init__(self, name: str, debit: int, credit: int, commodity: str, scale: int) -> None:
        super().__init__(
            sentence(
                "{name} is off by {residue} {commodity} (debit {debit}, credit {credit}).",
                name=name,
                residue=grouped(abs(debit - credit), scale),
                commodity=commodity,
                debit=grouped(debit, scale),
                credit=grouped(credit, scale),
            ),
            hint=sentence("correct one amount, or keep it as a draft"),
        )


class EntryTooShort(Refusal):
    """An entry has fewer than two lines."""

    code = "entry-too-short"

    def __init__(self, name: Sentence | str, count: int) -> None:
        super().__init__(
            sentence("{name} has {count} line; an entry has two or more.", name=name, count=count),
            hint=sentence("add the line on the other side"),
        )


@dataclass(frozen=True, slots=True)
class Entry:
    """A balanced entry. `base` and `base_scale` are those of its book and judge the balance at construction."""

    date: date
    series: str
    summary: str
    postings: tuple[Posting, ...]
    base: str
    base_scale: int
    name: str = "entry"
    tags: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    source: Source = Source(SourceKind.MANUAL)
    reverses: str = ""
    replaces: str = ""
    kind: EntryKind | None = None
    made_by: str = ""

    def __post_init__(self) -> None:
        if len(self.postings) < 2:  # noqa: PLR2004 - double entry
            raise EntryTooShort(self.name, len(self.postings))
        _require_balance(self.name, [line.value for line in self.postings], self.base, self.base_scale)
        commodities = {line.commodity for line in self.postings}
        if len(commodities) == 1 and self.base not in commodities:
            _require_balance(self.name, [line.amount for line in self.postings], commodities.pop(), self.base_scale)


def _require_balance(name: str, sums: Sequence[int], commodity: str, scale: int) -> None:
    debit = sum(one for one in sums if one > 0)
    credit = -sum(one for one in sums if one < 0)
    if debit != credit:
        raise EntryUnbalanced(name, debit, credit, commodity, scale)


@dataclass(frozen=True, slots=True)
class PostedEntry:
    """An entry as it stands in the chain: with its id, voucher number and block."""

    id: str
    series: str
    number: int
    date: date
    summary: str
    block: int
    postings: tuple[Posting, ...]
    kind: EntryKind | None = None
    tags: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    source: Source = Source(SourceKind.MANUAL)
    reverses: str = ""
    replaces: str = ""
    reversed_by: str = ""
    made_by: str = ""

    @property
    def voucher(self) -> str:
        """The voucher number as people write it: 记-0012."""
        return f"{self.series}-{self.number:04d}"
