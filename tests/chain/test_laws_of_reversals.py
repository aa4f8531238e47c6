"""Law 4 for reversals and replacements: once, mirrored, linked; and what a reversal is excused from."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from tests.chain.breaking import broken
from tests.chain.building import BookBuilder, uid

from cloudbooks.chain.record import Dimension, Entry

BANK, RENT, TRAVEL, DOLLARS = BookBuilder.BANK, BookBuilder.RENT, BookBuilder.TRAVEL, BookBuilder.DOLLARS


@pytest.fixture
def book() -> BookBuilder:
    """A small book."""
    return BookBuilder()


def rich(book: BookBuilder) -> Entry:
    """An entry with everything that a reversal mirrors."""
    return book.entry(
        book.line(TRAVEL, "712.34", party=book.SUPPLIER, tax="VAT6", dimensions=(Dimension("department", "sales"),)),
        book.line(DOLLARS, "-100.00", "USD", value="-712.34"),
        book.line(BANK, "0.00"),
    )


def test_a_reversal_mirrors_its_entry(book: BookBuilder) -> None:
    """Amounts and values are negated, zero stays zero, and red lines take the totals back to nothing."""
    entry = rich(book)
    book.block(entry)
    book.block(book.reversal(entry))
    leaves = list(book.state.leaves)
    assert len(leaves) == 3
    assert all((leaf.debit, leaf.credit, leaf.debit_value, leaf.credit_value) == (0, 0, 0, 0) for leaf in leaves)
    assert all(leaf.postings == 2 for leaf in leaves)


def test_an_entry_and_its_reversal_may_stand_in_one_batch(book: BookBuilder) -> None:
    """A reversal names what stands earlier in its batch, but not what comes later, nor itself."""
    entry = book.entry()
    book.block(entry, book.reversal(entry), book.entry(replaces=entry.id))
    entry = book.entry()
    assert broken(book, book.reversal(entry), entry) == ("law.reference", 1)
    twin = BookBuilder()
    itself = twin.reversal(twin.entry())
    assert broken(twin, msgspec.structs.replace(itself, reverses=itself.id)) == ("law.reference", 1)


@pytest.mark.parametrize("named", [uid(0x999), BANK, "nothing", uid(0x999).upper()])
def test_a_reversal_names_an_entry(book: BookBuilder, named: str) -> None:
    """Neither an account nor a text of another form is an entry."""
    entry = book.entry()
    book.block(entry)
    reversal = msgspec.structs.replace(book.reversal(entry), reverses=named)
    assert broken(book, reversal) == ("law.reference", 1)


@pytest.mark.parametrize("named", ["statement", "batch"])
def test_a_reversal_names_no_other_event(book: BookBuilder, named: str) -> None:
    """An id that stands in the log, but is no entry's, cannot be reversed."""
    statement = book.statement()
    entry = book.entry()
    book.block(statement, entry, id=uid(0x7777))
    reverses = {"statement": statement.id, "batch": uid(0x7777)}[named]
    assert broken(book, msgspec.structs.replace(book.reversal(entry), reverses=reverses)) == ("law.reference", 1)


def test_an_entry_is_reversed_once(book: BookBuilder) -> None:
    """A second reversal is refused, in a later batch and in the same."""
    entry = book.entry()
    book.block(entry)
    book.block(book.reversal(entry))
    assert broken(book, book.reversal(entry)) == ("law.once", 1)
    twin = BookBuilder()
    entry = twin.entry()
    twin.block(entry)
    assert broken(twin, twin.reversal(entry), twin.reversal(entry)) == ("law.once", 2)


def test_a_reversal_is_never_reversed(book: BookBuilder) -> None:
    """Whoever reversed by mistake posts the entry again."""
    entry = book.entry()
    reversal = book.reversal(entry)
    book.block(entry, reversal)
    assert broken(book, book.reversal(reversal)) == ("law.once", 1)


@pytest.mark.parametrize(
    "change",
    [
        {"account": RENT},
        {"amount": "-712.33", "value": ""},
        {"party": ""},
        {"party": BookBuilder.CUSTOMER},
        {"tax": "VAT13"},
        {"dimensions": (Dimension("department", "office"),)},
        {"settles": (f"{uid(0x999)}/1",)},
    ],
)
def test_a_line_of_a_reversal_mirrors_its_line(book: BookBuilder, change: dict[str, Any]) -> None:
    """Account, amount, value, party, tax and dimensions are the line's own, negated; settles is empty."""
    entry = rich(book)
    book.block(entry)
    reversal = book.reversal(entry)
    first, *rest = reversal.lines
    changed = msgspec.structs.replace(reversal, lines=(msgspec.structs.replace(first, **change), *rest))
    assert broken(book, changed) == ("law.once", 1)


def test_a_reversal_has_the_lines_of_its_entry_in_order(book: BookBuilder) -> None:
    """Neither a line more nor another order will do."""
    for twin, change in ((BookBuilder(), "more"), (BookBuilder(), "order")):
        entry = rich(twin)
        twin.block(entry)
        reversal = twin.reversal(entry)
        lines = (*reversal.lines, twin.line(BANK, "0.00")) if change == "more" else reversal.lines[::-1]
        assert broken(twin, msgspec.structs.replace(reversal, lines=lines)) == ("law.once", 1), change
    entry = rich(book)
    book.block(entry)
    differing = [msgspec.structs.replace(line, red=False, text="by mistake") for line in book.reversal(entry).lines]
    book.block(msgspec.structs.replace(book.reversal(entry), lines=tuple(differing)))


def test_a_reversal_frees_what_its_entry_settled(book: BookBuilder) -> None:
    """A statement line is settled again after the reversal, by one entry; within a batch too."""
    statement = book.statement()
    settles = (f"{statement.id}/1", f"{statement.id}/2")
    entry = book.entry(book.line(RENT, "3.00"), book.line(BANK, "-3.00", settles=settles))
    again = msgspec.structs.replace(entry, id=book.id())
    book.block(statement, entry, book.reversal(entry), again)
    book.block(book.reversal(again))
    book.block(msgspec.structs.replace(entry, id=book.id()))
    assert broken(book, msgspec.structs.replace(entry, id=book.id())) == ("law.once", 1)


def test_a_reversal_is_dated_in_an_open_period(book: BookBuilder) -> None:
    """A closed month is corrected in an open one."""
    entry = book.entry(date="2026-10-31")
    book.block(entry, book.close("2026-10"))
    book.block(book.reversal(entry, date="2026-11-01"))
    twin = BookBuilder()
    entry = twin.entry(date="2026-10-31")
    twin.block(entry, twin.close("2026-10"))
    assert broken(twin, twin.reversal(entry, date="2026-10-31")) == ("law.period", 1)


def test_a_reversal_may_name_what_was_closed_revoked_or_demanded_since(book: BookBuilder) -> None:
    """Account and party closed, maker revoked, a dimension demanded only now: the mirror still stands."""
    entry = book.entry(
        book.line(RENT, "300.00", party=book.SUPPLIER), book.line(BANK, "-300.00"), made_by=book.members["bob"]
    )
    book.block(entry)
    book.block(
        book.account(BANK, "1002", "银行存款", "asset", dimensions=("branch",)),
        book.account(RENT, "5602", "管理费用", "expense", closed=True),
        book.party(book.SUPPLIER, "Staples", closed=True),
        book.member("bob", revoked=True),
    )
    book.block(book.reversal(entry, made_by=book.members["bob"]))
    replacement = book.entry(book.line(TRAVEL, "1.00"), book.line(BANK, "-1.00"), replaces=entry.id)
    assert broken(book, replacement) == ("law.reference", 1)


def test_what_a_reversal_may_name_no_other_entry_may(book: BookBuilder) -> None:
    """A revoked member who made a reversal makes no entry after it in the same batch."""
    bob = book.members["bob"]
    entry = book.entry()
    book.block(entry, book.member("bob", revoked=True))
    records = (book.reversal(entry, made_by=bob), book.entry(made_by=bob))
    assert broken(book, *records) == ("law.reference", 2)


def test_a_replacement_names_a_reversed_entry(book: BookBuilder) -> None:
    """What stands is not replaced, nor what never was."""
    entry = book.entry()
    book.block(entry)
    twin = BookBuilder()
    assert broken(twin, twin.entry(replaces=uid(0x999))) == ("law.reference", 1)
    assert broken(book, book.entry(replaces=entry.id)) == ("law.once", 1)
    twin = BookBuilder()
    entry = twin.entry()
    assert broken(twin, entry, twin.reversal(entry, replaces=entry.id)) == ("law.once", 2)


def test_the_batch_of_an_entry_that_is_reversed_must_not_have_changed(book: BookBuilder) -> None:
    """An entry is read again from its batch, whose hash is asked again."""
    entry = book.entry()
    made = book.block(entry)
    book.block(book.entry())
    name = "batch/" + made.block.header.batch.removeprefix("b3:")
    book.files[name] = book.files[name].replace(b"300.00", b"900.00")
    with pytest.raises(Exception, match="changed while the log was being read"):
        book.block(book.reversal(entry))
