"""The filter language: what its texts mean, and where they stop."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudbooks.core.filter import (
    Either,
    Every,
    Field,
    FilterFieldUnknown,
    FilterUnreadable,
    Negated,
    Term,
    Tree,
    parse,
)
from cloudbooks.core.sieve import says


def bare(tree: Tree) -> object:
    """A tree without its places in the text."""
    match tree:
        case Term(field, operator, value):
            return (field.value, operator, value)
        case Negated(part):
            return ("not", bare(part))
        case Every(parts):
            return ("and", *map(bare, parts))
        case Either(parts):
            return ("or", *map(bare, parts))


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("", ("and",)),
        ("staples", ("", "", "staples")),
        ("acct:5602", ("acct", "", "5602")),
        ('acct:"管理 费用"', ("acct", "", "管理 费用")),
        ("text:~staples", ("text", "~", "staples")),
        ("amt:>=1,000.50", ("amt", ">=", "1,000.50")),
        ("amt:-300", ("amt", "", "-300")),
        ("date:..lastmonth", ("date", "", "..lastmonth")),
        ("a b", ("and", ("", "", "a"), ("", "", "b"))),
        ("a|b", ("or", ("", "", "a"), ("", "", "b"))),
        ("a b | c", ("or", ("and", ("", "", "a"), ("", "", "b")), ("", "", "c"))),
        ("state:draft|ready", ("or", ("state", "", "draft"), ("state", "", "ready"))),
        ("acct:1|party:b", ("or", ("acct", "", "1"), ("party", "", "b"))),
        ("-tag:x", ("not", ("tag", "", "x"))),
        ("not:tag:x", ("not", ("tag", "", "x"))),
        ("-(a | b) c", ("and", ("not", ("and", ("or", ("", "", "a"), ("", "", "b")))), ("", "", "c"))),
        ("（a｜b）", ("and", ("or", ("", "", "a"), ("", "", "b")))),
        ("科目：5602", ("acct", "", "5602")),
        ("金额：＞100", ("amt", ">", "100")),
        ("http://x", None),
    ],
)
def test_a_text_means_one_tree(text: str, meaning: object) -> None:
    """Blank is and, | is or, - and not: are not, brackets group; full-width signs and Chinese fields mean the same."""
    if meaning is None:
        with pytest.raises(FilterFieldUnknown):
            parse(text)
    else:
        assert bare(parse(text).tree) == meaning


@pytest.mark.parametrize("text", ["(a", "a)", "a |", "| a", "- a", "-", "acct:", 'acct:"x', "a | | b", "()x)"])
def test_what_cannot_be_read_says_where(text: str) -> None:
    """A filter that stops in the middle is refused with its place."""
    with pytest.raises(FilterUnreadable) as refused:
        parse(text)
    assert 0 <= refused.value.at <= len(text)


def test_an_unknown_field_is_never_ignored() -> None:
    """A misspelt field is refused, and the one that is near is named."""
    with pytest.raises(FilterFieldUnknown) as refused:
        parse("acct:1 stat:draft")
    assert "state" in str(refused.value.hint)


def test_chips_are_the_conditions_as_they_were_typed() -> None:
    """Each condition that must hold is a chip; a filter without one of them holds the others."""
    found = parse("acct:5602 -(a | b)  state:draft|ready")
    assert found.chips() == ("acct:5602", "-(a | b)", "state:draft|ready")
    assert found.without(1).text == "acct:5602 state:draft|ready"
    assert parse("a | b").chips() == ("a | b",)


@given(st.text(alphabet='ab:|-()"~><=. \tacct状态：（', max_size=30))
def test_any_text_is_a_filter_or_a_refusal(text: str) -> None:
    """Whatever is typed is read or refused, and a filter's chips say the same as the whole."""
    try:
        found = parse(text)
    except (FilterUnreadable, FilterFieldUnknown):
        return
    again = parse(" ".join(found.chips()))
    assert bare(again.tree) == bare(found.tree)


def test_every_field_can_be_named() -> None:
    """Each field is found by its own name."""
    for field in Field:
        if field:
            tree = parse(f"{field.value}:x").tree
            assert isinstance(tree, Term)
            assert tree.field is field


@pytest.mark.parametrize(
    ("text", "words", "found"),
    [
        ("Copy PAPER", "paper", True),
        ("copy paper", "PAPER", True),
        ("Straße 12", "Straße", True),
        ("STRASSE 12", "Straße", True),
        ("Straße 12", "strasse", False),
        ("ΣΊΣΥΦΟΣ", "σίσυφος", True),
        ("工资 PAYROLL", "工资", True),
        ("工资 PAYROLL", "工资 payroll", True),
        ("20", "2%", False),
    ],
)
def test_words_are_found_whatever_their_case(text: str, words: str, *, found: bool) -> None:
    """Upper and lower case are the same in every script; words typed in ASCII are compared as ASCII."""
    assert says(text, words) is found
