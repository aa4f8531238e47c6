"""Sealing: places, numbers, times, and batches that are split."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.chain.breaking import broken, fault_of
from tests.chain.building import BookBuilder
from tests.chain.strategies import BOOK

from cloudbooks.chain import sealing
from cloudbooks.chain.admitting import admit
from cloudbooks.chain.block import read
from cloudbooks.chain.canonical import b3
from cloudbooks.chain.rows import NumberRow
from cloudbooks.chain.sealing import entries_that_fit


def test_a_block_says_what_was_sealed() -> None:
    """Place, previous, batch, roots and numbers stand in the block, and the state goes on from it."""
    book = BookBuilder()
    first = read(book.files["block/00000000"])
    sealed = book.block(book.entry(), book.entry(date="2026-09-30"), book.entry(series="付"))
    header = sealed.block.header
    assert (header.number, header.previous, header.book) == (1, b3(first.data), BOOK)
    assert (header.records, first.header.previous) == (3, "")
    assert [(one.series, one.period, one.first) for one in header.numbers] == [
        ("付", "2026-10", 1),
        ("记", "2026-09", 1),
        ("记", "2026-10", 1),
    ]
    assert (book.state.head, book.state.size, book.state.committed_at) == (sealed.block.hash, 2, header.committed_at)
    assert first.header.numbers == ()


@given(
    st.lists(
        st.lists(st.tuples(st.sampled_from(["记", "收", "付"]), st.integers(1, 3)), min_size=1, max_size=6), max_size=5
    )
)
def test_numbers_have_no_gap(batches: list[list[tuple[str, int]]]) -> None:
    """Over all batches each series and month counts 1, 2, 3 in log order."""
    book = BookBuilder()
    given_numbers: dict[tuple[str, int], list[int]] = {}
    for batch in batches:
        entries = [book.entry(series=series, date=f"2026-{month:02d}-15") for series, month in batch]
        sealed = book.block(*entries)
        for (series, month), row in zip(batch, sealed.admitted.entries, strict=True):
            given_numbers.setdefault((series, month), []).append(row.number)
        assert list(sealed.admitted.numbers) == sorted(sealed.admitted.numbers)
        assert {(row.series, row.period) for row in sealed.admitted.numbers} == {
            (series, f"2026-{month:02d}") for series, month in batch
        }
    for numbers in given_numbers.values():
        assert numbers == list(range(1, len(numbers) + 1))


def test_a_clock_that_went_back_takes_the_last_time() -> None:
    """A block is never older than the one before it."""
    book = BookBuilder()
    assert not book.block(book.entry(), now="2026-11-20T08:00:00Z").clock_went_back
    sealed = book.block(book.entry(), now="2026-11-20T07:59:59Z")
    assert (sealed.clock_went_back, sealed.block.header.committed_at) == (True, "2026-11-20T08:00:00Z")
    assert not book.block(book.entry(), now="2026-11-20T08:00:00Z").clock_went_back


def test_admitting_refuses_another_place_and_an_earlier_time() -> None:
    """A batch is the next block, not before the last one's time."""
    book = BookBuilder()
    made = book.batch(book.entry())
    now = book.state.committed_at
    assert fault_of(lambda: admit(book.state, made, 0, now)) == ("chain", None)
    assert fault_of(lambda: admit(book.state, made, 2, now)) == ("chain", None)
    assert fault_of(lambda: admit(book.state, made, 1, "2026-10-31T23:59:59Z")) == ("time", None)
    assert admit(book.state, made, 1, book.state.committed_at).numbers == (NumberRow("记", "2026-10", 1, 1),)


def test_records_keep_their_places() -> None:
    """Entries and other records are told with the number of their line in the batch."""
    book = BookBuilder()
    records = (book.statement(), book.entry(), book.party(book.CUSTOMER, "Acme Ltd"), book.entry())
    admitted = book.block(*records).admitted
    assert [(row.record, row.id) for row in admitted.entries] == [(2, records[1].id), (4, records[3].id)]
    assert admitted.others == [(1, records[0]), (3, records[2])]


def test_a_batch_takes_numbers_in_two_hundred_series_and_months() -> None:
    """One more is refused, and `entries_that_fit` says where to split."""
    book = BookBuilder()
    entries = [book.entry(series=f"{number}") for number in range(201)]
    assert entries_that_fit([*entries[:200], entries[0], entries[200]]) == 201
    assert entries_that_fit(entries[:200]) == 200
    book.block(*entries[:200])
    assert broken(book, *(book.entry(series=f"{number}") for number in range(201))) == ("limit", 201)


def test_entries_fit_by_the_bytes_and_records_of_a_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    """What goes before them takes its room, and nothing fits where there is none."""
    book = BookBuilder()
    entries = [book.entry() for _ in range(10)]
    line = len(book.batch(entries[0]).data.split(b"\n")[1]) + 1
    monkeypatch.setattr(sealing, "_HEADER_BYTES_MAX", 0)
    monkeypatch.setattr(sealing, "BATCH_BYTES_MAX", 5 * line)
    assert entries_that_fit(entries) == 5
    assert entries_that_fit(entries, entries[:2]) == 3
    assert entries_that_fit(entries, entries[:7]) == 0
    monkeypatch.setattr(sealing, "BATCH_BYTES_MAX", 100 * line)
    monkeypatch.setattr(sealing, "RECORDS_MAX", 4)
    assert entries_that_fit(entries) == 4
    assert entries_that_fit(entries, entries[:3]) == 1
    assert entries_that_fit(entries, entries[:5]) == 0
    assert entries_that_fit([]) == 0
