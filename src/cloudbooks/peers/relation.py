"""How a peer relates to our own log, told from its checkpoint alone where nothing is new.

How many blocks a peer has follows from its blocks: its checkpoint only says where to begin to look, and every claim in
it is compared with roots of our own log. Nothing here writes, and nothing that a peer says is believed for more than
choosing what to read next.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Protocol

from cloudbooks.chain.canonical import FormFault
from cloudbooks.chain.checkpoint import Checkpoint, origin
from cloudbooks.errors import Finding, sentence
from cloudbooks.peers.peer import CutOff, Peer, is_start_of
from cloudbooks.peers.seen import Seen


class Relation(StrEnum):
    """How a peer relates to this copy; the words of `peer status`. `ahead` says that we are."""

    SAME = "same"
    AHEAD = "ahead"
    BEHIND = "behind"
    DIVERGED = "diverged"
    ROLLED_BACK = "rolled-back"
    UNREACHABLE = "unreachable"


class OwnLog(Protocol):
    """Our side of the comparison: a log that this machine has verified when it took it in."""

    @property
    def book(self) -> str:
        """The book's id."""

    @property
    def size(self) -> int:
        """How many blocks there are."""

    @property
    def signed(self) -> int:
        """The size that our checkpoint speaks of; 0 without one. Blocks beyond it have not won a place elsewhere."""

    def root_at(self, size: int) -> bytes:
        """The root of the log's tree over its first `size` blocks."""

    def block(self, number: int) -> bytes | None:
        """The file of a block."""


@dataclass(frozen=True, slots=True)
class Compared:
    """Where two copies stand: sizes in blocks, `common` counting those that both have.

    `claimed` is the peer's checkpoint, whose signature nobody has verified yet; `None` where there is none that parses.
    """

    relation: Relation
    common: int
    ours: int
    theirs: int
    claimed: Checkpoint | None
    findings: tuple[Finding, ...] = ()

    @property
    def signed(self) -> int:
        """The size that the peer's checkpoint speaks of."""
        return self.claimed.size if self.claimed else 0


class Contradicted(Exception):
    """A peer's checkpoint, `claimed`, has another root than the blocks that stand beside it.

    `common` counts the blocks from the first that both have.
    """

    def __init__(self, claimed: Checkpoint, common: int) -> None:
        super().__init__(claimed.size)
        self.claimed = claimed
        self.common = common


class AnotherBook(Exception):
    """The first block at a peer is not ours: another book lies there."""


class Look(Enum):
    """How closely a peer is looked at: by its checkpoint where that says enough, by its blocks, or by every slot.

    `BLOCKS` reads the last block that both should have even where the checkpoint agrees. `SLOTS` counts the blocks from
    the first, for a peer that has lost some of them.
    """

    QUICK = "quick"
    BLOCKS = "blocks"
    SLOTS = "slots"


def compare(ours: OwnLog, peer: Peer, seen: Seen | None, look: Look = Look.QUICK) -> Compared:
    """Compare our log with a peer's; `seen` is what was seen there last.

    Where nothing is new a quick look reads the checkpoint alone. Raises `PeerLost`; `CutOff` where a file is half
    copied; `Contradicted`; `AnotherBook`.
    """
    claimed, findings = _claimed(ours, peer)
    theirs = _count(peer, claimed, look)
    agrees = claimed is not None and claimed.size <= ours.size and claimed.root == ours.root_at(claimed.size)
    if claimed and agrees and theirs == claimed.size and look is Look.QUICK:
        common = theirs
    else:
        common = _common(ours, peer, min(ours.size, theirs))
        if theirs == common + 1 and is_start_of(peer.block(common), ours.block(common) or b""):
            # Our own block, whose writing was cut off: it is sent again, and nobody else has taken the place.
            theirs = common
        if theirs and not common:
            _require_whole(peer.block(0))
            raise AnotherBook
        if claimed and _contradicts(claimed, common, theirs, agrees=agrees):
            raise Contradicted(claimed, common)
    return Compared(_relation(ours.size, theirs, common, seen), common, ours.size, theirs, claimed, findings)


def _require_whole(block: bytes | None) -> None:
    """Refuse a first block that is missing or cut off: it says nothing of whose book it begins; raises `CutOff`."""
    if not block or not block.endswith(b"\n"):
        raise CutOff("block 0", sentence("the file is missing or cut off."))


def _contradicts(claimed: Checkpoint, common: int, theirs: int, *, agrees: bool) -> bool:
    """Whether a checkpoint has another root than the blocks beside it, as far as our own blocks can tell."""
    return (claimed.size <= common and not agrees) or (common < claimed.size <= theirs and agrees)


def _relation(ours: int, theirs: int, common: int, seen: Seen | None) -> Relation:
    if common == theirs and seen is not None and seen.size > theirs:
        return Relation.ROLLED_BACK
    if common == ours == theirs:
        return Relation.SAME
    if common == theirs:
        return Relation.AHEAD
    return Relation.BEHIND if common == ours else Relation.DIVERGED


def _claimed(ours: OwnLog, peer: Peer) -> tuple[Checkpoint | None, tuple[Finding, ...]]:
    data = peer.checkpoint()
    if data is None:
        return None, ()
    told = data.partition(b"\n")[0].decode(errors="replace")
    try:
        claimed = Checkpoint.read(data, told)
    except FormFault as fault:
        # A copying program was stopped in the middle of it: the blocks say how long the log is.
        message = sentence("the checkpoint there cannot be read: {why}", why=fault.message)
        return None, (Finding("peer-checkpoint", "checkpoint", message, warning=True),)
    if claimed.origin != origin(ours.book):
        raise AnotherBook
    return claimed, ()


def _count(peer: Peer, claimed: Checkpoint | None, look: Look) -> int:
    size = claimed.size if claimed and look is not Look.SLOTS else 0
    if size and not peer.has_block(size - 1):
        why = sentence("the checkpoint there speaks of {size} blocks, and the last of them is not there.", size=size)
        raise CutOff("checkpoint", why)
    while peer.has_block(size):
        size += 1
    return size


def _common(ours: OwnLog, peer: Peer, most: int) -> int:
    """How many blocks from the first are the same; a block names the one before it, so one comparison tells of all."""
    if not most or peer.block(most - 1) == ours.block(most - 1):
        return most
    low, high = 0, most - 1
    while low < high:
        middle = (low + high + 1) // 2
        if peer.block(middle - 1) == ours.block(middle - 1):
            low = middle
        else:
            high = middle - 1
    return low
