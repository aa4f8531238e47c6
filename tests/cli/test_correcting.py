"""A correction from the accountant's chair: two drafts that belong together, and balances that follow."""

from __future__ import annotations

from typing import Any

import pytest
from tests.cli.conftest import Run


@pytest.fixture
def drafts(run: Run) -> tuple[str, str]:
    """A book with one posted entry of 300.00, and the drafts of its reversal and of its replacement."""
    run("init", "acme", "--base", "CNY", "--start", "2026-01", "--bank", "1002.01=ICBC", "--no-passphrase")
    run("add", "2026-10-20", "Paper", "5602", "300", "1002.01")
    run("post", "--all", "--yes")
    made = run("entry", "correct", "2026-10/记-1", "--date", "2026-10-31", "--json").json["data"]
    return made["reversal"]["id"], made["replacement"]["id"]


def _accounts(run: Run) -> dict[str, Any]:
    facts = run("report", "trial-balance", "-p", "2026-10", "--json").json["data"]
    return {one["code"]: (one["debit"]["amount"], one["credit"]["amount"]) for one in facts["accounts"]}


def test_a_correction_moves_what_was_wrong_and_nothing_else(run: Run, drafts: tuple[str, str]) -> None:
    """The red reversal takes turnover back on its own side; the replacement books it where it belongs."""
    reversal, replacement = drafts
    edited = run("draft", "edit", replacement, "--line", "1", "--account", "5601")
    assert f"Next: cloudbooks post {reversal} {replacement}" in edited.err
    assert run("post", reversal, replacement, "--yes").status == 0
    assert _accounts(run) == {"5601": ("300.00", "0.00"), "1002.01": ("0.00", "300.00")}
    links = {number: run("entry", "show", f"2026-10/记-{number}", "--json").json["data"] for number in (1, 2, 3)}
    assert links[1]["reversed_by"] == links[2]["id"]
    assert links[2]["reverses"] == links[1]["id"]
    assert links[3]["replaces"] == links[1]["id"]
    assert run("verify").status == 0


def test_a_replacement_waits_for_its_reversal(run: Run, drafts: tuple[str, str]) -> None:
    """Named alone it is refused in the user's words, with the command that posts both; that command works."""
    reversal, replacement = drafts
    run("draft", "accept", replacement)
    refused = run("post", replacement, "--yes")
    assert refused.status == 3
    assert refused.err == (
        f"error[draft-not-ready]: {replacement} is not ready: it replaces 2026-10/记-0001, whose reversal is not "
        f"posted.\nhint: cloudbooks post {reversal} {replacement}\n"
    )
    assert run("post", reversal, replacement, "--yes").status == 0


def test_a_replacement_without_its_reversal_bars_nobody(run: Run, drafts: tuple[str, str]) -> None:
    """With the reversal discarded, `post --all` posts everything else and says why the replacement stays."""
    reversal, replacement = drafts
    run("draft", "accept", replacement)
    run("draft", "discard", reversal)
    run("add", "2026-10-21", "Ink", "5602", "100", "1002.01")
    posted = run("post", "--all", "--yes", "--json")
    assert posted.status == 0
    assert posted.json["data"]["entries"] == 1
    assert [one["draft"] for one in posted.json["data"]["left"]] == [replacement]
    refused = run("post", replacement, "--yes")
    assert refused.err.endswith("hint: cloudbooks entry reverse 2026-10/记-0001\n")
    assert run("entry", "reverse", "2026-10/记-0001").status == 0
    assert run("post", "--all", "--yes", "--json").json["data"]["entries"] == 2


def test_a_reversal_may_stand_alone(run: Run, drafts: tuple[str, str]) -> None:
    """The reversal can be posted first; the replacement follows in a later block."""
    reversal, replacement = drafts
    assert run("post", reversal, "--yes").status == 0
    assert _accounts(run) == {}
    run("draft", "accept", replacement)
    assert run("post", replacement, "--yes").status == 0
    assert _accounts(run) == {"5602": ("300.00", "0.00"), "1002.01": ("0.00", "300.00")}


def test_an_entry_is_reversed_once(run: Run, drafts: tuple[str, str]) -> None:
    """Before and after the post, a second reversal is refused with a command that shows the first."""
    for posted in (False, True):
        for verb in ("reverse", "correct"):
            refused = run("entry", verb, "2026-10/记-1")
            assert (refused.status, refused.err.partition(":")[0]) == (3, "error[entry-reversed]")
            hint = refused.err.rpartition("hint: cloudbooks ")[2].split()
            assert run(*hint).status == 0
        if not posted:
            run("post", drafts[0], "--yes")
    refused = run("entry", "reverse", "2026-10/记-2")
    assert (refused.status, refused.err.partition(":")[0]) == (3, "error[reversal-stands]")


def test_undo_takes_both_drafts_back(run: Run, drafts: tuple[str, str]) -> None:
    """`entry correct` is one operation."""
    assert len(drafts) == 2
    assert run("undo").status == 0
    assert run("draft", "list", "--json").json["data"]["drafts"] == []
    assert run("entry", "correct", "2026-10/记-1").status == 0
