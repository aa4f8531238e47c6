"""`init --from URL`: a copy of a book from a peer, with a key of its own.

Everything is verified by the same fold as a pull. The first member's key is pinned: by what the user gives, else as it
is first seen, and a key that is pinned on this machine already must be the same.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from cloudbooks.books.carrying_cosignatures import take_cosignatures
from cloudbooks.books.carrying_timestamps import take_timestamps
from cloudbooks.books.desk import Desk
from cloudbooks.books.exchanging import Exchange
from cloudbooks.books.forking import leave_fork
from cloudbooks.books.keys_here import waiting_keys
from cloudbooks.books.known_peers import PeerRow, keep_peer, peers_of
from cloudbooks.books.peer_telling import telling
from cloudbooks.books.peering import PeerInvalid, absolute, fits_as_name, reach
from cloudbooks.books.progress import Progress, quiet
from cloudbooks.chain.canonical import FormFault
from cloudbooks.chain.following import follow
from cloudbooks.chain.record import Member
from cloudbooks.core.text import shell_word
from cloudbooks.errors import Finding, Noticed, PeerFault, Refusal, sentence
from cloudbooks.peers.incoming import Foreign, incoming
from cloudbooks.peers.metered import Metered
from cloudbooks.peers.peer import Peer
from cloudbooks.store import forks, log, reading, receipt
from cloudbooks.store.book_file import BookFile, Head
from cloudbooks.store.creating import create_book
from cloudbooks.store.opening import NotABook
from cloudbooks.store.place import resolved
from cloudbooks.store.receipt import Receipt
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
            hint=sentence("cloudbooks -b {path} sync brings it up to date", path=shell_word(path)),
        )


class PeerEmpty(PeerFault):
    """There is no book at the place that a copy was to be made from."""

    code = "peer-empty"

    def __init__(self, url: str) -> None:
        super().__init__(
            sentence("there is no book at {url}.", url=url),
            hint=sentence("cloudbooks peer add NAME {url}, then cloudbooks sync, sends one there", url=shell_word(url)),
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
    """A copy of a book: its file, what it holds, and the key (`vkey`) of whoever works here.

    `member` is the member's name. `known` says that the key is a member's already; else an admin is to add it, and
    `next_key` is the digest of the key that is to follow it. `first_key` is the first member's key, which is pinned
    now; `pinned_before` says that it was given or known. `left` is the folder in which the evidence of a fork is kept
    that this copy leaves behind, `None` where there was none.
    """

    path: Path
    book: str
    name: str
    head: Head
    blocks: int
    entries: int
    member: str
    vkey: str
    next_key: str
    known: bool
    first_key: str
    pinned_before: bool
    peer: PeerRow
    findings: tuple[Finding, ...]
    left: Path | None = None


Passphrase = Callable[[], bytes | None]
"""Asked for where a key is made: the passphrase that wraps it, `None` for none."""


def clone(
    desk: Desk,
    url: str,
    *,
    member: str,
    passphrase: Passphrase,
    pin: str = "",
    progress: Progress = quiet,
) -> Cloned:
    """Make a copy of the book at a peer, as the file that `desk` names, with a key for `member`.

    Where this machine has lost its file, the copy takes its place: it must hold the block of the receipt, and a key
    that is here is used. Where two signed histories were seen here, the copy goes on with the one at `url`; the file
    that was worked on is left as it is, and read-only. A copy that an earlier call began there and did not finish is
    finished.

    Raises `PeerUrlUnfit`, `PeerUnreachable`, `PeerEmpty`, `PeerInvalid`, `PinDiffers`, `CloneHere`, `BookThere`,
    `NotTheLostEnd`; then nothing was written.
    """
    name = Path(absolute(url)).name
    row = PeerRow(
        name if fits_as_name(name) else PEER_NAME, absolute(url), orders=True, added_at=instant(desk.clock.now())
    )
    first = _first(row, Metered(reach(row.url)))
    book_id = first.block.header.book
    forked = forks.told(desk.state, book_id)
    if forked is None:
        making = Making(desk, row, first, member, passphrase, desk.state, progress)
        return _made(making, pin, begun=_begun(desk, book_id))
    # The state of this machine is that of the side that was worked on, until the copy of the other is whole.
    beside = desk.state / "forks" / f"{book_id}.leaving"
    shutil.rmtree(beside, ignore_errors=True)
    try:
        making = Making(replace(desk, state=beside), row, first, member, passphrase, desk.state, progress)
        made = _made(making, pin or pins.pinned(desk.state, book_id), begun=False)
        return replace(made, left=leave_fork(desk, made.book, row.name, made.head, beside))
    finally:
        shutil.rmtree(beside, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Making:
    """A copy in the making: where, from which peer, for whom; `keys` is the state folder in which keys are kept."""

    desk: Desk
    row: PeerRow
    first: Foreign
    member: str
    passphrase: Passphrase
    keys: Path
    progress: Progress

    @property
    def book(self) -> str:
        """The book's id."""
        return self.first.block.header.book


def _made(making: Making, pin: str, *, begun: bool) -> Cloned:
    """Fill the copy that is `begun` already, or make it first.

    What opening says of a copy that is not whole yet is not told: it is whole in the end, or refused.
    """
    making = replace(making, desk=replace(making.desk, noticed=Noticed()))
    desk, book, first = making.desk, making.book, making.first
    first_key = _first_key(first)
    known = pin or pins.pinned(desk.state, book)
    if known and known != first_key:
        raise PinDiffers(known, first_key)
    before = _before(desk, making.keys, book)
    if not begun:
        _create(making)
    try:
        _expect_the_lost_end(desk, before)
        pins.pin(desk.state, book, first_key)
        return _filled(making, first_key, known=bool(known))
    except BaseException:
        if not begun:
            # What was made here a moment ago is nobody's yet: a copy stands whole, or not at all.
            _undo(making, before, known=bool(known))
        raise


def _create(making: Making) -> None:
    desk, first = making.desk, making.first
    try:
        create_book(
            desk.book, state=desk.state, clock=desk.clock, batch=first.batch, seal=follow(first.block, first.batch),
            attachments=first.files,
        )  # fmt: skip
    except FormFault as fault:
        raise PeerInvalid(making.row, 0, fault.message) from fault


@dataclass(frozen=True, slots=True)
class Before:
    """What this machine had of a book before a copy was made: its receipt and its keys. Nothing of it is taken away."""

    receipt: Receipt | None
    keys: frozenset[str]


def _before(desk: Desk, keys: Path, book: str) -> Before:
    try:
        kept = receipt.read(desk.state, book)
    except receipt.Unreadable:
        kept = None
    return Before(kept, frozenset(keyfile.held(keys, book).values()))


def _expect_the_lost_end(desk: Desk, before: Before) -> None:
    """Let the receipt of a file that is gone speak of the copy, which then must hold the block that it names."""
    if before.receipt is not None:
        receipt.move(desk.state, before.receipt, before.receipt._replace(path=str(resolved(desk.book))))


def _undo(making: Making, before: Before, *, known: bool) -> None:
    desk, book = making.desk, making.book
    # The journal goes first: left behind, it would be rolled back into the next book of this name.
    gone = [desk.book.with_name(f"{desk.book.name}-journal"), desk.book]
    if before.receipt is None:
        gone.append(receipt.path_of(desk.state, book))
    for path in gone:
        with suppress(OSError):
            files.unlink(path)
    if before.receipt is not None:
        with suppress(receipt.Unreadable, OSError):
            there = receipt.read(desk.state, book)
            if there is not None:
                receipt.move(desk.state, there, before.receipt)
    for key in set(keyfile.held(making.keys, book).values()) - before.keys:
        keyfile.forget(making.keys, book, key)
    if not known:
        pins.forget(desk.state, book)


def _filled(making: Making, first_key: str, *, known: bool) -> Cloned:
    """Let the new book know its peer, take in all other blocks, and find or make the key of whoever works here."""
    desk, row = making.desk, making.row
    with desk.open() as book:
        waits = book.barred is not None
        if not waits:
            # Before the blocks, so that a copy that was stopped here is finished by a sync too.
            _keep(book, row)
        exchange = Exchange.of(desk, book, row, making.progress)
        compared = exchange.compare()
        if compared.theirs > compared.common == compared.ours:
            exchange.take(compared, new=True)
        exchange.remember(exchange.compare())
        take_timestamps(exchange)
        take_cosignatures(exchange)
        if waits:
            _keep(book, row)
        worker = _worker(making, book)
        assert book.head is not None
        return Cloned(
            desk.book, book.id, reading.facts(book).name, book.head, log.size(book), reading.entry_count(book),
            worker.name or making.member, worker.vkey, worker.next_key, bool(worker.name), first_key, known, row,
            (*making.first.findings, *exchange.findings),
        )  # fmt: skip


def _keep(book: BookFile, row: PeerRow) -> None:
    if all(one.url != row.url for one in peers_of(book)):
        with operation(book, verb="init", summary=sentence("init --from {url}", url=row.url), by="") as unit:
            keep_peer(unit, row)


class Worker(NamedTuple):
    """Who works with a copy: a member's name and key; without a name a key, and the digest of its next, to be added."""

    name: str
    vkey: str
    next_key: str


def _worker(making: Making, book: BookFile) -> Worker:
    """The member whose key is here; else a key that no member has had, found or made, with the one to follow it."""
    held = keyfile.held(making.keys, book.id)
    standing = [one for one in reading.members(book) if one.key in held and not one.revoked]
    if standing:
        named = [one for one in standing if making.member in (one.name, one.id)] or standing
        return Worker(named[0].name, named[0].key, named[0].next_key)
    for waiting in waiting_keys(book, making.keys):
        if waiting.next_key:
            return Worker("", *waiting)
    passphrase = making.passphrase()
    made = keyfile.create(making.keys, book.id, new_id(making.desk.clock), passphrase)
    following = keyfile.create(making.keys, book.id, new_id(making.desk.clock), passphrase, follows=made.vkey)
    return Worker("", str(made.vkey), keyfile.promise(following.vkey))


def _first(row: PeerRow, peer: Peer) -> Foreign:
    """The first block at a peer, which makes the book."""
    with telling(row):
        peer.checkpoint()
        if not peer.has_block(0):
            raise PeerEmpty(row.url)
        return next(incoming(peer, 0, 1, lambda _: False))


def _begun(desk: Desk, book_id: str) -> bool:
    """Whether the file that the desk names is a copy of this book that was begun, and is at work for nobody yet.

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
        with replace(desk, noticed=Noticed()).open() as book:
            if book.id != book_id:
                return False
            held = keyfile.held(desk.state, book.id)
            # In the place of a file that was lost a copy knows its peer only when it holds what was posted here.
            waits = book.barred is not None and not peers_of(book)
            if not waits and any(member.key in held for member in reading.members(book)):
                raise CloneHere(path)
    except NotABook:
        return False
    return True


def _first_key(first: Foreign) -> str:
    for one in first.batch.records:
        if isinstance(one, Member) and one.id == first.batch.header.author:
            return one.key
    return ""
