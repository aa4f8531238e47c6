from __future__ import annotations

from datetime import date, timedelta
from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from cloudbooks.core.statement import StatementLine
from cloudbooks.importers.balances import follow

AMOUNTS = st.lists(st.integers(-(10**9), 10**9).filter(bool), min_size=1, max_size=30)


def _lines(amounts: list[int], opening: int, *, backwards: bool) -> list[StatementLine]:
    balances = list(accumulate(amounts, initial=opening))[1:]
    moved = list(zip(amounts, balances, strict=True))
    days = [date(2026, 1, 1) + timedelta(days=place // 3) for place in range(len(moved))]
    ordered = list(zip(days, moved, strict=True))
    if backwards:
        ordered.reverse()
    return [
        StatementLine(row, day, amount, "CNY", "", balance=balance)
        for row, (day, (amount, balance)) in enumerate(ordered, start=2)
    ]


@given(AMOUNTS, st.integers(-(10**9), 10**9), st.booleans())
def test_a_whole_statement_follows_either_way(amounts: list[int], opening: int, backwards: bool) -> None:  # noqa: FBT001 - drawn
    """Oldest first or newest first, running balances follow without a break, from opening to closing."""
    found = follow(_lines(amounts, opening, backwards=backwards))
    assert found.breaks == ()
    assert found.checked == len(amounts) - 1
    assert found.opening is not None
    assert found.closing == found.opening + sum(amounts)
    if len(set(amounts)) > 1:
        assert (found.opening, found.newest_first) == (opening, backwards)


@given(AMOUNTS.filter(lambda amounts: len(amounts) > 4), st.booleans(), st.data())
def test_a_lost_line_is_one_break(amounts: list[int], backwards: bool, data: st.DataObject) -> None:  # noqa: FBT001 - drawn
    """A line taken out of the middle leaves one break, whose difference is its amount."""
    lines = _lines(amounts, 0, backwards=backwards)
    lost = data.draw(st.integers(1, len(lines) - 2))
    found = follow(lines[:lost] + lines[lost + 1 :])
    if len(found.breaks) == 1:
        assert abs(found.breaks[0].said - found.breaks[0].summed) == abs(lines[lost].amount)
    assert found.breaks


@given(AMOUNTS, st.data())
def test_lines_without_a_balance_are_bridged(amounts: list[int], data: st.DataObject) -> None:
    """Where some balances are masked the others are still compared."""
    lines = _lines(amounts, 500, backwards=False)
    shown = data.draw(st.lists(st.booleans(), min_size=len(lines), max_size=len(lines)))
    masked = [
        line if keep else StatementLine(line.row, line.date, line.amount, "CNY", "")
        for line, keep in zip(lines, shown, strict=True)
    ]
    found = follow(masked)
    assert found.breaks == ()
    assert found.checked == max(0, sum(shown) - 1)


def test_nothing_to_follow() -> None:
    """No lines have no balances."""
    found = follow([])
    assert (found.checked, found.opening, found.closing, found.breaks) == (0, None, None, ())
