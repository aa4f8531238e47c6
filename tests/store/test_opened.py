"""What opened a book: the entries of that kind with which its log begins, however many there are, and no later one."""

from __future__ import annotations

from itertools import takewhile
from pathlib import Path

import pytest
from tests.store.posted_book import PostedBook

from cloudbooks.core.balance import NOTHING_OPENED, monthly
from cloudbooks.core.entry import EntryKind
from cloudbooks.store import reading


@pytest.mark.parametrize("count", [0, 1, 2])
def test_the_first_opening_entries_open_a_book(tmp_path: Path, count: int) -> None:
    """Red lines and foreign money are on the sides that the monthly balances have them on."""
    posted = PostedBook(tmp_path)
    for number in range(count):
        posted.block(
            posted.entry(
                posted.line(posted.DOLLARS, "5.00", "USD", value="36.00"),
                posted.line(posted.BANK, "-9.00", red=bool(number)),
                posted.line(posted.SALES, "-27.00"),
                kind="opening",
            )
        )
    posted.block(posted.entry())
    posted.block(posted.entry(kind="opening"))
    with posted.open() as book:
        entries = [entry for block in range(posted.state.size) for entry in reading.entries_of_block(book, block)]
        first = list(takewhile(lambda entry: entry.kind is EntryKind.OPENING, entries))
        opened = reading.opened(book)
    assert len(first) == count
    assert opened.entries == {entry.id for entry in first}
    assert opened.balances == monthly(first)
    assert (opened == NOTHING_OPENED) == (count == 0)
