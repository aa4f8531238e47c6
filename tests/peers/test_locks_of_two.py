"""Two machines and one lock: who closes and who posts, and what the slower one is told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.peers.machines import Two, two, without_fsync

from cloudbooks.books import closing
from cloudbooks.books.returning import lost_locks
from cloudbooks.chain.canonical import FormFault
from cloudbooks.chain.record import Close
from cloudbooks.core.period import Month
from cloudbooks.errors import sentence
from cloudbooks.store.rebasing import Returned


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
    assert "2026-10" in done.drafts[0].reason
    assert "too late" not in pair.office.entries


def test_a_lock_that_returns_is_said() -> None:
    """A close that breaks a law at its new place leaves no draft: a finding names it."""
    lock = Close(id="x", period="2026-10")
    fault = FormFault("law.period", sentence("2026-10 is closed."))
    batch = SimpleNamespace(records=(lock,))
    (found,) = lost_locks([Returned(batch, None, fault, {})])  # type: ignore[arg-type]  # what is read of it
    assert (found.code, found.where) == ("lock-returned", "2026-10")
    assert "2026-10 is closed." in str(found.message)
