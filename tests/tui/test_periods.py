"""Walking through periods with `[ ] { }`."""

from __future__ import annotations

from cloudbooks.core.period import Month, Period
from cloudbooks.tui.periods import stepped

MONTHS = (Month(2024, 11), Month(2026, 10))


def test_longer_periods_end_in_the_whole_book() -> None:
    """A month, its quarter, its year, then every month with entries, and no further; back it is as quick."""
    seen = [Period(Month(2026, 10), Month(2026, 10))]
    for _ in range(4):
        seen.append(stepped(seen[-1], 3, MONTHS))
    assert [str(one) for one in seen] == ["2026-10", "2026q4", "2026", "2024-11..2026-12", "2024-11..2026-12"]
    assert str(stepped(seen[-1], 2, MONTHS)) == "2026q4"


def test_steps_keep_the_length() -> None:
    """The period before and the next one are as long as the one that is left."""
    quarter = Period.of_quarter(2026, 1)
    assert str(stepped(quarter, 0, MONTHS)) == "2025q4"
    assert str(stepped(quarter, 1, MONTHS)) == "2026q2"
