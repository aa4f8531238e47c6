"""Explaining: every rule, every condition, what the line had there, and whether it held."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cloudbooks.core.money import canonical
from cloudbooks.rules.action import Divisible
from cloudbooks.rules.condition import (
    AccountTest,
    All,
    AnyOf,
    Condition,
    Measure,
    Not,
    PatternTest,
    RangeTest,
    WordTest,
)
from cloudbooks.rules.rule import Rule, RuleSet
from cloudbooks.rules.subject import Line, Subject


@dataclass(frozen=True, slots=True)
class Step:
    """One condition asked of a line.

    `test` is the condition in the words of the rule language, `value` what the line has there, `found` the literal or
    the piece of text that made it hold. `depth` counts from 1 below the rule. A condition that joins others stands
    before them, with `all`, `any` or `not` as its test and no value.
    """

    depth: int
    test: str
    value: str
    found: str
    holds: bool

    def __str__(self) -> str:
        mark = "✓" if self.holds else "✗"
        value = f"  |  {self.value}" if self.value else ""
        found = f"  →  {self.found}" if self.found else ""
        return f"{'  ' * self.depth}{mark} {self.test}{value}{found}"


@dataclass(frozen=True, slots=True)
class Tried:
    """One rule asked of a line. `decides` marks the first that holds; `holds` later ones that would have."""

    rule: Rule
    holds: bool
    decides: bool
    steps: tuple[Step, ...]

    def __str__(self) -> str:
        heading = f"{'✓' if self.holds else '✗'} {self.rule.place} {self.rule.name}"
        return "\n".join([heading, *map(str, self.steps)])


def explain(ruleset: RuleSet, subject: Subject) -> tuple[Tried, ...]:
    """Every rule of the set in file order, with every condition asked of the line."""
    line = Line(subject)
    decided = False
    tried = []
    for rule in ruleset.rules:
        holds = rule.when.holds(line)
        tried.append(Tried(rule, holds, holds and not decided, tuple(_steps(rule.when, line, 1))))
        decided = decided or holds
    return tuple(tried)


def _steps(condition: Condition, line: Line, depth: int) -> Iterator[Step]:
    holds = condition.holds(line)
    if isinstance(condition, All | AnyOf):
        yield Step(depth, "all" if isinstance(condition, All) else "any", "", "", holds)
        for one in condition.conditions:
            yield from _steps(one, line, depth + 1)
    elif isinstance(condition, Not):
        yield Step(depth, "not", "", "", holds)
        yield from _steps(condition.condition, line, depth + 1)
    else:
        yield Step(depth, str(condition), _value(condition, line), _found(condition, line), holds)


def _value(condition: Condition, line: Line) -> str:
    subject = line.subject
    if isinstance(condition, WordTest | PatternTest):
        return line.raw(condition.field).decode()
    if isinstance(condition, AccountTest):
        return subject.account
    if isinstance(condition, RangeTest) and condition.measure is Measure.DATE:
        return subject.date.isoformat()
    if isinstance(condition, RangeTest | Divisible):
        return canonical(subject.amount, subject.scale)
    return ""


def _found(condition: Condition, line: Line) -> str:
    if isinstance(condition, WordTest):
        cells = line.cells(condition.field)
        return next((word.written for word in condition.words if condition.how.compares(cells, word.folded)), "")
    if isinstance(condition, PatternTest):
        raw = line.raw(condition.field)
        return next((found for one in condition.patterns if (found := one.first(raw)) is not None), "")
    return ""
