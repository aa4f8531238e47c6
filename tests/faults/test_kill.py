"""R1: killed at any instant, a book has every batch that it acknowledged, whole, and opens without a step by hand."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from tests.faults.bench import Bench
from tests.faults.children import Nursery
from tests.faults.killing import kill_posts, killed
from tests.faults.tracing import needs_strace
from tests.faults.trials import kill_at_random, undisturbed
from tests.faults.verbs import VERBS
from tests.store.posted_book import Ticking

from cloudbooks.chain.verdict import Policy
from cloudbooks.store.comparing import verify_book
from cloudbooks.store.opening_book import open_book
from cloudbooks.store.place import BookMissing

KILLS = int(os.environ.get("CLOUDBOOKS_KILLS", "200"))
"""How often a posting child is killed; a release is tortured with more."""


def test_a_killed_writer_loses_nothing_it_acknowledged(nursery: Nursery, disk_path: Path) -> None:
    """No acknowledged batch is lost, none is half there, the receipt is never ahead, and the book just opens."""
    tally = kill_posts(nursery, disk_path, KILLS, seed=20261122)
    assert not tally.broken, "\n".join(tally.broken)
    # Kills that fall between two posts alone would prove nothing.
    assert tally.counts["hot journal"] >= KILLS // 20
    assert tally.counts["receipt behind"] >= KILLS // 100


@needs_strace
@pytest.mark.parametrize("name", ["init", "import", "post", "correct", "rebuild", "rebase and push"])
def test_a_killed_command_is_done_or_undone(bench: Bench, name: str) -> None:
    """Killed after any while: all of it or nothing, and the same command again ends as if undisturbed."""
    tally = kill_at_random(bench, undisturbed(bench, VERBS[name]), 4, seed=20261122)
    assert not tally.broken, "\n".join(tally.broken)


def test_a_killed_making_leaves_a_whole_book_or_none(nursery: Nursery, disk_path: Path) -> None:
    """Making a book is one step too: what has a name is a whole book, and a name that was taken can be used."""
    chance = random.Random(20261123)
    for kill in range(20):
        folder = disk_path / str(kill)
        folder.mkdir()
        acknowledged = killed(nursery, "make", folder, chance.random() * 0.02)
        for path in sorted(folder.glob("*.cbk")):
            number = int(path.stem)
            if path.stat().st_size == 0:
                assert number not in acknowledged
                continue
            with open_book(path, state=folder / f"state-{number}", clock=Ticking()) as book:
                assert book.stopped is None
                assert verify_book(book, Policy()).consistent == 1
        for number in acknowledged:
            assert (folder / f"{number}.cbk").stat().st_size
        with pytest.raises(BookMissing):
            open_book(folder / f"{max(acknowledged) + 2}.cbk", state=folder, clock=Ticking())
