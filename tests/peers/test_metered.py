"""What a session costs: under a kilobyte where nothing is new, and an end where no honest peer goes."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.peers.machines import Machine, Ticking, Two, holds, through
from tests.peers.slots import Slots

from cloudbooks.books import syncing
from cloudbooks.books.peering import PeerTooMuch, PeerUnreachable
from cloudbooks.errors import sentence
from cloudbooks.peers import metered
from cloudbooks.peers.metered import Measure, Metered, TooMuch
from cloudbooks.peers.peer import PeerLost

pytestmark = pytest.mark.usefixtures("quick")


def test_nothing_new_costs_under_a_kilobyte_in_all(pair: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """What `cloudbooks sync` reads of a peer where nothing is new: its look before, and the sync itself."""
    slots = Slots(holds(pair.folder))
    through(monkeypatch, slots)
    assert syncing.status(pair.office.desk)[0].relation.value == "same"
    done = pair.office.syncs()
    assert (done.taken, done.sent, done.relation.value) == (0, 0, "same")
    assert 0 < slots.counted <= 1024


class Endless(Slots):
    """A peer that says of every block that it is there."""

    def has_block(self, number: int) -> bool:
        """See `Peer`."""
        del number
        return True


def test_a_log_without_an_end_is_left(pair: Two, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Status, sync, push and a new copy end with a refusal that says why; the book stays as it is."""
    monkeypatch.setattr(metered, "Measure", lambda: Measure(looks=1000))
    through(monkeypatch, Endless(holds(pair.folder)))
    head = pair.office.head
    for fault in (
        pair.office.status().fault,
        pair.office.syncs().fault,
        syncing.push(pair.office.desk, "shared").fault,
    ):
        assert isinstance(fault, PeerTooMuch)
        assert "more than 1,000 files" in str(fault)
    assert pair.office.head == head
    with pytest.raises(PeerTooMuch):
        Machine.at(tmp_path, "third", Ticking()).clones(tmp_path)


def test_more_bytes_or_time_than_a_session_has_end_it() -> None:
    """Bytes and seconds are counted over all calls."""
    slots = Slots({"checkpoint": b"x" * 600})
    peer = Metered(slots, Measure(bytes=1000))
    peer.checkpoint()
    with pytest.raises(TooMuch, match="bytes"):
        peer.checkpoint()
    late = Metered(slots, Measure(seconds=-1))
    with pytest.raises(TooMuch, match="seconds"):
        late.checkpoint()


def test_a_peer_that_is_lost_while_it_is_verified_is_unreachable_and_not_invalid(
    pair: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stick that is pulled out says nothing of the log on it."""
    slots = Slots(holds(pair.folder))
    through(monkeypatch, slots)

    def gone(what: str) -> None:
        if "batch" in what:
            raise PeerLost(sentence("the line is dead"))

    slots.step = gone
    with pytest.raises(PeerUnreachable):
        syncing.verify_peer(pair.laptop.desk, "office")


def test_blocks_are_asked_for_once(pair: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is read before the book is locked is not read again while it is."""
    pair.laptop.posts("three")
    pair.laptop.posts("four")
    pair.laptop.syncs()
    slots = Slots(holds(pair.folder))
    asked: list[str] = []
    slots.step = asked.append
    through(monkeypatch, slots)
    assert pair.office.syncs().taken == 2
    read = [what for what in asked if what.startswith(("before read batch", "before read attachment"))]
    assert len(read) == len(set(read)) == 2
