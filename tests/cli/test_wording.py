"""What an accountant stumbles over: words that say another thing than what was done or what stands there."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.conftest import Run

from cloudbooks.store import attested


@pytest.fixture
def book(run: Run) -> Path:
    """A book with one bank account and one posted entry of October."""
    run("init", "acme", "--base", "CNY", "--start", "2026-01", "--bank", "1002.01=ICBC", "--no-passphrase")
    run("add", "2026-10-20", "Paper", "5602", "300", "1002.01")
    run("post", "--all", "--yes")
    return Path("acme.cbk")


@pytest.mark.usefixtures("book")
def test_a_balance_sheet_stands_on_a_day(run: Run) -> None:
    """Its columns are headed by the last day of their period; JSON keeps the period."""
    assert "2026-10-31" in run("report", "balance-sheet", "-p", "2026-10").out.splitlines()[1]
    months = run("report", "balance-sheet", "-p", "2026-09..2026-10", "--by", "month")
    assert months.out.splitlines()[1].split()[-2:] == ["2026-09-30", "2026-10-31"]
    assert run("report", "balance-sheet", "-p", "2026-10", "--json").json["data"]["columns"] == ["2026-10"]
    assert "2026-10 " in run("report", "income", "-p", "2026-10").out.splitlines()[1] + " "


@pytest.mark.usefixtures("book")
def test_a_closed_account_is_said_to_be_closed(run: Run) -> None:
    """`account close` says what it does, in both languages; a renamed one says its new name."""
    assert run("account", "rename", "1001", "Till").out == "1001 Till: the next post states it.\n"
    assert run("account", "close", "1001").out == "1001 Till is closed with the next post.\n"
    assert run("account", "close", "1012", "--lang", "zh").out.endswith("随下次记账停用。\n")


@pytest.mark.usefixtures("book")
def test_commodities_have_a_head_of_their_own(run: Run) -> None:
    """A commodity's code is no account's code; a commodity without a name leaves no gap."""
    assert run("commodity", "list", "--lang", "zh").out.startswith("币种")
    assert run("commodity", "add", "QQQ", "--scale", "1").out == "QQQ, 1 decimal: the next post states it.\n"


@pytest.mark.usefixtures("book")
def test_a_line_that_is_not_there_is_not_a_missing_statement(run: Run) -> None:
    """`statement explain S-1 0` speaks of the line."""
    Path("bank.csv").write_text("date,description,in,out\n2026-10-01,X,,1.00\n", encoding="utf-8")
    run("import", "bank.csv", "--account", "1002.01")
    for line in ("0", "2"):
        assert f"statement S-1 has no line {line}." in run("statement", "explain", "S-1", line).err


@pytest.mark.usefixtures("book")
def test_a_withdrawal_counts_like_a_person(run: Run) -> None:
    """One draft is a draft; nothing posted is not spoken of."""
    Path("bank.csv").write_text("date,description,in,out\n2026-10-01,X,,1.00\n", encoding="utf-8")
    run("import", "bank.csv", "--account", "1002.01")
    assert run("statement", "withdraw", "S-1").err.startswith("error[no-terminal]")
    assert run("statement", "withdraw", "S-1", "--yes").out == "bank.csv: 1 draft discarded.\n"


def test_doctor_says_why_it_looked_at_no_book(run: Run) -> None:
    """With two books, or none, the installation is looked at, and the line of the book says why."""
    assert "there is no book in this folder or above it." in run("doctor").out
    for name in ("one", "two"):
        run("init", name, "--base", "CNY", "--no-passphrase")
    looked = run("doctor")
    assert looked.status == 0
    assert "2 books are in" in looked.out


def test_a_language_that_is_not_spoken_is_not_kept(run: Run) -> None:
    """`config set lang fr` would make every later command a refusal, the one that mends it too."""
    refused = run("config", "set", "lang", "fr")
    assert (refused.status, refused.err.partition(":")[0]) == (2, "error[language-unknown]")
    assert run("config", "get", "lang").status == 0
    assert run("config", "set", "lang", "zh_CN.UTF-8").out.startswith("lang is zh")
    assert run("config", "set", "lang", "").status == 0
    assert run("config", "get", "lang").out == "\n"


def test_an_empty_book_is_greeted_in_the_readers_language(run: Run) -> None:
    """The next step of an empty book has its placeholders in Chinese."""
    run("init", "acme", "--base", "CNY", "--no-passphrase")
    assert run("status", "--lang", "zh").err == "下一步：cloudbooks import 文件 --account 科目\n"


def test_since_names_a_block_that_it_goes_on_from(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the hint names works: a verification that is kept and cannot be read any more is not named."""
    run("init", "acme", "--base", "CNY", "--chart", "generic", "--no-passphrase")
    run("verify")
    refused = run("verify", "--since", "7")
    assert "--since goes on from a block with which a whole verification here ended;" in refused.err
    assert 'none ended with "7", but with block 0.\nhint: cloudbooks verify --since 0\n' in refused.err
    assert run("verify", "--since", "0").status == 0

    def unread(*_: object) -> None:
        raise attested.Unreadable

    monkeypatch.setattr(attested, "read", unread)
    for word in ("last", "0"):
        assert (
            "hint: cloudbooks verify reads all of it; --since last goes on from there"
            in run("verify", "--since", word).err
        )
