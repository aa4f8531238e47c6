"""Splits: exact shares of a line that always sum to it."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudbooks.rules.action import Action, Divisible, Fixed, Part, Percent, Split
from cloudbooks.rules.applying import Decider, first_match
from cloudbooks.rules.reading import read_rules
from cloudbooks.rules.subject import Line, Subject

percents = st.builds(Percent, st.integers(1, 100 * 10**4), st.just(4))
fixed = st.builds(Fixed, st.integers(1, 10**6), st.integers(0, 4))


@st.composite
def actions(draw: st.DrawFn) -> Action:
    """An action with splits, the last of which takes the rest."""
    first = draw(st.lists(percents | fixed, min_size=1, max_size=5))
    return Action(splits=(*(Split(str(n), portion) for n, portion in enumerate(first)), Split("rest", None)))


@given(actions(), st.integers(-(10**12), 10**12), st.integers(0, 8))
def test_parts_sum_to_the_line(action: Action, amount: int, scale: int) -> None:
    """Whatever the shares, the parts sum to the line exactly and none goes the other way."""
    parts = action.parts(amount, scale)
    assert sum(part.amount for part in parts) == amount
    assert all(part.amount * amount > 0 for part in parts) or [part.amount for part in parts] == [amount]


@given(actions(), st.integers(-(10**6), 10**6), st.integers(0, 4))
def test_where_a_line_is_divisible_every_fixed_amount_is_given_in_full(action: Action, amount: int, scale: int) -> None:
    """A rule takes only lines that are large enough for its fixed amounts, so none is ever cut."""
    line = Line(Subject("", "", amount, scale, date(2026, 1, 1), ""))
    if not Divisible(action.splits).holds(line):
        return
    parts = {part.account: abs(part.amount) for part in action.parts(amount, scale)}
    for split in action.splits:
        if isinstance(split.portion, Fixed):
            assert parts[split.account] == split.portion.minor(scale)


@pytest.mark.parametrize(
    ("shares", "amount", "parts"),
    [
        (["60", "40"], 100, [60, 40]),
        (["33.33", "33.33", "33.34"], 100, [33, 33, 34]),
        (["33.3", "33.3", "33.4"], 1, [1]),
        (["25", "25", "25", "25"], 2, [1, 1]),
        (["50", "50"], -3, [-2, -1]),
        (["88.495575221239", "11.504424778761"], 11_300, [10_000, 1_300]),
        (["10", "90"], 0, [0]),
    ],
)
def test_a_share_is_rounded_and_the_last_takes_the_rest(shares: list[str], amount: int, parts: list[int]) -> None:
    """Half a unit is rounded away from zero, nothing goes beyond the line, and nothing is lost."""
    splits = ", ".join(f"{{account: a{n}, share: {share}}}" for n, share in enumerate(shares))
    text = f"rules: [{{name: r, when: {{}}, then: {{splits: [{splits}]}}}}]"
    action = read_rules(text.encode(), "r.yaml").rules[0].action
    assert [part.amount for part in action.parts(amount, 2)] == parts


def test_fixed_amounts_take_the_side_of_the_line() -> None:
    """A fee of 12.50 is part of what went out; seen from the other account it is the other side."""
    text = """
rules:
- name: abroad
  when: {}
  then:
    splits:
    - {account: "5603", amount: 12.5, text: Fee}
    - {account: "1401", share: 10%}
    - {account: "2202", party: ACME}
"""
    action = read_rules(text.encode(), "r.yaml").rules[0].action
    assert action.parts(-100_000, 2) == (
        Part("5603", -1_250, "", "Fee"),
        Part("1401", -10_000),
        Part("2202", -88_750, "ACME"),
    )
    assert [part.amount for part in action.parts(100_000, 2)] == [1_250, 10_000, 88_750]


@pytest.mark.parametrize(
    ("amount", "scale", "taken"),
    [(1_250, 2, True), (1_249, 2, False), (-1_250, 2, True), (0, 2, False), (13, 0, False), (12_500, 3, True)],
)
def test_a_line_too_small_for_a_fixed_amount_is_not_taken(amount: int, scale: int, taken: bool) -> None:  # noqa: FBT001 - a table
    """Nor is one whose commodity has no such small unit: half a yen cannot be booked."""
    text = b"rules: [{name: r, when: {}, then: {splits: [{account: a, amount: 12.5}, {account: b}]}}]"
    rules = read_rules(text, "r.yaml")
    line = Subject("x", "", amount, scale, date(2026, 1, 1), "1002")
    assert (Decider(rules).decide(line).rule is not None) == taken
    assert (first_match(rules, line) is not None) == taken


def test_one_account_takes_all_and_an_ignored_line_has_no_parts() -> None:
    """Without splits the whole line goes to the account; what is ignored goes nowhere."""
    assert Action(account="5602").parts(-100, 2) == (Part("5602", -100),)
    assert Action(ignore="booked elsewhere").parts(-100, 2) == ()


def test_placeholders_are_filled_from_the_line() -> None:
    """Text, party and date of the line; a placeholder in the line's own words stays as the bank wrote it."""
    line = Subject("order {party}  9", "ACME", 1, 2, date(2026, 10, 31), "1002")
    action = Action(account="a", summary="{date}: {text} / {party}", party="{party}")
    assert action.summary_of(line) == "2026-10-31: order {party} 9 / ACME"
    assert action.party_of(line) == "ACME"
