"""What Tab makes of a half-typed filter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudbooks.books.filtering_words import begun_at, candidates
from cloudbooks.core.filter import Field, parse

WORDS = {
    Field.ACCOUNT: ("1002", "1002.01", "Bank", "管理费用", "Main revenue"),
    Field.PARTY: ("Acme GmbH", 'A "quoted" name'),
    Field.STATE: ("ready", "returned", "posted"),
    Field.DATE: ("thismonth", "lastmonth"),
    Field.DOCUMENT: ("none", "any"),
}


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("st", ["state:"]),
        ("科", ["科目:"]),
        ("acct:100", ["acct:1002", "acct:1002.01"]),
        ("acct:main", ['acct:"Main revenue"']),
        ('acct:"Main re', ['acct:"Main revenue"']),
        ("科目：管理", ["科目：管理费用"]),
        ("-acct:ba", ["acct:Bank"]),
        ("not:st", ["state:"]),
        ("text:x (par", ["party:"]),
        ("party:acme", ['party:"Acme GmbH"']),
        ("party:quoted", []),
        ("state:ready|p", ["state:ready|posted"]),
        ("acct:1|party:ac", ['party:"Acme GmbH"']),
        ("date:..last", ["date:..lastmonth"]),
        ("date:>=this", ["date:>=thismonth"]),
        ("doc:", ["doc:none", "doc:any"]),
        ("nothing:x", []),
        ("", []),
    ],
)
def test_tab_offers_fields_and_values(typed: str, offered: list[str]) -> None:
    """A field by either name, then the values that the field has in the book; names with blanks come in quotes."""
    assert candidates(typed[begun_at(typed) :], WORDS) == offered


@given(st.text(alphabet='acstx:|-()" ："', max_size=14))
def test_what_is_offered_can_be_read(typed: str) -> None:
    """Whatever stands before, what Tab puts for a value is one condition that can be read."""
    for offered in candidates(typed[begun_at(typed) :], WORDS):
        if not offered.endswith(":"):
            assert len(parse(offered).chips()) <= 1 or "|" in offered


def test_a_beginning_is_found_behind_quotes() -> None:
    """A blank in quotes ends no condition; one outside of them does."""
    assert begun_at('party:"Acme Gm') == 0
    assert begun_at('party:"Acme GmbH" st') == len('party:"Acme GmbH" ')
