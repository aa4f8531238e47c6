"""Forks: when two signed heads of one book cannot both be, and what is kept of them."""

from __future__ import annotations

from cloudbooks.chain.canonical import FormFault
from cloudbooks.chain.checkpoint import Checkpoint
from cloudbooks.chain.note import Vkey
from cloudbooks.peers.peer import Peer
from cloudbooks.store import forks, log, reading
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.forks import Fork
from cloudbooks.store.log import StoredLog
from cloudbooks.system.clock import Clock, instant


def keep_fork(book: BookFile, peer: Peer, name: str, common: int, clock: Clock) -> None:
    """Keep both heads, and the first blocks that differ, as evidence; nothing is written to the book from now on.

    A copy that another one took the place of is barred in any case, and a fork that was left behind is not kept again.
    Raises what the peer raises.
    """
    if book.barred is not None:
        return
    copy = StoredLog(book)
    found = {
        "ours.checkpoint": copy.checkpoint(),
        "theirs.checkpoint": peer.checkpoint(),
        "ours.block": copy.block(common),
        "theirs.block": peer.block(common),
    }
    evidence = {file: data for file, data in found.items() if data is not None}
    book.forked = forks.keep(book.state, book.id, Fork(name, common, instant(clock.now())), evidence)


def signs_another_history(book: BookFile, claimed: Checkpoint) -> bool:
    """Whether a member signed another root for a size that our own checkpoint covers: both cannot be."""
    if claimed.size > log.signed_size(book) or claimed.root == log.root_at(book, claimed.size):
        return False
    try:
        keys = [Vkey.parse(member.key) for member in reading.members(book) if not member.revoked]
        return bool(claimed.note.verified_by(keys))
    except FormFault:
        return False
