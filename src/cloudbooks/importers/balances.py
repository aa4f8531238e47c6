"""The running balance of a statement: which way it runs, where it breaks, what it opens and closes with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cloudbooks.core.statement import BalanceBreak, StatementLine


@dataclass(frozen=True, slots=True)
class Followed:
    """How the running balances follow from the amounts. `checked` counts the pairs of balances that were compared.

    `opening` and `closing` are those of the oldest and the newest line, where both show a balance.
    """

    newest_first: bool
    checked: int
    breaks: tuple[BalanceBreak, ...]
    opening: int | None
    closing: int | None

    @property
    def fits(self) -> int:
        """The pairs of balances that follow."""
        return self.checked - len(self.breaks)


def follow(lines: Sequence[StatementLine]) -> Followed:
    """The running balances of lines in the bank's order, oldest or newest first, whichever follows better.

    Where both do equally well the dates decide, and then the order is oldest first.
    """
    forward = _followed(lines, newest_first=False)
    if not forward.breaks and _rises(lines):
        return forward
    backward = _followed(lines[::-1], newest_first=True)
    if backward.fits != forward.fits:
        return max(forward, backward, key=lambda one: one.fits)
    return forward if _rises(lines) else backward


def fits_by_dates(lines: Sequence[StatementLine]) -> int:
    """The pairs of balances that follow in the order that the first and the last day tell; none on a single day."""
    if not lines or lines[0].date == lines[-1].date:
        return 0
    return (_followed(lines, newest_first=False) if _rises(lines) else _followed(lines[::-1], newest_first=True)).fits


def _rises(lines: Sequence[StatementLine]) -> bool:
    return not lines or lines[0].date <= lines[-1].date


def _followed(lines: Sequence[StatementLine], *, newest_first: bool) -> Followed:
    """The balances of lines that stand oldest first. A line without a balance is bridged by its amount."""
    breaks: list[BalanceBreak] = []
    checked = 0
    running: int | None = None
    previous = 0
    for line in lines:
        summed = None if running is None else running + line.amount
        if line.balance is None:
            running = summed
            continue
        if summed is not None:
            checked += 1
            if summed != line.balance:
                breaks.append(BalanceBreak(line.row, line.balance, summed, previous))
        running, previous = line.balance, line.row
    oldest, newest = (lines[0], lines[-1]) if lines else (None, None)
    both = oldest is not None and newest is not None and oldest.balance is not None and newest.balance is not None
    return Followed(
        newest_first,
        checked,
        tuple(sorted(breaks, key=lambda one: one.row)),
        opening=oldest.balance - oldest.amount if both and oldest and oldest.balance is not None else None,
        closing=newest.balance if both and newest else None,
    )
