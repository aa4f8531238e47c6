"""Amounts in another commodity: their value is that of the last price on or before their day, and it balances."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Run

RULES = """\
rules:
- name: rent
  when: {text: {contains: RENT}}
  then:
    summary: Rent
    splits:
    - {account: "5601", share: 33.33}
    - {account: "5602", share: 33.33}
    - {account: "5603"}
- name: other
  when: {text: {regex: .}}
  then: {account: "5602"}
"""
STATEMENT = """\
date,description,in,out
2026-10-01,RENT,,10.01
2026-10-04,SHOP,,7.77
"""


@pytest.fixture
def book(run: Run) -> Path:
    """A book in CNY with a statement in USD and no price: D-1 is split in three, D-2 is not."""
    Path("rules.yaml").write_text(RULES, encoding="utf-8")
    Path("usd.csv").write_text(STATEMENT, encoding="utf-8")
    run("init", "acme", "--base", "CNY", "--start", "2026-01", "--bank", "1002.02=USD", "--no-passphrase")
    imported = run("import", "usd.csv", "--account", "1002.02", "--commodity", "USD", "--json")
    assert (imported.json["data"]["drafts"], imported.json["data"]["sure"]) == (2, 0)
    return Path("acme.cbk")


def _values(run: Run, draft: str) -> list[str | None]:
    lines: list[Any] = run("draft", "show", draft, "--json").json["data"]["lines"]
    return [one["value"] and one["value"]["amount"] for one in lines]


@pytest.mark.usefixtures("book")
def test_a_price_completes_a_split(run: Run) -> None:
    """Rounding of each part leaves nothing over: the values sum to zero, and the draft is sure again."""
    priced = run("price", "add", "USD", "7.1234", "--date", "2026-10-01")
    assert "2 drafts got their values." in priced.out
    values = _values(run, "D-1")
    assert values[0] == "-71.31"
    assert sum(round(float(value or 0) * 100) for value in values) == 0
    posted = run("post", "--all", "--yes", "--json").json["data"]
    assert (posted["entries"], posted["left"]) == (2, [])
    assert run("verify").status == 0


@pytest.mark.usefixtures("book")
def test_a_later_price_values_what_is_not_posted(run: Run) -> None:
    """Drafts follow the last price on or before their day, also where they had a value; undo takes that back."""
    run("price", "add", "USD", "7", "--date", "2026-09-30")
    assert _values(run, "D-2") == ["-54.39", "54.39"]
    assert "1 draft got its value" in run("price", "add", "USD", "8", "--date", "2026-10-02").out
    assert _values(run, "D-1")[0] == "-70.07"
    assert _values(run, "D-2") == ["-62.16", "62.16"]
    run("undo")
    assert _values(run, "D-2") == ["-54.39", "54.39"]


@pytest.mark.usefixtures("book")
def test_a_price_given_again_is_the_right_one(run: Run) -> None:
    """Of two prices of one day the second counts, before the post as after it."""
    run("price", "add", "USD", "9", "--date", "2026-10-04")
    run("price", "add", "USD", "7", "--date", "2026-10-04")
    assert _values(run, "D-2") == ["-54.39", "54.39"]


@pytest.mark.usefixtures("book")
def test_a_reversal_keeps_the_value_that_was_posted(run: Run) -> None:
    """A price that comes later does not touch what takes a posted entry back."""
    run("price", "add", "USD", "7", "--date", "2026-09-30")
    run("post", "--all", "--yes")
    made = run("entry", "reverse", "2026-10/记-2", "--date", "2026-10-31", "--json").json["data"]["reversal"]
    run("price", "add", "USD", "8", "--date", "2026-10-02")
    assert _values(run, made["id"]) == ["54.39", "-54.39"]
