"""What a shell's Tab asks of a book: the accounts, at the price of a key press."""

from __future__ import annotations

from cloudbooks.books.desk import Desk
from cloudbooks.books.next_batch import chart_of
from cloudbooks.core.account import Account


def open_accounts(desk: Desk) -> tuple[Account, ...]:
    """The open accounts by code, those that wait for the next batch included."""
    with desk.open() as book:
        return tuple(account for account in chart_of(book) if not account.closed)
