"""Drafts: entries in the making, which may be incomplete and may be changed and undone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from cloudbooks.core.entry import (
    BY_HAND,
    Attachment,
    Entry,
    EntryKind,
    EntryUnbalanced,
    Posting,
    Source,
    value_astray,
)
from cloudbooks.core.money import DIGITS_MAX, grouped
from cloudbooks.errors import Refusal, Sentence, sentence

BALANCING = frozenset({"=", "＝"})
"""What is typed for the amount that the other lines leave."""

YEARS = range(1900, 2200)
"""Years that a draft may be dated in. The chain takes all from 1 to 9999; outside of these a digit was mistyped."""


class DraftState(StrEnum):
    """How far a draft has come (DESIGN.md section 2)."""

    INCOMPLETE = "incomplete"
    PROPOSED = "proposed"
    READY = "ready"
    WAITING = "waiting"
    RETURNED = "returned"
    HELD = "held"


class DraftIncomplete(Refusal):
    """A draft lacks something that an entry must have."""

    code = "draft-incomplete"

    def __init__(self, name: str, lacks: tuple[Sentence, ...], remedy: Sentence) -> None:
        super().__init__(sentence("{name} is not complete: {what}", name=name, what=lacks[0]), hint=remedy)


@dataclass(frozen=True, slots=True)
class DraftLine:
    """One line of a draft; `account` is an account id. What is not known yet is empty or `None`.

    `value` is `None` where the line's commodity is another than the base and no price was found.
    """

    account: str
    commodity: str
    amount: int | None
    value: int | None
    party: str = ""
    text: str = ""
    tax: str = ""
    dimensions: tuple[tuple[str, str], ...] = ()
    settles: tuple[str, ...] = ()
    red: bool = False

    @classmethod
    def of(cls, posting: Posting) -> DraftLine:
        """The line from which such a posting is made again, with all that it says."""
        return cls(
            posting.account,
            posting.commodity,
            posting.amount,
            posting.value,
            posting.party,
            posting.text,
            posting.tax,
            posting.dimensions,
            posting.settles,
            posting.red,
        )


@dataclass(frozen=True, slots=True)
class DraftApproval:
    """A member's signature over the entry that a draft is to become: who (an id), when (UTC), in base64, by which key.

    `key` is the verifier key; one that was kept before it was told is empty.
    """

    by: str
    at: str
    signature: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry in the making. `number` is shown as `D-118`, 0 before it is kept.

    `sure` says that a rule decided alone; `reason` why it is held or returned, or what it waits for, in the user's own
    words or as a sentence for every language; `trace` the steps that led to it, one a line. `approvals` sign the entry
    under the id `entry_id`, which is kept for it.
    """

    date: date | None
    series: str
    summary: str
    lines: tuple[DraftLine, ...]
    number: int = 0
    state: DraftState = DraftState.INCOMPLETE
    sure: bool = False
    reason: Sentence | str = ""
    tags: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    source: Source = BY_HAND
    reverses: str = ""
    replaces: str = ""
    kind: EntryKind | None = None
    made_by: str = ""
    trace: tuple[str, ...] = ()
    approvals: tuple[DraftApproval, ...] = ()
    entry_id: str = ""

    @property
    def name(self) -> str:
        """The draft as people write it: D-118."""
        return f"D-{self.number}"

    def lacks(self, base: str, base_scale: int) -> tuple[Sentence, ...]:
        """What is missing before this draft can be an entry; empty when it is complete."""
        return tuple(self._missing(base, base_scale))

    def _missing(self, base: str, base_scale: int) -> Iterator[Sentence]:
        if self.date is None:
            yield sentence("it has no date.")
        elif self.date.year not in YEARS:
            day = self.date.isoformat()
            yield sentence(
                "its date {day} is not in the years {first} to {last}.", day=day, first=YEARS[0], last=YEARS[-1]
            )
        if not self.summary.strip():
            yield sentence("it has no summary.")
        if not self.series:
            yield sentence("it has no voucher series.")
        if len(self.lines) < 2:  # noqa: PLR2004 - double entry
            yield sentence("it has fewer than two lines.")
        for place, line in enumerate(self.lines, start=1):
            if not line.account:
                yield sentence("line {line} has no account.", line=place)
            yield from _money_missing(line, place, base)
        if self._moves_nothing:
            yield sentence("all its amounts are 0.")
        yield from self._residues(base, base_scale)

    @property
    def _moves_nothing(self) -> bool:
        """Whether no line moves money, and nothing says that none moved: no line of a bank, and no entry taken back."""
        amounts = [(line.amount, line.value or 0) for line in self.lines]
        told = self.reverses or any(line.settles for line in self.lines)
        return bool(amounts) and not told and all(one == (0, 0) for one in amounts)

    def _residues(self, base: str, base_scale: int) -> Iterator[Sentence]:
        """What keeps the lines from balancing; nothing is said of lines that are not all known yet."""
        amounts = [line.amount for line in self.lines if line.amount is not None]
        values = [line.amount if line.commodity == base else line.value for line in self.lines]
        known = [value for value in values if value is not None]
        residue = sum(known)
        if len(known) == len(self.lines) and residue != 0:
            shown = grouped(abs(residue), base_scale)
            yield sentence("debit and credit differ by {residue} {base}.", residue=shown, base=base)
        elif (
            len(amounts) == len(self.lines) and len({line.commodity for line in self.lines}) == 1 and sum(amounts) != 0
        ):
            yield sentence("the amounts do not sum to zero.")

    def remedy(self, base: str) -> Sentence:
        """The command that fills the first thing that is missing."""
        if self.date is None or self.date.year not in YEARS:
            return sentence("cloudbooks draft edit {name} --date DATE", name=self.name)
        if not self.summary.strip():
            return sentence("cloudbooks draft edit {name} --summary TEXT", name=self.name)
        for place, line in enumerate(self.lines, start=1):
            if not line.account:
                return sentence(
                    "cloudbooks draft edit {name} --line {line} --account ACCOUNT", name=self.name, line=place
                )
            if line.amount is None or self._moves_nothing:
                return sentence(
                    "cloudbooks draft edit {name} --line {line} --amount AMOUNT", name=self.name, line=place
                )
            if line.value is None and line.commodity != base:
                day = self.date.isoformat()
                return sentence("cloudbooks price add {commodity} RATE --date {day}", commodity=line.commodity, day=day)
        return sentence("cloudbooks draft show {name}", name=self.name)

    def refusal(self, base: str, base_scale: int) -> Refusal:
        """Why this draft, which lacks something, is no entry: `EntryUnbalanced` where only the balance is missing."""
        lacks = self.lacks(base, base_scale)
        values = [line.amount if line.commodity == base else line.value for line in self.lines]
        known = [value for value in values if value is not None]
        if len(lacks) == 1 and len(known) == len(values) and sum(known) != 0:
            debit = sum(value for value in known if value > 0)
            return EntryUnbalanced(self.name, debit, debit - sum(known), base, base_scale)
        return DraftIncomplete(self.name, lacks, self.remedy(base))

    def same_entry(self, other: Draft) -> bool:
        """Whether both would become the same entry, whatever is thought of them."""
        bare = {"state": DraftState.READY, "sure": False, "reason": "", "trace": (), "approvals": (), "entry_id": ""}
        return replace(self, **bare) == replace(other, **bare)  # type: ignore[arg-type]  # fields by name

    def judged(self, base: str, base_scale: int) -> Draft:
        """This draft with `incomplete` set or lifted by what it lacks; other states stay."""
        if self.lacks(base, base_scale):
            return replace(self, state=DraftState.INCOMPLETE)
        if self.state is DraftState.INCOMPLETE:
            return replace(self, state=DraftState.PROPOSED)
        return self

    def accepted(self, base: str, base_scale: int) -> Draft:
        """This draft, ready; raises its `refusal` where it lacks something."""
        if self.lacks(base, base_scale):
            raise self.refusal(base, base_scale)
        return replace(self, state=DraftState.READY, reason="")

    def entry(self, base: str, base_scale: int) -> Entry:
        """The entry that this draft describes; raises `DraftIncomplete`."""
        lacks = self.lacks(base, base_scale)
        if lacks or self.date is None:
            raise DraftIncomplete(self.name, lacks, self.remedy(base))
        return Entry(
            date=self.date,
            series=self.series,
            summary=self.summary,
            postings=tuple(_posting(line, base) for line in self.lines),
            base=base,
            base_scale=base_scale,
            name=self.name,
            tags=self.tags,
            attachments=self.attachments,
            source=self.source,
            reverses=self.reverses,
            replaces=self.replaces,
            kind=self.kind,
            made_by=self.made_by,
        )


def _money_missing(line: DraftLine, place: int, base: str) -> Iterator[Sentence]:
    """What a line lacks in commodity, amount and value, or has and must not have."""
    if not line.commodity:
        yield sentence("line {line} has no commodity.", line=place)
    elif line.amount is None:
        yield sentence("line {line} has no amount.", line=place)
    elif line.value is None and line.commodity != base:
        yield sentence(
            "line {line} has no value in {base}: no price of {commodity} on or before its date.",
            line=place,
            base=base,
            commodity=line.commodity,
        )
    elif line.commodity != base and value_astray(line.commodity, line.amount, line.value or 0, base):
        yield sentence("line {line}: amount and value have opposite signs.", line=place)
    if max(abs(line.amount or 0), abs(line.value or 0)) >= 10**DIGITS_MAX:
        yield sentence("line {line} has more than {digits} digits.", line=place, digits=DIGITS_MAX)


def _posting(line: DraftLine, base: str) -> Posting:
    amount = line.amount or 0
    return Posting(
        account=line.account,
        commodity=line.commodity,
        amount=amount,
        value=amount if line.commodity == base else (line.value or 0),
        party=line.party,
        text=line.text,
        tax=line.tax,
        dimensions=line.dimensions,
        settles=line.settles,
        red=line.red,
    )
