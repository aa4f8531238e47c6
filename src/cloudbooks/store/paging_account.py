"""Pages of the postings of an account, each with the balance after it.

The balance is reckoned from the monthly balances at either end of the period, and from there on by what each row moves:
a page costs the same at its beginning, in the middle and at its end.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cloudbooks.core.listing import Ask, PostingRow, Slice, Toward
from cloudbooks.core.sieve import All, Sieve
from cloudbooks.store.ids import packed, unpacked
from cloudbooks.store.paging import rows_of_keys
from cloudbooks.store.sieve_sql import clause

if TYPE_CHECKING:
    from cloudbooks.store.book_file import BookFile

_SPAN: Final = 2000
"""Postings that are walked through at once while a filter lets few pass."""

_POSTINGS: Final = """
SELECT posting.date, posting.entry, posting.line, posting.{counted}, party.id, {hit}
FROM posting {with_entry} LEFT JOIN party ON party.key = posting.party
WHERE posting.account = ? AND posting.date BETWEEN ? AND ?
    AND (posting.date, posting.entry, posting.line) {sign} (?, ?, ?){of_commodity}
ORDER BY posting.date {way}, posting.entry {way}, posting.line {way} LIMIT ?
"""
_BEGINNING: Final = {True: (-1, -1, -1), False: (99999999, 2**62, 2**62)}


class AccountSpan(NamedTuple):
    """Accounts (ids) in a span of days that begins and ends with whole months; `commodity` counts its amounts."""

    accounts: tuple[str, ...]
    first: int
    last: int
    commodity: str = ""


Posting = tuple[int, int, int, int, bytes | None, int]


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


def postings(book: BookFile, ask: Ask, span: AccountSpan, wanted: Sieve) -> Slice[PostingRow]:
    """The page of an account's postings that is asked for; places are those of `PostingRow`."""
    walk = _Walk(book, span, wanted)
    limit, half = ask.limit, ask.limit // 2
    match ask.toward:
        case Toward.FIRST:
            rows = walk.forward(None, balance_at(book, span, span.first // 100), limit + 1)
            return Slice(walk.shown(rows[:limit]), more_after=len(rows) > limit)
        case Toward.LAST:
            end = balance_at(book, span, _next_month(span.last // 100))
            rows = walk.backward(None, end, limit + 1)
            kept = rows[:limit][::-1]
            return Slice(walk.shown(kept), len(rows) > limit, at=max(0, len(kept) - 1))
        case Toward.AFTER:
            rows = walk.forward(ask.place[:3], ask.place[3], limit + 1)
            return Slice(walk.shown(rows[:limit]), more_before=True, more_after=len(rows) > limit)
        case Toward.BEFORE:
            start = ask.place[3] - walk.moved(ask.place[:3])
            rows = walk.backward(ask.place[:3], start, limit + 1)
            return Slice(walk.shown(rows[:limit][::-1]), len(rows) > limit, more_after=True)
        case Toward.AROUND:
            before = walk.before(ask.place[:3])
            back = walk.backward(ask.place[:3], before, half + 1)
            on = walk.forward(ask.place[:3], before, half + 1, with_place=True)
            rows = [*back[:half][::-1], *on[:half]]
            at = min(len(back[:half]), max(0, len(rows) - 1))
            return Slice(walk.shown(rows), len(back) > half, len(on) > half, at)


class _Found(NamedTuple):
    posting: Posting
    balance: int


class _Walk:
    """The postings of some accounts in order, one account's index beside the other."""

    def __init__(self, book: BookFile, span: AccountSpan, wanted: Sieve) -> None:
        self.book = book
        self.span = span
        self.filtered = wanted != All()
        self.condition, self.values = clause(book, wanted) if self.filtered else ("1", ())
        self.keys = [
            int(row[0])
            for account in span.accounts
            for row in book.connection.execute("SELECT key FROM account WHERE id = ?", (packed(account),)).fetchall()
        ]

    def forward(
        self, place: Sequence[int] | None, balance: int, limit: int, *, with_place: bool = False
    ) -> list[_Found]:
        """Postings that pass after a place, each with the balance after it; `balance` is that before the first."""
        found: list[_Found] = []
        for posting in self._each(place, upward=True, with_place=with_place, limit=limit):
            balance += posting[3]
            if posting[5]:
                found.append(_Found(posting, balance))
                if len(found) == limit:
                    break
        return found

    def backward(self, place: Sequence[int] | None, balance: int, limit: int) -> list[_Found]:
        """Postings that pass before a place, the last one first; `balance` is that after the last of all."""
        found: list[_Found] = []
        for posting in self._each(place, upward=False, with_place=False, limit=limit):
            if posting[5]:
                found.append(_Found(posting, balance))
                if len(found) == limit:
                    break
            balance -= posting[3]
        return found

    def moved(self, place: Sequence[int]) -> int:
        """What the posting at a place moves."""
        counted = "amount" if self.span.commodity else "value"
        query = f"SELECT {counted} FROM posting WHERE entry = ? AND line = ?"  # noqa: S608 - one of two constants
        row = self.book.connection.execute(query, (place[1], place[2])).fetchone()
        return int(row[0]) if row else 0

    def before(self, place: Sequence[int]) -> int:
        """The balance before the posting at a place: at the beginning of its month, then by what moved since."""
        month = max(place[0] // 100, self.span.first // 100)
        counted = "amount" if self.span.commodity else "value"
        total = balance_at(self.book, self.span, month)
        for key in self.keys:
            query = (
                f"SELECT coalesce(sum({counted}), 0) FROM posting WHERE account = ? AND date >= ?"  # noqa: S608 - constants
                f" AND (date, entry, line) < (?, ?, ?){self._of_commodity}"
            )
            row = self.book.connection.execute(query, (key, month * 100, *place, *self._commodity)).fetchone()
            total += int(row[0])
        return total

    def shown(self, found: Sequence[_Found]) -> tuple[PostingRow, ...]:
        """Postings with their entries."""
        entries = rows_of_keys(self.book, [one.posting[1] for one in found])
        mine = set(self.span.accounts)
        rows = []
        for (day, entry, line, amount, party, _), balance in found:
            row = entries[entry]
            other_side = row.credits if amount >= 0 else row.debits
            others = tuple(one for one in other_side if one not in mine) or tuple(
                one for one in (*row.debits, *row.credits) if one not in mine
            )
            name = unpacked(party) if party else ""
            rows.append(PostingRow(row, amount, balance, others, name, (day, entry, line, balance)))
        return tuple(rows)

    @property
    def _of_commodity(self) -> str:
        return " AND commodity = (SELECT key FROM commodity WHERE code = ?)" if self.span.commodity else ""

    @property
    def _commodity(self) -> tuple[str, ...]:
        return (self.span.commodity,) if self.span.commodity else ()

    def _each(self, place: Sequence[int] | None, *, upward: bool, with_place: bool, limit: int) -> Any:
        streams = [self._stream(key, place, upward, with_place, limit) for key in self.keys]
        return heapq.merge(*streams, key=_in_order, reverse=not upward)

    def _stream(self, key: int, place: Sequence[int] | None, upward: bool, with_place: bool, limit: int) -> Any:  # noqa: FBT001 - inside only
        """The postings of one account, read in spans."""
        start: Sequence[int] = _BEGINNING[upward] if place is None else place
        sign = (">" if upward else "<") + ("=" if with_place else "")
        size = _SPAN if self.filtered else limit
        while True:
            query = _POSTINGS.format(
                counted="amount" if self.span.commodity else "value",
                hit=self.condition,
                with_entry="JOIN entry ON entry.key = posting.entry" if self.filtered else "",
                sign=sign,
                way="ASC" if upward else "DESC",
                of_commodity=self._of_commodity.replace("commodity =", "posting.commodity ="),
            )
            asked = (*self.values, key, self.span.first, self.span.last, *start, *self._commodity, size)
            rows: list[Posting] = self.book.connection.execute(query, asked).fetchall()
            yield from rows
            if len(rows) < size:
                return
            start, sign = rows[-1][:3], ">" if upward else "<"


def _in_order(posting: Posting) -> tuple[int, int, int]:
    return posting[:3]


def _next_month(month: int) -> int:
    return month + 1 if month % 100 < 12 else month + 89  # noqa: PLR2004 - months of a year
