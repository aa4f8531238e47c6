"""What the tables tell the laws is what a fold of the log tells them; sums in SQL are sums of the entries."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.chain.folder_source import FolderSource
from tests.store.posted_book import FORMAT1, PostedBook, Ticking, format1_book

from cloudbooks.chain import batch as batches
from cloudbooks.chain import block as blocks
from cloudbooks.chain import record
from cloudbooks.chain.admitting import admit
from cloudbooks.chain.merkle import leaf_hash
from cloudbooks.chain.note import Vkey
from cloudbooks.chain.state import MemoryPast, State
from cloudbooks.core.balance import monthly
from cloudbooks.core.money import canonical
from cloudbooks.store import guard, past, reading
from cloudbooks.store.opening_book import open_book


@pytest.fixture(scope="module")
def stored(ram_folder: Path) -> tuple[Path, Path]:
    """The book of the vectors, in a file."""
    return format1_book(ram_folder)


@pytest.fixture(scope="module")
def folded() -> State:
    """The state that a fold of the vectors ends in."""
    source = FolderSource.read(FORMAT1)
    state = State(MemoryPast(source.batch))
    while (data := source.block(state.size)) is not None:
        block = blocks.read(data)
        batch = batches.read(source.batch(block.header.batch) or b"")
        admit(state, batch, state.size, block.header.committed_at)
        state.grow(leaf_hash(data), block.hash, block.header.committed_at)
    return state


def test_the_stored_state_is_the_folded_one(stored: tuple[Path, Path], folded: State) -> None:
    """Everything that is at hand in a state comes out of the tables as it comes out of the fold."""
    with open_book(stored[0], state=stored[1], clock=Ticking()) as book:
        state = past.load_state(book)
        for name in ("book", "members", "commodities", "accounts", "codes", "kinds", "closed", "numbers", "head"):
            assert getattr(state, name) == getattr(folded, name), name
        assert (state.size, state.root, state.committed_at) == (folded.size, folded.root, folded.committed_at)
        assert list(state.leaves) == list(folded.leaves)
        assert state.balances_root() == folded.balances_root()


def test_the_stored_past_answers_as_the_fold_does(stored: tuple[Path, Path], folded: State) -> None:
    """Every question that the laws may ask has the same answer, for what is there and for what is not."""
    source = FolderSource.read(FORMAT1)
    with open_book(stored[0], state=stored[1], clock=Ticking()) as book:
        ours, theirs = past.load_state(book).past, folded.past
        for number in range(folded.size):
            assert ours.root_at(number) == theirs.root_at(number)
            block = blocks.read(source.block(number) or b"")
            batch = batches.read(source.batch(block.header.batch) or b"")
            for one in batch.records:
                for id_ in (one.id, one.id[:-1] + "0", batch.header.id):
                    if not isinstance(one, record.Book | record.Member | record.Commodity | record.Account):
                        assert ours.has_id(id_) == theirs.has_id(id_)
                    assert ours.party(id_) == theirs.party(id_)
                    assert ours.has_rules(id_) == theirs.has_rules(id_)
                    assert ours.statement(id_) == theirs.statement(id_)
                    assert ours.reversed_by(id_) == theirs.reversed_by(id_)
                    if isinstance(one, record.Entry):
                        assert ours.entry(id_) == theirs.entry(id_)
                if isinstance(one, record.Statement):
                    for place in range(1, one.lines + 1):
                        assert ours.settled(f"{one.id}/{place}") == theirs.settled(f"{one.id}/{place}")
                if isinstance(one, record.Member):
                    key_id = Vkey.parse(one.key).key_id
                    assert ours.key_holder(key_id) == theirs.key_holder(key_id) == one.id
                if not isinstance(one, record.Entry):
                    salt = getattr(one, "salt", "0" * 32)
                    assert ours.has_salt(salt) == theirs.has_salt(salt) == hasattr(one, "salt")
        assert ours.key_holder(b"none") == ""


amounts = st.integers(-500_00, 500_00)


@given(
    st.lists(
        st.tuples(
            st.lists(amounts, min_size=1, max_size=4),
            st.sampled_from(["2026-09-30", "2026-10-01", "2026-10-31", "2025-12-31"]),
            st.booleans(),
            st.booleans(),
            st.integers(0, 4),
        ),
        min_size=1,
        max_size=6,
    )
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_sums_in_sql_are_sums_of_the_entries(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[tuple[list[int], str, bool, bool, int]]
) -> None:
    """Months and leaves, kept while posting, equal the fold of the entries as they are read again."""
    posted = PostedBook(tmp_path_factory.mktemp("sums"))
    entries = []
    for parts, day, red, closing, turn in drawn:
        accounts = [posted.BANK, posted.SALES, posted.RENT, posted.BANK, posted.SALES]
        amounts_of = [*parts, -sum(parts)]
        lines = [
            posted.line(account, canonical(amount, 2), red=red and place % 2 == 0)
            for place, (account, amount) in enumerate(zip(accounts[turn:] + accounts, amounts_of, strict=False))
        ]
        entries.append(posted.entry(*lines, date=day, kind="closing" if closing else ""))
    posted.block(*entries[: len(entries) // 2 + 1])
    if entries[len(entries) // 2 + 1 :]:
        posted.block(*entries[len(entries) // 2 + 1 :])
    with posted.open() as book:
        expected = monthly(reading.entries(book))
        found = sorted(
            reading.balances(book, None, None), key=lambda one: (one.account, one.commodity, one.month, one.closing)
        )
        assert tuple(found) == expected
        assert list(past.load_state(book).leaves) == list(posted.state.leaves)
        assert all(guard._months_fit(book.connection, leaf.account) for leaf in posted.state.leaves)
    assert posted.verdict().valid
