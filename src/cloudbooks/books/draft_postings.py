"""Lines of drafts among the postings of an account: where they stand, and what the balance would be with them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import TYPE_CHECKING

from cloudbooks.books.draft_balances import known
from cloudbooks.core.draft import Draft, DraftLine
from cloudbooks.core.listing import DraftedRow, PostingRow
from cloudbooks.core.sieve import Sieve, passes
from cloudbooks.store.paging_account import BEHIND, AccountSpan, Balanced, Place

if TYPE_CHECKING:
    from cloudbooks.books.browsing import Browser


@dataclass(frozen=True, slots=True)
class DraftedLines:
    """The lines of drafts on some accounts, by place: day (0 without one), behind the entries of the day, line.

    `places` are those of a span that pass a filter. `moves` are the places of all lines that would move the accounts
    up to the end of the span, and `sums` what they move together, up to each.
    """

    places: tuple[Place, ...] = ()
    lines: Mapping[Place, tuple[Draft, DraftLine]] = field(default_factory=dict)
    moves: Sequence[Place] = ()
    sums: Sequence[int] = ()
    accounts: frozenset[str] = frozenset()
    commodity: str = ""
    base: str = ""

    def shown(self, row: PostingRow | Balanced) -> PostingRow | DraftedRow:
        """A posting with what the drafts before it would add, or the line of a draft that stands at a place."""
        if isinstance(row, PostingRow):
            drafted = self._sum(bisect_left(self.moves, row.place[:3]))
            return replace(row, drafted=drafted) if drafted else row
        place: Place = row[:3]
        draft, line = self.lines[place]
        balance = None if draft.date is None else row[3] + self._sum(bisect_right(self.moves, place))
        amount = moved(line, self.commodity, self.base)
        return DraftedRow(draft, amount, balance, self._others(draft, line), line.party, row)

    def _sum(self, count: int) -> int:
        return self.sums[count - 1] if count else 0

    def _others(self, draft: Draft, line: DraftLine) -> tuple[str, ...]:
        rest = [one for one in draft.lines if one.account and one.account not in self.accounts]
        other_side = [one for one in rest if ((one.amount or 0) >= 0) != ((line.amount or 0) >= 0)]
        return tuple(dict.fromkeys(one.account for one in other_side or rest))


def moved(line: DraftLine, commodity: str, base: str) -> int | None:
    """What a line would move, in minor units of a commodity, or of the base where none is named.

    It is 0 for a line of another commodity, and `None` where it is not known yet.
    """
    if commodity:
        return line.amount if line.commodity == commodity else 0
    totals = known(line, base)
    return None if totals is None else totals.debit_value - totals.credit_value


def drafted_lines(browser: Browser, span: AccountSpan, wanted: Sieve) -> DraftedLines:
    """The lines of all drafts on the accounts of a span; those that stand in it and pass are its places."""
    base, accounts = browser.names.base, frozenset(span.accounts)
    lines = {
        (_day(draft), BEHIND + draft.number, place): (draft, line)
        for draft in browser.drafts
        for place, line in enumerate(draft.lines, start=1)
        if line.account in accounts and (not span.commodity or line.commodity == span.commodity)
    }
    ordered = sorted(lines)
    amounts = [(place, moved(lines[place][1], span.commodity, base)) for place in ordered]
    moves = [(place, amount) for place, amount in amounts if amount and 0 < place[0] <= span.last]
    return DraftedLines(
        places=tuple(one for one in ordered if _within(one[0], span) and passes(wanted, lines[one][0], base)),
        lines=lines,
        moves=[place for place, _ in moves],
        sums=list(accumulate(amount for _, amount in moves)),
        accounts=accounts,
        commodity=span.commodity,
        base=base,
    )


def drafts_within(browser: Browser, wanted: Sieve, days: tuple[int, int]) -> list[Draft]:
    """The drafts that pass and have a day from one to the other (yyyymmdd), or none."""
    inside = [one for one in browser.drafts if _day(one) == 0 or days[0] <= _day(one) <= days[1]]
    return [one for one in inside if passes(wanted, one, browser.names.base)]


def _within(day: int, span: AccountSpan) -> bool:
    return day == 0 or span.first <= day <= span.last


def _day(draft: Draft) -> int:
    return 0 if draft.date is None else draft.date.year * 10000 + draft.date.month * 100 + draft.date.day
