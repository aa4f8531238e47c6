"""`init`: a new book with its chart, its first member and, if wanted, its opening balances, in one first batch."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from cloudbooks.books.desk import Desk
from cloudbooks.books.fitting import fit, fit_name
from cloudbooks.books.next_batch import CommodityUnknown
from cloudbooks.books.opening import opening_entry
from cloudbooks.books.packs import ChartPack, Currency, chart_pack, currency
from cloudbooks.books.recording import account_record, entry_record
from cloudbooks.books.signing import head_not_signed, keep_new_checkpoint, signed_batch
from cloudbooks.chain import record
from cloudbooks.chain.note import Signer
from cloudbooks.core.account import Account, AccountKind
from cloudbooks.core.chart import Chart
from cloudbooks.core.draft import Draft, DraftLine, DraftState
from cloudbooks.core.entry import Entry
from cloudbooks.core.period import Month
from cloudbooks.errors import CloudBooksError, Finding, Refusal, sentence
from cloudbooks.store.book_file import Head
from cloudbooks.store.commit import Committed
from cloudbooks.store.creating import create_book
from cloudbooks.store.unit import operation
from cloudbooks.system import keyfile, pins
from cloudbooks.system.chance import new_id, new_salt
from cloudbooks.system.clock import instant

ALL_RIGHTS: tuple[record.Right, ...] = ("admin", "approve", "close", "post")


class BankAccountUnplaced(Refusal):
    """A bank account given to `init` has a code under which the chart has no account."""

    code = "account-parent-unknown"

    def __init__(self, code: str) -> None:
        super().__init__(
            sentence('"{code}" stands under no account of the chart.', code=code),
            hint=sentence("write the chart's code, a dot and two digits, such as 1002.01=ICBC"),
        )


@dataclass(frozen=True, slots=True)
class Founding:
    """What `init` asks. `banks` are (code, name) of accounts below the chart's; `zh` chooses the chart's Chinese names.

    `opening` holds the bytes of a table of code and amount, if there is one, and `opening_name` what it is called; it
    is booked on the first day of `start`.
    """

    name: str
    base: str
    chart: str
    start: Month
    member: str
    zh: bool
    banks: tuple[tuple[str, str], ...] = ()
    opening: bytes | None = None
    opening_name: str = "opening"
    separate_duties: bool = False


@dataclass(frozen=True, slots=True)
class Founded:
    """A new book: its id, its head, how many accounts it has, and whether opening balances were posted."""

    book: str
    path: Path
    head: Head
    accounts: int
    opened: bool
    findings: tuple[Finding, ...]


def found(desk: Desk, founding: Founding, *, passphrase: bytes | None) -> Founded:
    """Make the book file, its first member's key and its first block; a refusal leaves nothing behind."""
    member = fit_name(sentence("the name of the member"), founding.member)
    founding = replace(founding, name=fit_name(sentence("the name of the firm"), founding.name))
    pack = chart_pack(founding.chart)
    base = known_currency(founding.base)
    accounts = _accounts(desk, pack, founding)
    book_id, member_id = new_id(desk.clock), new_id(desk.clock)
    opening = None
    if founding.opening is not None:
        opening = opening_entry(
            founding.opening, founding.opening_name, Chart(accounts), base, founding.start, pack.series, member_id
        )
    signer = keyfile.create(desk.state, book_id, member_id, passphrase)
    next_id = new_id(desk.clock)
    try:
        promised = keyfile.promise(keyfile.create(desk.state, book_id, next_id, passphrase, follows=signer.vkey).vkey)
        state_records: list[record.AnyRecord] = [
            _book(desk, founding, pack, book_id),
            _commodity(desk, base, zh=founding.zh),
            record.Member(member_id, new_salt(), member, str(signer.vkey), ALL_RIGHTS, promised),
            *(account_record(account) for account in accounts),
        ]
        pins.pin(desk.state, book_id, str(signer.vkey))
        # Where duties are separated, another member approves the opening balances too: they wait as a draft.
        posted = None if founding.separate_duties else opening
        committed = _begin(desk, member_id, signer, [*state_records, *_opened(desk, posted, base)])
    except BaseException as error:
        # A key must never be forgotten whose book is there; a refusal says that it is not.
        if isinstance(error, Refusal) or not _stands(desk, book_id):
            for key in (member_id, next_id):
                keyfile.forget(desk.state, book_id, key)
            pins.forget(desk.state, book_id)
        raise
    if opening is not None and posted is None:
        _keep_opening(desk, opening)
    header = committed.block.header
    return Founded(
        book_id,
        desk.book,
        Head(header.number, committed.block.hash, header.committed_at),
        len(accounts),
        posted is not None,
        (*committed.findings, *_signed_head(desk, signer)),
    )


def _stands(desk: Desk, book_id: str) -> bool:
    """Whether the book that was being made has its name already."""
    try:
        with desk.open() as book:
            return book.id == book_id
    except CloudBooksError:
        return False


def _signed_head(desk: Desk, signer: Signer) -> tuple[Finding, ...]:
    """Sign the head of a book that is made now, whatever becomes of that."""
    try:
        with desk.open() as book:
            return keep_new_checkpoint(book, signer).findings
    except Refusal as refusal:
        return (head_not_signed(desk.book.name, refusal),)


def known_currency(code: str) -> Currency:
    """A currency of the built-in list; raises `CommodityUnknown`."""
    found_currency = currency(code)
    if found_currency is None:
        raise CommodityUnknown(code, base=True)
    return found_currency


def commodity_record(desk: Desk, code: str, scale: int, name: str) -> record.Commodity:
    """The wire record that states a commodity for the first time."""
    return record.Commodity(new_id(desk.clock), new_salt(), code, scale, fit(name))


def _commodity(desk: Desk, base: Currency, *, zh: bool) -> record.Commodity:
    return commodity_record(desk, base.code, base.scale, base.zh if zh else base.en)


def _book(desk: Desk, founding: Founding, pack: ChartPack, book_id: str) -> record.Book:
    return record.Book(
        id=book_id,
        salt=new_salt(),
        name=founding.name,
        base=founding.base,
        created_at=instant(desk.clock.now()),
        blind=new_salt(),
        fiscal_year_start=1,
        jurisdiction=pack.jurisdiction,
        chart=pack.name,
        separate_duties=founding.separate_duties,
    )


def _accounts(desk: Desk, pack: ChartPack, founding: Founding) -> list[Account]:
    by_code: dict[str, Account] = {}
    for one in pack.accounts:
        parent = by_code[one.parent].id if one.parent else ""
        name = one.name_zh if founding.zh else one.name_en
        by_code[one.code] = Account(new_id(desk.clock), one.code, name, AccountKind(one.kind), one.klass, parent)
    for code, name in founding.banks:
        by_code[code] = _bank_account(desk, code, name, by_code)
    return list(by_code.values())


def _bank_account(desk: Desk, code: str, name: str, by_code: dict[str, Account]) -> Account:
    if code in by_code:
        return Account(by_code[code].id, code, name, by_code[code].kind, by_code[code].klass, by_code[code].parent)
    parent = by_code.get(code.rpartition(".")[0])
    if parent is None:
        raise BankAccountUnplaced(code)
    return Account(new_id(desk.clock), code, name, parent.kind, parent.klass, parent.id)


def _opened(desk: Desk, opening: Entry | None, base: Currency) -> list[record.AnyRecord]:
    return [entry_record(opening, new_id(desk.clock), {base.code: base.scale})] if opening else []


def _keep_opening(desk: Desk, opening: Entry) -> None:
    lines = tuple(DraftLine(one.account, one.commodity, one.amount, one.value) for one in opening.postings)
    draft = Draft(opening.date, opening.series, opening.summary, lines, state=DraftState.READY, source=opening.source,
                  kind=opening.kind, made_by=opening.made_by)  # fmt: skip
    summary = sentence("opening balances")
    with desk.open() as book, operation(book, verb="init", summary=summary, by=opening.made_by) as unit:
        unit.keep_draft(draft)


def _begin(desk: Desk, author: str, signer: Signer, records: list[record.AnyRecord]) -> Committed:
    """Sign the first batch and create the file with it: from here on the book exists whole, or not at all."""
    batch, seal = signed_batch(desk, records[0].id, None, (author, signer), records)
    return create_book(desk.book, state=desk.state, clock=desk.clock, batch=batch, seal=seal)
