"""Voucher numbers: without gaps, by series and month (FORMAT.md section 4)."""

from __future__ import annotations

from cloudbooks.chain.block import NUMBERS_MAX
from cloudbooks.chain.law import LawBroken
from cloudbooks.chain.rows import NumberRow
from cloudbooks.errors import sentence


class Numbering:
    """The numbers that one batch takes, after those in `last`, which it leaves as they are."""

    __slots__ = ("_last", "_taken")

    def __init__(self, last: dict[tuple[str, str], int]) -> None:
        self._last = last
        self._taken: dict[tuple[str, str], list[int]] = {}

    def take(self, series: str, period: str) -> None:
        """Take the next number in a series and period; raises `LawBroken` (`limit`) for one pair too many."""
        span = self._taken.get((series, period))
        if span is None:
            if len(self._taken) == NUMBERS_MAX:
                raise LawBroken(
                    "limit", sentence("A batch takes numbers in more than {max} series and months.", max=NUMBERS_MAX)
                )
            first = self._last.get((series, period), 0) + 1
            self._taken[series, period] = [first, first]
        else:
            span[1] += 1

    def rows(self) -> tuple[NumberRow, ...]:
        """What was taken, sorted by series, then period; code points order as their bytes do."""
        return tuple(NumberRow(*pair, *span) for pair, span in sorted(self._taken.items()))
