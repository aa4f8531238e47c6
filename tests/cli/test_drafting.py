"""Drafts from the keyboard: what is missing is named with the command that fills it, and that command works."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Run

from cloudbooks.books.drafting import NothingToBalance, _rest
from cloudbooks.books.valuing import Valuation
from cloudbooks.core.commodity import Commodity
from cloudbooks.core.draft import Draft, DraftLine


@pytest.fixture
def book(run: Run) -> Path:
    """A book with one draft of 300.00 that is ready."""
    run("init", "acme", "--base", "CNY", "--start", "2026-01", "--bank", "1002.01=ICBC", "--no-passphrase")
    run("add", "2026-10-20", "Paper", "5602", "300", "1002.01")
    return Path("acme.cbk")


def _lines(run: Run) -> list[Any]:
    facts = run("draft", "show", "D-1", "--json").json["data"]
    return [(one["code"], one["amount"]["amount"]) for one in facts["lines"]]


@pytest.mark.usefixtures("book")
def test_an_unbalanced_draft_is_named_with_both_sums(run: Run) -> None:
    """MESSAGES.md, entry-unbalanced: by post and by accept; `=` in the amount ends it."""
    run("draft", "edit", "D-1", "--line", "2", "--amount", "-200")
    for words in (("post", "D-1", "--yes"), ("draft", "accept", "D-1")):
        refused = run(*words)
        assert refused.status == 3
        assert refused.err == (
            "error[entry-unbalanced]: D-1 is off by 100.00 CNY (debit 300.00, credit 200.00).\n"
            "hint: = in the last amount, or keep it as a draft\n"
        )
    assert "D-1 借贷不平，差 100.00 CNY（借 300.00，贷 200.00）" in run("post", "D-1", "--yes", "--lang", "zh").err
    assert run("draft", "edit", "D-1", "--line", "2", "--amount", "=").status == 0
    assert _lines(run) == [("5602", "300.00"), ("1002.01", "-300.00")]
    assert run("post", "D-1", "--yes").status == 0


@pytest.mark.usefixtures("book")
def test_an_equals_sign_balances_from_either_side(run: Run) -> None:
    """`=` takes what the other lines leave, as a Chinese keyboard types it too."""
    run("draft", "edit", "D-1", "--line", "2", "--amount", "-450.50")
    assert run("draft", "edit", "D-1", "--line", "1", "--amount", "＝").status == 0
    assert _lines(run) == [("5602", "450.50"), ("1002.01", "-450.50")]


def test_an_equals_sign_needs_the_other_amounts() -> None:
    """Beside a line whose value is not known, or from a currency to another, there is nothing to balance."""
    prices = Valuation("CNY", {"CNY": Commodity("CNY", 2), "USD": Commodity("USD", 2)}, lambda _code, _day: None)
    known, unknown = DraftLine("a", "USD", 1000, 7123), DraftLine("a", "USD", 1000, None)
    open_line = DraftLine("b", "CNY", None, None)
    one = Draft(None, "记", "", (), number=7)
    assert _rest(one, [known, open_line], 2, prices) == -7123
    with pytest.raises(NothingToBalance) as caught:
        _rest(one, [unknown, open_line], 2, prices)
    assert caught.value.code == "nothing-to-balance"
    with pytest.raises(NothingToBalance):
        _rest(one, [open_line, known], 2, prices)


def test_nothing_to_change_is_no_change(run: Run, book: Path) -> None:
    """`draft edit D-1` alone is a usage error: it neither makes a proposal ready nor becomes something to undo."""
    before = book.read_bytes()
    refused = run("draft", "edit", "D-1")
    assert (refused.status, refused.err.partition(":")[0]) == (2, "error[change-missing]")
    assert book.read_bytes() == before


@pytest.mark.usefixtures("book")
def test_a_missing_summary_is_filled_by_the_hint(run: Run) -> None:
    """Accept and post name what lacks, with the command that fills it."""
    run("draft", "edit", "D-1", "--summary", "")
    for words in (("draft", "accept", "D-1"), ("post", "D-1", "--yes")):
        refused = run(*words)
        assert refused.status == 3
        assert "it has no summary." in refused.err
        assert refused.err.endswith("hint: cloudbooks draft edit D-1 --summary TEXT\n")
    assert run("draft", "edit", "D-1", "--summary", "Paper", "--json").json["data"]["state"] == "ready"


@pytest.mark.usefixtures("book")
def test_a_missing_account_is_filled_by_the_hint(run: Run) -> None:
    """A bank's line that no rule decides asks for the account of its other line."""
    Path("bank.csv").write_text("date,description,in,out\n2026-10-01,CHARGES,,15.00\n", encoding="utf-8")
    run("import", "bank.csv", "--account", "1002.01")
    refused = run("draft", "accept", "D-2")
    assert "line 2 has no account." in refused.err
    assert refused.err.endswith("hint: cloudbooks draft edit D-2 --line 2 --account ACCOUNT\n")
    edited = run("draft", "edit", "D-2", "--line", "2", "--account", "5603", "--json")
    assert edited.json["data"]["state"] == "ready"


@pytest.mark.usefixtures("book")
def test_a_missing_price_is_filled_by_the_hint(run: Run) -> None:
    """A line in a commodity without a price asks for the price; with it the draft is complete."""
    run("commodity", "add", "USD")
    run("add", "2026-10-20", "Fee", "5603", "10", "1002.01", "--commodity", "USD")
    refused = run("draft", "accept", "D-2")
    assert refused.err.endswith("hint: cloudbooks price add USD RATE --date 2026-10-20\n")
    assert run("price", "add", "USD", "7.1234", "--date", "2026-10-20").status == 0
    shown = run("draft", "show", "D-2", "--json").json["data"]
    assert shown["state"] in ("ready", "proposed")
    assert [one["value"]["amount"] for one in shown["lines"]] == ["71.23", "-71.23"]
