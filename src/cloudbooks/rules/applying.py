"""Deciding: the first rule in file order that fits a line decides about it.

What the rules say to words is remembered, so that a line like many others costs one look-up. An answer is remembered
under the line's words with every digit written as 0, its account and its profile; what may depend on digits, amount or
date is asked of every line anew.
"""

from __future__ import annotations

from dataclasses import dataclass

from cloudbooks.rules.condition import Condition
from cloudbooks.rules.indexing import Index
from cloudbooks.rules.rule import Rule, RuleSet
from cloudbooks.rules.subject import Line, Subject, zeroed
from cloudbooks.rules.tracing import trace

__all__ = ["Decider", "Decision", "Subject"]

REMEMBERED_MAX = 1 << 14
"""Kinds of lines whose answers are kept; past it the memory starts anew."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What the rules say to a line: the rule that decides alone, or `None`, and the steps that led to it.

    `trace` is a few short lines in the words of the rule language: the rule with its place, then what it found.
    """

    rule: Rule | None
    trace: tuple[str, ...] = ()


UNDECIDED = Decision(None)

Plan = tuple[tuple[Condition | None, Decision], ...]
"""The rules that could still take lines of one kind, in file order, each with what is left to ask, if anything."""


class Decider:
    """Applies one rule set to lines, one after the other. The answers are those of `first_match`."""

    def __init__(self, ruleset: RuleSet) -> None:
        """Build the index of the rules."""
        self._rules = ruleset.rules
        self._index = Index(ruleset.rules)
        self._plans: dict[tuple[str, ...], Plan] = {}

    def decide(self, subject: Subject) -> Decision:
        """What the rules say to the line; `rule` is `None` where none takes it."""
        # Digits do not decide here: see zeroed() and Condition.given().
        key = (
            zeroed(subject.text),
            zeroed(subject.party),
            zeroed(subject.kind),
            subject.account,
            subject.profile,
        )
        plan = self._plans.get(key)
        if plan is None:
            plan = self._remember(key, subject)
        line: Line | None = None
        for left, decision in plan:
            if left is None:
                return decision
            line = line or Line(subject)
            if left.holds(line):
                return decision
        return UNDECIDED

    def _remember(self, key: tuple[str, ...], subject: Subject) -> Plan:
        if len(self._plans) >= REMEMBERED_MAX:
            self._plans.clear()
        plan = self._plans[key] = self._plan(Line(subject).blind())
        return plan

    def _plan(self, blind: Line) -> Plan:
        plan: list[tuple[Condition | None, Decision]] = []
        for number in self._index.candidates(blind):
            rule = self._rules[number]
            left = rule.when.given(blind)
            if left is False:
                continue
            decision = Decision(rule, trace(rule, blind))
            if left is True:
                plan.append((None, decision))
                break
            plan.append((left, decision))
        return tuple(plan)


def first_match(ruleset: RuleSet, subject: Subject) -> Rule | None:
    """The rule that decides, by asking one after the other: the meaning that `Decider` keeps, and slow."""
    line = Line(subject)
    return next((rule for rule in ruleset.rules if rule.when.holds(line)), None)
