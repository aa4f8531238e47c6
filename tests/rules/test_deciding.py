"""Deciding by index and memory gives the answers of asking one rule after the other."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rules.strategies import conditions, rule_sets, subjects

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
@given(rule_sets, st.lists(subjects, max_size=8))
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
