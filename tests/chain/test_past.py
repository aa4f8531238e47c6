"""What the past remembers: in few bytes, what naive sets and dictionaries would."""

from __future__ import annotations

from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st
from tests.chain.breaking import broken
from tests.chain.building import BookBuilder, uid

from cloudbooks.chain import id_table
from cloudbooks.chain.id_table import IdTable
from cloudbooks.chain.merkle import leaf_hash, root
from cloudbooks.chain.state import MemoryPast

blocks = st.lists(st.sets(st.integers(0, 60), max_size=8), max_size=20)


@given(blocks, st.integers(1, 9))
def test_a_table_of_ids_answers_as_a_dictionary_does(blocks: list[set[int]], chunk: int) -> None:
    """In whatever order ids come, and however many a chunk has, each is found in its block, and no other is found."""
    with patch.object(id_table, "CHUNK_IDS", chunk):
        _answers(blocks)


def _answers(blocks: list[set[int]]) -> None:
    table, naive = IdTable(), dict[str, int]()
    for number, some in enumerate(blocks):
        fresh = {uid(one) for one in some} - naive.keys()
        table.add(number, fresh)
        naive |= dict.fromkeys(fresh, number)
    assert len(table) == len(naive)
    for one in range(62):
        assert table.block_of(uid(one)) == naive.get(uid(one))
        assert (uid(one) in table) == (uid(one) in naive)


def test_ids_in_rising_order_take_sixteen_bytes_each() -> None:
    """Also when those of each block come shuffled; late ones are merged into few runs."""
    table = IdTable()
    for number in range(100):
        table.add(number, [uid(1 << 20 | number * 10 + one) for one in (3, 1, 2, 0, 9, 8, 7, 4, 5, 6)])
    assert (len(table), len(table._rising), len(table._late)) == (1000, 1, 0)
    for number in range(100, 200):
        table.add(number, [uid(number)])
    assert [len(run) // 20 for run in table._late] == [64, 32, 4]
    assert table.block_of(uid(150)) == 150


@given(st.lists(st.tuples(st.integers(1, 700), st.booleans()), max_size=40))
def test_settled_lines_are_remembered_as_a_set_would(acts: list[tuple[int, bool]]) -> None:
    """Settling and freeing lines of one statement, batch by batch, leaves what the last act on each says."""
    book = BookBuilder()
    statement = book.statement(lines=700)
    book.block(statement)
    settled: dict[int, str] = {}
    for line, settle in acts:
        if settle and line not in settled:
            name = f"{statement.id}/{line}"
            entry = book.entry(book.line(book.RENT, "1.00"), book.line(book.BANK, "-1.00", settles=(name,)))
            book.block(entry)
            settled[line] = entry.id
        elif not settle and line in settled:
            original = book.state.past.entry(settled.pop(line))
            assert original is not None
            book.block(book.reversal(original))
    for line in range(1, 701):
        assert book.state.past.settled(f"{statement.id}/{line}") == (line in settled)


def test_a_statement_that_says_it_is_huge_takes_no_memory() -> None:
    """Only lines that are settled are remembered."""
    book = BookBuilder()
    statement = book.statement(lines=2**53 - 1)
    name = f"{statement.id}/{2**53 - 1}"
    lines = (book.line(book.RENT, "1.00"), book.line(book.BANK, "-1.00", settles=(name,)))
    book.block(statement, book.entry(*lines))
    assert broken(book, book.entry(*lines)) == ("law.once", 1)


def test_the_past_knows_the_root_of_every_size() -> None:
    """What it answers is the tree over the blocks' files."""
    book = BookBuilder()
    for _ in range(20):
        book.block(book.entry())
    leaves = [leaf_hash(book.files[f"block/{number:08d}"]) for number in range(21)]
    for size in range(22):
        assert book.state.past.root_at(size) == root(leaves[:size])


def test_entries_are_read_again_from_any_batch() -> None:
    """Each entry of several batches is given as it was posted, whatever its summary holds."""
    book = BookBuilder()
    entries = [book.entry(summary=f'"id":"{uid(number)}" \\') for number in range(12)]
    for at in range(0, 12, 3):
        book.block(*entries[at : at + 3])
    for entry in (*entries, *reversed(entries)):
        assert book.state.past.entry(entry.id) == entry
    assert book.state.past.entry(uid(0x999)) is None
    assert book.state.past.entry(book.CUSTOMER) is None


def test_a_reversal_is_remembered_with_its_entry() -> None:
    """Who reversed what is told by id, and nothing of what stands."""
    book = BookBuilder()
    entry, other = book.entry(), book.entry()
    book.block(entry, other)
    reversal = book.reversal(entry)
    book.block(reversal)
    assert book.state.past.reversed_by(entry.id) == reversal.id
    assert book.state.past.reversed_by(other.id) == ""
    assert isinstance(book.state.past, MemoryPast)
