"""`peer`, `sync`, `member`, `init --from` and `verify --peer`: what scripts read, what people read, exit statuses."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Outcome, Run

Machine = Callable[..., Outcome]


@pytest.fixture
def laptop(run: Run, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A machine with a book of two entries' room, and a peer `office` that orders, in the folder `shared`."""
    machine = on(run, monkeypatch, "laptop")
    machine("--as", "Ann", "init", "laptop", "--name", "Acme", "--base", "CNY", "--chart", "generic", "--start",
            "2026-10", "--no-passphrase")  # fmt: skip
    return machine


@pytest.fixture
def office(run: Run, monkeypatch: pytest.MonkeyPatch, laptop: Machine) -> Machine:
    """A second machine whose copy is a member; the folder `shared` lies between the two, and both are alike."""
    laptop("peer", "add", "shared", "shared")
    laptop("sync", "--yes")
    machine = on(run, monkeypatch, "office")
    key = machine("--as", "Bob", "init", "office", "--from", "shared", "--no-passphrase", "--json").json["data"]["key"]
    assert laptop("member", "add", "Bob", "--key", key, "--yes").status == 0
    laptop("sync", "--yes")
    machine("sync", "--yes")
    return machine


def on(run: Run, monkeypatch: pytest.MonkeyPatch, name: str) -> Machine:
    """A machine: its state folder and its book."""

    def command(*words: str) -> Outcome:
        monkeypatch.setenv("CLOUDBOOKS_HOME", str(Path.cwd() / f"{name}-state"))
        monkeypatch.setenv("CLOUDBOOKS_BOOK", f"{name}.cbk")
        return run(*words)

    return command


def posts(machine: Machine, summary: str) -> None:
    """Post one entry."""
    machine("add", "2026-10-05", summary, "5000", "10", "1000")
    assert machine("post", "--all", "--yes").status == 0


def data(outcome: Outcome, name: str, status: int = 0) -> Any:
    """The facts of an answer whose schema and exit status are these, with the envelope's own keys."""
    assert outcome.status == status, outcome.out + outcome.err
    told = outcome.json
    assert told["schema"] == f"cloudbooks.{name}/1"
    assert set(told) == {"schema", "book", "head", "data", "findings"}
    assert told["book"]
    return told["data"]


def test_peer_add_and_list(laptop: Machine) -> None:
    """What a peer is: name, place, whether it orders, and what was seen there."""
    added = data(laptop("peer", "add", "shared", "shared", "--json"), "peer.add")
    assert {key: added[key] for key in ("name", "orders", "seen")} == {"name": "shared", "orders": True, "seen": None}
    assert Path(added["url"]) == Path("shared").absolute()
    assert data(laptop("peer", "add", "stick", "stick", "--json"), "peer.add")["orders"] is False
    laptop("sync", "--yes")
    listed = data(laptop("peer", "list", "--json"), "peer.list")["peers"]
    assert [(one["name"], one["orders"], one["seen"]["size"]) for one in listed] == [
        ("shared", True, 1), ("stick", False, 1),
    ]  # fmt: skip
    text = laptop("peer", "list").out
    assert "orders" in text
    assert "keeps a copy" in text
    assert laptop("peer", "list", "--csv").out.splitlines()[0].startswith("name,url,orders,added_at")
    rows = laptop("peer", "list", "--jsonl").out.splitlines()
    assert len(rows) == 3


def test_status_tells_six_relations(laptop: Machine, office: Machine) -> None:
    """same, ahead, behind, diverged, rolled-back, unreachable: each with its sizes, its sentence and its status."""

    def relation(machine: Machine, status: int) -> tuple[str, str]:
        facts = data(machine("peer", "status", "shared", "--json"), "peer.status", status)
        assert set(facts) >= {"relation", "ours", "theirs", "common", "entries_only_ours", "entries_only_theirs"}
        said = machine("peer", "status", "shared")
        assert said.status == status
        return str(facts["relation"]), said.out

    assert relation(laptop, 0) == ("same", "shared: same, 2 blocks.\n")
    shutil.copytree("shared", "old")
    posts(laptop, "Toner")
    assert relation(laptop, 0) == ("ahead", "shared: ahead, this copy has 1 block that is not there.\n")
    laptop("sync", "--yes")
    assert relation(office, 0) == ("behind", "shared: behind, 1 block is there that this copy has not.\n")
    theirs = data(office("peer", "status", "--json"), "peer.status")["entries_only_theirs"]
    assert [entry["summary"] for entry in theirs] == ["Toner"]
    posts(office, "Stamps")
    told, said = relation(office, 5)
    assert (told, said) == ("diverged", "shared: diverged after 2 blocks: 1 here, 1 there.\n")
    shutil.rmtree("shared")
    shutil.copytree("old", "shared")
    assert relation(laptop, 5) == ("rolled-back", "shared: rolled back to 2 blocks.\n")
    shutil.rmtree("shared")
    assert relation(laptop, 5) == ("unreachable", "shared: unreachable.\n")
    assert laptop("peer", "status", "--csv").out.splitlines()[1].startswith("shared,unreachable")
    facts = laptop("peer", "status", "--json").json
    assert [one["relation"] for one in facts["data"]["peers"]] == ["unreachable"]
    assert (facts["data"]["theirs"], facts["data"]["common"]) == (None, None)
    assert [finding["code"] for finding in facts["findings"]] == ["peer-unreachable"]
    assert laptop("--lang", "zh", "peer", "status").out == "shared：连不上。\n"


def test_diff_shows_entries_and_balances(laptop: Machine, office: Machine) -> None:
    """Both sides to the entry, with amounts as scripts read them, and the balances of each side alone."""
    posts(laptop, "Toner")
    laptop("sync", "--yes")
    posts(office, "Stamps")
    facts = data(office("peer", "diff", "shared", "--json"), "peer.diff", 5)
    (ours,), (theirs,) = facts["entries_only_ours"], facts["entries_only_theirs"]
    assert (ours["summary"], theirs["summary"], facts["fork"]) == ("Stamps", "Toner", False)
    assert ours["postings"][0]["amount"] == {"amount": "10.00", "commodity": "CNY"}
    assert facts["balances"][0]["theirs"]["commodity"] == "CNY"
    text = office("peer", "diff", "shared")
    assert text.status == 5
    assert "Only here" in text.out
    assert "Toner" in text.out
    assert office("peer", "diff", "nobody").status == 3


def test_pull_and_push(laptop: Machine, office: Machine) -> None:
    """One peer, one direction: what was taken and sent, in both forms."""
    posts(laptop, "Toner")
    pushed = data(laptop("peer", "push", "shared", "--json"), "peer.push")
    assert (pushed["sent"], pushed["taken"], pushed["relation"]) == (1, 0, "same")
    pulled = data(office("peer", "pull", "shared", "--json"), "peer.pull")
    assert (pulled["taken"], pulled["entries"], pulled["relation"]) == (1, 1, "same")
    assert office("peer", "pull", "shared").out == "shared: nothing new.\n"
    assert laptop("peer", "push", "shared").out == "shared: nothing new.\n"
    shutil.rmtree("shared")
    for verb in ("pull", "push"):
        outcome = laptop("peer", verb, "shared")
        assert (outcome.status, "peer-unreachable" in outcome.err) == (5, True)


def test_sync_says_what_moved_and_what_returned(laptop: Machine, office: Machine) -> None:
    """A lost race, for scripts and in zh: the blocks, the voucher numbers, and the drafts with their reasons."""
    posts(laptop, "Toner")
    laptop("sync", "--yes")
    posts(office, "Stamps")
    (moved,) = data(office("sync", "--yes", "--json"), "sync")["peers"][0]["moved"]
    assert (moved["before"], moved["after"]) == (2, 3)
    assert moved["numbers"] == [{"series": "J", "period": "2026-10", "before": 1, "after": 2, "entries": 1}]
    laptop("sync", "--yes")
    for machine in (laptop, office):
        machine("entry", "reverse", "2026-10/J-1", "--date", "2026-10-20")
        machine("post", "--all", "--yes")
    laptop("sync", "--yes")
    told = data(office("sync", "--yes", "--json", "--lang", "zh"), "sync")["peers"][0]
    (returned,) = told["returned"]
    assert returned["reason"].startswith("他人先记账")
    (draft,) = office("draft", "list", "--json").json["data"]["drafts"]
    assert (draft["id"], draft["state"]) == (returned["draft"], "returned")
    assert draft["reason"].startswith("others posted first")
    assert "原因：他人先记账" in office("draft", "show", draft["id"], "--lang", "zh").out


def test_sync_asks_before_it_sends(laptop: Machine, office: Machine) -> None:
    """Without a terminal it needs --yes, unless nothing is new; a dry run is the status."""
    assert office("sync").status == 0
    posts(laptop, "Toner")
    assert laptop("sync").status == 2
    assert "ahead" in laptop("sync", "--dry-run").out
    assert laptop("sync", "--yes").out == "shared: sent 1 block.\n"


def test_members(laptop: Machine, office: Machine) -> None:
    """Who may sign: names, rights, keys, and whether the key is here."""
    listed = data(office("member", "list", "--json"), "member.list")["members"]
    assert [(one["name"], one["rights"], one["here"]) for one in listed] == [
        ("Ann", ["admin", "approve", "close", "post"], False),
        ("Bob", ["post"], True),
    ]
    assert "Bob" in laptop("member", "list").out
    refused = office("member", "add", "Eve", "--key", listed[0]["key"], "--yes")
    assert refused.status == 3
    repeated = data(laptop("member", "add", "Bob", "--key", listed[1]["key"], "--yes", "--json"), "member.add")
    assert (repeated["name"], repeated["block"]) == ("Bob", 1), "the same command again is its first answer"


def test_a_clone_for_scripts_and_people(run: Run, monkeypatch: pytest.MonkeyPatch, laptop: Machine) -> None:
    """`init --from` prints the key and what an admin is to type; the first member's key is told as seen first."""
    laptop("peer", "add", "shared", "shared")
    laptop("sync", "--yes")
    third = on(run, monkeypatch, "third")
    made = third("--as", "Eve", "init", "third", "--from", "shared", "--no-passphrase", "--json")
    facts = data(made, "init")
    assert (facts["name"], facts["blocks"], facts["member"], facts["key_known"]) == ("Acme", 1, "Eve", False)
    assert [finding["code"] for finding in made.json["findings"]] == ["key-first-seen"]
    listed = data(third("member", "list", "--json"), "member.list")
    assert listed["keys_not_added"] == [facts["key"]]
    said = third("member", "list")
    assert "not a member yet" in said.out
    assert f"member add NAME --key {facts['key']}" in said.err
    Path("third.cbk").unlink()
    text = third("--as", "Eve", "init", "third", "--from", "shared", "--no-passphrase")
    assert text.status == 0
    assert f'cloudbooks member add "Eve" --key {facts["key"]} --rights post' in text.out
    assert third("init", "fourth", "--from", "nowhere", "--no-passphrase").status == 5


@pytest.mark.usefixtures("laptop")
def test_verify_peer(office: Machine) -> None:
    """A peer is verified by its own bytes: 0, 4 for what is broken, 5 for what is not there."""
    facts = data(office("verify", "--peer", "shared", "--json"), "verify")
    assert (facts["valid"], facts["signed"], facts["self_declared"]) == (True, 2, False)
    assert office("verify", "--peer", "shared").out.startswith("Valid.\n")
    assert office("verify", "--peer", "nobody").status == 3
    assert office("verify", "--peer", "shared", "--pin", "nonsense").status == 2
    last = Path("shared/block/00000001")
    last.write_bytes(last.read_bytes().replace(b'"number":1', b'"number":7'))
    assert office("verify", "--peer", "shared").status == 4
    shutil.rmtree("shared")
    assert office("verify", "--peer", "shared").status == 5
