"""What a shell's Tab asks of a book: the accounts, at the price of a key press."""

from __future__ import annotations

from collections.abc import Iterable

from cloudbooks.books.desk import Desk
from cloudbooks.core.account import Account
from cloudbooks.store import reading, working


def open_accounts(desk: Desk) -> tuple[Account, ...]:
    """The open accounts by code, those that wait for the next batch included."""
    with desk.open() as book:
        found: Iterable[Account] = reading.accounts(book)
        if working.pending_count(book):
            from cloudbooks.books.accounts import chart_of  # noqa: PLC0415 - it loads the chain's records, at 50 ms

            found = chart_of(book)
        return tuple(sorted((one for one in found if not one.closed), key=lambda one: one.code))
