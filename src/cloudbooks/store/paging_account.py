"""Pages of the postings of an account, each with the balance after it.

The balance is reckoned from the monthly balances at either end of the period, and from there on by what each row moves:
a page costs the same at its beginning, in the middle and at its end.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate, islice
from typing import Any, Final, NamedTuple

from cloudbooks.core.listing import Ask, PostingRow, Slice, Toward, Way
from cloudbooks.core.sieve import All, Sieve
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.ids import packed, unpacked
from cloudbooks.store.paging import rows_of_keys, sign_of, sliced
from cloudbooks.store.sieve_sql import clause

_POSTINGS: Final = """
SELECT posting.date, posting.entry, posting.line, posting.{counted}, party.id
FROM posting {with_entry} LEFT JOIN party ON party.key = posting.party
WHERE posting.account = ? AND posting.date BETWEEN ? AND ?
    AND (posting.date, posting.entry, posting.line) {sign} (?, ?, ?){of_commodity} AND {condition}
ORDER BY posting.date {way}, posting.entry {way}, posting.line {way} LIMIT ?
"""
_WITH_ENTRY: Final = "CROSS JOIN entry ON entry.key = posting.entry"
BEHIND: Final = 2**62
"""Numbers from here on are no key of an entry: what has one of them stands behind the entries of its day."""

_BEGINNING: Final = {True: (-1, -1, -1), False: (99999999, 2**63 - 1, 2**62)}


class AccountSpan(NamedTuple):
    """Accounts (ids) in a span of days that begins and ends with whole months; `commodity` counts its amounts."""

    accounts: tuple[str, ...]
    first: int
    last: int
    commodity: str = ""


Posting = tuple[int, int, int, int, bytes | None]
Place = tuple[int, int, int]
Balanced = tuple[int, int, int, int]
"""A place among the postings of an account, and the balance of what is posted up to there."""


def balance_at(book: BookFile, span: AccountSpan, month: int) -> int:
    """The balance of the accounts before a month (yyyymm)."""
    sums = "sum(debit - credit)" if span.commodity else "sum(debit_value - credit_value)"
    total = 0
    for account in span.accounts:
        query = (
            f"SELECT coalesce({sums}, 0) FROM balance WHERE account = (SELECT key FROM account WHERE id = ?)"  # noqa: S608 - constants
            " AND month < ? AND (? = '' OR commodity = (SELECT key FROM commodity WHERE code = ?))"
        )
        row = book.connection.execute(query, (packed(account), month, span.commodity, span.commodity)).fetchone()
        total += int(row[0])
    return total


def balance_after(book: BookFile, span: AccountSpan) -> int:
    """The balance of the accounts at the end of the last day of a span."""
    return _Walk(book, span, All()).before((span.last, 2**62, 0))


def postings(
    book: BookFile, ask: Ask, span: AccountSpan, wanted: Sieve, among: Sequence[Place] = ()
) -> Slice[PostingRow | Balanced]:
    """The page of an account's postings that is asked for; places are those of `PostingRow`.

    `among` are places (day, a number from `BEHIND` on, line), in order, of rows of the caller's that stand among the
    postings and move nothing that is posted: of each the page has its place, with the balance there.
    """
    walk = _Walk(book, span, wanted, among)
    page = sliced(replace(ask, place=ask.place[:3] if ask.place else None), walk.taken)
    return Slice(walk.shown(page.rows, ask), page.more_before, page.more_after, page.at)


class _Walk:
    """The postings of some accounts in order, one account's index beside the other."""

    def __init__(self, book: BookFile, span: AccountSpan, wanted: Sieve, among: Sequence[Place] = ()) -> None:
        self.book = book
        self.span = span
        self.among = among
        self.filtered = wanted != All()
        self.condition, self.values = clause(book, wanted) if self.filtered else ("1", ())
        self.keys = [
            int(row[0])
            for account in span.accounts
            for row in book.connection.execute("SELECT key FROM account WHERE id = ?", (packed(account),)).fetchall()
        ]

    def taken(self, way: Way) -> list[Posting]:
        """Postings that pass, one way from a place."""
        streams = [self._of_account(key, way) for key in self.keys]
        if self.among:
            streams.append(self._of_among(way))
        merged = heapq.merge(*streams, key=_in_order, reverse=not way.up)
        return list(islice(merged, way.limit))

    def _of_account(self, key: int, way: Way) -> list[Posting]:
        first, last = self.span.first, self.span.last
        start: Sequence[int] = _BEGINNING[way.up] if way.place is None else way.place
        # SQLite would begin at the end of the span for one bound, whatever the place says.
        first, last = (max(first, start[0]), last) if way.up else (first, min(last, start[0]))
        query = _POSTINGS.format(
            counted=self._counted,
            with_entry=_WITH_ENTRY if self.filtered else "",
            condition=self.condition,
            sign=sign_of(way),
            way="ASC" if way.up else "DESC",
            of_commodity=self._of_commodity.replace("commodity =", "posting.commodity ="),
        )
        asked = (key, first, last, *start, *self._commodity, *self.values, way.limit)
        found: list[Posting] = self.book.connection.execute(query, asked).fetchall()
        return found

    def _of_among(self, way: Way) -> list[Posting]:
        start: Place = _BEGINNING[way.up] if way.place is None else way.place
        if way.up:
            begin = (bisect_left if way.with_place else bisect_right)(self.among, start)
            chosen = self.among[begin : begin + way.limit]
        else:
            end = (bisect_right if way.with_place else bisect_left)(self.among, start)
            chosen = self.among[max(0, end - way.limit) : end][::-1]
        return [(*place, 0, None) for place in chosen]

    def balances(self, found: Sequence[Posting], ask: Ask) -> list[int]:
        """The balance after each of some postings that stand in order.

        It is reckoned on from the posting before, over what a filter leaves out too, or from the beginning of a month.
        """
        if not found:
            return []
        if not self.filtered:
            return self._running(found, ask)
        balances: list[int] = []
        before: Posting | None = None
        for posting in found:
            if before is not None and before[0] // 100 == posting[0] // 100:
                balance = balances[-1] + self._between(before, posting)
            else:
                balance = self.before(posting[:3])
            balances.append(balance + posting[3])
            before = posting
        return balances

    def _running(self, found: Sequence[Posting], ask: Ask) -> list[int]:
        """Balances where every posting of the span passes: what moves is all there is to know."""
        moves = [posting[3] for posting in found]
        match ask.toward:
            case Toward.AFTER:
                start = ask.place[3]
            case Toward.BEFORE:
                start = ask.place[3] - self._moved(ask.place) - sum(moves)
            case Toward.FIRST:
                start = balance_at(self.book, self.span, self.span.first // 100)
            case Toward.LAST:
                start = balance_at(self.book, self.span, _next_month(self.span.last // 100)) - sum(moves)
            case Toward.AROUND:
                start = self.before(found[0][:3])
        return list(accumulate(moves, initial=start))[1:]

    def _moved(self, place: Sequence[int]) -> int:
        """What the posting at a place moves."""
        query = f"SELECT {self._counted} FROM posting WHERE entry = ? AND line = ?"  # noqa: S608 - one of two constants
        row = self.book.connection.execute(query, (place[1], place[2])).fetchone()
        return int(row[0]) if row else 0

    def before(self, place: Sequence[int]) -> int:
        """The balance before the posting at a place: at the beginning of its month, then by what moved since."""
        month = max(place[0] // 100, self.span.first // 100)
        return balance_at(self.book, self.span, month) + self._between((month * 100, -1, -1), place)

    def _between(self, after: Sequence[Any], before: Sequence[Any]) -> int:
        """What moved between two places, both left out."""
        total = 0
        for key in self.keys:
            query = (
                f"SELECT coalesce(sum({self._counted}), 0) FROM posting WHERE account = ?"  # noqa: S608 - constants
                f" AND (date, entry, line) > (?, ?, ?) AND (date, entry, line) < (?, ?, ?){self._of_commodity}"
            )
            places = (*after[:3], *before[:3])
            row = self.book.connection.execute(query, (key, *places, *self._commodity)).fetchone()
            total += int(row[0])
        return total

    def shown(self, found: Sequence[Posting], ask: Ask) -> tuple[PostingRow | Balanced, ...]:
        """Postings with their entries and the balance after each; the places of `among` with theirs."""
        entries = rows_of_keys(self.book, [posting[1] for posting in found if posting[1] < BEHIND])
        mine = set(self.span.accounts)
        rows: list[PostingRow | Balanced] = []
        for (day, entry, line, amount, party), balance in zip(found, self.balances(found, ask), strict=True):
            if entry >= BEHIND:
                rows.append((day, entry, line, balance))
                continue
            row = entries[entry]
            other_side = row.credits if amount >= 0 else row.debits
            others = tuple(one for one in other_side if one not in mine) or tuple(
                one for one in (*row.debits, *row.credits) if one not in mine
            )
            name = unpacked(party) if party else ""
            rows.append(PostingRow(row, amount, balance, others, name, (day, entry, line, balance)))
        return tuple(rows)

    @property
    def _counted(self) -> str:
        return "amount" if self.span.commodity else "value"

    @property
    def _of_commodity(self) -> str:
        return " AND commodity = (SELECT key FROM commodity WHERE code = ?)" if self.span.commodity else ""

    @property
    def _commodity(self) -> tuple[str, ...]:
        return (self.span.commodity,) if self.span.commodity else ()


def _in_order(posting: Posting) -> tuple[int, int, int]:
    return posting[:3]


def _next_month(month: int) -> int:
    return month + 1 if month % 100 < 12 else month + 89  # noqa: PLR2004 - months of a year
