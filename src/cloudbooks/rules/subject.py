"""What rules decide about, and how its words are compared."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

DIGITS = str.maketrans("123456789", "0" * 9)
"""Writes every ASCII digit as 0: what the digits of a text could be, without saying which they are."""

_DIGIT = re.compile("[1-9]")

AMOUNT_SCALE = 12
"""Amounts are compared as integers of 10**-12, the finest scale that a commodity may have."""

_FACTOR: tuple[int, ...] = tuple(10 ** (AMOUNT_SCALE - scale) for scale in range(AMOUNT_SCALE + 1))


class Field(StrEnum):
    """The words of a line that a condition can look at."""

    TEXT = "text"
    PARTY = "party"
    PROFILE = "profile"
    KIND = "kind"


@dataclass(frozen=True, slots=True)
class Subject:
    """One statement line as rules see it.

    `amount` is in minor units of the line's own commodity, whose decimals are `scale` (0 to 12); it is positive when
    money comes in. `account` is the code of the account that the statement belongs to, `profile` names the layout
    (`icbc-debit@1`), `kind` is the bank's own word for the movement. `text` is the bank's text alone, without the
    party and the kind, which stand in their own fields.
    """

    text: str
    party: str
    amount: int
    scale: int
    date: date
    account: str
    profile: str = ""
    kind: str = ""


def fold(text: str) -> str:
    """`text` as it is compared: full-width like half-width, upper case like lower, blanks as one and none at the ends.

    Unicode NFKC and case folding; digits stay digits.
    """
    if text.isascii():
        return " ".join(text.lower().split())
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(folded.split())


def zeroed(text: str) -> str:
    """`text` with every ASCII digit written as 0."""
    return text.translate(DIGITS) if _DIGIT.search(text) else text


class Line:
    """A subject made ready for conditions; folded words are made when a condition first asks for them."""

    __slots__ = ("_blind", "_cells", "_raw", "subject")

    def __init__(self, subject: Subject, *, blind: bool = False) -> None:
        self.subject = subject
        self._blind = blind
        self._cells: dict[Field, tuple[str, ...]] = {}
        self._raw: dict[Field, bytes] = {}

    def blind(self) -> Line:
        """This line as one that knows neither digits nor amount nor date: what a remembered answer may rest on."""
        subject = self.subject
        words = {name: zeroed(getattr(subject, name)) for name in ("text", "party", "kind")}
        return Line(replace(subject, amount=0, scale=0, date=date.min, **words), blind=True)

    @property
    def amount(self) -> int:
        """The amount in 10**-12 of its commodity."""
        return self.subject.amount * _FACTOR[self.subject.scale]

    def cells(self, field: Field) -> tuple[str, ...]:
        """The folded words of a field: first the whole of it, then what `starts` and `equals` may also look at.

        The whole of `text` is kind, party and text with a blank between; each of the three is a cell of its own. A
        profile stands with its version and without.
        """
        if field not in self._cells:
            self._cells[field] = self._folded(field)
        return self._cells[field]

    def _folded(self, field: Field) -> tuple[str, ...]:
        subject = self.subject
        if field is Field.TEXT:
            folded = map(self._fold, (subject.kind, subject.party, subject.text))
            parts = [part for part in folded if part]
            return (" ".join(parts), *parts)
        if field is Field.PROFILE:
            profile = fold(subject.profile)
            return (profile, profile.partition("@")[0])
        return (self._fold(subject.party if field is Field.PARTY else subject.kind),)

    def _fold(self, words: str) -> str:
        # Folding makes ASCII digits of others (of ² or ①), so a blind line forgets digits once more after it.
        return zeroed(fold(words)) if self._blind else fold(words)

    def raw(self, field: Field) -> bytes:
        """The words of a field as they came, as UTF-8, blanks as one and none at the ends: what a pattern looks at."""
        if field not in self._raw:
            subject = self.subject
            words = {
                Field.TEXT: (subject.kind, subject.party, subject.text),
                Field.PARTY: (subject.party,),
                Field.PROFILE: (subject.profile,),
                Field.KIND: (subject.kind,),
            }[field]
            # A lone surrogate has no UTF-8; a pattern sees a question mark in its place.
            self._raw[field] = " ".join(" ".join(words).split()).encode(errors="replace")
        return self._raw[field]
