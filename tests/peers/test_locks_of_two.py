"""Two machines and one lock: who closes and who posts, and what the slower one is told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from tests.peers.machines import Two, two, without_fsync

from cloudbooks.books import closing
from cloudbooks.core.period import Month


@pytest.fixture(autouse=True)
def quick() -> Iterator[None]:
    """These tests are about logic: nothing waits for the disk."""
    with without_fsync():
        yield


@pytest.fixture
def pair(tmp_path: Path) -> Two:
    """A laptop, an office, and the folder between them, alike."""
    return two(tmp_path)


def test_a_close_that_was_overtaken_is_said(pair: Two) -> None:
    """Another copy posts into the month, or closes it, first: a close stands behind the entry, and not twice."""
    pair.office.posts("quick")
    closing.close(pair.laptop.desk, Month(2026, 10), "as far as known")
    pair.office.syncs()
    assert pair.laptop.syncs().returned == 0
    pair.office.syncs()
    closing.reopen(pair.laptop.desk, Month(2026, 10), "a late invoice")
    pair.laptop.syncs()
    pair.office.syncs()
    pair.office.posts("late", day=date(2026, 11, 2))
    pair.office.syncs()
    pair.laptop.syncs()
    assert pair.office.head == pair.laptop.head
    assert pair.laptop.verify().valid


def test_an_entry_that_was_overtaken_by_a_close_is_a_draft_again(pair: Two) -> None:
    """The laptop closes the month and syncs first: what the office posted there returns, with the law as reason."""
    pair.office.posts("too late")
    closing.close(pair.laptop.desk, Month(2026, 10), "as far as known")
    pair.laptop.syncs()
    done = pair.office.syncs()
    assert (done.returned, [draft.summary for draft in done.drafts]) == (1, ["too late"])
    assert "2026-10" in str(done.drafts[0].reason)
    assert "too late" not in pair.office.entries
