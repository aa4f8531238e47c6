"""What follows an act may fail: it is told as a finding, the act stands, and the next command makes it up."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.conftest import Run
from tests.peers.machines import Machine, Ticking, without_fsync

from cloudbooks.books import repeating, signing
from cloudbooks.books.cloning import CloneHere
from cloudbooks.store.disk_faults import DiskFull
from cloudbooks.system import keyfile

INIT = ("init", "acme", "--base", "CNY", "--chart", "generic", "--no-passphrase", "--as", "Lina")
ADD = ("add", "2026-10-20", "Paper", "6400", "300", "1010")


def full(*_: object) -> None:
    """The disk is full."""
    raise DiskFull(Path("acme.cbk"))


def test_a_post_stands_whose_signed_head_finds_no_room(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """`checkpoint-not-kept` is a warning beside what was posted, and the next post signs the head."""
    run(*INIT)
    run(*ADD)
    with monkeypatch.context() as patch:
        patch.setattr(signing, "sign_checkpoint", full)
        outcome = run("post", "--all", "--yes")
    assert outcome.status == 0
    assert outcome.out.startswith("Posted 1 entry")
    assert "warning[checkpoint-not-kept]" in outcome.err
    run(*ADD)
    assert run("post", "--all", "--yes").status == 0
    assert run("verify").status == 0


def test_a_book_stands_with_its_key_whose_signed_head_finds_no_room(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The key of a book that was made is there, whatever became of the head's signature."""
    with monkeypatch.context() as patch:
        patch.setattr(signing, "sign_checkpoint", full)
        assert run(*INIT).status == 0
    run(*ADD)
    assert run("post", "--all", "--yes").status == 0


def test_a_key_stays_where_the_making_is_interrupted_after_the_book(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C between the book's name and its receipt: the book is there, and so is the key that writes it."""

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("cloudbooks.store.creating.trusting.acknowledge_head", interrupted)
        assert run(*INIT).status == 130
    assert keyfile.held(Path("..", "home"), next((Path("..") / "home" / "keys").iterdir()).name)
    run(*ADD)
    assert run("post", "--all", "--yes").status == 0


def test_an_act_stands_whose_answer_finds_no_room(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """`answer-not-kept` is a warning; a repeat under the key does nothing again, and says whose key it is."""
    run(*INIT)
    with monkeypatch.context() as patch:
        patch.setattr(repeating, "keep_result", full)
        outcome = run(*ADD, "--key", "k")
    assert (outcome.status, "warning[answer-not-kept]" in outcome.err) == (0, True)
    again = run(*ADD, "--key", "k")
    assert (again.status, again.out) == (
        0, 'cloudbooks add was done under the key "k" before, and stopped before it answered.\n'
    )  # fmt: skip
    assert len(run("draft", "list", "--json").json["data"]["drafts"]) == 1
    assert run(*ADD[:4], "400", *ADD[5:], "--key", "k").status == 3


def test_undo_gives_the_key_back(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an act claimed for its key goes with the act."""
    run(*INIT)
    with monkeypatch.context() as patch:
        patch.setattr(repeating, "keep_result", full)
        run(*ADD, "--key", "k")
    for _ in range(2):
        assert run("undo").status == 0
        assert run("draft", "list", "--json").json["data"]["drafts"] == []
        assert run(*ADD, "--key", "k").out.startswith("Draft D-")
    assert run("verify").status == 0


AT_ONCE = {
    "close": ("period", "close", "2026-10", "--reason", "a test", "--yes"),
    "reopen": ("period", "reopen", "2026-10", "--reason", "a test", "--confirm", "2026-10"),
    "add a member here": ("member", "add", "Wang", "--here", "--no-passphrase", "--yes"),
    "revoke": ("member", "revoke", "Bob", "--confirm", "Bob", "--as", "Lina"),
    "rotate": ("member", "rotate", "--no-passphrase", "--confirm", "Lina", "--as", "Lina"),
}


@pytest.mark.parametrize("name", AT_ONCE)
def test_a_block_made_at_once_is_made_once(run: Run, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Stopped between the block and its answer, the same command with the same `--key` makes no second block."""
    run(*INIT)
    run(*ADD)
    run("post", "--all", "--yes")
    if name == "reopen":
        run(*AT_ONCE["close"])
    if name == "revoke":
        run("member", "add", "Bob", "--here", "--no-passphrase", "--yes")

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(repeating, "keep_result", interrupted)
        assert run(*AT_ONCE[name], "--key", "k").status == 130
    head = run("chain", "head", "--json").json["head"]
    again = run(*AT_ONCE[name], "--key", "k")
    assert again.status == 0
    assert run("chain", "head", "--json").json["head"] == head
    assert run("verify").status == 0


def test_a_copy_whose_key_is_nobodys_yet_is_finished_by_the_same_clone(tmp_path: Path) -> None:
    """Cloning again gives the same key, until it is a member's; then the copy is at work, and stays as it is."""
    clock = Ticking()
    laptop, office = Machine.at(tmp_path, "laptop", clock), Machine.at(tmp_path, "office", clock)
    folder = tmp_path / "shared"
    with without_fsync():
        laptop.found()
        laptop.posts("first")
        laptop.knows(folder)
        laptop.syncs()
        first = office.clones(folder)
        again = office.clones(folder)
        assert (again.vkey, again.head, again.entries) == (first.vkey, first.head, 1)
        laptop.adds(again)
        laptop.syncs()
        assert office.syncs().fault is None
        with pytest.raises(CloneHere):
            office.clones(folder)
        assert office.verify().valid
