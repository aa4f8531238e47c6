"""What may be stated, and what may change when it is stated again (FORMAT.md section 2), broken one at a time."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from tests.chain.breaking import broken
from tests.chain.building import BookBuilder, uid
from tests.chain.strategies import BOOK, SeedSigner

from cloudbooks.chain.record import AnyRecord, Price

BANK, DOLLARS, RENT, SALES = BookBuilder.BANK, BookBuilder.DOLLARS, BookBuilder.RENT, BookBuilder.SALES


@pytest.fixture
def book() -> BookBuilder:
    """A small book."""
    return BookBuilder()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"base": "USD"}, "law.restate"),
        ({"created_at": "2026-11-02T00:00:00Z"}, "law.restate"),
        ({"blind": "c" * 32}, "law.restate"),
        ({"id": uid(0x999)}, "law.beginning"),
    ],
)
def test_a_book_keeps_its_base_time_and_blind(book: BookBuilder, changes: dict[str, Any], code: str) -> None:
    """Of the book all else may change; there is one book id."""
    book.block(book.book(name="Acme Ltd", fiscal_year_start=4, separate_duties=True))
    assert broken(book, book.book(**changes)) == (code, 1)


def test_a_commodity_changes_nothing_but_its_name(book: BookBuilder) -> None:
    """Its code and scale stay, and no other has its code."""
    book.block(book.commodity(uid(6), "USD", 2, "Dollar"))
    for id_, code, scale, fault in (
        (uid(6), "USD", 3, "law.restate"),
        (uid(6), "USX", 2, "law.restate"),
        (uid(6), "CNY", 2, "law.restate"),
        (uid(7), "USD", 2, "law.once"),
    ):
        twin = BookBuilder()
        assert broken(twin, twin.commodity(id_, code, scale)) == (fault, 1), code


def test_an_account_keeps_its_kind(book: BookBuilder) -> None:
    """Code, name, class, dimensions and parent may change, the kind not."""
    book.block(book.account(RENT, "6602", "Rent", "expense", klass="cost", dimensions=("branch",)))
    assert book.state.codes["6602"] == RENT
    assert "5602" not in book.state.codes
    assert broken(book, book.account(RENT, "6602", "Rent", "asset")) == ("law.restate", 1)


def test_an_account_keeps_its_commodity_once_it_has_postings(book: BookBuilder) -> None:
    """Before the first posting it may be bound; after it, also within one batch, it may not."""
    bound = book.account(RENT, "5602", "管理费用", "expense", commodity="CNY")
    assert broken(book, book.entry(), bound) == ("law.restate", 2)
    book = BookBuilder()
    book.block(book.account(RENT, "5602", "管理费用", "expense", commodity="CNY"), book.entry())
    free = book.account(RENT, "5602", "管理费用", "expense")
    assert broken(book, book.entry(), free) == ("law.restate", 2)


def test_open_accounts_have_distinct_codes(book: BookBuilder) -> None:
    """A code is free again when its account is closed, and taken when that is opened."""
    closed = book.account(RENT, "5602", "管理费用", "expense", closed=True)
    book.block(closed, book.account(uid(0x110), "5602", "Rent", "expense"))
    assert broken(book, book.account(RENT, "5602", "管理费用", "expense")) == ("law.account", 1)
    assert broken(BookBuilder(), book.account(uid(0x111), "1002", "Bank", "asset")) == ("law.account", 1)


def test_parents_exist_are_open_and_make_no_cycle(book: BookBuilder) -> None:
    """An account stands under another one, which does not stand under it."""
    top, middle, low = uid(0x120), uid(0x121), uid(0x122)
    tree: list[AnyRecord] = [
        book.account(top, "1", "top", "asset"),
        book.account(middle, "11", "middle", "asset", parent=top),
        book.account(low, "111", "low", "asset", parent=middle),
    ]
    cases = {
        "under its grandchild": (book.account(top, "1", "top", "asset", parent=low), "law.account"),
        "under itself": (book.account(top, "1", "top", "asset", parent=top), "law.account"),
        "stated under itself": (book.account(uid(0x123), "2", "new", "asset", parent=uid(0x123)), "law.account"),
        "under nothing that is": (book.account(top, "1", "top", "asset", parent=uid(0x999)), "law.reference"),
        "under a party": (book.account(top, "1", "top", "asset", parent=book.CUSTOMER), "law.reference"),
    }
    for name, (record, code) in cases.items():
        assert broken(BookBuilder(), *tree, record) == (code, 4), name
    moved = book.account(low, "111", "low", "asset", parent=top)
    book.block(*tree, moved, book.account(middle, "11", "middle", "asset", parent=low))
    closed = book.account(low, "111", "low", "asset", parent=top, closed=True)
    assert broken(book, closed, book.account(middle, "11", "middle", "asset", parent=low)) == ("law.reference", 2)


def test_an_account_is_bound_to_a_commodity_that_is(book: BookBuilder) -> None:
    """It may come earlier in the batch, not later."""
    yen = book.commodity(uid(7), "JPY", 0)
    bound = book.account(uid(0x120), "1004", "Yen", "asset", commodity="JPY")
    assert broken(BookBuilder(), bound, yen) == ("law.reference", 1)
    book.block(yen, bound)


@pytest.mark.parametrize("what", ["account", "party", "member", "commodity", "book"])
def test_a_salt_is_never_used_twice(book: BookBuilder, what: str) -> None:
    """Not by another record, nor by the same stated again, and not as the blind."""
    stated: dict[str, AnyRecord] = {
        "account": book.account(BANK, "1002", "银行存款", "asset"),
        "party": book.party(book.CUSTOMER, "Acme"),
        "member": book.member("bob"),
        "commodity": book.commodity(uid(6), "USD", 2),
        "book": book.book(),
    }
    book.block(stated[what])
    assert broken(book, stated[what]) == ("salt", 1)
    blind = msgspec.structs.replace(stated[what], salt="b" * 32)
    assert broken(BookBuilder(), blind) == ("salt", 1)


def test_a_state_is_stated_again_under_its_own_type(book: BookBuilder) -> None:
    """The id of an account is no party's, and a commodity's no account's."""
    assert broken(book, book.party(BANK, "Bank")) == ("law.once", 1)
    assert broken(BookBuilder(), book.account(uid(6), "9", "x", "asset")) == ("law.once", 1)
    assert broken(BookBuilder(), book.commodity(book.CUSTOMER, "EUR", 2)) == ("law.once", 1)


def test_no_two_members_ever_have_one_key(book: BookBuilder) -> None:
    """Neither the key that a member has, nor one that was given up, nor that of one who was revoked."""
    new_key = str(SeedSigner(0x0C).vkey)
    book.block(book.member("bob", key=new_key), book.member("eve", revoked=True))
    book.signers["bob"] = SeedSigner(0x0C)
    book.block(book.member("bob"))
    for seed in (0x0A, 0x0B, 0x0C, 0x0D):
        twin = BookBuilder()
        twin.block(twin.member("bob", key=new_key), twin.member("eve", revoked=True))
        twin.members["kim"], twin.signers["kim"] = uid(9), SeedSigner(seed)
        kim = msgspec.structs.replace(twin.member("bob"), id=uid(9), name="kim", key=str(SeedSigner(seed).vkey))
        assert broken(twin, kim) == ("law.rights", 1), seed
    book.block(book.member("bob", key=str(SeedSigner(0x0B).vkey)))


def test_statements_and_prices_name_what_stands(book: BookBuilder) -> None:
    """A statement is of an open account that takes its commodity, with amounts of its scale."""
    book.block(book.statement(opening="1.00", closing="-2.00"), book.statement(DOLLARS, "USD"))
    book.block(Price(id=book.id(), date="2026-10-31", commodity="USD", base="CNY", rate="7.1234"))
    closed = book.account(BANK, "1002", "银行存款", "asset", closed=True)
    cases: dict[str, tuple[list[AnyRecord], str]] = {
        "no account": ([book.statement(uid(0x999))], "law.reference"),
        "no commodity": ([book.statement(commodity="JPY")], "law.reference"),
        "bound": ([book.statement(DOLLARS, "CNY")], "law.reference"),
        "closed": ([closed, book.statement()], "law.reference"),
        "scale of opening": ([book.statement(opening="1.0")], "amount"),
        "scale of closing": ([book.statement(closing="1")], "amount"),
        "price of nothing": (
            [Price(id=book.id(), date="2026-10-31", commodity="JPY", base="CNY", rate="1")], "law.reference",
        ),
        "price in nothing": (
            [Price(id=book.id(), date="2026-10-31", commodity="USD", base="JPY", rate="1")], "law.reference",
        ),
    }  # fmt: skip
    for name, (records, code) in cases.items():
        assert broken(BookBuilder(), *records) == (code, len(records)), name


def test_a_member_is_stated_with_a_key_of_this_book() -> None:
    """A key under another name, or of small order, is refused at its record; that is form, not law."""
    book = BookBuilder()
    other = SeedSigner(0x0F, name=f"cloudbooks/{BOOK[:-1]}9")
    small = msgspec.structs.replace(book.member("bob"), key=str(type(other.vkey).of(f"cloudbooks/{BOOK}", bytes(32))))
    for member in (book.member("bob", key=str(other.vkey)), small):
        with pytest.raises(Exception, match="key") as caught:
            book.batch(member)
        assert (getattr(caught.value, "code", ""), getattr(caught.value, "record", 0)) == ("schema", 1)
