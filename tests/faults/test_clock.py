"""R11: a clock that goes back, or far ahead, changes no order, and no block is earlier than the one before it."""

from __future__ import annotations

import os
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.peers.machines import Machine, Ticking, two, without_fsync
from tests.store.posted_book import PostedBook

from cloudbooks.store import log

START = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
JUMPS = {
    "an hour back": START - timedelta(hours=1),
    "a second back": START - timedelta(seconds=1),
    "ten years back": START.replace(year=2016),
    "the first day of UNIX": datetime(1970, 1, 1, tzinfo=UTC),
    "the last second of 32 bits": datetime(2038, 1, 19, 3, 14, 7, tzinfo=UTC),
    "after 32 bits": datetime(2038, 1, 19, 3, 14, 9, tzinfo=UTC),
    "a far year": datetime(2400, 2, 28, 23, 59, 59, tzinfo=UTC),
    "a leap day": datetime(2028, 2, 29, 12, 0, tzinfo=UTC),
    "the end of a leap year": datetime(2028, 12, 31, 23, 59, 59, tzinfo=UTC),
    "summer time begins": datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC),
    "summer time ends": datetime(2026, 10, 25, 0, 59, 59, tzinfo=UTC),
    "nowhere": START + timedelta(minutes=1),
}
DRAWN = int(os.environ.get("CLOUDBOOKS_JUMPS", "0"))
"""How many more jumps are drawn; a release tries some."""
_chance = random.Random(20261122)
JUMPS |= {f"drawn {turn}": datetime.fromtimestamp(_chance.randrange(1 << 33), UTC) for turn in range(DRAWN)}


def times(machine: Machine) -> list[str]:
    """When the blocks were committed, in their order."""
    with machine.desk.open() as book:
        return [row.committed_at for row in log.blocks(book)]


def set_clock(machine: Machine, at: datetime) -> None:
    """Set the clock that this machine and the other ones have."""
    clock = machine.desk.clock
    assert isinstance(clock, Ticking)
    clock.at = at


@pytest.mark.parametrize("jump", JUMPS)
def test_a_clock_that_jumps_changes_no_order(tmp_path: Path, jump: str) -> None:
    """Posted before, during and after a jump: valid, in order of number, told where the clock went back, and synced."""
    with without_fsync():
        pair = two(tmp_path)
        laptop, office = pair.laptop, pair.office
        laptop.posts("before")
        last = times(laptop)[-1]
        set_clock(laptop, JUMPS[jump])
        back = laptop.posts("during")
        found = [finding.code for finding in back.findings]
        assert found == (["clock-back"] if JUMPS[jump].strftime("%Y-%m-%dT%H:%M:%SZ") < last else [])
        set_clock(laptop, START + timedelta(days=1))
        laptop.posts("after")
        assert times(laptop) == sorted(times(laptop))
        assert laptop.entries[-3:] == ["before", "during", "after"]
        assert laptop.syncs().fault is None
        assert office.syncs().fault is None
        assert office.head == laptop.head
        assert laptop.verify().valid
        assert office.verify().valid


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_that_steps_in_mid_post_changes_no_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    """At whichever look of a post the clock steps: what is posted is valid, in order, and no earlier than before."""
    real, looks, step = Ticking.now, 0, -1

    def now(clock: Ticking) -> datetime:
        nonlocal looks
        looks += 1
        if looks == step:
            clock.at += timedelta(hours=hours)
        return real(clock)

    with without_fsync():
        laptop = two(tmp_path).laptop
        monkeypatch.setattr(Ticking, "now", now)
        laptop.posts("as it is")
        needed = looks
        for step in range(1, needed + 1):
            looks = 0
            laptop.posts(f"step {step}")
            assert times(laptop) == sorted(times(laptop))
        assert laptop.entries[-needed:] == [f"step {step}" for step in range(1, needed + 1)]
        assert laptop.verify().valid


def test_a_wait_is_not_taken_for_a_clock_that_went_back(tmp_path: Path) -> None:
    """A batch that waited while others posted has an earlier time than theirs; nobody is told that the clock moved."""
    posted = PostedBook(tmp_path)
    posted.block(posted.entry(), now="2026-11-21T07:59:59Z")
    posted.block(posted.entry(), now="2026-11-21T07:59:58Z")
    assert posted.last is not None
    assert posted.last.findings == ()
    assert posted.last.block.header.committed_at == "2026-11-21T07:59:59Z"
    assert posted.verdict().valid
