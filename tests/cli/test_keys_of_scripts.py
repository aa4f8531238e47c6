"""--key: a repeat is the first result; another command under the same key is refused, never answered for the first."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.conftest import Run

ADD = ("add", "2026-11-20", "Paper", "5602", "300", "1002.01", "--key", "k")


@pytest.fixture
def book(run: Run) -> Path:
    """A book in which one draft was added under the key k."""
    run("init", "acme", "--base", "CNY", "--start", "2026-01", "--bank", "1002.01=ICBC", "--no-passphrase")
    assert run(*ADD).status == 0
    return Path("acme.cbk")


def test_a_repeat_answers_in_the_form_that_is_asked_for(run: Run, book: Path) -> None:
    """The same act again: nothing is written, whatever form, language or order the flags have."""
    before = book.read_bytes()
    assert run(*ADD).out.startswith("Draft D-1 ")
    assert run("--key", "k", "--json", *ADD[:6]).json["data"]["id"] == "D-1"
    assert run(*ADD, "-q", "--lang", "zh", "-b", "acme").status == 0
    assert book.read_bytes() == before


@pytest.mark.parametrize(
    "words",
    [
        ("post", "--all", "--yes", "--key", "k"),
        ("add", "2026-11-20", "Paper", "5602", "999", "1002.01", "--key", "k"),
        ("draft", "discard", "D-1", "--key", "k"),
        ("undo", "--key", "k"),
        ("account", "add", "1002.02", "CMB", "--key", "k"),
    ],
    ids=" ".join,
)
def test_another_act_under_the_key_is_refused(run: Run, book: Path, words: tuple[str, ...]) -> None:
    """A script that uses a key twice learns it: exit 3, the command that has the key, and nothing written."""
    before = book.read_bytes()
    refused = run(*words)
    by = "by another cloudbooks add than this" if words[0] == "add" else "by cloudbooks add"
    assert refused.status == 3
    assert refused.err == (
        f'error[key-taken]: the key "k" was used before, {by}.\nhint: another act takes another key: --key K\n'
    )
    assert book.read_bytes() == before


def test_an_undone_act_frees_its_key(run: Run, book: Path) -> None:
    """After `undo` the same command under the same key is done anew."""
    assert book.exists()
    run("undo")
    assert run("draft", "list", "--json").json["data"]["drafts"] == []
    assert run(*ADD, "--json").json["data"]["id"] == "D-1"
    assert len(run("draft", "list", "--json").json["data"]["drafts"]) == 1


def test_a_refusal_takes_no_key(run: Run, book: Path) -> None:
    """What was refused may be tried again under its key."""
    assert book.exists()
    words = ("draft", "edit", "D-1", "--line", "1", "--account", "5602.01", "--key", "e")
    assert run(*words).status == 3
    run("account", "add", "5602.01", "Office")
    assert run(*words).status == 0
