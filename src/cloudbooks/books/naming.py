"""What ids and codes stand for in a book, changes that wait for the next batch included: for faces that show drafts."""

from __future__ import annotations

from cloudbooks.books.desk import Desk
from cloudbooks.books.next_batch import all_commodities, chart_of, parties_of
from cloudbooks.reports.names import Names
from cloudbooks.store import reading
from cloudbooks.store.book_file import BookFile


def names(desk: Desk) -> Names:
    """The accounts, commodities and parties of a book as the next batch will leave them."""
    with desk.open() as book:
        return names_of(book)


def names_of(book: BookFile) -> Names:
    """The same, of a book that is open."""
    return Names(reading.facts(book).base, chart_of(book), all_commodities(book), parties_of(book))
