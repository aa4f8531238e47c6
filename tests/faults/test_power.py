"""R4: whatever the power fails at, nothing that was acknowledged is lost; without its syncs a book would lose much."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.faults.bench import Bench
from tests.faults.children import Nursery
from tests.faults.cutting import cut_posts, cut_verb
from tests.faults.tracing import needs_strace
from tests.faults.verbs import VERBS

pytestmark = needs_strace

CUTS = 12
"""Calls after which the power is cut; each once for every fate of what was not synced."""


@pytest.mark.parametrize("name", ["init", "import", "post", "rebase and push", "clone", "export", "cosign a folder"])
def test_a_power_cut_leaves_a_command_done_or_undone(bench: Bench, name: str) -> None:
    """Lost, kept, torn and mixed: the book opens, verifies, and holds all of the command or nothing of it."""
    tally = cut_verb(bench, VERBS[name], CUTS, seed=20261122)
    assert not tally.broken, "\n".join(tally.broken)
    assert tally.counts["done"]
    assert tally.counts["not done"]


def test_a_power_cut_loses_no_acknowledged_post(nursery: Nursery, root: Path) -> None:
    """Six posts, cut anywhere: each that was acknowledged is there, and the receipt speaks of it."""
    tally = cut_posts(nursery, root, CUTS, seed=20261122)
    assert not tally.broken, "\n".join(tally.broken)
    assert tally.counts["hot journal"] > CUTS // 2


@pytest.mark.parametrize("sabotage", ["journal", "files"])
def test_without_its_syncs_a_book_would_not_stand(nursery: Nursery, root: Path, sabotage: str) -> None:
    """The control arm: with SQLite's syncs off, or those of our own files, most cuts break the same promise."""
    tally = cut_posts(nursery, root, CUTS, seed=20261122, sabotage=(sabotage,))
    assert len(tally.broken) * 2 >= tally.counts["cuts"]
