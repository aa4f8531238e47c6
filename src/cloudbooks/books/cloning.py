"""`init --from URL`: a copy of a book from a peer, with a key of its own.

Everything is verified by the same fold as a pull. The first member's key is pinned: by what the user gives, else as it
is first seen, and a key that is pinned on this machine already must be the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from cloudbooks.books.desk import Desk
from cloudbooks.books.exchanging import Exchange, Progress
from cloudbooks.books.peering import (
    PeerCutOff,
    PeerInvalid,
    PeerRow,
    PeerUnreachable,
    absolute,
    fits_as_name,
    keep_peer,
    peers_of,
    reach,
)
from cloudbooks.chain.canonical import FormFault
from cloudbooks.chain.following import follow
from cloudbooks.chain.record import Member
from cloudbooks.errors import Finding, PeerFault, Refusal, sentence
from cloudbooks.peers.incoming import Broken, Foreign, incoming
from cloudbooks.peers.peer import CutOff, Peer, PeerLost
from cloudbooks.store import log, reading, receipt
from cloudbooks.store.book_file import Head, create_book
from cloudbooks.store.opening import NotABook
from cloudbooks.store.place import resolved
from cloudbooks.store.unit import operation
from cloudbooks.system import files, keyfile, pins
from cloudbooks.system.chance import new_id
from cloudbooks.system.clock import instant

PEER_NAME = "origin"
"""What the peer is called that a copy was made from, where its folder's name cannot be a peer's."""


class CloneHere(Refusal):
    """The book of which a copy is to be made is on this machine already."""

    code = "clone-here"

    def __init__(self, path: str) -> None:
        super().__init__(
            sentence("this machine holds this book already, as {path}.", path=path),
            hint=sentence("cloudbooks -b {path} sync brings it up to date", path=path),
        )


class PeerEmpty(PeerFault):
    """There is no book at the place that a copy was to be made from."""

    code = "peer-empty"

    def __init__(self, url: str) -> None:
        super().__init__(
            sentence("there is no book at {url}.", url=url),
            hint=sentence("cloudbooks peer add NAME {url}, then cloudbooks sync, sends one there", url=url),
        )


class PinDiffers(PeerFault):
    """The first member's key of a book is another than the one that is trusted."""

    code = "pin-differs"

    def __init__(self, pin: str, key: str) -> None:
        super().__init__(
            sentence("the first member's key there is {key}, not the trusted {pin}; nothing was written.", key=key,
                     pin=pin),
            hint=sentence("ask the first member for the key: cloudbooks member list"),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cloned:
    """A copy of a book: its file, what it holds, and the key that an admin is to add (`vkey`) as `member`.

    `first_key` is the first member's key, which is pinned now; `pinned_before` says that it was given or known.
    """

    path: Path
    book: str
    name: str
    head: Head
    blocks: int
    entries: int
    member: str
    vkey: str
    first_key: str
    pinned_before: bool
    peer: PeerRow
    findings: tuple[Finding, ...]


def clone(
    desk: Desk,
    url: str,
    *,
    member: str,
    passphrase: bytes | None,
    pin: str = "",
    progress: Progress = lambda *_: None,
) -> Cloned:
    """Make a copy of the book at a peer, as the file that `desk` names, with a key for `member`.

    A copy that an earlier call began there and did not finish is finished. Raises `PeerUrlUnfit`, `PeerUnreachable`,
    `PeerEmpty`, `PeerInvalid`, `PinDiffers`, `CloneHere`, `BookThere`; then nothing was written.
    """
    name = Path(absolute(url)).name
    row = PeerRow(
        name if fits_as_name(name) else PEER_NAME, absolute(url), orders=True, added_at=instant(desk.clock.now())
    )
    peer = reach(row.url)
    first = _first(row, peer)
    book_id = first.block.header.book
    begun = _begun(desk, book_id)
    first_key = _first_key(first)
    known = pin or pins.pinned(desk.state, book_id)
    if known and known != first_key:
        raise PinDiffers(known, first_key)
    if not begun:
        _create(desk, row, first)
    try:
        pins.pin(desk.state, book_id, first_key)
        return _filled(desk, row, member, passphrase, (first_key, bool(known), first.findings), progress)
    except BaseException:
        if not begun:
            # What was made here a moment ago is nobody's yet: a copy stands whole, or not at all.
            _undo(desk, book_id, known=bool(known))
        raise


def _create(desk: Desk, row: PeerRow, first: Foreign) -> None:
    try:
        create_book(
            desk.book, state=desk.state, clock=desk.clock, batch=first.batch, seal=follow(first.block, first.batch),
            attachments=first.files,
        )  # fmt: skip
    except FormFault as fault:
        raise PeerInvalid(row, 0, fault.message) from fault


def _undo(desk: Desk, book_id: str, *, known: bool) -> None:
    # The journal goes first: left behind, it would be rolled back into the next book of this name.
    journal = desk.book.with_name(f"{desk.book.name}-journal")
    for path in (journal, desk.book, receipt.path_of(desk.state, book_id)):
        with suppress(OSError):
            files.unlink(path)
    for key in keyfile.held(desk.state, book_id).values():
        keyfile.forget(desk.state, book_id, key)
    if not known:
        pins.forget(desk.state, book_id)


def _filled(
    desk: Desk,
    row: PeerRow,
    member: str,
    passphrase: bytes | None,
    first: tuple[str, bool, tuple[Finding, ...]],
    progress: Progress,
) -> Cloned:
    """Let the new book know its peer, take in all other blocks, and make its key."""
    first_key, known, findings = first
    with desk.open() as book:
        if all(one.url != row.url for one in peers_of(book)):
            with operation(book, verb="init", summary=sentence("init --from {url}", url=row.url), by="") as unit:
                keep_peer(unit, row)
        exchange = Exchange.of(desk, book, row, progress)
        compared = exchange.compare()
        if compared.theirs > compared.common == compared.ours:
            exchange.take(compared)
        exchange.remember(exchange.compare())
        vkey = next(iter(keyfile.held(desk.state, book.id)), "")
        vkey = vkey or str(keyfile.create(desk.state, book.id, new_id(desk.clock), passphrase).vkey)
        assert book.head is not None
        return Cloned(
            desk.book, book.id, reading.facts(book).name, book.head, log.size(book), reading.entry_count(book),
            member, vkey, first_key, known, row, (*findings, *exchange.findings),
        )  # fmt: skip


def _first(row: PeerRow, peer: Peer) -> Foreign:
    """The first block at a peer, which makes the book."""
    with _speaking(row):
        peer.checkpoint()
        if not peer.has_block(0):
            raise PeerEmpty(row.url)
        return next(incoming(peer, 0, 1, lambda _: False))


def _begun(desk: Desk, book_id: str) -> bool:
    """Whether the file that the desk names is a copy of this book whose key nobody has added as a member yet.

    Refuses a second copy beside one that is at work here, with which it would share receipt and keys.
    """
    path = str(resolved(desk.book))
    try:
        kept = receipt.read(desk.state, book_id)
    except receipt.Unreadable:
        kept = None
    if kept is not None and kept.path != path and Path(kept.path).exists():
        raise CloneHere(kept.path)
    if not desk.book.is_file() or not desk.book.stat().st_size:
        return False
    try:
        with desk.open() as book:
            if book.id != book_id:
                return False
            held = keyfile.held(desk.state, book.id)
            if any(member.key in held for member in reading.members(book)):
                raise CloneHere(path)
    except NotABook:
        return False
    return True


def _first_key(first: Foreign) -> str:
    for one in first.batch.records:
        if isinstance(one, Member) and one.id == first.batch.header.author:
            return one.key
    return ""


@contextmanager
def _speaking(row: PeerRow) -> Iterator[None]:
    try:
        yield
    except PeerLost as lost:
        raise PeerUnreachable(row, lost.why, 0) from lost
    except CutOff as cut_off:
        raise PeerCutOff(row, cut_off) from cut_off
    except Broken as broken:
        raise PeerInvalid(row, broken.number, broken.fault.message) from broken
