"""Entries: dated, balanced postings. One that does not balance cannot be built."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from cloudbooks.core.money import grouped
from cloudbooks.errors import Refusal, counted, sentence


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


BY_HAND = Source(SourceKind.MANUAL)
"""The source of what a person wrote."""


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
            hint=sentence("= in the last amount, or keep it as a draft"),
        )


class EntryTooShort(Refusal):
    """An entry has fewer than two lines."""

    code = "entry-too-short"

    def __init__(self, name: str, count: int) -> None:
        super().__init__(
            counted(
                "{name} has {n} line; an entry has two or more.",
                "{name} has {n} lines; an entry has two or more.",
                count,
                name=name,
            ),
            hint=sentence("add the line on the other side"),
        )


class AmountsUnbalanced(Refusal):
    """All lines of an entry have one commodity, their values balance, and their amounts do not."""

    code = "amounts-unbalanced"

    def __init__(self, name: str, commodity: str) -> None:
        super().__init__(
            sentence(
                "{name} balances in value, and its amounts in {commodity} do not.", name=name, commodity=commodity
            ),
            hint=sentence("correct one amount, or keep it as a draft"),
        )


class ValueAstray(Refusal):
    """The value of a line contradicts its amount: another number in the base itself, or the opposite sign."""

    code = "value-astray"

    def __init__(self, name: str, line: int, commodity: str, base: str) -> None:
        if commodity == base:
            message = sentence(
                "line {line} of {name} is in {base} and has another value than its amount.",
                line=line,
                name=name,
                base=base,
            )
        else:
            message = sentence("line {line} of {name}: amount and value have opposite signs.", line=line, name=name)
        super().__init__(message, hint=sentence("correct the value, or leave it out"))


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
    source: Source = BY_HAND
    reverses: str = ""
    replaces: str = ""
    kind: EntryKind | None = None
    made_by: str = ""

    def __post_init__(self) -> None:
        if len(self.postings) < 2:  # noqa: PLR2004 - double entry
            raise EntryTooShort(self.name, len(self.postings))
        for place, line in enumerate(self.postings, start=1):
            if value_astray(line.commodity, line.amount, line.value, self.base):
                raise ValueAstray(self.name, place, line.commodity, self.base)
        debit = sum(line.value for line in self.postings if line.value > 0)
        credit = -sum(line.value for line in self.postings if line.value < 0)
        if debit != credit:
            raise EntryUnbalanced(self.name, debit, credit, self.base, self.base_scale)
        commodities = {line.commodity for line in self.postings}
        if len(commodities) == 1 and sum(line.amount for line in self.postings) != 0:
            raise AmountsUnbalanced(self.name, commodities.pop())


def value_astray(commodity: str, amount: int, value: int, base: str) -> bool:
    """Whether a value contradicts its amount: other than it in the base, of the opposite sign elsewhere."""
    return amount != value if commodity == base else amount * value < 0


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
    source: Source = BY_HAND
    reverses: str = ""
    replaces: str = ""
    reversed_by: str = ""
    made_by: str = ""

    @property
    def voucher(self) -> str:
        """The voucher number as people write it: 记-0012."""
        return f"{self.series}-{self.number:04d}"

    @property
    def dated_voucher(self) -> str:
        """The voucher number with its month, which together are unique in a book: 2026-10/记-0012."""
        return f"{self.date.isoformat()[:7]}/{self.voucher}"
