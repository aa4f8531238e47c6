"""The simulator's seeds: every run ends with the same log everywhere, or with a copy that says why it does not."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.peers.world import first_slots, prepare, world

FIRST, SEEDS = (int(word) for word in os.environ.get("CLOUDBOOKS_SEEDS", "0 300").split())
"""The first seed and how many; `make torture` takes many more than every test run."""
KEPT = (2030, 2834, 3238, 3692, 4210)
"""Seeds beyond the first that found a fault once."""

MEMORY = Path("/dev/shm")
"""The folder in memory, where nobody waits for a disk."""


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder in memory where there is one."""
    made = Path(tempfile.mkdtemp(dir=MEMORY if MEMORY.is_dir() else None))
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def template(folder: Path) -> Path:
    """The book and the slots with which every seed begins."""
    prepare(folder / "template")
    return folder / "template"


@pytest.fixture(scope="module")
def slots(template: Path) -> dict[str, bytes]:
    """The slots with which every seed begins."""
    return first_slots(template)


@pytest.mark.parametrize("seed", sorted({*range(FIRST, FIRST + SEEDS), *KEPT}))
def test_copies_come_together_or_a_fork_is_told(
    seed: int, template: Path, slots: dict[str, bytes], folder: Path
) -> None:
    """Crashes, lost answers, repeated writes, old views and races lose nothing, double nothing, and end in one log.

    Only where somebody put old slots back may the copies stay apart, and then one of them says so.
    """
    place = folder / f"seed-{seed}"
    # A seed that found a fault once is played as it was then: without witnesses.
    with world(template, slots, place, seed, witnessed=seed not in KEPT) as played:
        try:
            played.play()
            played.judge()
        except BaseException as error:
            again = f"pytest '{Path(__file__).name}::test_copies_come_together_or_a_fork_is_told[{seed}]'"
            told = "\n  ".join(played.events)
            raise AssertionError(f"seed {seed}; to see it again: {again}\n  {told}") from error
    shutil.rmtree(place)


def test_a_seed_plays_the_same_each_time(template: Path, slots: dict[str, bytes], folder: Path) -> None:
    """A failing seed can be looked at: the same seed tells the same story."""
    stories = []
    for run in range(2):
        place = folder / f"again-{run}"
        with world(template, slots, place, 7) as played:
            played.play()
            stories.append(list(played.events))
        shutil.rmtree(place)
    assert stories[0] == stories[1]
