"""A filter's words found in a book: accounts, parties and members by name, dates as of today, amounts in the base."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches
from uuid import UUID

from cloudbooks.core import sieve
from cloudbooks.core.chart import AccountAmbiguous, AccountUnknown
from cloudbooks.core.draft import DraftState
from cloudbooks.core.filter import Either, Every, Field, Filter, Negated, Term, Tree
from cloudbooks.core.money import typed
from cloudbooks.core.period import DateUnreadable, Month, Period, day
from cloudbooks.core.sieve import Sieve
from cloudbooks.errors import Refusal, joined, sentence
from cloudbooks.reports.names import Names
from cloudbooks.store import reading
from cloudbooks.store.book_file import BookFile

_VOUCHER = re.compile(r"(?:(\d{4}-\d{1,2})/)?([^\d\s/]*?)-?0*(\d+)", re.ASCII)
_DRAFT = re.compile(r"[dD]-?0*(\d+)", re.ASCII)
STATES = {state.value: state.value for state in DraftState} | {
    "draft": "draft",
    "posted": "posted",
    "reversed": "reversed",
    "草稿": "draft",
    "待补全": "incomplete",
    "待确认": "proposed",
    "待记账": "ready",
    "待审核": "waiting",
    "已退回": "returned",
    "暂缓": "held",
    "已记账": "posted",
    "已冲销": "reversed",
}


class FilterNameUnknown(Refusal):
    """A filter names somebody or something that the book does not have."""

    code = "filter-name"

    def __init__(self, term: Term, known: Iterable[str]) -> None:
        names = tuple(known)
        near = get_close_matches(term.value, names, n=3) or names[:3]
        super().__init__(
            sentence('nothing in this book is meant by "{field}:{value}".', field=term.field.value, value=term.value),
            hint=sentence("did you mean {near}?", near=joined(near)) if near else sentence("cloudbooks status"),
        )


class FilterNotYet(Refusal):
    """A filter asks for what this version does not keep yet."""

    code = "filter-not-yet"

    def __init__(self, term: Term) -> None:
        super().__init__(
            sentence("{field}: is about invoices, which come with their own commands.", field=term.field.value),
            hint=sentence("date: filters by the day of the entry"),
        )


class FilterValueUnreadable(Refusal):
    """The value of a condition is none that its field can have."""

    code = "filter-value"

    def __init__(self, term: Term, example: str) -> None:
        super().__init__(
            sentence('"{value}" is no value of {field}: in a filter.', value=term.value, field=term.field.value),
            hint=sentence("write it like {example}", example=example),
        )


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What the words of a filter may mean in one book."""

    names: Names
    members: tuple[tuple[str, str], ...]
    today: date

    @property
    def scale(self) -> int:
        """Decimals of the base."""
        return self.names.commodities[self.names.base].scale


def lexicon(book: BookFile, names: Names, today: date) -> Lexicon:
    """The words of an open book."""
    return Lexicon(names, tuple((one.id, one.name) for one in reading.members(book)), today)


def resolved(filter_: Filter, words: Lexicon) -> Sieve:
    """The filter in the book's own ids; raises a refusal for a name or value that is none."""
    return _resolved(filter_.tree, words)


def blocking(wanted: Filter, count: Callable[[Filter], int]) -> tuple[str, int]:
    """Where nothing passes: the condition without which most would, as it was typed, and how many that were.

    It is empty where none of them alone makes the difference.
    """
    without = [(count(wanted.without(place)), chip) for place, chip in enumerate(wanted.chips())]
    most, chip = max(without, default=(0, ""), key=lambda one: one[0])
    return (chip, most) if most else ("", 0)


def _resolved(tree: Tree, words: Lexicon) -> Sieve:
    match tree:
        case Every(parts):
            return sieve.All(tuple(_resolved(part, words) for part in parts))
        case Either(parts):
            return sieve.Any(tuple(_resolved(part, words) for part in parts))
        case Negated(part):
            return sieve.Without(_resolved(part, words))
        case Term():
            return _test(tree, words)


_ORDERED = {Field.AMOUNT: "amt:>1000", Field.DATE: "date:>=2026-10-05"}
"""Fields whose values come one after the other, with an example."""


def _require_operator(term: Term) -> None:
    """Refuse a sign that has no meaning for a field: nothing that was typed is passed over."""
    ordered = term.field in _ORDERED
    fits = ("", "=", ">", ">=", "<", "<=") if ordered else ("", "=", "~")
    spans = ordered and term.operator and ".." in term.value
    if term.operator not in fits or spans:
        example = _ORDERED.get(term.field, f"{term.field.value}:{term.value}")
        raise FilterValueUnreadable(replace(term, value=term.operator + term.value), example)


def _test(term: Term, words: Lexicon) -> Sieve:
    _require_operator(term)
    return _TESTS[term.field](term, words)


def _anywhere(term: Term, words: Lexicon) -> Sieve:
    """A bare word: in a text, or in the name of an account or a party."""
    lowered = term.value.casefold()
    chart = words.names.chart
    accounts = frozenset(below.id for one in chart if lowered in str(one).casefold() for below in chart.below(one))
    parties = frozenset(one.id for one in words.names.parties.values() if lowered in one.name.casefold())
    tests: list[Sieve] = [sieve.TextHas(term.value)]
    if accounts:
        tests.append(sieve.AccountIn(accounts))
    if parties:
        tests.append(sieve.PartyIn(parties))
    return sieve.Any(tuple(tests))


def _accounts(term: Term, words: Lexicon) -> frozenset[str]:
    """The accounts that a word means, with all below them: a filter may mean several at once."""
    chart = words.names.chart
    meant = tuple(one for one in chart if one.code == term.value)
    if not meant:
        try:
            meant = (chart.find(term.value),)
        except AccountAmbiguous as several:
            meant = several.fits
        except AccountUnknown:
            meant = tuple(one for one in chart if one.closed and term.value.casefold() in str(one).casefold())
            if not meant:
                raise
    return frozenset(below.id for one in meant for below in chart.below(one))


def _parties(term: Term, words: Lexicon) -> frozenset[str]:
    lowered = term.value.casefold()
    known = words.names.parties
    found = frozenset(id_ for id_, one in known.items() if lowered in one.name.casefold())
    if not found:
        raise FilterNameUnknown(term, (one.name for one in known.values()))
    return found


def _members(term: Term, words: Lexicon) -> frozenset[str]:
    lowered = term.value.casefold()
    found = frozenset(id_ for id_, name in words.members if lowered in name.casefold())
    if not found:
        raise FilterNameUnknown(term, (name for _, name in words.members))
    return found


def _amount(term: Term, words: Lexicon) -> Sieve:
    low, dots, high = term.value.partition("..")
    if dots:
        return sieve.AmountIs(typed(low, words.scale) if low else None, typed(high, words.scale) if high else None)
    minor = typed(term.value, words.scale)
    signed = term.value[0] in "-+－＋"
    match term.operator:
        case ">":
            return sieve.AmountIs(minor + 1, None, signed)
        case ">=":
            return sieve.AmountIs(minor, None, signed)
        case "<":
            return sieve.AmountIs(None, minor - 1, signed)
        case "<=":
            return sieve.AmountIs(None, minor, signed)
        case _:
            return sieve.AmountIs(minor, minor, signed)


def _days(term: Term, today: date) -> Sieve:
    start, dots, end = term.value.partition("..")
    first, last = 0, 99999999
    if start:
        first, upper = _span(start, today)
        last = last if dots else upper
    if dots and end:
        last = _span(end, today)[1]
    if term.operator in {">", ">="}:
        first, last = (first if term.operator == ">=" else _span(start, today)[1] + 1), 99999999
    elif term.operator in {"<", "<="}:
        last, first = (last if term.operator == "<=" else first - 1), 0
    return sieve.DayIn(first, last)


def _span(text: str, today: date) -> tuple[int, int]:
    """The first and the last day of a day or a period."""
    try:
        one = day(text, today)
    except DateUnreadable:
        period = Period.parse(text, today)
        return _number(period.first.first), _number(period.last.last)
    return _number(one), _number(one)


def _number(one: date) -> int:
    return one.year * 10000 + one.month * 100 + one.day


def _state(term: Term) -> Sieve:
    if term.value.casefold() not in STATES:
        raise FilterNameUnknown(term, [state for state in STATES if state.isascii()])
    return sieve.StateIn(frozenset({STATES[term.value.casefold()]}))


def _document(term: Term) -> Sieve:
    meant = {"none": False, "any": True, "无": False, "有": True}.get(term.value.casefold())
    if meant is None:
        raise FilterValueUnreadable(term, "doc:none")
    return sieve.HasDocument(meant)


def _whole(term: Term, example: str) -> int:
    if not (term.value.isascii() and term.value.isdigit()):
        raise FilterValueUnreadable(term, example)
    return int(term.value)


def _identity(term: Term) -> Sieve:
    if found := _DRAFT.fullmatch(term.value):
        return sieve.DraftIs(int(found[1]))
    try:
        return sieve.IdIs(str(UUID(term.value)))
    except ValueError:
        found = _VOUCHER.fullmatch(term.value)
    if found is None:
        raise FilterValueUnreadable(term, "id:记-12")
    month = Month.parse(found[1]).key if found[1] else 0
    return sieve.NumberIs(found[2], int(found[3]), month)


def _due(term: Term, _words: Lexicon) -> Sieve:
    raise FilterNotYet(term)


_TESTS: Mapping[Field, Callable[[Term, Lexicon], Sieve]] = {
    Field.ANY: _anywhere,
    Field.ACCOUNT: lambda term, words: sieve.AccountIn(_accounts(term, words)),
    Field.PARTY: lambda term, words: sieve.PartyIn(_parties(term, words)),
    Field.TEXT: lambda term, _: sieve.TextHas(term.value),
    Field.AMOUNT: _amount,
    Field.DATE: lambda term, words: _days(term, words.today),
    Field.DUE: _due,
    Field.STATE: lambda term, _: _state(term),
    Field.BATCH: lambda term, _: sieve.BlockIs(_whole(term, "batch:41")),
    Field.BY: lambda term, words: sieve.MadeBy(_members(term, words)),
    Field.TAG: lambda term, _: sieve.TagIs(term.value),
    Field.DOCUMENT: lambda term, _: _document(term),
    Field.ID: lambda term, _: _identity(term),
}
"""What a condition on each field tests."""
