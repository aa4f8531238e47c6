"""What SQL lets pass is what a walk over the entries lets pass, for any condition on entries of any kind."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta

import msgspec
import pytest
from benchmarks.building import Poster, desk_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cloudbooks.books.desk import Desk
from cloudbooks.books.founding import Founding, found
from cloudbooks.books.recording import account_record
from cloudbooks.chain import record
from cloudbooks.core import sieve
from cloudbooks.core.account import Account, AccountKind
from cloudbooks.core.draft import Draft, DraftLine, DraftState
from cloudbooks.core.entry import PostedEntry
from cloudbooks.core.listing import Ask, EntryRow, PostingRow
from cloudbooks.core.period import Month
from cloudbooks.core.sieve import Sieve, passes
from cloudbooks.store import paging, reading
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.paging_account import AccountSpan, postings
from cloudbooks.system.chance import new_id, new_salt

SUMMARIES = (
    *(
        "Straße 12",
        "STRASSE",
        "Kelvin \N{KELVIN SIGN}",
        "Ångström",
        "ångström",
        "50% off_",
        r"back\slash",
        "工资 PAYROLL",
    ),
    *("İstanbul", "istanbul", "ﬁne", "taxi", "TAXI", "a|b (c)", "%", "_", "ΣΊΣΥΦΟΣ", "σίσυφος"),
)
TAGS = ("x", "Trip", "年终", "strasse")
TEXTS = ("", "", "room 7", "Zimmer ß", "备注")
NEEDLES = (
    *("strasse", "STRASSE", "ß", "k", "\N{KELVIN SIGN}", "ÅNGSTRÖM", "å", "%", "_", "\\", "工资", "工资 p", "i", "İ"),
    *("fi", "taxi", "Room", "trip", "备注", "σ", "ς", "年终", "nothing", "|b ("),
)
DAYS = tuple(date(2026, 1, 1) + timedelta(days=place * 9) for place in range(30))
ALL_DAYS = (0, 99991231)


class Varied:
    """A book of entries of every kind, and what there is to ask for in it."""

    def __init__(self, book: BookFile, accounts: tuple[str, ...], parties: tuple[str, ...], member: str) -> None:
        self.book = book
        self.entries = tuple(reading.entries(book))
        self.accounts, self.parties, self.member = accounts, parties, member


@pytest.fixture(scope="module")
def varied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Varied]:
    """160 entries in four batches: two series, parties, tags, files, words on lines, red lines, dollars, reversals."""
    folder = tmp_path_factory.mktemp("varied")
    desk = desk_of(folder / "varied.cbk", folder / "state")
    found(desk, Founding("Varied", "CNY", "generic", Month(2026, 1), "Ann", zh=False), passphrase=None)
    chance = random.Random(7)
    with desk.open() as book:
        member, signer = desk.signer(book)
        poster = Poster(desk, book, member.id, signer)
        chart = [Account(new_id(desk.clock), f"90{place}", f"Drawer {place}", AccountKind.ASSET) for place in range(6)]
        parties = [record.Party(new_id(desk.clock), new_salt(), f"Party {place}") for place in range(3)]
        dollars = record.Commodity(new_id(desk.clock), new_salt(), "USD", 2)
        poster.post([*map(account_record, chart), *parties, dollars])
        before: list[record.Entry] = []
        for _ in range(4):
            made = [_entry(chance, desk, member.id, chart, parties) for _ in range(36)]
            taken_back = [_reversal(desk, one) for one in before[:4]]
            before = made
            poster.post([*made, *taken_back])
        accounts, names = tuple(one.id for one in chart), tuple(one.id for one in parties)
        yield Varied(book, accounts, names, member.id)


def _entry(
    chance: random.Random, desk: Desk, member: str, chart: list[Account], parties: list[record.Party]
) -> record.Entry:
    amount = chance.choice((1, 100, 30_000, 30_001, 99_999))
    commodity = chance.choice(("CNY", "CNY", "USD"))
    value = f"{7 * amount / 100:.2f}" if commodity == "USD" else ""
    shown, red = f"{amount / 100:.2f}", chance.random() < 0.1
    sides = chance.sample(chart, 2)
    amounts = ((f"-{shown}", f"-{value}" if value else ""), (shown, value))
    lines = tuple(
        record.Line(
            account.id, commodity, one, two, red=red, party=chance.choice(("", parties[0].id, parties[1].id)),
            text=chance.choice(TEXTS),
        )
        for account, (one, two) in zip(sides, amounts, strict=True)
    )  # fmt: skip
    attached = record.Attachment("b3:" + "1" * 64, "s256:" + "2" * 64, 3, "text/plain", "receipt.txt")
    return record.Entry(
        id=new_id(desk.clock), date=chance.choice(DAYS).isoformat(), series=chance.choice(("J", "K")),
        summary=chance.choice(SUMMARIES), lines=lines, made_by=member,
        tags=tuple(sorted(chance.sample(TAGS, chance.choice((0, 0, 1, 2))), key=lambda tag: tag.encode())),
        attachments=(attached,) if chance.random() < 0.2 else (),
    )  # fmt: skip


def _reversal(desk: Desk, one: record.Entry) -> record.Entry:
    def negated(text: str) -> str:
        return text.removeprefix("-") if text.startswith("-") else f"-{text}" if text else ""

    lines = tuple(
        msgspec.structs.replace(line, amount=negated(line.amount), value=negated(line.value), red=not line.red)
        for line in one.lines
    )
    return msgspec.structs.replace(
        one, id=new_id(desk.clock), lines=lines, reverses=one.id, tags=(), attachments=(), summary="taken back"
    )


def conditions(varied: Varied) -> st.SearchStrategy[Sieve]:
    """Every kind of test, with values that some entries have and some that none has."""
    days = st.sampled_from([day.year * 10000 + day.month * 100 + day.day for day in DAYS])
    bounds = st.one_of(st.none(), st.sampled_from((-30_000, 1, 100, 700, 30_000, 30_001, 10**9)))
    ids = st.sampled_from([entry.id for entry in varied.entries[:9]])
    return st.one_of(
        st.builds(sieve.AccountIn, st.frozensets(st.sampled_from(varied.accounts), max_size=2)),
        st.builds(sieve.PartyIn, st.frozensets(st.sampled_from(varied.parties), max_size=2)),
        st.builds(sieve.TextHas, st.sampled_from(NEEDLES)),
        st.builds(sieve.AmountIs, bounds, bounds, st.booleans()),
        st.builds(sieve.DayIn, days, days),
        st.builds(sieve.StateIn, st.sampled_from(({"posted"}, {"reversed"}, {"draft"}, {"ready"})).map(frozenset)),
        st.builds(sieve.BlockIs, st.integers(0, 6)),
        st.builds(sieve.MadeBy, st.sampled_from((frozenset({varied.member}), frozenset[str]()))),
        st.builds(sieve.TagIs, st.sampled_from((*TAGS, "trip", "STRASSE", "Straße"))),
        st.builds(sieve.HasDocument, st.booleans()),
        st.builds(sieve.NumberIs, st.sampled_from(("", "J")), st.integers(1, 9), st.sampled_from((0, 202601))),
        st.builds(sieve.DraftIs, st.just(1)),
        st.builds(sieve.IdIs, ids),
    )


def sieves_of(varied: Varied) -> st.SearchStrategy[Sieve]:
    """Tests, and what is made of them."""
    return st.recursive(
        conditions(varied),
        lambda inner: st.one_of(
            st.builds(sieve.Without, inner),
            st.builds(sieve.All, st.lists(inner, max_size=3).map(tuple)),
            st.builds(sieve.Any, st.lists(inner, max_size=3).map(tuple)),
        ),
        max_leaves=6,
    )


def holds(wanted: Sieve, entry: PostedEntry) -> bool:
    """Whether an entry passes, read in the plainest way; what drafts have too is asked of a draft that is the same."""
    match wanted:
        case sieve.All(parts):
            return all(holds(part, entry) for part in parts)
        case sieve.Any(parts):
            return any(holds(part, entry) for part in parts)
        case sieve.Without(part):
            return not holds(part, entry)
        case _:
            return meets(wanted, entry)


def meets(wanted: sieve.Test, entry: PostedEntry) -> bool:
    """Whether an entry passes one test."""
    month = entry.date.year * 100 + entry.date.month
    match wanted:
        case sieve.StateIn(states):
            return "posted" in states or ("reversed" in states and bool(entry.reversed_by))
        case sieve.BlockIs(number):
            return entry.block == number
        case sieve.NumberIs(series, number, of):
            return entry.number == number and series in ("", entry.series) and of in (0, month)
        case sieve.IdIs(id_):
            return entry.id == id_
        case sieve.DraftIs():
            return False
        case _:
            return passes(wanted, same_draft(entry), "CNY")


def same_draft(entry: PostedEntry) -> Draft:
    """A draft that says what an entry says."""
    lines = tuple(
        DraftLine(line.account, line.commodity, line.amount, line.value, party=line.party, text=line.text, red=line.red)
        for line in entry.postings
    )
    return Draft(
        entry.date, entry.series, entry.summary, lines, 7, DraftState.READY,
        tags=entry.tags, attachments=entry.attachments, made_by=entry.made_by,
    )  # fmt: skip


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_sieve_is_the_same_in_sql_and_in_memory(varied: Varied, data: st.DataObject) -> None:
    """Rows, whole entries and counts hold exactly the entries that pass; a draft of the same words passes the same."""
    wanted = data.draw(sieves_of(varied))
    expected = [entry.id for entry in varied.entries if holds(wanted, entry)]
    pages = paging.sliced(Ask(limit=500), lambda way: paging.entries(varied.book, way, wanted, ALL_DAYS)).rows
    assert [row.id for row in pages if isinstance(row, EntryRow)] == expected
    assert [entry.id for entry in paging.whole_entries(varied.book, wanted, ALL_DAYS)] == expected
    assert paging.count_entries(varied.book, wanted, ALL_DAYS) == len(expected)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_filtered_register_keeps_the_balance(varied: Varied, data: st.DataObject) -> None:
    """The balance after a posting counts what the filter leaves out, on pages of any length."""
    wanted = data.draw(sieves_of(varied))
    accounts = tuple(data.draw(st.sets(st.sampled_from(varied.accounts), min_size=1, max_size=3)))
    span = AccountSpan(accounts, 20260000, 20261231)
    kept = {entry.id for entry in varied.entries if holds(wanted, entry)}
    limit = data.draw(st.sampled_from((1, 5, 500)))
    found = [row for row in postings(varied.book, Ask(limit=limit), span, wanted).rows if isinstance(row, PostingRow)]
    whole = postings(varied.book, Ask(limit=10**6), span, sieve.All()).rows
    everything = [row for row in whole if isinstance(row, PostingRow)]
    balances, balance = {}, 0
    for row in everything:
        balance += row.amount
        balances[row.place[:3]] = balance
    expected = [row for row in everything if row.entry.id in kept]
    assert len(everything) == sum(line.account in accounts for one in varied.entries for line in one.postings)
    assert [(row.place[:3], row.balance) for row in found] == [
        (row.place[:3], balances[row.place[:3]]) for row in expected[: len(found)]
    ]
    assert bool(found) is bool(expected)
