"""Conditions: what a rule asks of a line.

A condition answers in two ways. `holds` is the meaning: true or false of one line. `given` is the same question asked
of a blind line, whose words are known but whose digits, amount and date are not: the answer is true, false, or the
condition that is left to be asked of each line. Both answers agree by construction, and a property test says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Protocol

from cloudbooks.core.money import canonical
from cloudbooks.rules.pattern import Pattern
from cloudbooks.rules.subject import AMOUNT_SCALE, DIGITS, Field, Line


class Condition(Protocol):
    """What every condition answers; `str()` gives it in the words of the rule language."""

    def holds(self, line: Line) -> bool:
        """Whether the condition is true of the line."""
        ...

    def given(self, blind: Line) -> Condition | bool:
        """The answer for every line that is `blind` when its digits, amount and date are left out, or what is left."""
        ...


@dataclass(frozen=True, slots=True)
class All:
    """Every one of the conditions; without any, always true."""

    conditions: tuple[Condition, ...]

    def __str__(self) -> str:
        return f"all of ({'; '.join(map(str, self.conditions))})"

    def holds(self, line: Line) -> bool:
        """Whether all hold."""
        return all(condition.holds(line) for condition in self.conditions)

    def given(self, blind: Line) -> Condition | bool:
        """Whether all hold, or those that are left."""
        return _joined(self.conditions, blind, decides=False, join=All)


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of the conditions; without any, never true."""

    conditions: tuple[Condition, ...]

    def __str__(self) -> str:
        return f"any of ({'; '.join(map(str, self.conditions))})"

    def holds(self, line: Line) -> bool:
        """Whether one holds."""
        return any(condition.holds(line) for condition in self.conditions)

    def given(self, blind: Line) -> Condition | bool:
        """Whether one holds, or those that are left."""
        return _joined(self.conditions, blind, decides=True, join=AnyOf)


def _joined(
    conditions: Iterable[Condition], blind: Line, *, decides: bool, join: Callable[[tuple[Condition, ...]], Condition]
) -> Condition | bool:
    left: list[Condition] = []
    for condition in conditions:
        answer = condition.given(blind)
        if answer is decides:
            return decides
        if not isinstance(answer, bool):
            left.append(answer)
    if not left:
        return not decides
    return left[0] if len(left) == 1 else join(tuple(left))


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of a condition."""

    condition: Condition

    def __str__(self) -> str:
        return f"not ({self.condition})"

    def holds(self, line: Line) -> bool:
        """Whether the condition does not hold."""
        return not self.condition.holds(line)

    def given(self, blind: Line) -> Condition | bool:
        """The opposite of what is given, or of what is left."""
        answer = self.condition.given(blind)
        return not answer if isinstance(answer, bool) else Not(answer)


class How(StrEnum):
    """The ways to compare words."""

    CONTAINS = "contains"
    STARTS = "starts"
    EQUALS = "equals"

    def compares(self, cells: tuple[str, ...], word: str) -> bool:
        """Whether the folded cells of a field (the whole first) hold the folded word in this way."""
        if self is How.CONTAINS:
            return word in cells[0]
        if self is How.STARTS:
            return any(cell.startswith(word) for cell in cells)
        return word in cells


@dataclass(frozen=True, slots=True)
class Word:
    """A literal as the rule writes it, folded as it is compared, and folded with its digits written as 0."""

    written: str
    folded: str
    zeroed: str = field(init=False)
    has_digits: bool = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "zeroed", self.folded.translate(DIGITS))
        object.__setattr__(self, "has_digits", "0" in self.zeroed)


@dataclass(frozen=True, slots=True)
class WordTest:
    """One of the words stands in the field; capitals and full-width forms make no difference."""

    field: Field
    how: How
    words: tuple[Word, ...]

    def __str__(self) -> str:
        return f"{self.field} {self.how} {_alternatives(word.written for word in self.words)}"

    def holds(self, line: Line) -> bool:
        """Whether one of the words is there."""
        cells = line.cells(self.field)
        return any(self.how.compares(cells, word.folded) for word in self.words)

    def given(self, blind: Line) -> Condition | bool:
        """The words without digits answer at once; those with digits are left if they could be there."""
        if self.field is Field.PROFILE:
            return self.holds(blind)
        cells = blind.cells(self.field)
        possible = [word for word in self.words if self.how.compares(cells, word.zeroed)]
        if not all(word.has_digits for word in possible):
            return True
        return WordTest(self.field, self.how, tuple(possible)) if possible else False


@dataclass(frozen=True, slots=True)
class PatternTest:
    """One of the regular expressions (RE2, as written) finds something in the field as it came."""

    field: Field
    patterns: tuple[Pattern, ...]

    def __str__(self) -> str:
        return f"{self.field} regex {_alternatives(pattern.source for pattern in self.patterns)}"

    def holds(self, line: Line) -> bool:
        """Whether one of the patterns finds something."""
        raw = line.raw(self.field)
        return any(pattern.found(raw) for pattern in self.patterns)

    def given(self, blind: Line) -> Condition | bool:
        """Patterns that treat all digits alike answer at once; the others are left."""
        if self.field is Field.PROFILE:
            return self.holds(blind)
        raw = blind.raw(self.field)
        left = [pattern for pattern in self.patterns if pattern.tells_digits]
        if any(pattern.found(raw) for pattern in self.patterns if not pattern.tells_digits):
            return True
        return PatternTest(self.field, tuple(left)) if left else False


@dataclass(frozen=True, slots=True)
class AccountTest:
    """The statement's account is one of the codes or stands below it."""

    codes: tuple[str, ...]

    def __str__(self) -> str:
        return f"account equals {_alternatives(self.codes)}"

    def holds(self, line: Line) -> bool:
        """Whether one of the codes covers the account."""
        return any(covers(code, line.subject.account) for code in self.codes)

    def given(self, blind: Line) -> Condition | bool:
        """The answer itself: the account is known."""
        return self.holds(blind)


def covers(code: str, account: str) -> bool:
    """Whether `account` is `code` or stands below it: 1002 covers 1002.01, 1002-01 and, by pairs of digits, 100201."""
    if not account.startswith(code):
        return False
    rest = account[len(code) :]
    if not rest or rest[0] in ".-":
        return True
    return account.isdigit() and len(rest) % 2 == 0


class Measure(StrEnum):
    """What a range is about."""

    AMOUNT = "amount"
    DATE = "date"


Bounds = tuple[int | None, int | None]
"""The least and the greatest value of a range, both in it; `None` where there is no bound."""


@dataclass(frozen=True, slots=True)
class RangeTest:
    """The amount (in 10**-12) or the date (as its ordinal) lies in one of the ranges."""

    measure: Measure
    ranges: tuple[Bounds, ...]

    def __str__(self) -> str:
        return f"{self.measure} {' or '.join(self._words(*bounds) for bounds in self.ranges)}"

    def holds(self, line: Line) -> bool:
        """Whether one of the ranges holds the value."""
        value = line.amount if self.measure is Measure.AMOUNT else line.subject.date.toordinal()
        return any((low is None or low <= value) and (high is None or value <= high) for low, high in self.ranges)

    def given(self, blind: Line) -> Condition | bool:  # noqa: ARG002 - a blind line says nothing about amount and date
        """Itself: nothing is known yet."""
        return self

    def _words(self, low: int | None, high: int | None) -> str:
        if low is None or high is None:
            return f"below {self._shown((high or 0) + 1)}" if low is None else f"above {self._shown(low - 1)}"
        return f"equals {self._shown(low)}" if low == high else f"between {self._shown(low)} and {self._shown(high)}"

    def _shown(self, value: int) -> str:
        if self.measure is Measure.DATE:
            return (date.min + timedelta(value - 1)).isoformat() if 0 < value <= date.max.toordinal() else "-"
        text = canonical(value, AMOUNT_SCALE)
        return text.rstrip("0").rstrip(".")


def _alternatives(words: Iterable[str]) -> str:
    return " or ".join(f'"{word}"' for word in words)
