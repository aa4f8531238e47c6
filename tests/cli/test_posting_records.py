"""What waits without an entry is posted too, and said so: in the question, in the dry run, and after it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.conftest import Run


@pytest.fixture
def book(run: Run) -> Path:
    """A book in which one account waits for the next post, and nothing else."""
    run("init", "acme", "--base", "CNY", "--start", "2026-01", "--bank", "1002.01=ICBC", "--no-passphrase")
    run("account", "add", "1002.02", "CMB")
    return Path("acme.cbk")


def test_records_alone_are_counted_as_records(run: Run, book: Path) -> None:
    """Without a terminal the refusal speaks of the record that would be posted, not of 0 entries."""
    before = book.read_bytes()
    asked = run("post", "--all")
    assert asked.status == 2
    assert asked.err.endswith("hint: add --yes to post 1 record without an entry, or --dry-run to see it\n")
    assert "加 --yes 记入 1 条记录（没有凭证）" in run("post", "--all", "--lang", "zh").err
    assert run("post", "--all", "-n").out.startswith("1 record would be posted without an entry; nothing was written.")
    assert run("post", "--all", "-n", "--json").json["data"]["waiting_records"] == 1
    assert book.read_bytes() == before
    assert run("post", "--all", "--yes").out.startswith("Posted as block 1, head b3:")


def test_what_cannot_be_posted_is_not_asked_about(run: Run, book: Path) -> None:
    """Nothing is ready: the refusal comes before the question, with status 3."""
    run("post", "--all", "--yes")
    before = book.read_bytes()
    for words in (("post", "--all"), ("post", "--all", "-n"), ("post", "--all", "--yes")):
        refused = run(*words)
        assert (refused.status, refused.err.partition(":")[0]) == (3, "error[nothing-ready]")
    assert book.read_bytes() == before
