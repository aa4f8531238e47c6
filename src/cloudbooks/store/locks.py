"""Periods as they were closed and reopened: what the locks are now, who set each, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cloudbooks.store.days import day_number
from cloudbooks.store.ids import packed
from cloudbooks.store.reads import reads

if TYPE_CHECKING:
    from datetime import date

    from cloudbooks.store.book_file import BookFile

_LOCKS = """
SELECT closes, lock.month, through, reason, lock.block, block.committed_at, coalesce(member.name, '') FROM lock
JOIN block ON block.number = lock.block LEFT JOIN member ON member.key = block.author ORDER BY lock.key
"""
_BEFORE = """
SELECT coalesce(sum(debit - credit), 0) FROM balance JOIN account ON account.key = balance.account
JOIN commodity ON commodity.key = balance.commodity WHERE account.id = ? AND commodity.code = ? AND month < ?
"""
_SINCE = """
SELECT coalesce(sum(amount), 0) FROM posting WHERE account = (SELECT key FROM account WHERE id = ?)
AND commodity = (SELECT key FROM commodity WHERE code = ?) AND date BETWEEN ? AND ?
"""


class LockRow(NamedTuple):
    """One `close` or `reopen` of the chain: months as yyyymm; `through` is the last closed month after it, 0 for none.

    `at` is when its block was committed (UTC), `by` the name of the member who signed it.
    """

    closes: bool
    month: int
    through: int
    reason: str
    block: int
    at: str
    by: str


@reads
def locks(book: BookFile) -> list[LockRow]:
    """All closes and reopens, in log order."""
    return [LockRow(bool(row[0]), *row[1:]) for row in book.connection.execute(_LOCKS).fetchall()]


def standing(rows: list[LockRow]) -> list[LockRow]:
    """The closes that no reopen took back, their months rising; the last one is what a reopen would take back."""
    closes: list[LockRow] = []
    for row in rows:
        if row.closes:
            closes.append(row)
        else:
            closes.pop()
    return closes


def closing_of(book: BookFile, month: int) -> LockRow | None:
    """The standing close that locks a month (yyyymm): the first that names it or a later one; `None` if it is open."""
    return next((row for row in standing(locks(book)) if row.month >= month), None)


@reads
def balance_on(book: BookFile, account: str, commodity: str, day: date) -> int:
    """What an account (an id) holds of a commodity at the end of a day, in minor units, debit positive."""
    month = day.year * 100 + day.month
    (before,) = book.connection.execute(_BEFORE, (packed(account), commodity, month)).fetchone()
    span = (month * 100, day_number(day))
    (since,) = book.connection.execute(_SINCE, (packed(account), commodity, *span)).fetchone()
    return int(before) + int(since)
