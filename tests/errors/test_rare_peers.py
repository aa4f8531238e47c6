"""What no command provokes by itself: peers that lie or are always quicker, and a verification that is stopped."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.peers.machines import Two, two, without_fsync

from cloudbooks.books import exchanging, syncing
from cloudbooks.books.peering import PeerKeptNothing
from cloudbooks.books.syncing import PeerBusy
from cloudbooks.books.verifying_watched import VerificationStopped, verify_watched
from cloudbooks.peers.folder import FolderPeer
from cloudbooks.peers.peer import KeptNothing, Peer
from cloudbooks.store import rebasing
from cloudbooks.store.rebasing import SignedPlace


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Two]:
    """A laptop, an office, and the folder between them, alike."""
    with without_fsync():
        yield two(tmp_path)


def reached(monkeypatch: pytest.MonkeyPatch, peer: Peer) -> None:
    """Let every exchange speak with this peer."""

    def reach(_: str) -> Peer:
        return peer

    monkeypatch.setattr(exchanging, "reach", reach)


def test_a_peer_where_others_are_always_quicker(pair: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """A place that is never won and never shows who has it: the sync ends and says so."""

    class Quicker(FolderPeer):
        """Gives every place to somebody else."""

        def append(self, number: int, data: bytes, expected: str) -> bool:
            """See `Peer`."""
            del number, data, expected
            return False

    pair.laptop.posts("waits")
    reached(monkeypatch, Quicker(pair.folder))
    done = pair.laptop.syncs()
    assert isinstance(done.fault, PeerBusy)
    assert pair.laptop.entries[-1] == "waits"


def test_a_peer_that_keeps_nothing(pair: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """What does not read back is told with the file's name."""

    class Forgetful(FolderPeer):
        """Gives nothing back."""

        def keep_batch(self, hash_: str, data: bytes) -> int:
            """See `Peer`."""
            del data
            raise KeptNothing(hash_)

    pair.laptop.posts("waits")
    reached(monkeypatch, Forgetful(pair.folder))
    assert isinstance(pair.laptop.syncs().fault, PeerKeptNothing)


def test_a_checkpoint_that_cannot_be_read_is_passed_over(pair: Two) -> None:
    """The blocks are asked instead, and the warning `peer-checkpoint` says so."""
    (pair.folder / "checkpoint").write_bytes(b"half a check")
    (standing,) = syncing.status(pair.laptop.desk)
    assert standing.relation.value == "same"
    assert [(finding.code, finding.warning) for finding in standing.findings] == [("peer-checkpoint", True)]


def test_signed_blocks_are_not_cut_back(pair: Two) -> None:
    """The store itself refuses to move what a checkpoint speaks of, whoever asks."""
    with pair.laptop.desk.open() as book, pytest.raises(SignedPlace):
        rebasing.rebase(book, 1, [], None, by="", give_back=lambda *_: None)
    assert pair.laptop.entries == ["first"]


def test_a_verification_that_is_stopped(pair: Two) -> None:
    """It says after how many blocks, and nothing was written."""
    before = pair.laptop.desk.book.read_bytes()
    with pytest.raises(VerificationStopped, match="2 blocks"):
        verify_watched(pair.laptop.desk, lambda done: done < 2)
    assert pair.laptop.desk.book.read_bytes() == before
