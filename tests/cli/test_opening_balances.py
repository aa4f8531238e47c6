"""`init --opening`: a file of codes and amounts becomes one posted entry, or its rows at fault are named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Outcome, Run


def _init(run: Run, data: bytes, *words: str) -> Outcome:
    Path("opening.csv").write_bytes(data)
    init = ("init", "acme", "--base", "CNY", "--start", "2026-03", "--bank", "1002.01=ICBC", "--no-passphrase")
    return run(*init, "--opening", "opening.csv", *words)


def _balances(run: Run) -> dict[str, str]:
    accounts: list[Any] = run("balance", "-p", "2026-03", "--json").json["data"]["accounts"]
    return {one["code"]: one["closing"]["amount"] for one in accounts}


@pytest.mark.parametrize(
    "data",
    [
        b'code,amount\n1002.01,"1,000.50"\n1122,200\n3001,-1200.50\n',
        "科目编码,金额\n工行,1000.5\n1122,200\n3001,=\n".replace("工行", "1002.01").encode("gb18030"),
        "﻿1002.01,１０００．５０\r\n1122,200\r\n\r\n3001,＝\r\n".encode(),
        "code\tamount\n1002.01\t1000.50\n1122\t200\n3001\t=\n".encode("utf-16"),
        b"code;amount\n1002.01;1000.50\n1122;200\n3001;-1200.50\n",
    ],
    ids=["csv", "gb18030", "bom", "utf-16 tabs", "semicolons"],
)
def test_opening_balances_are_one_posted_entry(run: Run, data: bytes) -> None:
    """Any spreadsheet's text is read; `=` is what the other rows leave, once."""
    assert _init(run, data).status == 0
    assert _balances(run) == {"1002.01": "1000.50", "1122": "200.00", "3001": "-1200.50"}
    entry = run("entry", "show", "2026-03/记-1", "--json").json["data"]
    assert entry["date"] == "2026-03-01"
    assert run("verify").status == 0


@pytest.mark.parametrize(
    ("data", "code", "said"),
    [
        (b"", "opening-unreadable", "the opening balances hold no row of a code and an amount."),
        (b"code,amount\n\n", "opening-unreadable", "the opening balances hold no row of a code and an amount."),
        (b"1122,5\n", "entry-unbalanced", "opening.csv is off by 5.00 CNY (debit 5.00, credit 0.00)."),
        (b"1122,100\n3001,-90\n", "entry-unbalanced", "opening.csv is off by 10.00 CNY (debit 100.00, credit 90.00)."),
        (b"1122,=\n3001,=\n", "opening-unreadable", "the opening balances hold 1 row that cannot be taken."),
        (b"1122,1e3\n9999,3\n3001\n", "opening-unreadable", "the opening balances hold 3 rows that cannot be taken."),
        (b"1122,5,7\n3001,-5\n", "opening-unreadable", "the opening balances hold 1 row that cannot be taken."),
        (b"\x00\x01\xff\xfe\x9f", "file-binary", "opening.csv is no text: row 1 holds a byte that no text has."),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0d", "file-binary", "opening.csv holds PNG, not rows of text."),
    ],
)
def test_what_cannot_be_taken_makes_no_book(run: Run, data: bytes, code: str, said: str) -> None:
    """Exit 3 with every row at fault, and neither book nor key is there after it."""
    refused = _init(run, data)
    assert refused.status == 3
    assert refused.err.startswith(f"error[{code}]: {said}\n")
    assert not Path("acme.cbk").exists()
    assert not list(Path("../home").glob("keys/*/*"))
    assert _init(run, b"1122,5\n3001,-5\n").status == 0


def test_each_row_at_fault_is_named_by_its_number(run: Run) -> None:
    """The file's name and row, what is there, and how to write it."""
    refused = _init(run, b"code,amount\n1122,lots\n9999,3\n3001,-3,x\n")
    assert 'finding[amount-unreadable]: opening.csv:2 "lots" is not an amount' in refused.err
    assert 'finding[account-unknown]: opening.csv:3 no account matches "9999".' in refused.err
    assert "finding[opening-row]: opening.csv:4 " in refused.err
    assert refused.err.endswith("3 findings.\n")


@pytest.fixture
def opened(run: Run) -> Run:
    """A book that opens with balances in March, and pays 300 in March and 50 in April."""
    assert _init(run, b"code,amount\n1002.01,1000.50\n1122,200\n3001,-1200.50\n").status == 0
    for day, amount in (("2026-03-01", "300"), ("2026-04-02", "50")):
        run("add", day, "Paper", "5602", amount, "1002.01")
    assert run("post", "--all", "--yes").status == 0
    return run


def _bank(run: Run, report: tuple[str, ...], period: str) -> dict[str, str]:
    accounts = run(*report, "-p", period, "--json").json["data"]["accounts"]
    row = next(one for one in accounts if one["code"] == "1002.01")
    return {key: row[key]["amount"] for key in ("opening", "debit", "credit", "closing")}


@pytest.mark.parametrize("report", [("report", "trial-balance"), ("balance",)], ids=" ".join)
def test_what_opens_a_book_is_no_movement(opened: Run, report: tuple[str, ...]) -> None:
    """期初余额: in the first month the balances stand in the opening column, and debit and credit are what moved."""
    first = {"opening": "1000.50", "debit": "0.00", "credit": "300.00", "closing": "700.50"}
    assert _bank(opened, report, "2026-03") == first
    assert _bank(opened, report, "2026-03..2026-04") == first | {"credit": "350.00", "closing": "650.50"}
    later = {"opening": "700.50", "debit": "0.00", "credit": "50.00", "closing": "650.50"}
    assert _bank(opened, report, "2026-04") == later


def test_before_a_book_opens_it_has_nothing(opened: Run) -> None:
    """A month before the first knows no balance, and the totals of the first are what moved."""
    assert opened("report", "trial-balance", "-p", "2026-02", "--json").json["data"]["accounts"] == []
    totals = opened("report", "trial-balance", "-p", "2026-03", "--json").json["data"]["totals"]
    assert (totals["debit"]["amount"], totals["credit"]["amount"]) == ("300.00", "300.00")


def test_a_ledger_begins_with_what_opened_the_book(opened: Run) -> None:
    """The opening entry is the ledger's opening balance and none of its lines; the journal has it as what it is."""
    data = opened("report", "ledger", "1002.01", "-p", "2026-03", "--json").json["data"]
    assert data["opening"]["amount"] == "1000.50"
    assert [entry["summary"] for entry in data["entries"]] == ["Paper"]
    assert opened("report", "ledger", "3001", "-p", "2026-03", "--json").json["data"]["entries"] == []
    journal = opened("report", "journal", "-p", "2026-03", "--json").json["data"]["entries"]
    assert [entry["number"] for entry in journal] == ["记-0001", "记-0002"]


def test_statements_of_a_form_count_the_opening_as_before(opened: Run) -> None:
    """The balance sheet has what the accounts have, the income statement what was earned and spent."""
    sheet = opened("report", "balance-sheet", "-p", "2026-03", "--json").json["data"]["rows"]
    amounts = {row["line"]: row["amounts"][-1]["amount"] for row in sheet}
    assert amounts["assets"] == amounts["liabilities-and-equity"] == "900.50"
    net = opened("report", "income", "-p", "2026-03", "--json").json["data"]["net"]
    assert net["amount"] == "-300.00"
