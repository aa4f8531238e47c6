"""The trace of a decision: which rule it was, and what it found, in the words of the rule language."""

from __future__ import annotations

from collections.abc import Iterator

from cloudbooks.rules.condition import All, AnyOf, Condition, PatternTest, WordTest
from cloudbooks.rules.rule import Rule
from cloudbooks.rules.subject import Field, Line

STEPS_MAX = 12
"""Steps that a trace shows; `rule explain` shows all."""

_ALTERNATIVES_MAX = 3


def trace(rule: Rule, blind: Line) -> tuple[str, ...]:
    """The trace of a line that `rule` takes and that is `blind` without its digits: place and name, then each step."""
    steps = list(_steps(rule.when, blind))
    more = (f"… {len(steps) - STEPS_MAX} more",) if len(steps) > STEPS_MAX else ()
    return (f"{rule.place} {rule.name}", *steps[:STEPS_MAX], *more)


def _steps(condition: Condition, blind: Line) -> Iterator[str]:
    """What held, one a line; of alternatives the one that surely held, or all that may have."""
    if isinstance(condition, All):
        for one in condition.conditions:
            yield from _steps(one, blind)
    elif isinstance(condition, AnyOf):
        sure = next((one for one in condition.conditions if one.given(blind) is True), None)
        possible = [one for one in condition.conditions if one.given(blind) is not False]
        chosen = sure or (possible[0] if len(possible) == 1 else AnyOf(tuple(possible)))
        yield str(chosen) if isinstance(chosen, AnyOf) and chosen is not sure else "; ".join(_steps(chosen, blind))
    elif isinstance(condition, WordTest | PatternTest):
        yield str(_narrowed(condition, blind))
    else:
        yield str(condition)


def _narrowed(condition: WordTest | PatternTest, blind: Line) -> WordTest | PatternTest:
    """The test with those of its alternatives that the line could hold, at most three."""
    if condition.field is Field.PROFILE:
        return condition
    if isinstance(condition, WordTest):
        cells = blind.cells(condition.field)
        words = [word for word in condition.words if condition.how.compares(cells, word.zeroed)]
        return WordTest(condition.field, condition.how, tuple(words[:_ALTERNATIVES_MAX]))
    raw = blind.raw(condition.field)
    patterns = [one for one in condition.patterns if one.tells_digits or one.found(raw)]
    return PatternTest(condition.field, tuple(patterns[:_ALTERNATIVES_MAX]))
