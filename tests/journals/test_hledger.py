"""Other tools read our journal and come to the same balances, to the last digit."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.strategies import COMMODITIES, HOSTILE, ORDINARY, books

from cloudbooks.core.account import Account, AccountKind
from cloudbooks.core.chart import Chart
from cloudbooks.core.entry import Attachment, EntryKind, PostedEntry, Posting, Source, SourceKind
from cloudbooks.core.money import Rate, canonical
from cloudbooks.journals import hledger

Balances = dict[tuple[str, str], Decimal]

CHART = Chart(
    (
        Account("a1", "1002", "银行存款", AccountKind.ASSET),
        Account("a2", "1002.01", "ICBC", AccountKind.ASSET, parent="a1"),
        Account("e1", "5602", "管理费用; (总)", AccountKind.EXPENSE),
        Account("i1", "5001", "主营业务收入", AccountKind.INCOME),
    )
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a journal says of its book."""

    name: str = "Acme; 贸易"
    base: str = "CNY"


def tool(name: str) -> str:
    """The path of a program that the tests need; where it is missing they are skipped, but never in CI."""
    path = shutil.which(name)
    if path is None and os.environ.get("CI"):
        pytest.fail(f"{name} is not installed; in CI it must be")
    if path is None:
        pytest.skip(f"{name} is not installed here")
    return path


@pytest.fixture(scope="module", name="hledger_program")
def fixture_hledger_program() -> str:
    """The program hledger."""
    return tool("hledger")


@pytest.fixture(scope="module", name="ledger_program")
def fixture_ledger_program() -> str:
    """The program ledger."""
    return tool("ledger")


def journal(chart: Chart, entries: Iterable[PostedEntry], prices: Iterable[tuple[date, str, Rate]] = ()) -> str:
    """The exported journal as one text."""
    return "\n".join(hledger.export(Facts(), chart, COMMODITIES, entries, prices)) + "\n"


def asked(command: list[str], text: str) -> str:
    """What a tool prints about a journal; its complaint fails the test."""
    done = subprocess.run(command, input=text.encode(), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode() + text
    return done.stdout.decode()


def balances_by_hledger(program: str, text: str, *options: str) -> Balances:
    """Account and commodity to amount, without zeros, as hledger sums them."""
    command = [program, "-f", "-", "balance", "--flat", "--no-total", "--layout=bare", "-O", "csv", *options]
    rows = list(csv.reader(asked(command, text).splitlines()))[1:]
    return {(account, commodity): Decimal(number) for account, commodity, number in rows if Decimal(number)}


def ours(chart: Chart, entries: Iterable[PostedEntry], *, values: bool) -> Balances:
    """The naive sums: amounts by commodity, or values in the base; a value without amount is an amount of the base."""
    names = hledger.account_names(chart)
    sums: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for entry in entries:
        for one in entry.postings:
            in_base = values or one.commodity == "CNY" or (one.amount == 0 and one.value != 0)
            commodity = "CNY" if in_base else one.commodity
            minor = one.value if in_base else one.amount
            sums[names[one.account], commodity] += Decimal(canonical(minor, COMMODITIES[commodity].scale))
    return {key: number for key, number in sums.items() if number}


@settings(max_examples=25, deadline=None)
@given(books())
def test_hledger_sums_the_same(hledger_program: str, book: tuple[Chart, tuple[PostedEntry, ...]]) -> None:
    """Amounts by account and commodity, and values at cost, are those of the book."""
    chart, entries = book
    text = journal(chart, entries)
    assert ours(chart, entries, values=False) == balances_by_hledger(hledger_program, text)
    assert ours(chart, entries, values=True) == balances_by_hledger(hledger_program, text, "-B")


@settings(max_examples=10, deadline=None)
@given(books())
def test_ledger_sums_the_same(ledger_program: str, book: tuple[Chart, tuple[PostedEntry, ...]]) -> None:
    """The program ledger reads the same journal to the same amounts and values."""
    chart, entries = book
    text = journal(chart, entries)
    for values, expression in ((False, "amount"), (True, "cost")):
        form = f"%(account)\t%(quantity({expression}))\t%(commodity({expression}))\n"
        command = [ledger_program, "-f", "/dev/stdin", "--no-pager", "register", "--format", form]
        sums: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
        for line in asked(command, text).splitlines():
            account, number, commodity = line.split("\t")
            sums[account, commodity.strip('"')] += Decimal(number)
        assert ours(chart, entries, values=values) == {key: number for key, number in sums.items() if number}


def entry(*postings: Posting, **facts: object) -> PostedEntry:
    """An entry of the chart above."""
    made = PostedEntry("e1", "记", 12, date(2026, 10, 3), "Staples paper", 41, postings)
    return replace(made, **facts)  # type: ignore[arg-type] # any field of an entry


PAPER = (Posting("e1", "CNY", 30000, 30000), Posting("a2", "CNY", -30000, -30000))


def test_an_entry_is_a_dated_one_with_its_number_as_code() -> None:
    """Date, voucher number, summary, accounts as a tree, and what the tools have no words for as tags."""
    made = entry(
        *PAPER,
        kind=EntryKind.CLOSING,
        tags=("office",),
        source=Source(SourceKind.RULE, "S-7/3", "office supplies"),
        attachments=(Attachment("b3:00", "s256:00", 5, "text/plain", "bill, 1.txt"),),
    )
    lines = journal(CHART, [made]).split("\n")
    assert lines[lines.index("2026-10-03 * (记-0012) Staples paper") :] == [
        "2026-10-03 * (记-0012) Staples paper",
        "    ; id: e1",
        "    ; block: 41",
        "    ; source: rule",
        "    ; kind: closing",
        "    ; reference: S-7/3",
        "    ; rule: office supplies",
        "    ; tag: office",
        "    ; attachment: bill， 1.txt b3:00",
        "    expenses:5602 管理费用； （总）    300.00 CNY",
        "    assets:1002 银行存款:1002.01 ICBC    -300.00 CNY",
        "",
    ]


def test_a_foreign_posting_bears_its_value_as_total_cost() -> None:
    """The value stands after `@@` without a sign; a value without amount stands in the base, marked."""
    made = entry(
        Posting("a2", "USD", -10000, -71234),
        Posting("a2", "BTC.X2", 0, 1234),
        Posting("e1", "CNY", 70000, 70000),
    )
    text = journal(CHART, [made])
    assert "ICBC    -100.00 USD @@ 712.34 CNY\n" in text
    assert "ICBC    12.34 CNY\n        ; revaluation: BTC.X2\n" in text


def test_prices_and_commodities() -> None:
    """Commodities fix their decimals, prices keep theirs, and codes with signs are quoted."""
    text = journal(CHART, [], [(date(2026, 10, 1), "BTC.X2", Rate.parse("812345.123456789"))])
    assert 'commodity "BTC.X2"\n    format 1,000.00000000 "BTC.X2"\n' in text
    assert "commodity JPY\n" in text
    assert 'P 2026-10-01 "BTC.X2" 812345.123456789 CNY\n' in text


@settings(max_examples=25, deadline=None)
@given(
    summary=st.text(ORDINARY + HOSTILE + "*!;|@=", max_size=30),
    words=st.sampled_from(
        ["date:2026-99-99", "[2026-99-99]", "a, date: 5", "x  ; y", ":a:b:", "; {1}", "\n2026-01-01 x"]
    ),
)
def test_no_words_of_strangers_are_read_as_syntax(hledger_program: str, summary: str, words: str) -> None:
    """Summaries, texts, tags and dimensions may hold anything, and change neither amounts nor dates nor entries."""
    made = entry(
        replace(PAPER[0], text=words, dimensions=(("date", "2026-99-99"), (words, words))),
        replace(PAPER[1], party=words),
        summary=summary,
        tags=(words,),
    )
    text = journal(CHART, [made], [(date(2026, 1, 1), "USD", Rate.parse("7.1"))])
    assert ours(CHART, [made], values=False) == balances_by_hledger(hledger_program, text)
    rows = list(csv.reader(asked([hledger_program, "-f", "-", "print", "-O", "csv"], text).splitlines()))
    assert {(row[1], row[4]) for row in rows[1:]} == {("2026-10-03", "记-0012")}


def test_accounts_of_one_code_and_name_stay_two() -> None:
    """A closed account and its open successor with the same code and name have two names in the journal."""
    old = Account("old", "1002.01", "ICBC", AccountKind.ASSET, parent="a1", closed=True)
    names = hledger.account_names(Chart((*CHART, old)))
    assert len(names) == len(set(names.values()))


def test_hledger_knows_the_kinds(hledger_program: str) -> None:
    """A strict reader finds every account and commodity declared, and hledger's own statements sort them."""
    text = journal(CHART, [entry(*PAPER)])
    asked([hledger_program, "-f", "-", "--strict", "check"], text)
    shown = asked([hledger_program, "-f", "-", "incomestatement", "-O", "csv"], text)
    assert "管理费用" in shown
    assert "ICBC" not in shown
