"""`chain cosign`: this machine as a witness, who signs the heads of a log that it has seen growing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cloudbooks.books.desk import Desk
from cloudbooks.books.verifying import read_pin
from cloudbooks.chain import witness
from cloudbooks.chain.batch import Batch
from cloudbooks.chain.block import Block
from cloudbooks.chain.canonical import FormFault
from cloudbooks.chain.checkpoint import Checkpoint, origin, verify_cosignature
from cloudbooks.chain.merkle import consistency, leaf_hash
from cloudbooks.chain.note import COSIGNATURE, Signer, Vkey
from cloudbooks.chain.record import Member
from cloudbooks.chain.rows import Admitted
from cloudbooks.chain.verifying import LogSource, Policy, verify
from cloudbooks.chain.witness import Request, Seen, WitnessRefusal
from cloudbooks.chain.witnessing import cosignature
from cloudbooks.errors import ChainFault, Finding, Refusal, sentence
from cloudbooks.peers.layout import FolderLog, FolderUnreadable, cosignature_file, is_link_below
from cloudbooks.store import keeping_log, log
from cloudbooks.system import files, keyfile, pins, seen_heads
from cloudbooks.system.chance import new_id
from cloudbooks.system.clock import Clock, instant
from cloudbooks.system.seen_heads import SeenHead

WITNESS = "witness"
"""What stands in the place of a book's id in the key files of a witness."""

_STALE = 400


class HeadUnfit(ChainFault):
    """A log does not verify, or no member who stands signed its head: a witness signs nothing of it."""

    code = "head-unfit"

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__(
            sentence("the log does not verify up to a signed head; nothing was cosigned."),
            hint=sentence("cloudbooks verify DIR says more"),
            findings=findings,
        )


class HeadStale(ChainFault):
    """A log ends before a head that was cosigned here: it was put back, or it is an older copy."""

    code = "head-stale"

    def __init__(self, size: int, seen: SeenHead) -> None:
        super().__init__(
            sentence("the head has {size} blocks; one of {seen} was cosigned here on {at}.", size=size,
                     seen=seen.size, at=seen.at),
            hint=sentence("cosign the newer log; if there is none, ask its members what became of the blocks"),
        )  # fmt: skip


class HeadInconsistent(ChainFault):
    """A log did not grow out of the head that was cosigned here: its history was rewritten, or there are two."""

    code = "head-inconsistent"

    def __init__(self, size: int, seen: SeenHead) -> None:
        super().__init__(
            sentence(
                "the log of {size} blocks does not continue the {seen} blocks that were cosigned here on {at}.",
                size=size, seen=seen.size, at=seen.at,
            ),
            hint=sentence("keep this log and the cosignature of {at}: together they prove it", at=seen.at),
        )  # fmt: skip


class CosignatureNotKept(Refusal):
    """A head is noted as seen, which is first of all; the book did not take the cosignature over it."""

    code = "cosignature-not-kept"

    def __init__(self, size: int, refusal: Refusal) -> None:
        super().__init__(
            sentence("the head of {size} blocks is noted here as seen; its cosignature was not kept.", size=size),
            hint=refusal.hint,
        )


@dataclass(frozen=True, slots=True)
class Cosigned:
    """A cosignature: over how many blocks, by which key, and what was seen before (0 for nothing).

    `first_seen` is the first member's key where it was trusted because it was seen first.
    """

    book: str
    size: int
    before: int
    key: Vkey
    line: str
    first_seen: str


def cosign_folder(
    state: Path,
    clock: Clock,
    folder: Path,
    passphrase: tuple[Callable[[], bytes | None], Callable[[], bytes]],
    pin: str,
) -> Cosigned:
    """Cosign the head of a log in a folder, and put the line into it.

    `passphrase` gives that of a new witness key (plain for `None`) and that of the one that is there. Raises
    `FolderUnreadable`, `HeadUnfit`, `HeadStale`, `HeadInconsistent`, `WitnessStateDamaged`, `FileNotWritten`.
    """
    source = FolderLog(folder)
    fresh, known = passphrase
    signer, name = witness_key(state, clock, fresh, known)
    done = _cosigned(state, clock, source, signer, name, pin)
    place = folder / cosignature_file(done.size, done.key.key_id.hex())
    if is_link_below(folder, place.parent):
        raise FolderUnreadable(place.parent)
    try:
        files.new_folder(place.parent, 0o777)
        mode = folder.stat().st_mode & 0o666
        if not files.create_whole(place, done.line.encode(), mode) and not _is_ours(source, done):
            # Somebody filled the slot of this key with what this key did not sign.
            files.replace_shared(place, done.line.encode(), mode)
    except OSError as error:
        raise files.FileNotWritten(place, error) from error
    return done


def _is_ours(source: FolderLog, done: Cosigned) -> bool:
    """Whether what stands in the slot of this witness is a cosignature of its own over the same head."""
    there = source.cosignature(done.size, done.key.key_id.hex()) or b""
    try:
        signature = cosignature(done.key.key_id.hex(), there)
        data = source.checkpoint() or b""
        head = Checkpoint.read(data, origin(done.book))
        verify_cosignature(head.note.text, signature, done.key)
    except FormFault:
        return False
    return head.size == done.size and there.endswith(b"\n")


def cosign_book(desk: Desk, pin: str) -> Cosigned:
    """Cosign the head of the copy of a book on this machine, as the member who works here, and keep the line in it.

    Raises `HeadUnfit`, `HeadStale`, `HeadInconsistent`, `WitnessStateDamaged`, `CosignatureNotKept`, and what the store
    refuses.
    """
    with desk.open() as book:
        _, signer = desk.signer(book)
        done = _cosigned(desk.state, desk.clock, log.StoredLog(book), signer, origin(book.id), pin)
        try:
            keeping_log.keep_cosignature(book, done.size, done.line.encode())
        except Refusal as refusal:
            raise CosignatureNotKept(done.size, refusal) from refusal
        return done


def witness_key(
    state: Path, clock: Clock, fresh: Callable[[], bytes | None], known: Callable[[], bytes]
) -> tuple[Signer, str]:
    """This machine's key as a witness, made when it is first needed, and the name that it signs under.

    `fresh` gives the passphrase of a new key (`None` for none), `known` that of the one that is there.
    """
    held = keyfile.held(state, WITNESS)
    if held:
        named = next(iter(held.values()))
        return keyfile.load(state, WITNESS, named, known), f"cloudbooks/{WITNESS}/{named}"
    named = new_id(clock)
    return keyfile.create(state, WITNESS, named, fresh()), f"cloudbooks/{WITNESS}/{named}"


def own_cosignature_key(state: Path) -> Vkey | None:
    """The key that this machine cosigns with as a witness, `None` where it never did."""
    for vkey, named in keyfile.held(state, WITNESS).items():
        return Vkey.of(f"cloudbooks/{WITNESS}/{named}", Vkey.parse(vkey).public, COSIGNATURE)
    return None


def _cosigned(state: Path, clock: Clock, source: LogSource, signer: Signer, name: str, pin: str) -> Cosigned:
    checkpoint, keys, book, first = _verified(state, source, pin)
    leaves = [leaf_hash(data) for data in _blocks(source, checkpoint.size)]
    key = witness.cosignature_key(signer, name)
    with seen_heads.watching(state, checkpoint.origin) as (last, path):
        _judge(checkpoint, keys, leaves, last)
        line = kept_and_signed(path, checkpoint, clock.now(), signer, key)
    known = pins.pinned(state, book)
    if not known:
        pins.pin(state, book, first)
    trusted_now = "" if known or pin else first
    return Cosigned(book, checkpoint.size, last.size if last else 0, key, line, trusted_now)


def kept_and_signed(path: Path, checkpoint: Checkpoint, now: datetime, signer: Signer, key: Vkey) -> str:
    """Keep a head that was judged in its place, durably, and only then sign it: the signature line.

    Called inside `seen_heads.watching`, so that of two that judge at once one comes first. Raises `FileNotWritten`.
    """
    head = SeenHead(checkpoint.origin, checkpoint.size, checkpoint.root.hex(), instant(now), str(checkpoint.note))
    try:
        seen_heads.keep(path, head)
    except OSError as error:
        raise files.FileNotWritten(path, error) from error
    return witness.cosign(checkpoint, signer, key, int(now.timestamp()))


def _verified(state: Path, source: LogSource, pin: str) -> tuple[Checkpoint, list[Vkey], str, str]:
    """The signed head of a log that verifies, the keys that may sign it, the book's id, and its first member's key."""
    data = source.checkpoint() or b""
    named = data.partition(b"\n")[0].decode(errors="replace")
    size = int(word) if (word := data.split(b"\n")[1:2] and data.split(b"\n")[1]) and word.isdigit() else 0
    members: dict[str, Member] = {}

    def observe(block: Block, _batch: Batch, admitted: Admitted) -> Iterable[Finding]:
        if block.header.number < size:
            members.update({one.id: one for _, one in admitted.others if isinstance(one, Member)})
        return ()

    known = pin or pins.pinned(state, named.removeprefix("cloudbooks/"))
    verdict = verify(source, Policy(read_pin(known)), observe)
    if not verdict.valid or verdict.signed == 0:
        raise HeadUnfit(verdict.findings)
    keys = [Vkey.parse(one.key) for one in members.values() if not one.revoked]
    return Checkpoint.read(data, named), keys, verdict.book, verdict.first_key


def _blocks(source: LogSource, size: int) -> Iterable[bytes]:
    return (data for number in range(size) if (data := source.block(number)) is not None)


def _judge(checkpoint: Checkpoint, keys: list[Vkey], leaves: list[bytes], last: SeenHead | None) -> None:
    """Judge a head as a witness does that was asked over a wire, with a proof made from the log itself."""
    old = last.size if last else 0
    proof = tuple(consistency(leaves, old)) if 0 < old <= len(leaves) else ()
    seen = Seen(last.size, bytes.fromhex(last.root)) if last else None
    try:
        witness.judge(Request(old, proof, checkpoint), lambda _: keys, lambda _: seen)
    except WitnessRefusal as refusal:
        if last is None:
            raise HeadUnfit(()) from refusal
        if refusal.status == _STALE:
            raise HeadStale(checkpoint.size, last) from refusal
        raise HeadInconsistent(checkpoint.size, last) from refusal
