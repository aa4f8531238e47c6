"""Entries that do not balance cannot be built; drafts say what they lack."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.strategies import amounts, balanced

from cloudbooks.core.draft import Draft, DraftIncomplete, DraftLine, DraftState
from cloudbooks.core.entry import AmountsUnbalanced, Entry, EntryTooShort, EntryUnbalanced, Posting, ValueAstray
from cloudbooks.errors import Refusal

DAY = date(2026, 10, 3)
ACCOUNTS = ["a", "b", "c"]


def entry(*postings: Posting) -> Entry:
    """An entry of a book in CNY."""
    return Entry(DAY, "记", "words", postings, base="CNY", base_scale=2, name="D-121")


@given(balanced(ACCOUNTS))
def test_what_balances_is_built(postings: tuple[Posting, ...]) -> None:
    """Balanced postings of any commodities make an entry that holds them."""
    assert postings == entry(*postings).postings


@given(balanced(ACCOUNTS), st.integers(0, 4), st.integers(-1000, 1000).filter(bool))
def test_what_is_off_by_anything_is_not_built(postings: tuple[Posting, ...], place: int, residue: int) -> None:
    """A value that is off by any amount, on any line, keeps the entry from being built."""
    place %= len(postings)
    line = postings[place]
    amount = line.amount + residue if line.commodity == "CNY" else line.amount
    wrong = replace(line, value=line.value + residue, amount=amount)
    with pytest.raises(Refusal) as caught:
        entry(*postings[:place], wrong, *postings[place + 1 :])
    assert isinstance(caught.value, EntryUnbalanced | ValueAstray)


def test_the_refusal_names_both_sides_and_the_difference() -> None:
    """What is off is said in the numbers of the entry, with the commodity."""
    with pytest.raises(EntryUnbalanced) as caught:
        entry(Posting("a", "CNY", 1130000, 1130000), Posting("b", "CNY", -1000000, -1000000))
    assert str(caught.value) == "D-121 is off by 1,300.00 CNY (debit 11,300.00, credit 10,000.00)."
    assert caught.value.code == "entry-unbalanced"


@pytest.mark.parametrize(("count", "words"), [(0, "0 lines"), (1, "1 line;")])
def test_an_entry_has_two_lines(count: int, words: str) -> None:
    """One line, or none, is no entry."""
    with pytest.raises(EntryTooShort) as caught:
        entry(*[Posting("a", "CNY", 0, 0)] * count)
    assert words in str(caught.value)


def test_amounts_of_one_foreign_commodity_balance_too() -> None:
    """Dollars against dollars balance in dollars, even where the values agree."""
    with pytest.raises(AmountsUnbalanced) as caught:
        entry(Posting("a", "USD", 100, 712), Posting("b", "USD", -99, -712))
    assert "USD" in str(caught.value)


@pytest.mark.parametrize(
    "line", [Posting("a", "CNY", 100, 101), Posting("a", "USD", -100, 712), Posting("a", "USD", 100, -712)]
)
def test_a_value_follows_its_amount(line: Posting) -> None:
    """In the base value and amount are one number; elsewhere they never have opposite signs."""
    with pytest.raises(ValueAstray):
        entry(line, Posting("b", "CNY", -line.value, -line.value))


@pytest.mark.parametrize(
    ("amount", "value", "red", "debit"),
    [
        (1, 1, False, True),
        (-1, -1, False, False),
        (1, 1, True, False),
        (-1, -1, True, True),
        (0, 5, False, True),
        (0, -5, False, False),
        (0, 0, False, True),
        (0, 0, True, False),
    ],
)
def test_the_side_of_a_posting(amount: int, value: int, red: bool, debit: bool) -> None:  # noqa: FBT001 - a table
    """A line is on the side of its sign, a zero amount on that of its value, a red line on the opposite one."""
    assert debit == Posting("a", "USD", amount, value, red=red).debit_side


def draft(*lines: DraftLine) -> Draft:
    """A draft that lacks nothing but what its lines lack."""
    return Draft(DAY, "记", "words", lines, number=118)


CNY_LINE = DraftLine("a", "CNY", 300, None)
BACK = DraftLine("b", "CNY", -300, None)


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (replace(draft(CNY_LINE, BACK), date=None), ["it has no date."]),
        (replace(draft(CNY_LINE, BACK), summary="  "), ["it has no summary."]),
        (replace(draft(CNY_LINE, BACK), series=""), ["it has no voucher series."]),
        (draft(CNY_LINE), ["it has fewer than two lines.", "debit and credit differ by 3.00 CNY."]),
        (draft(replace(CNY_LINE, account=""), BACK), ["line 1 has no account."]),
        (draft(CNY_LINE, replace(BACK, amount=None)), ["line 2 has no amount."]),
        (draft(CNY_LINE, replace(BACK, commodity="")), ["line 2 has no commodity."]),
        (draft(CNY_LINE, replace(BACK, amount=-400)), ["debit and credit differ by 1.00 CNY."]),
        (
            draft(DraftLine("a", "USD", 100, None), BACK),
            ["line 1 has no value in CNY: no price of USD on or before its date."],
        ),
        (draft(DraftLine("a", "USD", 100, 712), DraftLine("b", "USD", -99, -712)), ["the amounts do not sum to zero."]),
        (
            draft(DraftLine("a", "USD", -100, 300), BACK),
            ["line 1: amount and value have opposite signs."],
        ),
        (
            draft(replace(CNY_LINE, amount=10**18), replace(BACK, amount=-(10**18))),
            ["line 1 has more than 18 digits.", "line 2 has more than 18 digits."],
        ),
    ],
)
def test_a_draft_says_what_it_lacks(one: Draft, words: list[str]) -> None:
    """Each thing that is missing has its sentence, with the line where it is missing; nothing else is said."""
    assert words == [str(sentence) for sentence in one.lacks("CNY", 2)]


lines = st.builds(
    DraftLine,
    st.sampled_from(["a", "b", ""]),
    st.sampled_from(["CNY", "USD", ""]),
    st.one_of(st.none(), st.integers(-3, 3), amounts(10**19)),
    st.one_of(st.none(), st.integers(-3, 3)),
)


@given(st.lists(lines, max_size=4), st.sampled_from([DAY, None]), st.sampled_from(["words", ""]))
def test_a_draft_is_complete_exactly_when_it_makes_an_entry(
    drawn: list[DraftLine], day: date | None, summary: str
) -> None:
    """What lacks nothing becomes an entry with the same lines; what lacks something is refused with that."""
    one = Draft(day, "记", summary, tuple(drawn), number=7)
    lacks = one.lacks("CNY", 2)
    if lacks:
        with pytest.raises(DraftIncomplete) as caught:
            one.entry("CNY", 2)
        assert str(lacks[0]) in str(caught.value)
        assert one.judged("CNY", 2).state is DraftState.INCOMPLETE
    else:
        made = one.entry("CNY", 2)
        assert [line.amount for line in drawn] == [posting.amount for posting in made.postings]
        assert one.judged("CNY", 2).state is DraftState.PROPOSED


@pytest.mark.parametrize("state", [DraftState.READY, DraftState.HELD, DraftState.RETURNED, DraftState.WAITING])
def test_judging_leaves_the_state_of_a_complete_draft(state: DraftState) -> None:
    """A complete draft that is ready, held, returned or waiting stays so."""
    one = replace(draft(CNY_LINE, BACK), state=state)
    assert state is one.judged("CNY", 2).state
