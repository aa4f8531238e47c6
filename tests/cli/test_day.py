"""A short day with a book, through the command line: what scripts read, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Outcome, Run

RULES = """\
rules:
- name: bank fees
  when: {text: {contains: CHARGES}}
  then: {account: "5603", summary: Bank fee}
"""
STATEMENT = """\
date,description,amount,balance
2026-10-01,CHARGES OCTOBER,-15.00,985.00
2026-10-02,COFFEE CORNER,-4.50,980.50
2026-10-02,COFFEE CORNER,-4.50,976.00
2026-10-05,ACME PAYS,500.00,1476.00
"""


@pytest.fixture
def book(run: Run) -> Outcome:
    """A fresh book in CNY with one bank account, and rules beside it."""
    Path("rules.yaml").write_text(RULES, encoding="utf-8")
    Path("bank.csv").write_text(STATEMENT, encoding="utf-8")
    words = ("--base", "CNY", "--chart", "cn-small", "--start", "2026-01", "--bank", "1002.01=ICBC")
    return run("init", "acme", *words, "--name", "Acme", "--as", "Li Na", "--no-passphrase", "--json")


def _add(run: Run, summary: str = "Paper") -> Any:
    return run("add", "2026-10-20", summary, "5602", "300", "1002.01", "--json").json["data"]


def test_init_makes_a_private_book(book: Outcome) -> None:
    """One file of mode 0600, and an envelope with its id and head."""
    assert book.status == 0
    assert book.json["schema"] == "cloudbooks.init/1"
    assert book.json["head"]["number"] == 0
    assert book.json["data"]["book"] == book.json["book"]
    assert Path("acme.cbk").stat().st_mode & 0o777 == 0o600


@pytest.mark.usefixtures("book")
def test_an_import_says_what_became_of_every_line(run: Run) -> None:
    """CLI.md: lines = new + seen + twins + changed + unreadable; a second import adds nothing and is no finding."""
    first = run("import", "bank.csv", "--account", "1002.01", "--json")
    assert first.status == 0
    data = first.json["data"]
    assert (data["lines"], data["new"], data["seen"], data["twins"]) == (4, 3, 0, 1)
    assert (data["drafts"], data["sure"], data["to_decide"]) == (4, 1, 3)
    assert data["file"]["b3"].startswith("b3:")
    assert data["statement"]["agrees"] in (True, None)
    again = run("import", "bank.csv", "--account", "1002.01", "--json")
    assert again.status == 0
    assert (again.json["data"]["seen"], again.json["data"]["drafts"]) == (4, 0)
    assert len(run("draft", "list", "--json").json["data"]["drafts"]) == 4


@pytest.mark.usefixtures("book")
def test_a_dry_run_of_an_import_keeps_nothing(run: Run) -> None:
    """-n shows the fates and leaves no statement and no draft."""
    shown = run("import", "bank.csv", "--account", "1002.01", "-n", "--json").json["data"]
    assert shown["new"] == 3
    assert run("statement", "list", "--json").json["data"]["statements"] == []
    assert run("draft", "list", "--json").json["data"]["drafts"] == []


@pytest.mark.usefixtures("book")
def test_post_needs_an_answer_and_a_script_gives_it(run: Run) -> None:
    """Without a terminal: exit 2 with --yes in the hint, and nothing is written; with --yes: a block."""
    _add(run)
    asked = run("post", "--all")
    assert asked.status == 2
    assert asked.err == (
        "error[no-terminal]: a decision is needed and there is no terminal.\n"
        "hint: add --yes to post 1 entry, or --dry-run to see it\n"
    )
    assert run("chain", "head", "--json").json["data"]["head"]["number"] == 0
    planned = run("post", "--all", "-n", "--json").json["data"]
    assert (planned["dry_run"], planned["drafts"]) == (True, ["D-1"])
    posted = run("post", "--all", "--yes", "--json").json
    assert posted["data"] == {
        "block": 1,
        "hash": posted["head"]["hash"],
        "entries": 1,
        "numbers": ["2026-10/记-0001"],
        "left": [],
    }


@pytest.mark.usefixtures("book")
def test_what_stays_after_a_post_is_no_finding(run: Run) -> None:
    """`post --all` accepts the sure ones; the others stay with their reasons, and the status is 0."""
    run("import", "bank.csv", "--account", "1002.01")
    posted = run("post", "--all", "--yes", "--json")
    assert posted.status == 0
    assert posted.json["data"]["entries"] == 1
    assert [one["state"] for one in posted.json["data"]["left"]] == ["incomplete"] * 3


@pytest.mark.usefixtures("book")
def test_a_draft_is_decided_with_one_flag(run: Run) -> None:
    """`draft edit --account` fills the one line that has no account, and the draft is ready."""
    run("import", "bank.csv", "--account", "1002.01")
    undecided = next(
        one for one in run("draft", "list", "--json").json["data"]["drafts"] if one["state"] == "incomplete"
    )
    edited = run("draft", "edit", undecided["id"], "--account", "5602", "--summary", "Coffee", "--json").json["data"]
    assert (edited["state"], edited["summary"]) == ("ready", "Coffee")
    assert [line["code"] for line in edited["lines"]] == ["1002.01", "5602"]


@pytest.mark.usefixtures("book")
def test_reports_speak_the_contract(run: Run) -> None:
    """Closing = opening + debit - credit; credit is positive; the head and the drafts left out are named."""
    _add(run)
    run("post", "--all", "--yes")
    _add(run, "Not posted")
    envelope = run("report", "trial-balance", "-p", "2026-10", "--json").json
    accounts = {one["code"]: one for one in envelope["data"]["accounts"]}
    assert envelope["schema"] == "cloudbooks.report.trial-balance/1"
    assert envelope["head"]["number"] == 1
    assert envelope["data"]["drafts_left"] == 1
    assert envelope["data"]["period"] == {"from": "2026-10-01", "to": "2026-10-31"}
    assert accounts["5602"]["debit"] == {"amount": "300.00", "commodity": "CNY"}
    assert accounts["1002.01"]["credit"] == {"amount": "300.00", "commodity": "CNY"}
    assert accounts["1002.01"]["closing"] == {"amount": "-300.00", "commodity": "CNY"}
    assert envelope["data"]["totals"]["debit"] == envelope["data"]["totals"]["credit"]
    income = run("report", "income", "-p", "2026-10", "--json").json["data"]
    assert income["columns"] == ["2026-10"]
    assert "block 1" in run("balance").out.lower()
    assert "1 draft left out" in run("balance").out


@pytest.mark.usefixtures("book")
def test_verify_states_its_facts(run: Run) -> None:
    """`verify` answers with the sizes of the facts, and 0; a required fact that is missing is 4."""
    _add(run)
    run("post", "--all", "--yes")
    verified = run("verify", "--json")
    facts = verified.json["data"]
    assert verified.status == 0
    assert (facts["valid"], facts["consistent"], facts["signed"], facts["blocks"]) == (True, 2, 2, 2)
    assert facts["anchored"] is None
    assert facts["head"] == verified.json["head"]
    assert run("verify", "--require", "consistent,signed").status == 0
    assert run("verify", "--require", "witnessed").status == 4


@pytest.mark.usefixtures("book")
def test_an_exported_chain_verifies_by_itself(run: Run) -> None:
    """`chain export` writes files that `verify DIR` checks without the book."""
    assert run("chain", "export", "out").status == 0
    assert run("verify", "out", "--json").json["data"]["valid"] is True


@pytest.mark.usefixtures("book")
def test_a_repeat_under_a_key_returns_the_first_result(run: Run) -> None:
    """--key: the same command twice is done once, and answers the same."""
    words = ("add", "2026-10-20", "Paper", "5602", "300", "1002.01", "--key", "k1")
    first, second = run(*words, "--json"), run(*words, "--json")
    assert first.json == second.json
    assert run(*words).out.startswith("Draft D-1 ")
    assert len(run("draft", "list", "--json").json["data"]["drafts"]) == 1


@pytest.mark.usefixtures("book")
def test_an_account_is_never_guessed(run: Run) -> None:
    """Several: a refusal that lists them; none: a refusal with near names; never a zero."""
    several = run("balance", "应")
    assert (several.status, several.err.partition(":")[0]) in (
        (3, "error[account-ambiguous]"),
        (3, "error[account-unknown]"),
    )
    unknown = run("balance", "5602x")
    assert (unknown.status, unknown.err.partition(":")[0]) == (3, "error[account-unknown]")
    assert unknown.out == ""


@pytest.mark.usefixtures("book")
def test_a_negative_amount_is_an_amount_and_no_flag(run: Run) -> None:
    """`-300` is read as an amount."""
    lines = run("add", "2026-10-20", "Back", "5602", "-300", "1002.01", "--json").json["data"]["lines"]
    assert [line["amount"]["amount"] for line in lines] == ["-300.00", "300.00"]


@pytest.mark.usefixtures("book")
def test_a_correction_is_two_drafts_and_nothing_posted_changes(run: Run) -> None:
    """`entry correct` drafts the reversal and the replacement; `entry show` names its links after the post."""
    _add(run)
    run("post", "--all", "--yes")
    corrected = run("entry", "correct", "2026-10/记-1", "--date", "2026-10-31", "--json").json["data"]
    assert corrected["reversal"]["reverses"] == corrected["entry"]
    assert corrected["replacement"]["replaces"] == corrected["entry"]
    run("draft", "accept", corrected["replacement"]["id"])
    run("post", "--all", "--yes")
    shown = run("entry", "show", "记-1", "--json").json["data"]
    assert shown["reversed_by"] is not None
    assert "Reversed by 2026-10/记-0002" in run("entry", "show", "2026-10/记-1").out


@pytest.mark.usefixtures("book")
def test_undo_takes_back_what_is_not_posted(run: Run) -> None:
    """The last operation on drafts goes; a post stays."""
    _add(run)
    assert 'Undone: "' in run("undo").out
    assert run("draft", "list", "--json").json["data"]["drafts"] == []
    _add(run)
    run("post", "--all", "--yes")
    refused = run("undo")
    assert (refused.status, refused.err.partition(":")[0]) == (3, "error[undo-posted]")


@pytest.mark.usefixtures("book")
def test_withdrawing_a_statement_asks_and_frees_its_lines(run: Run) -> None:
    """Without --yes: exit 2; with it: the drafts are gone, and the file can be imported again."""
    run("import", "bank.csv", "--account", "1002.01")
    assert run("statement", "withdraw", "S-1").status == 2
    assert run("statement", "withdraw", "S-1", "--yes", "--json").json["data"]["discarded"] == 4
    assert run("import", "bank.csv", "--account", "1002.01", "--json").json["data"]["new"] == 3


@pytest.mark.usefixtures("book")
def test_faults_of_rules_are_findings_in_a_check_and_a_refusal_elsewhere(run: Run) -> None:
    """MESSAGES.md: rule-syntax is 1 in `rule check`, else 3, with place and excerpt in both."""
    Path("rules.yaml").write_text(RULES.replace("contains", "contain"), encoding="utf-8")
    checked = run("rule", "check")
    assert checked.status == 1
    assert checked.err.startswith("finding[")
    assert "rules.yaml:3:" in checked.err
    refused = run("import", "bank.csv", "--account", "1002.01")
    assert refused.status == 3
    assert "rules.yaml:3:" in refused.err
    assert run("statement", "list", "--json").json["data"]["statements"] == []


@pytest.mark.usefixtures("book")
@pytest.mark.parametrize(
    "words",
    [
        ("account", "list"), ("account", "show", "1002.01"), ("account", "chart", "generic"), ("batch", "list"),
        ("batch", "show", "0"), ("book", "show"), ("chain", "head"), ("commodity", "list"), ("doctor",),
        ("draft", "list"), ("entry", "list"), ("party", "list"), ("period", "list"), ("price", "list"),
        ("rule", "list"), ("statement", "list"), ("status",), ("balance",), ("report", "balance-sheet"),
        ("report", "income"), ("report", "journal"), ("report", "ledger", "1002.01"),
        ("report", "trial-balance"), ("verify",),
    ],
    ids=" ".join,
)  # fmt: skip
def test_every_question_answers_in_every_form_and_language(run: Run, words: tuple[str, ...]) -> None:
    """Text in both languages, JSON with English keys, JSON lines; status 0 and nothing of a traceback."""
    english, chinese = run(*words), run(*words, "--lang", "zh")
    assert (english.status, chinese.status) == (0, 0)
    assert english.out
    scripted = run(*words, "--json")
    assert scripted.json["schema"].startswith("cloudbooks.")
    assert set(scripted.json) == {"schema", "book", "head", "data", "findings"}
    assert json.loads(run(*words, "--jsonl").out.splitlines()[-1])["schema"] == scripted.json["schema"]
    assert scripted.json["data"].keys() == run(*words, "--json", "--lang", "zh").json["data"].keys()


@pytest.mark.usefixtures("book")
def test_small_lists_grow(run: Run) -> None:
    """Accounts, commodities, prices and parties are added, wait for the post, and are listed."""
    assert run("account", "add", "1002.02", "CMB", "--json").json["data"]["kind"] == "asset"
    assert run("commodity", "add", "USD", "--json").json["data"]["scale"] == 2
    assert run("price", "add", "USD", "7.1", "--date", "2026-10-01", "--json").json["data"]["rate"] == "7.1"
    assert run("party", "add", "Acme GmbH", "--kind", "customer", "--json").status == 0
    assert run("account", "rename", "1002.02", "China Merchants").status == 0
    assert run("account", "close", "1002.02").status == 0
    assert run("post", "--all", "--yes", "--json").json["data"]["entries"] == 0
    assert [one["code"] for one in run("commodity", "list", "--json").json["data"]["commodities"]] == ["CNY", "USD"]
    assert run("price", "list", "--json").json["data"]["prices"][0]["waiting"] is False
    codes = {one["code"]: one for one in run("account", "list", "--closed", "--json").json["data"]["accounts"]}
    assert (codes["1002.02"]["name"], codes["1002.02"]["closed"]) == ("China Merchants", True)


@pytest.mark.usefixtures("book")
def test_a_rebuild_changes_no_answer(run: Run) -> None:
    """`book rebuild` makes the tables again from the log: the reports are the same, and the book verifies."""
    _add(run)
    run("post", "--all", "--yes")
    before = run("report", "journal", "--json").json["data"]
    assert run("book", "rebuild", "--yes", "--json").json["data"]["blocks"] == 2
    assert run("report", "journal", "--json").json["data"] == before
    assert run("verify").status == 0


@pytest.mark.usefixtures("book")
def test_a_command_without_a_dry_run_says_so(run: Run) -> None:
    """-n never turns into writing."""
    refused = run("add", "2026-10-20", "Paper", "5602", "300", "1002.01", "-n")
    assert (refused.status, refused.err.partition(":")[0]) == (2, "error[dry-run-not-offered]")
    assert run("draft", "list", "--json").json["data"]["drafts"] == []


@pytest.mark.usefixtures("book")
def test_the_journal_of_another_tool_is_printed(run: Run) -> None:
    """`book export hledger` prints a journal; a format that is not there is refused with those that are."""
    _add(run)
    run("post", "--all", "--yes")
    assert "2026-10-20" in run("book", "export", "hledger").out
    refused = run("book", "export", "quicken")
    assert (refused.status, refused.err.partition(":")[0]) == (2, "error[choice-unknown]")
