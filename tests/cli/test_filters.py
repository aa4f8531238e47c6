"""The filter language on the command line: the same as on the screens."""

from __future__ import annotations

import pytest
from tests.cli.conftest import Run


@pytest.fixture
def book(run: Run) -> None:
    """Two posted entries and two drafts."""
    run("init", "acme", "--base", "CNY", "--chart", "cn-small", "--start", "2026-01", "--bank", "1002.01=ICBC",
        "--name", "Acme", "--as", "Li Na", "--no-passphrase")  # fmt: skip
    for day, words in (("2026-10-05", "Rent"), ("2026-10-06", "Paper")):
        run("add", day, words, "5602", "300", "1002.01")
    run("post", "--all", "--yes")
    for day, words in (("2026-10-07", "Taxi"), ("2026-10-08", "Paper again")):
        run("add", day, words, "5602", "84", "1001")


def test_both_lists_take_the_same_filter(run: Run, book: None) -> None:
    """Text, account, amount and state mean the same for entries and for drafts."""
    del book
    found = run("entry", "list", "paper", "amt:>100", "--json").json["data"]["entries"]
    assert [one["summary"] for one in found] == ["Paper"]
    found = run("draft", "list", "PAPER | taxi", "-acct:1002", "state:ready", "--json").json["data"]["drafts"]
    assert [one["summary"] for one in found] == ["Taxi", "Paper again"]
    assert "Taxi" not in run("draft", "list", "date:..2026-10-06", "|", "text:again").out


def test_zero_hits_name_what_removes_most(run: Run, book: None) -> None:
    """A filter that lets nothing pass names its condition without which most would; it is no empty book."""
    del book
    assert run("entry", "list", "amt:77", "paper").out == "Nothing matches. Without amt:77: 1.\n"
    assert run("draft", "list", "paper", "amt:77").out == "Nothing matches. Without amt:77: 1.\n"
    assert run("entry", "list", "text:nowhere", "amt:77").out == "No entries match.\n"
    assert run("draft", "list", "--sure").out == "No drafts match.\n"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("stat:ready", "filter-field"),
        ("acct:9999", "account-unknown"),
        ("text:>1", "filter-value"),
        ("(a", "filter-unreadable"),
    ],
)
def test_what_means_nothing_is_refused_by_both(run: Run, book: None, words: str, code: str) -> None:
    """An unknown field or account, a sign without meaning and an open bracket are refusals with a hint."""
    del book
    for list_ in ("entry", "draft"):
        said = run(list_, "list", words)
        assert said.status != 0
        assert f"[{code}]" in said.err
        assert "hint:" in said.err
