"""A book that does not fit its receipt: every command says so, questions are answered, and nothing is written."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.cli.conftest import Run

QUESTIONS = (
    ("account", "list"), ("balance",), ("batch", "list"), ("book", "export", "hledger"), ("book", "show"),
    ("chain", "export", "out"), ("chain", "head"), ("commodity", "list"), ("doctor",), ("draft", "list"),
    ("entry", "list"), ("entry", "show", "2026-10/记-1"), ("party", "list"), ("period", "list"),
    ("post", "--all", "-n"), ("price", "list"), ("report", "balance-sheet"), ("report", "income"),
    ("report", "journal"), ("report", "ledger", "1002.01"), ("report", "trial-balance"), ("rule", "list"),
    ("statement", "list"), ("status",),
)  # fmt: skip
ACTS = (
    ("account", "add", "1002.02", "CMB"), ("account", "close", "1001"), ("account", "rename", "1001", "Till"),
    ("add", "2026-10-22", "Tea", "5602", "5", "1002.01"), ("book", "rebuild", "--yes"), ("commodity", "add", "USD"),
    ("draft", "accept", "--sure"), ("draft", "discard", "D-3"), ("draft", "edit", "D-3", "--summary", "x"),
    ("entry", "correct", "2026-10/记-1"), ("entry", "reverse", "2026-10/记-1"),
    ("import", "bank.csv", "--account", "1002.01"), ("party", "add", "Acme"), ("post", "--all", "--yes"),
    ("price", "add", "USD", "7"), ("statement", "withdraw", "S-1", "--yes"), ("undo",), ("verify",),
)  # fmt: skip


@pytest.fixture
def behind(run: Run) -> Path:
    """A book that was posted to block 2 on this machine, and replaced by a copy that ends at block 1."""
    Path("bank.csv").write_text("date,description,amount\n2026-10-01,CHARGES,-15.00\n", encoding="utf-8")
    Path("rules.yaml").write_text(
        "rules:\n- name: all\n  when: {text: {regex: .}}\n  then: {account: '5602'}\n", encoding="utf-8"
    )
    run("init", "acme", "--base", "CNY", "--start", "2026-01", "--bank", "1002.01=ICBC", "--no-passphrase")
    book = Path("acme.cbk")
    for place, summary in enumerate(("Paper", "Ink")):
        run("add", "2026-10-20", summary, "5602", "300", "1002.01")
        assert run("post", "--all", "--yes").status == 0
        shutil.copy(book, f"copy-{place}")
    shutil.copy("copy-0", book)
    return book


@pytest.mark.parametrize("words", QUESTIONS, ids=" ".join)
def test_a_question_is_answered_with_the_fault(run: Run, behind: Path, words: tuple[str, ...]) -> None:
    """Reading goes on, in every form: the fault stands on standard error or among the findings, and the status is 4."""
    before = behind.read_bytes()
    answered = run(*words)
    if words[:2] not in (("post", "--all"), ("rule", "list")):
        assert answered.out
    assert answered.err.count("[book-behind]") == 1
    assert "block 2" in answered.err
    assert answered.status == 4
    scripted = run(*words, "--json")
    assert [one["code"] for one in scripted.json["findings"]].count("book-behind") == 1
    assert scripted.status == 4
    assert behind.read_bytes() == before


@pytest.mark.parametrize("words", ACTS, ids=" ".join)
def test_an_act_is_refused_with_the_fault(run: Run, behind: Path, words: tuple[str, ...]) -> None:
    """Nothing is written, whatever else would be wrong with the command: the receipt comes first."""
    before = behind.read_bytes()
    refused = run(*words)
    assert refused.err.startswith("error[book-behind]: this file ends at block 1")
    assert (refused.status, refused.out) == (4, "")
    assert run(*words, "--json").json["code"] == "book-behind"
    assert behind.read_bytes() == before


def test_a_newer_copy_put_back_ends_it(run: Run, behind: Path) -> None:
    """The hint's command works: with a newer copy in its place, the book is as it was."""
    refused = run("undo")
    assert f"cp COPY {behind.absolute()}" in refused.err
    shutil.copy("copy-1", behind)
    assert run("verify").status == 0
    assert run("status").err.count("[book-behind]") == 0


def test_an_older_copy_beside_the_book_is_read_with_a_warning(run: Run, behind: Path) -> None:
    """A backup may be looked at, with a warning and status 0; verifying it and writing to it are refused with 4."""
    Path("old").mkdir()
    copy = shutil.copy("copy-0", "old/acme.cbk")
    shutil.copy("copy-1", behind)
    seen = run("balance", "-b", copy)
    assert (seen.status, seen.err.partition(":")[0]) == (0, "warning[older-copy]")
    assert run("verify", "-b", copy).status == 4
    assert run("add", "2026-10-22", "Tea", "5602", "5", "1002.01", "-b", copy).status == 4


def test_a_book_from_another_machine_is_read_with_a_warning(
    run: Run, behind: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a receipt there is nothing to compare with: reading says so, and the status is 0."""
    monkeypatch.setenv("CLOUDBOOKS_HOME", str(Path("other").absolute()))
    seen = run("balance", "-b", str(behind))
    assert (seen.status, seen.err.partition(":")[0]) == (0, "warning[receipt-new]")


@pytest.fixture
def put_back(run: Run) -> Path:
    """A book that knows a peer with all its blocks, and was replaced by a copy that ends one block earlier."""
    run("init", "acme", "--base", "CNY", "--chart", "generic", "--no-passphrase")
    Path("office").mkdir()
    run("peer", "add", "office", "office")
    run("sync", "--yes")
    shutil.copy("acme.cbk", "copy")
    run("add", "2026-10-20", "Paper", "6400", "300", "1010")
    run("post", "--all", "--yes")
    run("sync", "--yes")
    return Path(shutil.copy("copy", "acme.cbk"))


def test_a_peer_that_has_the_end_is_where_it_is_fetched(run: Run, put_back: Path) -> None:
    """Where the book knows a peer, the way back is a sync; after it nothing is said any more."""
    for words in (("status",), ("add", "2026-10-21", "Ink", "6400", "5", "1010"), ("verify",)):
        said = run(*words)
        assert (said.status, "hint: cloudbooks sync fetches it from office" in said.err) == (4, True)
    assert run("sync", "--yes", "-n").status == 4
    assert run("sync", "--yes").status == 1
    assert put_back.exists()
    for words in (("status",), ("verify",), ("sync",)):
        said = run(*words)
        assert (said.status, "finding" in said.err) == (0, False)


@pytest.mark.usefixtures("put_back")
def test_a_sync_that_brings_the_end_back_says_what_was_found_and_that_it_is_mended(run: Run) -> None:
    """What was found is said once, as mended, with what may still be missing; it is something to look at, status 1."""
    mended = run("sync", "--yes")
    assert mended.out == "office: took 1 block with 1 entry.\n"
    assert "book-behind" not in mended.err
    assert mended.err.startswith("finding[book-mended]: acme.cbk: it ended at block 0, and block 1 was posted here on ")
    assert "office has given back what was missing; the book ends at block 1 again." in mended.err
    assert "hint: drafts that were made after that copy are not in it: cloudbooks draft list" in mended.err
    assert mended.status == 1


@pytest.mark.usefixtures("put_back")
def test_scripts_and_readers_of_chinese_are_told_that_a_book_was_mended(run: Run) -> None:
    """JSON has the same finding and status, and the Chinese text says the same."""
    shutil.copy("acme.cbk", "again")
    scripted = run("sync", "--yes", "--json")
    assert [one["code"] for one in scripted.json["findings"]] == ["book-mended"]
    assert scripted.status == 1
    shutil.copy("again", "acme.cbk")
    said = run("sync", "--yes", "--lang", "zh")
    assert said.err.startswith("问题[book-mended]：acme.cbk：曾止于第 0 区块")
    assert said.status == 1


@pytest.mark.usefixtures("put_back")
def test_a_sync_that_brings_nothing_back_leaves_the_fault(run: Run) -> None:
    """Where the peer is not reached, nothing is mended: the fault stands with the peer's, and the status is 4."""
    shutil.move("office", "elsewhere")
    left = run("sync", "--yes")
    assert ("[book-behind]" in left.err, "[peer-unreachable]" in left.err, left.status) == (True, True, 4)
