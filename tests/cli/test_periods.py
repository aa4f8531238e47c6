"""Closing and reopening from the command line: what scripts read, and that a repeat does nothing twice."""

from __future__ import annotations

import pytest
from tests.cli.conftest import Run


@pytest.fixture
def book(run: Run) -> None:
    """A book with an entry in September and one in October."""
    run("init", "acme", "--base", "CNY", "--start", "2026-01", "--bank", "1002.01=ICBC", "--no-passphrase")
    run("add", "2026-09-20", "Paper", "5602", "300", "1002.01")
    run("add", "2026-10-20", "Ink", "5602", "100", "1002.01")
    run("post", "--all", "--yes")


@pytest.mark.usefixtures("book")
def test_a_close_is_a_block_at_once(run: Run) -> None:
    """It answers with its block, is listed with who did it, and the book verifies."""
    closed = run("close", "2026-10", "--yes", "--json")
    assert closed.status == 0
    data, head = closed.json["data"], closed.json["head"]
    assert (data["period"], data["closed_through"], data["reason"]) == ("2026-10", "2026-10", None)
    assert (data["block"], data["hash"]) == (head["number"], head["hash"]) == (2, head["hash"])
    rows = run("period", "list", "--json").json["data"]["periods"]
    assert [(row["period"], row["state"], row["block"]) for row in rows] == [
        ("2026-09", "closed", 2), ("2026-10", "closed", 2),
    ]  # fmt: skip
    assert run("status", "--json").json["data"]["closed"] == "2026-10"
    assert run("verify").status == 0


@pytest.mark.usefixtures("book")
def test_a_close_locks_what_is_before_it_and_says_so(run: Run) -> None:
    """The checklist names the earlier months; dry run writes nothing."""
    shown = run("close", "2026-10", "--dry-run", "--json").json
    assert shown["data"]["closes"] == ["2026-09", "2026-10"]
    assert shown["data"]["ready"] is True
    assert run("status", "--json").json["data"]["closed"] is None
    assert "2026-09" in run("period", "check", "2026-10").out.splitlines()[0]


@pytest.mark.usefixtures("book")
def test_the_first_open_month_is_checked_where_none_is_named(run: Run) -> None:
    """September first; after its close October; a quarter is closed by its last month."""
    assert run("period", "check", "--json").json["data"]["period"] == "2026-09"
    assert run("close", "2026q3", "--yes").status == 0
    assert run("period", "check", "--json").json["data"]["period"] == "2026-10"


@pytest.mark.usefixtures("book")
def test_a_repeat_with_the_same_key_closes_once(run: Run) -> None:
    """The first answer is given again; without a key it is refused."""
    first = run("close", "2026-09", "--yes", "--key", "c-1", "--json")
    assert run("close", "2026-09", "--yes", "--key", "c-1", "--json").out == first.out
    assert run("close", "2026-09", "--yes").err.startswith("error[period-closed-before]")


@pytest.mark.usefixtures("book")
def test_a_reason_stays_in_the_chain(run: Run) -> None:
    """The reopen is listed with its reason, and the month can be posted to and closed again."""
    run("close", "2026-10", "--yes")
    opened = run("period", "reopen", "2026-10", "--reason", "late invoice", "--confirm", "2026-10", "--json")
    assert opened.json["data"]["closed_through"] is None
    rows = run("period", "list", "--json").json["data"]["periods"]
    assert [(row["state"], row["reason"]) for row in rows] == [("reopened", "late invoice")] * 2
    run("add", "2026-10-21", "Late", "5602", "5", "1002.01")
    assert run("post", "--all", "--yes").status == 0
    assert run("close", "2026-10", "--yes").status == 0
    assert run("verify").status == 0


@pytest.mark.usefixtures("book")
def test_the_last_step_is_not_undone(run: Run) -> None:
    """A close is in the chain: undo refuses and names no way around."""
    run("close", "2026-09", "--yes")
    refused = run("undo")
    assert refused.status == 3
    assert refused.err.startswith('error[undo-posted]: the last operation is "close 2026-09"')


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.usefixtures("book")
def test_the_screens_words_are_there_in_both_languages(run: Run, language: str) -> None:
    """List and checklist are said in the language asked for."""
    said = run("period", "check", "2026-10", "--lang", language).out
    assert said.isascii() is (language == "en")
    states = run("period", "list", "--lang", language).out.split()
    assert {"open", "未结账"} & {*states} == {"open" if language == "en" else "未结账"}


@pytest.mark.usefixtures("book")
def test_a_reopened_month_is_said_below_every_report_of_it(run: Run) -> None:
    """Also after it was closed again; a report of another month says nothing of it."""
    run("close", "2026-09", "--yes")
    run("close", "2026-10", "--yes")
    run("period", "reopen", "2026-10", "--reason", "late invoice", "--confirm", "2026-10")
    for _ in range(2):
        for report in ("trial-balance", "income", "balance-sheet", "journal"):
            said = run("report", report, "-p", "2026-10")
            assert said.out.splitlines()[-1].startswith("2026-10 was reopened on ")
            assert said.out.endswith(": late invoice\n")
            (row,) = run("report", report, "-p", "2026-10", "--json").json["data"]["reopened"]
            assert (row["period"], row["reason"]) == ("2026-10", "late invoice")
        assert "reopened" not in run("report", "income", "-p", "2026-09", "--json").json["data"]
        run("close", "2026-10", "--yes")


@pytest.mark.usefixtures("book")
def test_a_printed_head_is_found_again(run: Run) -> None:
    """The code below a report names its block for ever after; its last letter changed, it names none."""
    for report in (("balance",), ("report", "ledger", "5602"), ("report", "journal")):
        printed = run(*report, "--head").out.splitlines()[-2:]
        code = printed[0].split()[-1]
        assert run(*report, "--head", "--json").json["data"]["head_code"] == code
        assert max(map(len, printed)) < 80
        run("add", "2026-10-20", "More", "5602", "1", "1002.01")
        run("post", "--all", "--yes")
        seen = run("chain", "seen", code.lower(), "--json")
        assert seen.status == 0
        assert seen.json["data"]["blocks_after"] == 1
        assert run("chain", "seen", "\n".join(printed)).status == 0
        wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
        refused = run("chain", "seen", *wrong.split("-"))
        assert refused.err.startswith("error[head-not-here]")
        assert "hint: 1 letter differs" in refused.err


@pytest.mark.usefixtures("book")
def test_a_draft_in_a_closed_month_stays_and_the_others_are_posted(run: Run) -> None:
    """`post --all` lists it with its reason; named it is refused; list, add and edit say so, with the way out."""
    run("close", "2026-09", "--yes")
    added = run("add", "2026-09-21", "Late", "5602", "5", "1002.01")
    name = added.out.split()[1]
    assert "Not to be posted: 2026-09 is closed; date it later." in added.out
    assert f"Next: cloudbooks draft edit {name} --date 2026-10-01" in added.err
    assert "2026-09 is closed; date it later." in run("draft", "list").out
    alone = run("post", "--all", "--yes")
    assert alone.err.startswith("error[nothing-ready]: no draft is ready: 1 in a closed month.")
    run("add", "2026-10-21", "In time", "5602", "5", "1002.01")
    posted = run("post", "--all", "--yes")
    assert posted.status == 0
    assert f"  {name}  Late  2026-09 is closed; date it later." in posted.out + posted.err
    assert run("post", name, "--yes").err.startswith("error[period-closed]")
    run("draft", "edit", name, "--date", "2026-10-01")
    assert run("post", "--all", "--yes").status == 0


@pytest.mark.usefixtures("book")
def test_the_way_past_a_draft_that_bars_the_close_fits_its_state(run: Run) -> None:
    """One that lacks something is shown, since a post would leave it; one that is ready is posted."""
    run("add", "2026-10-21", "Late", "5602", "5", "1002.01")
    assert "hint: cloudbooks post --all" in run("period", "check", "2026-10").err
    name = run("draft", "list", "--json").json["data"]["drafts"][-1]["id"]
    run("draft", "edit", name, "--line", "1", "--amount", "6")
    assert f"hint: cloudbooks draft show {name}" in run("period", "check", "2026-10").err
