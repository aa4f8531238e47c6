"""Drafts that balance and yet are none to post: dates that nobody means, and entries that move nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from cloudbooks.core.draft import Draft, DraftIncomplete, DraftLine, DraftState

RENT = Draft(
    date(2026, 10, 1),
    "记",
    "rent",
    (DraftLine("5602", "CNY", 500_00, 500_00), DraftLine("1002", "CNY", -500_00, -500_00)),
    number=7,
    state=DraftState.READY,
)


def lacking(draft: Draft) -> list[str]:
    """What a draft lacks, in English."""
    return [str(one) for one in draft.lacks("CNY", 2)]


@pytest.mark.parametrize("day", [date(1, 1, 5), date(226, 10, 1), date(1899, 12, 31), date(2200, 1, 1), date.max])
def test_a_date_that_nobody_means_is_asked_again(day: date) -> None:
    """It stays a draft, which says the date as it was taken and how to change it."""
    draft = replace(RENT, date=day)
    assert lacking(draft) == [f"its date {day.isoformat()} is not in the years 1900 to 2199."]
    assert draft.judged("CNY", 2).state is DraftState.INCOMPLETE
    with pytest.raises(DraftIncomplete) as caught:
        draft.entry("CNY", 2)
    assert str(caught.value.hint) == "cloudbooks draft edit D-7 --date DATE"


@pytest.mark.parametrize("day", [date(1900, 1, 1), date(1949, 10, 1), date(2199, 12, 31)])
def test_old_and_coming_years_are_taken(day: date) -> None:
    """A family's oldest papers and a lease to the end of the century are dated as they are."""
    assert lacking(replace(RENT, date=day)) == []


def of_amounts(*amounts: int, commodity: str = "CNY", value: int | None = None) -> Draft:
    """The draft with lines of these amounts, which in another commodity have `value`."""
    lines = (DraftLine("5602", commodity, one, one if value is None else value) for one in amounts)
    return replace(RENT, lines=tuple(lines))


def test_an_entry_that_moves_nothing_is_none() -> None:
    """Two lines of 0 balance, and are kept as a draft until one has an amount."""
    draft = of_amounts(0, 0)
    assert lacking(draft) == ["all its amounts are 0."]
    with pytest.raises(DraftIncomplete) as caught:
        draft.entry("CNY", 2)
    assert str(caught.value.hint) == "cloudbooks draft edit D-7 --line 1 --amount AMOUNT"


def test_a_line_of_nothing_among_others_is_kept() -> None:
    """A part that came to 0 stands beside those that move; a value without an amount revalues."""
    assert lacking(of_amounts(500, 0, -500)) == []
    revalued = of_amounts(0, 0, commodity="USD", value=0)
    first, second = revalued.lines
    assert lacking(replace(revalued, lines=(replace(first, value=30), replace(second, value=-30)))) == []


def test_what_takes_back_an_entry_of_nothing_can_be_posted() -> None:
    """Books hold such entries already, and each can be reversed."""
    assert lacking(replace(of_amounts(0, 0), reverses="01a20192-de23-71fe-baab-b6b60254c9c3")) == []


def test_a_line_of_nothing_that_a_bank_told_can_be_posted() -> None:
    """Some banks list an interest of 0.00: the entry says that the line was seen."""
    first, second = of_amounts(0, 0).lines
    told = replace(
        of_amounts(0, 0), lines=(replace(first, settles=("01a20192-de23-71fe-baab-b6b60254c9c3/4",)), second)
    )
    assert lacking(told) == []


def test_an_account_may_stand_twice_on_one_side() -> None:
    """Two lines of one account are two items of it: their texts and parties differ."""
    lines = (
        *(DraftLine("5602", "CNY", 100, 100, text=text) for text in ("paper", "ink")),
        DraftLine("1002", "CNY", -200, -200),
    )
    entry = replace(RENT, lines=lines).entry("CNY", 2)
    assert [posting.account for posting in entry.postings] == ["5602", "5602", "1002"]
