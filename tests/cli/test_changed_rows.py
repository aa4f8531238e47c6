"""Posted data that another program changed is told as people know it: accounts by code and name, months by name."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.conftest import Run
from tests.store.posted_book import another_program, without_triggers

from cloudbooks.store import sqlite

BOOK = Path("acme.cbk")
CHANGED = (
    ("UPDATE balance SET debit = debit + 1 WHERE debit > 0",
     "the movement of 5602 Administrative expenses in 2026-10, CNY, differs from what was posted (debit).",
     "5602 Administrative expenses 2026-10 的 CNY 发生额与记账时不符（借方）。"),
    ("DELETE FROM leaf WHERE credit > 0",
     "the total of 1002.01 ICBC in CNY is missing.", "1002.01 ICBC 的 CNY 累计发生额缺失。"),
    ("UPDATE last_number SET number = 9",
     "the last number of 记 in 2026-10 differs from what was posted (number).",
     "2026-10 的 记 字末号与记账时不符（编号）。"),
    ("UPDATE block SET hash = zeroblob(32) WHERE number = 1",
     "the row of block 1 differs from what was posted (hash).", "第 1 区块的数据行与记账时不符（hash）。"),
    ("UPDATE price SET rate = '8' WHERE 1",
     "the price of USD on 2026-10-01 differs from what was posted (rate).",
     "2026-10-01 的 USD 汇率与记账时不符（rate）。"),
)  # fmt: skip


@pytest.fixture
def book(run: Run) -> None:
    """A book with an entry and the price of a foreign currency."""
    run("init", "acme", "--base", "CNY", "--start", "2026-01", "--bank", "1002.01=ICBC", "--no-passphrase")
    run("commodity", "add", "USD")
    run("price", "add", "USD", "7.1", "--date", "2026-10-01")
    run("add", "2026-10-20", "Paper", "5602", "300", "1002.01")
    assert run("post", "--all", "--yes").status == 0


@pytest.mark.usefixtures("book")
def test_what_was_changed_is_told_as_people_know_it(run: Run) -> None:
    """No key of a row stands in the sentence, in either language."""
    before = BOOK.read_bytes()
    for statement, en, zh in CHANGED:
        with another_program(BOOK) as connection:
            without_triggers(connection, statement)
        told = {one["message"] for one in run("verify", "--json").json["findings"]}
        assert en in told, statement
        assert f"：{zh}" in run("verify", "--lang", "zh").err, statement
        BOOK.write_bytes(before)


@pytest.mark.usefixtures("book")
def test_a_row_that_was_never_posted_is_told_by_its_account(run: Run) -> None:
    """A balance of a month in which nothing was posted; an account that is not there is told by its key."""
    with another_program(BOOK) as connection:
        account, commodity = _some_balance(connection)
        without_triggers(
            connection,
            f"INSERT INTO balance VALUES ({account}, {commodity}, 202612, 0, 1, 0, 1, 0, 1)",
            f"INSERT INTO balance VALUES (999, {commodity}, 202612, 0, 1, 0, 1, 0, 1)",
        )
    told = [one["message"] for one in run("verify", "--json").json["findings"] if one["code"] == "posted-changed"]
    assert "the movement of 1002.01 ICBC in 2026-12, CNY, was never posted." in told
    assert any(one.startswith("the row 999, ") and one.endswith(" was never posted.") for one in told)


def _some_balance(connection: sqlite.Connection) -> tuple[int, int]:
    account, commodity = connection.execute("SELECT account, commodity FROM balance WHERE credit > 0").fetchone()
    return account, commodity
