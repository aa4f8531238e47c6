"""Filters with the book's own ids in place of words: the store makes bound parameters of them, drafts are held to them.

A test that is about what only posted entries have lets no draft pass, and the other way round.
"""

from __future__ import annotations

from dataclasses import dataclass
from string import ascii_lowercase, ascii_uppercase
from typing import Final

from cloudbooks.core.draft import Draft, DraftLine

_LOWER: Final = str.maketrans(ascii_uppercase, ascii_lowercase)


@dataclass(frozen=True, slots=True)
class AccountIn:
    """A line is on one of these accounts (ids)."""

    accounts: frozenset[str]


@dataclass(frozen=True, slots=True)
class PartyIn:
    """A line names one of these parties (ids)."""

    parties: frozenset[str]


@dataclass(frozen=True, slots=True)
class TextHas:
    """Summary, a tag or the text of a line says this; see `says`."""

    text: str


@dataclass(frozen=True, slots=True)
class AmountIs:
    """A line has a value (minor units of the base) from `low` to `high`; without its sign, unless `signed`."""

    low: int | None
    high: int | None
    signed: bool = False


@dataclass(frozen=True, slots=True)
class DayIn:
    """The day is from `first` to `last` (yyyymmdd), both included."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class StateIn:
    """The state is one of these: those of drafts, `posted`, `reversed`; `draft` is any draft."""

    states: frozenset[str]


@dataclass(frozen=True, slots=True)
class BlockIs:
    """It is posted in the block of this number."""

    number: int


@dataclass(frozen=True, slots=True)
class MadeBy:
    """One of these members (ids) made it."""

    members: frozenset[str]


@dataclass(frozen=True, slots=True)
class TagIs:
    """It has this tag."""

    tag: str


@dataclass(frozen=True, slots=True)
class HasDocument:
    """A file is attached, or none is."""

    attached: bool


@dataclass(frozen=True, slots=True)
class NumberIs:
    """Its voucher number is this, of a series (empty for any) and a month (yyyymm, 0 for any)."""

    series: str
    number: int
    month: int = 0


@dataclass(frozen=True, slots=True)
class DraftIs:
    """It is the draft of this number."""

    number: int


@dataclass(frozen=True, slots=True)
class IdIs:
    """It is the entry of this id."""

    id: str


@dataclass(frozen=True, slots=True)
class Without:
    """What does not pass this."""

    part: Sieve


@dataclass(frozen=True, slots=True)
class All:
    """What passes all of these."""

    parts: tuple[Sieve, ...] = ()


@dataclass(frozen=True, slots=True)
class Any:
    """What passes one of these."""

    parts: tuple[Sieve, ...]


def says(text: str, words: str) -> bool:
    """Whether a text holds some words, whatever their case; of words in ASCII it is the case of ASCII letters alone.

    So the store can look through a million texts without leaving SQL: it has that comparison, and no other.
    """
    if words.isascii():
        return words.lower() in text.translate(_LOWER)
    return words in text if is_caseless(words) else words.casefold() in text.casefold()


def is_caseless(words: str) -> bool:
    """Whether there is only one way to write some words, as with Chinese."""
    return words == words.casefold() == words.upper()


Test = (
    AccountIn | PartyIn | TextHas | AmountIs | DayIn | StateIn | BlockIs | MadeBy | TagIs | HasDocument | NumberIs
    | DraftIs | IdIs
)  # fmt: skip
Sieve = Test | Without | All | Any


def passes(sieve: Sieve, draft: Draft, base: str) -> bool:
    """Whether a draft passes; `base` is the code of the book's base, in which amounts are values."""
    if isinstance(sieve, All):
        return all(passes(part, draft, base) for part in sieve.parts)
    if isinstance(sieve, Any):
        return any(passes(part, draft, base) for part in sieve.parts)
    if isinstance(sieve, Without):
        return not passes(sieve.part, draft, base)
    return _passes(sieve, draft, base)


def _passes(test: Test, draft: Draft, base: str) -> bool:  # noqa: C901, PLR0911 - one way out for each test
    match test:
        case AccountIn(accounts):
            return any(line.account in accounts for line in draft.lines)
        case PartyIn(parties):
            return any(line.party in parties for line in draft.lines)
        case TextHas(text):
            return any(says(words, text) for words in _words(draft))
        case AmountIs():
            return any(_has_amount(test, line, base) for line in draft.lines)
        case DayIn(first, last):
            return draft.date is not None and first <= _day(draft) <= last
        case StateIn(states):
            return draft.state.value in states or "draft" in states
        case MadeBy(members):
            return draft.made_by in members
        case TagIs(tag):
            return tag.casefold() in (one.casefold() for one in draft.tags)
        case HasDocument(attached):
            return bool(draft.attachments) is attached
        case DraftIs(number):
            return draft.number == number
        case BlockIs() | NumberIs() | IdIs():
            return False


def _day(draft: Draft) -> int:
    return 0 if draft.date is None else draft.date.year * 10000 + draft.date.month * 100 + draft.date.day


def _words(draft: Draft) -> tuple[str, ...]:
    return (draft.summary, *draft.tags, *(line.text for line in draft.lines))


def _has_amount(test: AmountIs, line: DraftLine, base: str) -> bool:
    value = line.amount if line.commodity == base else line.value
    if value is None:
        return False
    counted = value if test.signed else abs(value)
    return (test.low is None or counted >= test.low) and (test.high is None or counted <= test.high)
