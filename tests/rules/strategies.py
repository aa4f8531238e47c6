"""What the tests of rules share: subjects and conditions drawn at random from few words, so that they meet."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from hypothesis import strategies as st

from cloudbooks.rules.action import Action, Divisible, Fixed, Percent, Split
from cloudbooks.rules.condition import (
    AccountTest,
    All,
    AnyOf,
    Condition,
    How,
    Measure,
    Not,
    PatternTest,
    RangeTest,
    Word,
    WordTest,
)
from cloudbooks.rules.pattern import Pattern
from cloudbooks.rules.rule import Rule, RuleSet
from cloudbooks.rules.subject import AMOUNT_SCALE, Field, Subject, fold

# Few pieces, in all the forms that folding and digits make alike or tell apart.
PIECES = [
    "a",
    "A",
    "Ａ",
    "b",
    "ß",
    "ss",
    "1",
    "2",
    "12",
    "０",
    "²",
    "①",
    "½",
    " ",
    "\u3000",
    "招",
    "商",
    "é",
    "e\u0301",
    "-",
    "@",
]
PATTERNS = [
    "a",
    "A",
    r"\d",
    r"\d{2}",
    "[0-4]",
    "1",
    "12",
    "^a",
    "a$",
    r"\w+2",
    r"(?i)A",
    "招|商",
    "",
    ".",
    r"\D\d",
    r"[^1]",
    r"\x31",
    "[{1}]",
]
LITERALS = ["a", "ab", "1", "12", "2", "招", "招商", "ss", "a 1", "b1", "1a", "½", "é", "0", "-"]

subjects = st.builds(
    Subject,
    text=st.lists(st.sampled_from(PIECES), max_size=6).map("".join),
    party=st.lists(st.sampled_from(PIECES), max_size=3).map("".join),
    amount=st.integers(-300, 300),
    scale=st.sampled_from([0, 2, 8]),
    date=st.dates(date(2026, 10, 29), date(2026, 11, 2)),
    account=st.sampled_from(["1002", "1002.01", "1012", "100201"]),
    profile=st.sampled_from(["", "icbc@1", "icbc@2", "cmb"]),
    kind=st.sampled_from(["", "转账", "a", "A1", "12"]),
)


@st.composite
def families(draw: st.DrawFn) -> list[Subject]:
    """Lines of which each differs from the first in one thing, so that a memory could take one for another."""
    first, others = draw(subjects), draw(st.lists(subjects, max_size=6))
    fields = ["text", "party", "kind", "account", "profile", "amount", "date"]
    changed = [(name, getattr(other, name)) for other in others for name in [draw(st.sampled_from(fields))]]
    return [first, *(replace(first, **{name: value}) for name, value in changed)]


def word(written: str) -> Word:
    """A literal as reading makes it."""
    return Word(written, fold(written))


_ranges = st.tuples(st.none() | st.integers(-3, 3), st.none() | st.integers(0, 3)).map(
    lambda found: (
        None if found[0] is None else found[0] * 10**AMOUNT_SCALE,
        None if found[1] is None else ((found[0] or 0) + found[1]) * 10**AMOUNT_SCALE,
    )
)
_days = st.tuples(st.dates(date(2026, 10, 29), date(2026, 11, 2)), st.integers(0, 2)).map(
    lambda found: (found[0].toordinal(), found[0].toordinal() + found[1])
)

leaves: st.SearchStrategy[Condition] = st.one_of(
    st.builds(
        WordTest,
        st.sampled_from(Field),
        st.sampled_from(How),
        st.lists(st.sampled_from([*LITERALS, "icbc", "icbc@1"]).map(word), min_size=1, max_size=3).map(tuple),
    ),
    st.builds(
        PatternTest,
        st.sampled_from(Field),
        st.lists(st.sampled_from(PATTERNS).map(Pattern), min_size=1, max_size=2).map(tuple),
    ),
    st.builds(AccountTest, st.lists(st.sampled_from(["1002", "1002.01", "1012"]), min_size=1, max_size=2).map(tuple)),
    st.builds(RangeTest, st.just(Measure.AMOUNT), st.lists(_ranges, min_size=1, max_size=2).map(tuple)),
    st.builds(RangeTest, st.just(Measure.DATE), st.lists(_days, min_size=1, max_size=2).map(tuple)),
    st.just(Divisible((Split("5601", Fixed(150, 2)), Split("5602", Percent(10, 0)), Split("5603", None)))),
)

conditions: st.SearchStrategy[Condition] = st.recursive(
    leaves,
    lambda below: st.one_of(
        st.builds(All, st.lists(below, max_size=3).map(tuple)),
        st.builds(AnyOf, st.lists(below, max_size=3).map(tuple)),
        st.builds(Not, below),
    ),
    max_leaves=6,
)


def rule_set(whens: list[Condition]) -> RuleSet:
    """A rule set of these conditions."""
    rules = (Rule(f"rule {n}", when, Action("5602"), n, f"r.yaml:{n}:1") for n, when in enumerate(whens))
    return RuleSet("r.yaml", b"", tuple(rules))


rule_sets = st.lists(conditions, max_size=12).map(rule_set)
