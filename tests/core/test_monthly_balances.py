"""Monthly balances by fold."""

from __future__ import annotations

from hypothesis import given
from tests.core.strategies import books

from cloudbooks.core.balance import Totals, monthly, side
from cloudbooks.core.chart import Chart
from cloudbooks.core.entry import PostedEntry, Posting

Book = tuple[Chart, tuple[PostedEntry, ...]]


@given(books())
def test_balances_sum_to_zero(book: Book) -> None:
    """Over all accounts and months, debits and credits in value are equal."""
    total = sum((balance.totals for balance in monthly(book[1])), Totals())
    assert total.value == 0
    assert total.debit_value == total.credit_value
    assert total.postings == sum(len(entry.postings) for entry in book[1])


@given(books())
def test_each_posting_counts_once(book: Book) -> None:
    """The balance of an account, commodity and month is the sum of its postings there, closing ones apart."""
    for balance in monthly(book[1]):
        postings = [
            posting
            for entry in book[1]
            for posting in entry.postings
            if (posting.account, posting.commodity) == (balance.account, balance.commodity)
            and entry.date.year * 100 + entry.date.month == balance.month
            and (entry.kind == "closing") is balance.closing
        ]
        assert sum(one.amount for one in postings) == balance.totals.amount
        assert sum(one.value for one in postings) == balance.totals.value
        assert len(postings) == balance.totals.postings


def test_a_red_line_is_negative_on_the_other_side() -> None:
    """A red credit takes away from the credits: -300 in red is 300 less on the debit side."""
    plain, red = Posting("a", "CNY", -300, -300), Posting("a", "CNY", -300, -300, red=True)
    assert side(plain) == Totals(credit=300, credit_value=300, postings=1)
    assert side(red) == Totals(debit=-300, debit_value=-300, postings=1)
