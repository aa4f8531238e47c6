"""An explanation shows every rule, every condition, what the line had, and what was found."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from tests.rules.strategies import rule_sets, subjects

from cloudbooks.rules.applying import first_match
from cloudbooks.rules.explaining import explain
from cloudbooks.rules.reading import read_rules
from cloudbooks.rules.rule import RuleSet
from cloudbooks.rules.subject import Subject

TEXT = r"""
rules:
- name: railway
  when: {any: [{text: {contains: [12306, 铁路]}}, {party: {regex: '铁路\p{Han}+'}}]}
  then: {account: "5602"}
- name: meals
  when: {all: [{text: {contains: [餐厅, 麦当劳]}}, {not: {amount: {above: 0}}}, {account: "1002"}]}
  then: {account: "5602"}
- name: all that goes out
  when: {amount: {below: 0}, date: {above: 2026-01-01}}
  then: {account: "5602"}
"""


def test_each_condition_stands_with_its_value_and_its_mark() -> None:
    """The whole of an explanation, rule after rule, the deciding one and those after it."""
    line = Subject("广东三元 麦当劳食品", "财付通", -1_340, 2, date(2026, 5, 2), "1002.01", "icbc@1", "消费")
    tried = explain(read_rules(TEXT.encode(), "r.yaml"), line)
    assert "\n".join(map(str, tried)).split("\n") == [
        "✗ r.yaml:3:3 railway",
        "  ✗ any",
        '    ✗ text contains "12306" or "铁路"  |  消费 财付通 广东三元 麦当劳食品',
        r'    ✗ party regex "铁路\p{Han}+"  |  财付通',
        "✓ r.yaml:6:3 meals",
        "  ✓ all",
        '    ✓ text contains "餐厅" or "麦当劳"  |  消费 财付通 广东三元 麦当劳食品  →  麦当劳',
        "    ✓ not",
        "      ✗ amount above 0  |  -13.40",
        '    ✓ account equals "1002"  |  1002.01',
        "✓ r.yaml:9:3 all that goes out",
        "  ✓ all",
        "    ✓ amount below 0  |  -13.40",
        "    ✓ date above 2026-01-01  |  2026-05-02",
    ]
    assert [one.decides for one in tried] == [False, True, False]


def test_a_pattern_shows_what_it_found() -> None:
    """Of a regular expression the piece of text that it found is shown."""
    line = Subject("", "中国铁路网络有限公司", -100, 2, date(2026, 5, 2), "1002.01")
    assert explain(read_rules(TEXT.encode(), "r.yaml"), line)[0].steps[-1].found == "铁路网络有限公司"


@given(rule_sets, subjects)
def test_the_explanation_names_the_rule_that_decides(rules: RuleSet, line: Subject) -> None:
    """What is explained is what is decided."""
    deciding = [one.rule for one in explain(rules, line) if one.decides]
    assert (deciding[0] if deciding else None) == first_match(rules, line)
