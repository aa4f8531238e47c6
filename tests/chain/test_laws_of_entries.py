"""Laws 1 to 4 of FORMAT.md section 2.1, for entries: each is broken alone, beside its nearest case that keeps it."""

from __future__ import annotations

from typing import Any

import pytest
from tests.chain.breaking import broken, fault_of
from tests.chain.building import BookBuilder, uid

from cloudbooks.chain import record
from cloudbooks.chain.record import Dimension, Line, Source

BANK, DOLLARS, SALES, RENT, TRAVEL = (
    BookBuilder.BANK,
    BookBuilder.DOLLARS,
    BookBuilder.SALES,
    BookBuilder.RENT,
    BookBuilder.TRAVEL,
)


@pytest.fixture
def book() -> BookBuilder:
    """A small book."""
    return BookBuilder()


def rent(amount: str = "300.00", **more: Any) -> Line:
    """A line on the rent account."""
    return Line(account=RENT, commodity="CNY", amount=amount, **more)


def paid(amount: str = "-300.00", **more: Any) -> Line:
    """A line on the bank account."""
    return Line(account=BANK, commodity="CNY", amount=amount, **more)


def test_an_entry_has_two_lines_or_more(book: BookBuilder) -> None:
    """One line is no entry, not even of nothing."""
    assert broken(book, book.entry(rent("0.00"))) == ("law.balance", 1)


def test_values_sum_to_zero(book: BookBuilder) -> None:
    """An entry that is off by one minor unit is refused, and the record that is off is named."""
    assert broken(book, book.entry(), book.entry(rent("300.01"), paid())) == ("law.balance", 2)


def test_amounts_of_one_commodity_sum_to_zero(book: BookBuilder) -> None:
    """Values that balance do not make up for amounts that do not, where all lines have one commodity."""
    bought = book.line(SALES, "100.00", "USD", value="700.00")
    balanced = book.line(DOLLARS, "-100.00", "USD", value="-700.00")
    book.block(book.entry(bought, balanced))
    assert broken(book, book.entry(bought, book.line(DOLLARS, "-99.00", "USD", value="-700.00"))) == ("law.balance", 1)


def test_amounts_of_two_commodities_need_not_sum_to_zero(book: BookBuilder) -> None:
    """Where commodities differ, values alone balance."""
    book.block(book.entry(book.line(DOLLARS, "100.00", "USD", value="712.34"), paid("-712.34")))


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (Line(account=uid(0x999), commodity="CNY", amount="300.00"), "law.reference"),
        (Line(account="elsewhere", commodity="CNY", amount="300.00"), "law.reference"),
        (Line(account=RENT, commodity="JPY", amount="300.00", value="300.00"), "law.reference"),
        (Line(account=DOLLARS, commodity="CNY", amount="300.00"), "law.reference"),
        (rent(party=uid(0x999)), "law.reference"),
        (rent(party="nobody"), "law.reference"),
        (Line(account=TRAVEL, commodity="CNY", amount="300.00"), "law.reference"),
        (Line(account=TRAVEL, commodity="CNY", amount="300.00", dimensions=(Dimension("project", "P"),)),
         "law.reference"),
        (rent(settles=(f"{uid(0x999)}/1",)), "law.reference"),
        (rent("300.0"), "amount"),
        (rent("300"), "amount"),
        (rent("1234567890123456789.00"), "amount"),
        (rent("300.00", value="300.00"), "schema"),
        (Line(account=RENT, commodity="USD", amount="300.00"), "schema"),
        (Line(account=RENT, commodity="USD", amount="300.00", value="-300.00"), "amount"),
        (Line(account=RENT, commodity="USD", amount="300.00", value="300.0"), "amount"),
    ],
)  # fmt: skip
def test_a_line_names_what_stands_and_has_fit_amounts(book: BookBuilder, line: Line, code: str) -> None:
    """A line is refused for each thing it may name or hold wrongly."""
    assert broken(book, book.entry(line, paid())) == (code, 1)


def test_a_demanded_dimension_and_others_beside_it_are_taken(book: BookBuilder) -> None:
    """An account that demands a dimension takes a line that has it."""
    dimensions = (Dimension("department", "sales"), Dimension("project", "P"))
    book.block(book.entry(book.line(TRAVEL, "300.00", dimensions=dimensions), paid()))


def test_what_is_closed_takes_no_line(book: BookBuilder) -> None:
    """A closed account and a closed party may not be named; opened again, they may."""
    closed = book.account(RENT, "5602", "管理费用", "expense", closed=True)
    book.block(closed)
    book.block(book.account(RENT, "5602", "管理费用", "expense"), book.entry(rent(party=book.CUSTOMER), paid()))
    book.block(book.party(book.CUSTOMER, "Acme", closed=True))
    assert broken(book, book.entry(rent(party=book.CUSTOMER), paid())) == ("law.reference", 1)


def test_an_account_closed_earlier_in_the_batch_takes_no_line(book: BookBuilder) -> None:
    """The place that counts is the record's, not the batch's."""
    closed = book.account(RENT, "5602", "管理费用", "expense", closed=True)
    assert broken(book, book.entry(), closed, book.entry()) == ("law.reference", 3)


def test_whoever_made_an_entry_is_a_member(book: BookBuilder) -> None:
    """`made_by` names a member who is not revoked."""
    book.block(book.entry(made_by=book.members["bob"]), book.member("bob", revoked=True))
    assert broken(book, book.entry(made_by=book.members["bob"])) == ("law.reference", 1)
    assert broken(BookBuilder(), book.entry(made_by=uid(0x999))) == ("law.reference", 1)


def test_the_rules_that_drafted_an_entry_stand_before_it(book: BookBuilder) -> None:
    """`source.rules` names a `rules` record in the log, or earlier in the batch."""
    rules = record.Rules(id=book.id(), name="bank", digest="b3:" + "1" * 64, bytes=2)
    source = Source(kind="rule", rule="rent", rules=rules.id)
    book.block(rules, book.entry(source=source))
    book.block(book.entry(source=source), book.entry(source=source))
    assert broken(book, book.entry(source=Source(kind="rule", rules=uid(5)))) == ("law.reference", 1)


@pytest.mark.parametrize("date", ["2026-09-30", "2026-09-01", "2025-01-01"])
def test_no_entry_is_dated_in_a_closed_period(book: BookBuilder, date: str) -> None:
    """A close closes its month and all before it; the month after stays open."""
    book.block(book.close("2026-09"), book.entry(date="2026-10-01"))
    assert broken(book, book.entry(date=date)) == ("law.period", 1)


def test_a_reopened_period_gives_back_the_one_closed_before(book: BookBuilder) -> None:
    """What lies between two periods that were closed by name opens with the later one."""
    book.block(book.close("2026-08"), book.close("2026-10"), book.reopen("2026-10"), book.entry(date="2026-09-30"))
    assert book.state.closed == ["2026-08"]
    assert broken(book, book.entry(date="2026-08-31")) == ("law.period", 1)


def test_only_an_open_period_is_closed(book: BookBuilder) -> None:
    """A period that is closed by itself or by a later one cannot be closed."""
    book.block(book.close("2026-10"))
    assert broken(book, book.close("2026-11"), book.close("2026-09")) == ("law.period", 2)
    assert broken(BookBuilder(), book.close("2026-10"), book.close("2026-10")) == ("law.period", 2)


@pytest.mark.parametrize("period", ["2026-07", "2026-08", "2026-09", "2026-11"])
def test_only_the_last_closed_period_is_reopened(book: BookBuilder, period: str) -> None:
    """Neither an earlier one, nor one between, nor an open one."""
    book.block(book.close("2026-08"), book.close("2026-10"))
    assert broken(book, book.reopen(period)) == ("law.period", 1)


@pytest.mark.parametrize("taken", ["entry", "account", "party", "member", "commodity", "book", "batch"])
def test_an_event_takes_an_id_that_nothing_has(book: BookBuilder, taken: str) -> None:
    """Events, states and batches share one namespace."""
    entry = book.entry()
    book.block(entry, id=uid(0x7777))
    ids = {
        "entry": entry.id,
        "account": BANK,
        "party": book.CUSTOMER,
        "member": book.members["bob"],
        "commodity": uid(5),
        "book": uid(1),
        "batch": uid(0x7777),
    }
    assert broken(book, book.entry(), book.entry(id=ids[taken])) == ("law.once", 2)


def test_an_event_id_is_taken_once_in_a_batch(book: BookBuilder) -> None:
    """The second of two equal entries in one batch is refused."""
    entry = book.entry()
    assert broken(book, entry, entry) == ("law.once", 2)


def test_a_state_takes_no_id_of_an_event(book: BookBuilder) -> None:
    """A party cannot have the id of an entry, nor an account that of a party."""
    entry = book.entry()
    book.block(entry)
    assert broken(book, book.party(entry.id, "Acme")) == ("law.once", 1)
    assert broken(BookBuilder(), book.account(book.CUSTOMER, "9", "x", "asset")) == ("law.once", 1)


def test_a_batch_is_committed_once(book: BookBuilder) -> None:
    """The same batch cannot take a second place."""
    made = book.batch(book.entry())
    signed = book.signed(made)
    book.commit(made, signed)
    assert fault_of(lambda: book.commit(made, signed)) == ("law.once", None)


def test_an_event_does_not_have_the_id_of_its_own_batch(book: BookBuilder) -> None:
    """The id of a batch is taken before its records take theirs."""
    assert broken(book, book.entry(id=uid(0x7777)), id=uid(0x7777)) == ("law.once", 1)


def test_ids_may_come_in_any_order(book: BookBuilder) -> None:
    """An entry whose id is smaller than those before it is taken, once."""
    late = [book.entry(id=uid(0x900 - number)) for number in range(20)]
    for entry in late:
        book.block(entry)
    assert broken(book, late[7]) == ("law.once", 1)


def test_a_statement_line_is_settled_once(book: BookBuilder) -> None:
    """One line of an entry may settle several; none of them may be settled again."""
    statement = book.statement(lines=3)
    book.block(statement, book.entry(rent(), paid(settles=(f"{statement.id}/1", f"{statement.id}/3"))))
    book.block(book.entry(rent(), paid(settles=(f"{statement.id}/2",))))
    assert broken(book, book.entry(rent(), paid(settles=(f"{statement.id}/3",)))) == ("law.once", 1)


@pytest.mark.parametrize(
    ("settles", "code"),
    [
        (("/2", "/2"), "law.once"),
        (("/4",), "law.reference"),
        (("/0",), "law.reference"),
        (("/02",), "law.reference"),
        (("/٢",), "law.reference"),
        (("",), "law.reference"),
    ],
)
def test_a_line_settles_lines_that_a_statement_has(book: BookBuilder, settles: tuple[str, ...], code: str) -> None:
    """Each name is that of one line, written in one way, and stands once."""
    statement = book.statement(lines=3)
    names = tuple(statement.id + end for end in settles)
    assert broken(book, statement, book.entry(rent(), paid(settles=names))) == (code, 2)


def test_a_line_settles_lines_of_its_own_account_and_commodity(book: BookBuilder) -> None:
    """A statement of the bank is settled neither on another account nor in another commodity."""
    statement = book.statement()
    settles = (f"{statement.id}/1",)
    assert broken(book, statement, book.entry(rent(settles=settles), paid())) == ("law.once", 2)
    twin = BookBuilder()
    statement = twin.statement()
    dollars = twin.line(BANK, "-100.00", "USD", value="-300.00", settles=(f"{statement.id}/1",))
    assert broken(twin, statement, twin.entry(rent(), dollars)) == ("law.once", 2)
