from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import combinations_with_replacement, pairwise

import pytest
from tests.store.posted_book import Ticking, format1_book

from cloudbooks.core.balance import MonthlyBalance
from cloudbooks.store import reading
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.opening_book import open_book

Sums = Counter[tuple[object, ...]]


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterable[BookFile]:
    """The book of the vectors, whose entries lie in several months."""
    path, home = format1_book(tmp_path_factory.mktemp("book"))
    with open_book(path, state=home, clock=Ticking()) as opened:
        yield opened


def fold(balances: Iterable[MonthlyBalance]) -> Sums:
    """Each side of each account and commodity, by fold; what is zero is left out."""
    sums: Sums = Counter()
    for one in balances:
        for side, number in one.totals._asdict().items():
            sums[one.account, one.commodity, side] += number
    return Counter({key: number for key, number in sums.items() if number})


def test_what_stood_before_a_month_is_the_fold_of_all_months_before_it(book: BookFile) -> None:
    """`standing` at every month equals the naive sum of the kept balances before it."""
    months = sorted({one.month for one in reading.balances(book, None, None)})
    assert len(months) > 1
    for edge in (*months, 202001, 210001):
        expected = fold(one for one in reading.balances(book, None, None) if one.month < edge)
        assert fold(reading.standing(book, edge)) == expected


def test_a_stretch_is_the_fold_of_its_months_with_closing_entries_apart(book: BookFile) -> None:
    """`stretches` of every pair of months equal the naive sums, under the last month, closing entries apart."""
    months = [202001, *sorted({one.month for one in reading.balances(book, None, None)}), 210001]
    for span in combinations_with_replacement(months, 2):
        found = reading.stretches(book, [span])
        for closing in (False, True):
            expected = fold(one for one in reading.balances(book, *span) if one.closing is closing)
            assert fold(one for one in found if one.closing is closing) == expected
        assert {one.month for one in found} <= {span[1]}


def test_standing_and_stretches_lose_nothing(book: BookFile) -> None:
    """What stood before and the stretches between any edges add up to the whole."""
    months = [*sorted({one.month for one in reading.balances(book, None, None)}), 210001]
    spans = [(first, after - 1) for first, after in pairwise(months)]
    parts = [*reading.standing(book, months[0]), *reading.stretches(book, spans)]
    assert fold(parts) == fold(reading.balances(book, None, None))
