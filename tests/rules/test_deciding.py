"""Deciding by index and memory gives the answers of asking one rule after the other."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rules.strategies import conditions, families, rule_sets, subjects

from cloudbooks.rules import applying, indexing
from cloudbooks.rules.applying import Decider, Decision, first_match
from cloudbooks.rules.condition import Condition
from cloudbooks.rules.reading import read_rules
from cloudbooks.rules.rule import RuleSet
from cloudbooks.rules.subject import Line, Subject


def subject(text: str, amount: int = -100, party: str = "") -> Subject:
    """A line of a bank account in CNY."""
    return Subject(text, party, amount, 2, date(2026, 10, 31), "1002.01", "icbc-debit@1", "")


@settings(max_examples=400)
@given(rule_sets, families())
def test_the_decider_answers_as_the_plain_loop(rules: RuleSet, lines: list[Subject]) -> None:
    """Whatever the rules and the lines, and whatever was remembered of earlier lines, the first that fits decides."""
    decider = Decider(rules)
    for line in [*lines, *lines]:
        assert decider.decide(line).rule == first_match(rules, line)


@settings(max_examples=400)
@given(conditions, subjects)
def test_what_is_given_and_what_is_left_is_the_whole_condition(condition: Condition, line: Subject) -> None:
    """A condition answered without digits, amount and date agrees with the condition asked of the line."""
    left = condition.given(Line(line).blind())
    answer = left if isinstance(left, bool) else left.holds(Line(line))
    assert answer == condition.holds(Line(line))


@given(rule_sets, subjects)
def test_the_index_leaves_out_no_rule_that_fits(rules: RuleSet, line: Subject) -> None:
    """Every rule that fits a line is among its candidates."""
    candidates = indexing.Index(rules.rules).candidates(Line(line).blind())
    fitting = {rule.number for rule in rules.rules if rule.when.holds(Line(line))}
    assert fitting <= set(candidates)


@given(rule_sets, st.lists(subjects, max_size=4))
def test_an_index_without_memory_still_answers(rules: RuleSet, lines: list[Subject]) -> None:
    """Where RE2 has no room for its set, every rule is asked and the answers stay."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(indexing, "SET_MEMORY_MAX", 1)
        decider = Decider(rules)
    for line in lines:
        assert decider.decide(line).rule == first_match(rules, line)


class Silent:
    """A set whose answer is nothing, not even the empty pattern: RE2 ran out of memory while it matched."""

    def Match(self, text: bytes) -> None:  # noqa: N802 - RE2's own name
        """Give up."""


def test_a_set_that_gives_up_leaves_out_no_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer without the empty pattern is no answer, so every rule is asked."""
    monkeypatch.setattr(indexing, "_compiled", lambda _wanted, *, literal: Silent())  # noqa: ARG005 - by name
    rules = read_rules(b"rules: [{name: a, when: {text: {contains: x}}, then: {account: a}}]", "r.yaml")
    assert Decider(rules).decide(subject("x")).rule is rules.rules[0]


def test_a_full_memory_starts_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many kinds of lines come, no more than the limit is remembered, and the answers stay."""
    monkeypatch.setattr(applying, "REMEMBERED_MAX", 3)
    decider = Decider(read_rules(b"rules: [{name: a, when: {text: {contains: x7}}, then: {account: a}}]", "r.yaml"))
    for letter in "abcdefgh" * 2:
        assert decider.decide(subject(f"{letter} x6")).rule is None
        assert decider.decide(subject(f"{letter} x7")).rule is not None
    assert len(decider._plans) <= 3


def test_the_first_rule_in_file_order_decides() -> None:
    """Not the longest, not the most special: the first."""
    text = """
rules:
- {name: first, when: {text: {contains: staples}}, then: {account: a}}
- {name: special, when: {text: {equals: staples canada 12}}, then: {account: b}}
- {name: rest, when: {}, then: {account: c}}
"""
    decider = Decider(read_rules(text.encode(), "r.yaml"))
    names = [decider.decide(subject(line)).rule for line in ("STAPLES Canada 12", "Bureau en Gros")]
    assert [rule.name for rule in names if rule] == ["first", "rest"]


def test_lines_alike_but_for_their_digits_are_told_apart_where_a_rule_names_digits() -> None:
    """12306 sells railway tickets and 12307 does not, although both look alike to the memory."""
    text = """
rules:
- {name: railway, when: {text: {contains: "12306"}}, then: {account: a}}
- {name: branch, when: {text: {regex: 'no [0-4]'}}, then: {account: b}}
"""
    decider = Decider(read_rules(text.encode(), "r.yaml"))
    lines = ["pay 12306", "pay 12307", "pay no 4", "pay no 5", "pay 12306"]
    names = [rule.name if rule else "" for rule in (decider.decide(subject(line)).rule for line in lines)]
    assert names == ["railway", "", "branch", "", "railway"]


@pytest.mark.parametrize(
    "pattern", ["[0-4]x", "1x", r"\x31x", r"\061x", "[{1}]x", "[+-1]x", r"\Q1{1}\E|1x", "(?:1|a)x"]
)
def test_a_pattern_that_tells_digits_is_asked_of_every_line(pattern: str) -> None:
    """However a pattern names a digit, 1x fits it and 9x, remembered under the same zeros, does not."""
    rules = read_rules(
        f"rules: [{{name: r, when: {{text: {{regex: '{pattern}'}}}}, then: {{account: a}}}}]".encode(), "r"
    )
    decider = Decider(rules)
    assert [decider.decide(subject(line)).rule is not None for line in ("9x", "1x", "9x")] == [False, True, False]


@pytest.mark.parametrize(
    ("when", "field", "value"),
    [
        ("{account: '1002'}", "account", "1012"),
        ("{profile: icbc-debit}", "profile", "cmb-debit@1"),
        ("{kind: 转账}", "kind", "转帐"),
        ("{party: acme}", "party", "acne"),
        ("{text: {equals: rent 1}}", "text", "rant 1"),
        ("{amount: -1}", "amount", -101),
        ("{amount: -1}", "scale", 0),
        ("{date: 2026-10-31}", "date", date(2026, 10, 30)),
    ],
)
def test_a_line_that_differs_in_one_thing_is_decided_for_itself(when: str, field: str, value: Any) -> None:
    """What was remembered of one line is never taken for one of another account, layout, kind, party or text."""
    rules = read_rules(f"rules: [{{name: r, when: {when}, then: {{account: a}}}}]".encode(), "r.yaml")
    line = Subject("rent 1", "ACME", -100, 2, date(2026, 10, 31), "1002.01", "icbc-debit@1", "转账")
    other = replace(line, **{field: value})
    decider = Decider(rules)
    assert [decider.decide(one).rule is not None for one in (line, other, line)] == [True, False, True]


def test_no_rule_no_decision() -> None:
    """A line that no rule fits has no rule and no trace."""
    assert Decider(read_rules(b"rules: []", "r.yaml")).decide(subject("x")) == Decision(None, ())


def test_the_trace_says_which_rule_and_what_it_found() -> None:
    """A few short lines in the words of the rule language: the place and the name, then what held."""
    text = """
rules:
- name: meals
  when:
    text: {contains: [餐厅, 麦当劳, 食堂]}
    any: [{amount: {below: 0}}, {party: x}]
    not: {kind: 退款}
  then: {account: "5602"}
"""
    decider = Decider(read_rules(text.encode(), "rules.yaml"))
    assert decider.decide(subject("广东三元麦当劳食品")).trace == (
        "rules.yaml:3:3 meals",
        'text contains "麦当劳"',
        "amount below 0",
        'not (kind equals "退款")',
    )
