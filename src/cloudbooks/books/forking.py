"""Forks: when two signed heads of one book cannot both be, and what is kept of them."""

from __future__ import annotations

from pathlib import Path

from cloudbooks.books.desk import Desk
from cloudbooks.chain import record
from cloudbooks.chain.canonical import FormFault
from cloudbooks.chain.checkpoint import Checkpoint
from cloudbooks.chain.note import Vkey
from cloudbooks.errors import sentence
from cloudbooks.peers import seen
from cloudbooks.peers.peer import Peer
from cloudbooks.store import forks, log, reading, receipt
from cloudbooks.store.book_file import BookFile, Head
from cloudbooks.store.forks import Fork
from cloudbooks.store.log import StoredLog
from cloudbooks.store.unit import operation
from cloudbooks.system.chance import new_id
from cloudbooks.system.clock import Clock, instant


def keep_fork(book: BookFile, peer: Peer, name: str, common: int, claimed: Checkpoint, clock: Clock) -> None:
    """Keep both heads, and the first blocks that differ, as evidence; nothing is written to the book from now on.

    `claimed` is the peer's head, whose signature was verified.

    A copy that another one took the place of is barred in any case, and a fork that was left behind is not kept again.
    Raises what the peer raises.
    """
    if book.barred is not None:
        return
    copy = StoredLog(book)
    found = {
        "ours.checkpoint": copy.checkpoint(),
        "theirs.checkpoint": str(claimed.note).encode(),
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


def leave_fork(desk: Desk, book: str, peer: str, head: Head, beside: Path) -> Path:
    """Let a whole copy of one side, made with the state folder `beside`, be the one that is worked on here.

    The receipt speaks of it from now on, which bars the file of the other side; then the evidence is set aside, under
    the name that is returned, so that a stop in between leaves both read-only. A `note` record about the choice waits
    for the next batch.
    """
    made = receipt.read(beside, book)
    assert made is not None
    try:
        kept = receipt.read(desk.state, book)
    except receipt.Unreadable:
        kept = None
    if kept is None:
        receipt.keep(desk.state, made)
    else:
        receipt.move(desk.state, kept, made)
    folder = forks.set_aside(desk.state, book)
    # What was seen under the peer's name was the other history.
    seen.forget(desk.state, book, peer)
    with desk.open() as opened:
        text = f"A choice between two signed histories: this log goes on after {head.hash}, and not after " + (
            kept.hash if kept else "?"
        )
        note = record.Note(id=new_id(desk.clock), at=instant(desk.clock.now()), text=text, about=head.hash)
        with operation(opened, verb="init", summary=sentence("a choice between two histories"), by="") as unit:
            unit.put_pending(note)
    return folder
