"""`chain log`: the book's history from its own records, for whoever wants to know who did what and when."""

from __future__ import annotations

import pytest
from tests.cli.conftest import Run

from cloudbooks.core.head_code import head_code


@pytest.fixture
def book(run: Run) -> None:
    """Entries, a member added, rotated and revoked, a month closed and reopened."""
    run("init", "acme", "--base", "CNY", "--chart", "cn-small", "--bank", "1002.01=ICBC", "--no-passphrase")
    run("add", "2026-09-20", "Paper", "5602", "300", "1002.01")
    run("add", "2026-10-20", "Ink", "5602", "5", "1002.01")
    run("post", "--all", "--yes")
    me = run("member", "list", "--json").json["data"]["members"][0]["name"]
    run("member", "add", "Bob", "--here", "--no-passphrase", "--rights", "post", "--yes")
    run("member", "rotate", "--as", "Bob", "--confirm", "Bob", "--no-passphrase")
    run("member", "revoke", "Bob", "--confirm", "Bob", "--as", me)
    run("close", "2026-10", "--yes", "--as", me)
    run("period", "reopen", "2026-10", "--reason", "late invoice", "--confirm", "2026-10", "--as", me)


DID = [
    ["2026-10 reopened: late invoice"],
    ["2026-10 closed"],
    ["member Bob revoked"],
    ["member Bob takes another key"],
    ["member Bob added"],
    ["2 entries"],
]


@pytest.mark.usefixtures("book")
def test_each_block_says_what_it_did(run: Run) -> None:
    """The newest first; with the numbers that were given, and the code that a printed head has."""
    blocks = run("chain", "log", "--json").json["data"]["blocks"]
    assert [one["did"] for one in blocks[:-1]] == DID
    assert blocks[-1]["did"][0] == "the book stated"
    assert blocks[-1]["did"][1].endswith("added")
    assert blocks[-1]["did"][2] == "1 commodity"
    assert blocks[-2]["numbers"] == ["2026-09/记-0001", "2026-10/记-0001"]
    assert [one["code"] for one in blocks] == [head_code(one["block"], one["hash"]) for one in blocks]


@pytest.mark.usefixtures("book")
def test_the_last_blocks_are_told_alike(run: Run) -> None:
    """What a member was before is known although the blocks before are not shown."""
    blocks = run("chain", "log", "--last", "4", "--json").json["data"]["blocks"]
    assert [one["did"] for one in blocks] == DID[:4]
    assert run("chain", "log", "--last", "x").status == 2


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.usefixtures("book")
def test_it_is_told_in_both_languages(run: Run, language: str) -> None:
    """Text for people; nothing of it is English where Chinese was asked for."""
    said = run("chain", "log", "--lang", language).out
    assert ("2026-10 closed" in said, "2026-10 结账" in said) == (language == "en", language == "zh")
