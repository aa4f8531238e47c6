"""What conditions mean, as docs/rules.md says it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from cloudbooks.rules.applying import first_match
from cloudbooks.rules.condition import covers
from cloudbooks.rules.reading import read_rules
from cloudbooks.rules.subject import Subject

LINE = Subject(
    text="STAPLES  Store #12 \u3000Toronto",
    party="Staples Canada ＵＬＣ",
    amount=-12_345,
    scale=2,
    date=date(2026, 10, 31),
    account="1002.01",
    profile="icbc-debit@1",
    kind="网上支付",
)


def fits(when: str, line: Subject = LINE) -> bool:
    """Whether a line fits a condition as a rule file writes it."""
    rules = read_rules(f"rules: [{{name: r, when: {when}, then: {{account: a}}}}]".encode(), "r.yaml")
    return first_match(rules, line) is not None


@pytest.mark.parametrize(
    "when",
    [
        "{}",
        "{all: []}",
        "{text: {contains: staples}}",
        "{text: {contains: 'STORE #12 TORONTO'}}",
        "{text: {contains: canada ulc staples}}",
        "{text: {contains: [nothing, toronto]}}",
        "{text: {contains: 'staples '}}",
        "{text: {starts: 网上支付 staples}}",
        "{text: {starts: staples store}}",
        "{text: {equals: 'staples store #12 toronto'}}",
        "{text: {equals: 网上支付}}",
        "{text: {contains: canada, starts: 网上}}",
        r"{text: {regex: '#\d+'}}",
        "{text: {regex: 'STAPLES Store'}}",
        "{text: {regex: '(?i)staples store'}}",
        r"{text: {regex: '^\p{Han}+ '}}",
        "{party: staples canada ulc}",
        "{party: {starts: staples, contains: ca}}",
        "{kind: 网上支付}",
        "{kind: {starts: [退, 网]}}",
        "{profile: icbc-debit}",
        "{profile: ICBC-debit@1}",
        "{profile: {starts: icbc}}",
        "{amount: -123.45}",
        "{amount: {equals: ['1', '-123.450']}}",
        "{amount: {below: 0, above: -123.46}}",
        "{amount: {between: [-123.45, -123.45]}}",
        "{date: 2026-10-31}",
        "{date: {above: 2026-10-30, below: 2026-11-01}}",
        "{date: {between: [2026-10-01, 2026-10-31]}}",
        "{account: '1002'}",
        "{account: {equals: ['1012', '1002.01']}}",
        "{not: {amount: {above: 0}}}",
        "{any: [{party: x}, {not: {party: y}}]}",
        "{all: [{any: [{text: {contains: x}}, {kind: 网上支付}]}, {account: '1002.01'}]}",
    ],
)
def test_a_line_fits(when: str) -> None:
    """Each condition holds for the line."""
    assert fits(when)


@pytest.mark.parametrize(
    "when",
    [
        "{any: []}",
        "{text: {contains: stapless}}",
        "{text: {contains: ' staples', starts: toronto}}",
        "{text: {starts: store}}",
        "{text: {equals: staples}}",
        "{text: {regex: 'staples store'}}",
        "{text: {regex: 'STAPLES  Store'}}",
        "{party: staples}",
        "{kind: 支付}",
        "{profile: icbc}",
        "{profile: icbc-debit@2}",
        "{amount: 123.45}",
        "{amount: {below: -123.45}}",
        "{amount: {above: -123.45}}",
        "{amount: -123.450000000001}",
        "{date: {above: 2026-10-31}}",
        "{account: '1002.0'}",
        "{account: '100'}",
        "{account: '1002.01', party: x}",
        "{not: {all: []}}",
    ],
)
def test_a_line_does_not_fit(when: str) -> None:
    """Each condition fails for the line."""
    assert not fits(when)


@pytest.mark.parametrize(("scale", "amount"), [(0, 1), (2, 100), (3, 1_000), (8, 10**8), (12, 10**12)])
def test_amounts_are_those_of_the_lines_own_commodity(scale: int, amount: int) -> None:
    """One yen, one yuan, one dinar and one bitcoin are all 1, and the next smaller unit is not."""
    line = replace(LINE, amount=amount, scale=scale)
    assert fits("{amount: 1}", line)
    assert fits("{amount: '1.00'}", line)
    assert not fits("{amount: {above: 1}}", line)
    assert not fits("{amount: 1}", replace(line, amount=amount - 1))
    assert fits("{amount: {below: 1}}", replace(line, amount=amount - 1))


def test_a_code_covers_what_stands_below_it() -> None:
    """By a dot, by a hyphen, or by whole pairs of digits; a code that only begins alike is another account."""
    below = ["1002", "1002.01", "1002-01", "100201", "10020103", "1002.01.3"]
    assert [account for account in [*below, "10021", "1002a", "1003", "100", ""] if covers("1002", account)] == below


def test_words_of_full_width_capitals_and_blanks_are_one() -> None:
    """What a bank pads or prints in full width is found by what a person types."""
    line = replace(LINE, text="ＡＢＣ\u00a0\u3000１２３ Straße")
    assert fits("{text: {equals: abc 123 STRASSE}}", line)
    assert fits("{text: {contains: 'ａｂｃ　１２３'}}", line)


def test_a_lone_surrogate_in_a_line_stops_nothing() -> None:
    """Text that has no UTF-8 is compared all the same; a pattern sees a question mark there."""
    line = replace(LINE, text="a\udc80b")
    assert fits(r"{text: {regex: 'a\?b'}}", line)
    assert fits("{text: {contains: b}}", line)
