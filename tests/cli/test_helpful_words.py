"""What is said helps: a hint is a command that runs, a name is one that people use, and a time is the reader's own."""

from __future__ import annotations

import re
import shlex
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.conftest import Outcome, Run

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
STATEMENT = "Date,Description,Amount,Balance\n2026-10-01,Staples,-300.00,700.00\n2026-10-02,Tea,-5.00,695.00\n"


@pytest.fixture
def book(run: Run) -> Path:
    """A book with a bank account and one posted entry."""
    made = run("init", "acme", "--base", "CNY", "--start", "2026-01", "--bank", "1002.01=ICBC", "--no-passphrase")
    assert made.status == 0, made.err
    run("add", "2026-10-20", "Paper", "5602", "300", "1002.01")
    assert run("post", "--all", "--yes").status == 0
    return Path("acme.cbk")


@pytest.fixture
def far_east(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A reader whose clock is thirteen hours and a quarter before UTC: a zone that no machine has by itself."""
    monkeypatch.setenv("TZ", "TEST-13:15")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def hinted(said: Outcome) -> list[str]:
    """The words of the command in a hint, as a shell would take them apart."""
    hint = re.split(r"hint: |提示：", said.err)[-1].splitlines()[0]
    words = shlex.split(hint)
    assert words[0] == "cloudbooks"
    return words[1:]


def test_an_older_copy_names_a_command_for_the_newer_one(run: Run, book: Path) -> None:
    """The hint runs as it stands, for a book whose path a shell would take apart too."""
    Path("old copies").mkdir()
    Path("new one").mkdir()
    copy = shutil.copy(book, "old copies/acme.cbk")
    newer = shutil.move(book, "new one/acme.cbk")
    run("add", "2026-10-22", "Tea", "5602", "5", "1002.01", "-b", newer)
    assert run("post", "--all", "--yes", "-b", newer).status == 0
    warned = run("status", "-b", copy)
    assert "warning[older-copy]" in warned.err
    seen = run(*hinted(warned))
    assert (seen.status, "older-copy" in seen.err) == (0, False)
    assert "block 2" in seen.out


@pytest.mark.usefixtures("book")
@pytest.mark.parametrize(
    ("code", "why", "shows"),
    [("1002", "accounts below it are open", "1002.01"), ("5602", "its balance", "Paper"), ("6", "drafts", "D-2")],
)
def test_an_account_in_use_shows_by_what(run: Run, code: str, why: str, shows: str) -> None:
    """Accounts below it, entries on it or drafts: each has the command that lists them."""
    run("account", "add", "6", "Other", "--kind", "expense")
    run("add", "2026-10-22", "Tea", "6", "5", "1002.01")
    refused = run("account", "close", code)
    assert (refused.status, refused.err.partition(":")[0]) == (3, "error[account-in-use]")
    assert why in refused.err
    shown = run(*hinted(refused))
    assert shown.status == 0
    assert shows in shown.out


@pytest.mark.usefixtures("book", "far_east")
def test_people_read_their_own_time_and_scripts_utc(run: Run) -> None:
    """Lists of blocks and peers, a block, an undo: no instant of the chain is shown to people as it is kept."""
    run("peer", "add", "usb", "usb")
    run("peer", "push", "usb")
    for words, key in (
        (("batch", "list"), "committed_at"),
        (("batch", "show", "1"), "committed_at"),
        (("peer", "list"), "at"),
    ):
        told, kept = run(*words), run(*words, "--json")
        found = re.findall(rf'"{key}":\s*"({INSTANT.pattern})"', kept.out)
        assert found, kept.out
        assert not INSTANT.search(told.out)
        assert re.search(r"\b\d{4}-\d\d-\d\d \d\d:\d\d\b", told.out)
        hour, minute = int(found[-1][11:13]), int(found[-1][14:16])
        local = (hour * 60 + minute + 13 * 60 + 15) % (24 * 60)
        assert f" {local // 60:02}:{local % 60:02}" in told.out
    run("add", "2026-10-22", "Tea", "5602", "5", "1002.01")
    undone = run("undo")
    assert re.search(r"\(\d{4}-\d\d-\d\d \d\d:\d\d\)", undone.out)
    run("add", "2026-10-22", "Tea", "5602", "5", "1002.01")
    assert INSTANT.fullmatch(run("undo", "--json").json["data"]["at"])


@pytest.mark.usefixtures("book")
def test_a_line_is_explained_with_the_voucher_it_became(run: Run) -> None:
    """The entry of a statement line is named as people name it, and by its id for scripts."""
    Path("bank.csv").write_text(STATEMENT, encoding="utf-8")
    Path("rules.yaml").write_text(
        'rules:\n- name: paper\n  when: {text: {contains: Staples}}\n  then: {account: "5602"}\n', encoding="utf-8"
    )
    run("import", "bank.csv", "--account", "1002.01")
    run("post", "--all", "--yes")
    told = run("statement", "explain", "S-1", "1")
    assert "2026-10/记-0002" in told.out
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-7", told.out)
    assert "2026-10/记-0002" in run("statement", "show", "S-1").out
    assert "D-" not in run("statement", "show", "S-1").out.splitlines()[3]
    entry = run("statement", "explain", "S-1", "1", "--json").json["data"]["entry"]
    named = next(line for line in told.out.splitlines() if "cloudbooks entry show" in line)
    shown = run(*shlex.split(named[named.index("cloudbooks ") :])[1:], "--json")
    assert shown.json["data"]["id"] == entry


def test_the_columns_of_a_file_are_told_in_the_readers_language(run: Run) -> None:
    """In the order of the file, and in English for scripts."""
    Path("bank.csv").write_text(STATEMENT, encoding="utf-8")
    told = run("statement", "sniff", "bank.csv", "--lang", "zh").out
    places = [line.split() for line in told.splitlines() if line.startswith("  第")]
    assert [(place[1], place[3], place[4]) for place in places] == [
        ("1", "日期", "Date"),
        ("2", "摘要", "Description"),
        ("3", "金额", "Amount"),
        ("4", "余额", "Balance"),
    ]
    scripts = run("statement", "sniff", "bank.csv", "--lang", "zh", "--json").json["data"]["columns"]
    assert {one["role"] for one in scripts} == {"date", "text", "amount", "balance"}


@pytest.mark.usefixtures("book")
@pytest.mark.parametrize(
    "text",
    [
        'Date,Description,Amount\n2026-01-01,"x,1.00\n',
        "Date,Description,Amount\n2026-01-01," + "x" * 200_000 + ",1.00\n",
    ],
    ids=["quote-open", "row-too-long"],
)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_refused_file_is_named_once(run: Run, text: str, language: str) -> None:
    """Where the place names the file, the sentence does not name it again."""
    Path("bank.csv").write_text(text, encoding="utf-8")
    refused = run("import", "bank.csv", "--account", "1002.01", "--lang", language)
    assert refused.status == 3
    assert refused.err.splitlines()[0].count("bank.csv") == 1


@pytest.mark.usefixtures("book")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("trial-balance",), "did you mean cloudbooks report trial-balance?"),
        (("sniff", "bank.csv"), "did you mean cloudbooks statement sniff?"),
        (("add", "2026-10-20", "Tea", "5602", "5", "1002.01", "--commodity", "USD"), "cloudbooks commodity add USD\n"),
        (("add", "2026-10-20", "", "5602", "5", "1002.01"), "Next: cloudbooks draft edit D-2 --summary TEXT"),
        (("add", "0001-10-20", "Tea", "5602", "5", "1002.01"), "Next: cloudbooks draft edit D-2 --date DATE"),
        (
            ("add", "2026-10-20", "Tea", "5602", "0", "1002.01"),
            "cloudbooks draft edit D-2 --line 1 --amount AMOUNT",
        ),
        (("import", "nosuch/bank.csv", "--account", "1002.01"), "hint: ls .\n"),
        (("import", "in box", "--account", "1002.01"), "hint: ls 'in box'\n"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_what_comes_next_is_what_is_missing(run: Run, words: tuple[str, ...], said: str) -> None:
    """A misplaced word is found in its group; what is missing has the command that gives it, or where to look."""
    Path("in box").mkdir()
    assert said in run(*words).err


@pytest.mark.usefixtures("book")
def test_one_line_is_one_line(run: Run) -> None:
    """Counts have their singular."""
    Path("bank.csv").write_text("date,description,in,out\n2026-10-01,Tea,,5.00\n", encoding="utf-8")
    assert run("statement", "sniff", "bank.csv").out.startswith("bank.csv  1 line, ")
    assert run("import", "bank.csv", "--account", "1002.01").out.startswith("bank.csv  1 line, ")


def test_an_empty_list_of_entries_says_how_there_come_some(run: Run) -> None:
    """Nothing posted is told from nothing that matches."""
    run("init", "acme", "--base", "CNY", "--start", "2026-01", "--no-passphrase")
    assert run("entry", "list").out == "No entries yet. cloudbooks post --all posts drafts.\n"
    assert run("entry", "list", "text:rent").out == "No entries match.\n"
