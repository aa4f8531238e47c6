"""Lint finds what is planted, and claims nothing that is not so."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rules.strategies import conditions, leaves, subjects

from cloudbooks.errors import Finding
from cloudbooks.rules.condition import Condition
from cloudbooks.rules.implying import can_fit, implies
from cloudbooks.rules.linting import lint, unknown_accounts
from cloudbooks.rules.reading import read_rules
from cloudbooks.rules.subject import Line, Subject


def accounts(*codes: str) -> Callable[[str], tuple[str, ...] | None]:
    """A chart with these codes alone, which offers all of them for any other."""
    return lambda word: None if word in codes else codes


def linted(rules: str) -> list[Finding]:
    """What lint says of rules, in a chart that has every account."""
    return list(lint(read_rules(f"rules:\n{rules}".encode(), "r.yaml"), lambda _word: None))


def test_unknown_accounts_are_found_wherever_they_stand() -> None:
    """In conditions, actions and splits, each with its place and the names that are near."""
    text = """rules:
- {name: a, when: {account: "1003"}, then: {account: "5602"}}
- {name: b, when: {account: {equals: ["1002", "1004"]}, party: account}, then: {account: "5620"}}
- {name: c, when: {not: {account: ["1005"]}}, then: {splits: [{account: x, share: 5}, {account: "5602", text: "1"}]}}
"""
    findings = lint(read_rules(text.encode(), "r.yaml"), accounts("1002", "5602"))
    assert [(found.where, str(found.message)) for found in findings] == [
        ("r.yaml:2:29", 'no account matches "1003".'),
        ("r.yaml:3:47", 'no account matches "1004".'),
        ("r.yaml:3:90", 'no account matches "5620".'),
        ("r.yaml:4:36", 'no account matches "1005".'),
        ("r.yaml:4:73", 'no account matches "x".'),
    ]
    assert {found.code for found in findings} == {"rule-account"}
    assert unknown_accounts(read_rules(text.encode(), "r.yaml"), accounts("1002", "5602")) == findings
    assert str(findings[0].hint) == "did you mean 1002, 5602? cloudbooks account list"


@pytest.mark.parametrize(
    "when",
    [
        "{amount: {above: 100, below: 100.000000000001}}",
        "{all: [{amount: {above: 0}}, {not: {amount: {above: -1}}}]}",
        "{amount: {between: [1, 2]}, not: {amount: {below: 2.000000000001}}}",
        "{amount: {between: [1, 2]}, not: {amount: {above: 0.999999999999}}}",
        "{date: {between: [2026-01-01, 2026-01-31]}, not: {date: {above: 2025-12-31}}}",
        "{all: [{account: '1002'}, {account: '1012.01'}]}",
        "{all: [{party: acme}, {party: {equals: [bcme, ccme]}}]}",
        "{all: [{party: acme}, {party: {contains: x}}]}",
        "{kind: {equals: 转账, starts: 消费}}",
        "{all: [{profile: icbc-debit}, {profile: cmb-debit@2}]}",
        "{text: {contains: staples store}, not: {text: {contains: STAPLES}}}",
        "{text: {regex: 'a.b'}, not: {text: {regex: ['x', 'a.b']}}}",
        "{text: {contains: a}, not: {text: {regex: '.*'}}}",
        "{party: staples inc, not: {text: {starts: staples}}}",
        "{any: []}",
        "{not: {all: []}}",
        "{all: [{any: [{amount: 1}, {amount: 2}]}, {amount: {above: 3}}]}",
    ],
)
def test_conditions_that_no_line_can_fit_are_found(when: str) -> None:
    """Each contradiction is told at the condition, whether it is between amounts, dates, accounts or words."""
    found = [one for one in linted(f"- {{name: a, when: {when}, then: {{account: a}}}}") if one.code == "rule-dead"]
    assert [one.where for one in found] == ["r.yaml:2:19"]


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("{}", "{text: {contains: a}}"),
        ("{text: {regex: '.*'}}", "{amount: 1}"),
        ("{text: {contains: staples}}", "{text: {contains: [STAPLES STORE, staples inc]}}"),
        ("{text: {contains: [a, staples]}}", "{party: staples, amount: {below: 0}}"),
        ("{amount: {below: 0}}", "{amount: {between: [-5, -1]}, text: {contains: a}}"),
        ("{any: [{amount: {above: 10}}, {text: {contains: 货款}}]}", "{text: {equals: 货款 10}}"),
        ("{account: '1002'}", "{account: '1002.01', date: 2026-01-01}"),
        ("{profile: icbc}", "{profile: icbc@3}"),
        ("{not: {amount: {above: 0}}}", "{amount: {below: 0}}"),
        ("{text: {regex: ['a+', 'b+']}}", "{text: {regex: 'b+'}}"),
        ("{text: {starts: order}}", "{text: {starts: order 12}}"),
    ],
)
def test_rules_that_an_earlier_one_shadows_are_found(earlier: str, later: str) -> None:
    """The later rule is told at its name, with the earlier one and its place."""
    between = "- {name: x, when: {date: 2026-01-01}, then: {account: b}}"
    rules = f"- {{name: first, when: {earlier}, then: {{account: a}}}}\n{between}\n"
    found = [
        one for one in linted(f"{rules}- {{name: later, when: {later}, then: {{account: c}}}}") if one.where[7] == "4"
    ]
    assert [one.code for one in found] == ["rule-shadowed"]
    assert str(found[0].message) == '"later" is never reached: "first" at r.yaml:2:3 takes all of its lines.'


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("{text: {contains: staples store}}", "{text: {contains: staples}}"),
        ("{text: {contains: a, starts: b}}", "{text: {contains: a}}"),
        ("{party: {contains: a}}", "{text: {contains: a}}"),
        ("{amount: {below: 0}}", "{amount: {below: 1}}"),
        ("{amount: {below: 0}}", "{not: {amount: {above: 0}}}"),
        ("{account: '1002.01'}", "{account: '1002'}"),
        ("{text: {regex: 'a.c'}}", "{text: {contains: abc}}"),
        ("{text: {equals: a}}", "{text: {starts: a}}"),
        ("{text: {starts: order}}", "{text: {contains: order}}"),
        ("{text: {equals: order}}", "{text: {contains: order}}"),
        ("{profile: icbc@1}", "{profile: icbc}"),
        ("{any: []}", "{text: {contains: a}}"),
    ],
)
def test_rules_that_have_lines_of_their_own_are_let_be(earlier: str, later: str) -> None:
    """A special rule before a general one, and rules of different things, are as they should be."""
    findings = linted(
        f"- {{name: first, when: {earlier}, then: {{account: a}}}}\n- {{name: l, when: {later}, then: {{account: c}}}}"
    )
    assert "rule-shadowed" not in {one.code for one in findings}


def test_what_may_be_a_slip_is_a_warning() -> None:
    """An empty all or any and a pattern that knows ASCII only are said, and leave exit status 0."""
    findings = linted(
        "- {name: a, when: {text: {regex: '招商\\b'}, not: {text: {regex: '\\w{9}'}}}, then: {account: a}}\n"
        "- {name: b, when: {any: [{all: []}]}, then: {account: a}}\n"
        "- {name: c, when: {text: {regex: '\\bETC\\b'}}, then: {account: a}}\n"
    )
    warnings = [(one.code, one.where) for one in findings if one.warning]
    assert warnings == [("rule-ascii", "r.yaml:2:34"), ("rule-ascii", "r.yaml:2:63"), ("rule-empty", "r.yaml:3:32")]
    assert [one.code for one in findings if not one.warning] == ["rule-shadowed"]


def test_a_last_rule_for_everything_is_no_finding() -> None:
    """A catch-all at the end is a good rule."""
    assert not linted("- {name: a, when: {amount: 1}, then: {account: a}}\n- {name: b, when: {}, then: {account: b}}")


@settings(max_examples=400)
@given(conditions, subjects)
def test_what_lint_calls_dead_fits_no_line(condition: Condition, line: Subject) -> None:
    """Where it is proven that no line can fit, none does."""
    assert can_fit(condition) or not condition.holds(Line(line))


@settings(max_examples=400)
@given(st.lists(leaves | conditions, min_size=2, max_size=8), st.lists(subjects, min_size=1, max_size=4))
def test_what_lint_calls_shadowed_is(whens: list[Condition], lines: list[Subject]) -> None:
    """Where one condition is proven to imply another, every line that fits the one fits the other."""
    proven = [(one, other) for one in whens for other in whens if one is not other and implies(one, other)]
    assert all(other.holds(Line(line)) for line in lines for one, other in proven if one.holds(Line(line)))
