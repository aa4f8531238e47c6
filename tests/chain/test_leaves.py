"""Balance leaves: the same totals, and the same root, as a fold over all postings gives."""

from __future__ import annotations

import hashlib
import hmac
from datetime import date

from hypothesis import given
from hypothesis import strategies as st
from tests.chain.breaking import broken
from tests.chain.building import BookBuilder
from tests.chain.strategies import BOOK

from cloudbooks.chain import merkle
from cloudbooks.chain.leaves import Leaf, Leaves
from cloudbooks.chain.record import Line
from cloudbooks.core.balance import Totals, monthly
from cloudbooks.core.entry import PostedEntry, Posting

ACCOUNTS = (BookBuilder.BANK, BookBuilder.SALES, BookBuilder.RENT)


@st.composite
def entries(draw: st.DrawFn) -> list[tuple[Line, ...]]:
    """Balanced lines in CNY and USD, some of them red, some of nothing."""
    drawn = []
    for _ in range(draw(st.integers(1, 4))):
        values = draw(st.lists(st.integers(-500, 500), min_size=1, max_size=4))
        lines = []
        for value in (*values, -sum(values)):
            account, red = draw(st.sampled_from(ACCOUNTS)), draw(st.booleans())
            if draw(st.booleans()):
                amount = draw(st.integers(0, 500)) * (1 if value >= 0 else -1)
                lines.append(Line(account, "USD", written(amount), value=written(value), red=red))
            else:
                lines.append(Line(account, "CNY", written(value), red=red))
        commodities = {line.commodity for line in lines}
        balanced = commodities != {"USD"} or sum(minor(line.amount) for line in lines) == 0
        drawn.extend([tuple(lines)] if balanced else [])
    return drawn


def written(amount: int) -> str:
    """The text of an amount of two decimals."""
    return f"{'-' if amount < 0 else ''}{abs(amount) // 100}.{abs(amount) % 100:02d}"


def minor(text: str) -> int:
    """The amount of a text of two decimals."""
    return int(text.replace(".", ""))


@given(st.lists(entries(), min_size=1, max_size=4))
def test_totals_by_side_are_those_of_the_fold_in_core(batches: list[list[tuple[Line, ...]]]) -> None:
    """Chain and core judge the side of a line alike, and the debits of all leaves are their credits."""
    book = BookBuilder()
    posted = []
    for batch in batches:
        sealed = book.block(*(book.entry(*lines) for lines in batch), book.statement())
        for row in sealed.admitted.entries:
            postings = tuple(
                Posting(line.account, line.commodity, minor(line.amount), minor(line.value or line.amount),
                        red=line.red)
                for line in row.entry.lines
            )  # fmt: skip
            posted.append(
                PostedEntry(row.id, "记", row.number, date(2026, 10, 31), "", sealed.block.header.number, postings)
            )
            told = [(one.account, one.commodity, one.amount, one.value, one.debit) for one in row.postings]
            assert told == [(one.account, one.commodity, one.amount, one.value, one.debit_side) for one in postings]
    naive = {(balance.account, balance.commodity): balance.totals for balance in monthly(posted)}
    assert {
        (leaf.account, leaf.commodity): Totals(
            leaf.debit, leaf.credit, leaf.debit_value, leaf.credit_value, leaf.postings
        )
        for leaf in book.state.leaves
    } == naive
    assert sum(leaf.debit_value for leaf in book.state.leaves) == sum(leaf.credit_value for leaf in book.state.leaves)


@given(st.lists(entries(), min_size=1, max_size=4))
def test_the_root_is_that_of_the_leaves_as_the_format_writes_them(batches: list[list[tuple[Line, ...]]]) -> None:
    """Written down a second time here, from FORMAT.md section 4."""
    book = BookBuilder()
    blocks: dict[tuple[str, str], int] = {}
    for batch in batches:
        sealed = book.block(*(book.entry(*lines) for lines in batch), book.statement())
        for lines in batch:
            blocks |= {(line.account, line.commodity): sealed.block.header.number for line in lines}
        texts = []
        for leaf in book.state.leaves:
            masked = f"{blocks[leaf.account, leaf.commodity]}|{leaf.account}|{leaf.commodity}".encode()
            mask = hmac.new(bytes.fromhex("b" * 32), masked, hashlib.sha256).hexdigest()[:32]
            sums = [leaf.debit, leaf.credit, leaf.debit_value, leaf.credit_value]
            texts.append("|".join([leaf.account, leaf.commodity, *map(written, sums), str(leaf.postings), mask]))
        root = merkle.root([merkle.leaf_hash(text.encode()) for text in texts])
        assert sealed.block.header.balances_root == f"s256:{root.hex()}"


def as_text(leaf: Leaf) -> bytes:
    """Any text that tells leaves apart."""
    return repr(leaf).encode()


@given(st.lists(st.lists(st.integers(0, 40), max_size=6), max_size=12))
def test_a_root_that_grew_is_a_root_made_at_once(steps: list[list[int]]) -> None:
    """Changing some leaves, and adding others, gives the tree over all of them."""
    leaves = Leaves()
    for block, touched in enumerate(steps):
        for one in touched:
            leaves.post(Leaf(f"{one:02d}", "CNY", 1, 0, 1, 0, 1, block))
        assert leaves.root(as_text) == merkle.root([merkle.leaf_hash(as_text(leaf)) for leaf in leaves])
        assert Leaves(leaves).root(as_text) == leaves.root(as_text)


def test_without_postings_the_root_is_that_of_nothing() -> None:
    """A book that begins with no entry has the root of no leaf."""
    book = BookBuilder()
    assert book.state.size == 1
    assert book.state.balances_root() == "s256:" + hashlib.sha256().hexdigest()
    assert book.state.book is not None
    assert book.state.book.id == BOOK


def test_a_total_has_at_most_eighteen_digits() -> None:
    """Amounts that are fit one by one may not sum up to more; red lines may take a total below nothing."""
    book = BookBuilder()
    most = "9999999999999999.99"
    lines = (book.line(book.RENT, most), book.line(book.BANK, "-" + most))
    red = (book.line(book.RENT, "-" + most, red=True), book.line(book.BANK, most, red=True))
    book.block(book.entry(*lines))
    book.block(book.entry(*red), book.entry(*red), book.entry(*lines))
    assert book.state.leaves[book.RENT, "CNY"].debit == 0
    book.block(book.entry(*lines))
    assert broken(book, book.entry()) == ("amount", None)
