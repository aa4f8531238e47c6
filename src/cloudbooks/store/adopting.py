"""Taking in blocks that others made: judged by the same fold as posting, all of them before any is kept.

The blocks keep their own bytes. All of them are written in one transaction, which is committed only when the last has
kept the laws, and the checkpoint that came with them has been verified; then the receipt follows. Whatever a peer
sends, a refusal leaves the book byte for byte as it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

from cloudbooks.chain.batch import Batch
from cloudbooks.chain.block import Block
from cloudbooks.chain.canonical import FormFault
from cloudbooks.chain.checkpoint import Checkpoint
from cloudbooks.chain.following import follow
from cloudbooks.chain.note import Vkey
from cloudbooks.chain.sealing import Sealed
from cloudbooks.chain.state import State
from cloudbooks.errors import ChainFault, Finding, sentence
from cloudbooks.store import attachments, guard, trusting
from cloudbooks.store import commit as commits
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.keeping_log import keep_signed
from cloudbooks.store.kept_state import KeptState
from cloudbooks.store.log import signed_size, size
from cloudbooks.store.log_bytes import block_bytes
from cloudbooks.store.opening import Head
from cloudbooks.store.receipt import Receipt
from cloudbooks.store.trusting import BookBehind
from cloudbooks.store.writing import writing
from cloudbooks.system.clock import local_time


class Given(NamedTuple):
    """A block from elsewhere with its batch, and files that its records name, by `b3:…`."""

    block: Block
    batch: Batch
    files: dict[str, bytes]


class Unlawful(Exception):
    """Block `number` from elsewhere does not fit this log, or the checkpoint that came with it does not (`None`)."""

    def __init__(self, number: int | None, fault: FormFault) -> None:
        super().__init__(str(fault.message))
        self.number = number
        self.fault = fault


class Overtaken(Exception):
    """Another program has posted here since the peer was compared; nothing was written, and it is compared again."""


class NotTheLostEnd(ChainFault):
    """The book is behind its receipt, and what was fetched is not what was posted here."""

    code = "not-the-lost-end"

    def __init__(self, kept: Receipt) -> None:
        super().__init__(
            sentence(
                "block {number} was posted here on {at} (receipt), and what was fetched does not hold it; nothing was"
                " written.", number=kept.number, at=local_time(kept.written_at),
            ),
            hint=sentence("cp COPY BOOK puts a good copy of the book back"),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Adopted:
    """What was taken in: the blocks in order, and findings about the receipt."""

    sealed: tuple[Sealed, ...]
    findings: tuple[Finding, ...]


class Taking:
    """The fold over blocks from elsewhere, in an open write transaction; `claimed` is the checkpoint beside them."""

    def __init__(self, book: BookFile, state: State, claimed: Checkpoint | None) -> None:
        self._book = book
        self._claimed = claimed
        self.state = state
        self.sealed: list[Sealed] = []
        self._look()

    def take(self, given: Given) -> None:
        """Judge a block, and keep it with its batch and files; raises `Unlawful`, `PostedChanged`."""
        try:
            sealed = follow(given.block, given.batch)(self.state)
        except FormFault as fault:
            raise Unlawful(given.block.header.number, fault) from fault
        keep(self._book, given.batch, sealed, self.state)
        for data in given.files.values():
            attachments.keep(self._book.connection, data)
        self.sealed.append(sealed)
        self._look()

    def _look(self) -> None:
        """Keep the checkpoint where the log has its size, if it fits and a member who stands here has signed it."""
        claimed = self._claimed
        if claimed is None or claimed.size != self.state.size or claimed.size <= signed_size(self._book):
            return
        try:
            _require_signed(claimed, self.state)
        except FormFault as fault:
            raise Unlawful(None, fault) from fault
        keep_signed(self._book.connection, claimed.size, str(claimed.note).encode())


def _require_signed(claimed: Checkpoint, state: State) -> None:
    keys = [Vkey.parse(member.key) for member in state.members.values() if not member.revoked]
    if claimed.root != state.frontier.root:
        raise FormFault(
            "checkpoint", sentence("The checkpoint has another root than the first {n} blocks.", n=claimed.size)
        )
    if not claimed.note.verified_by(keys):
        raise FormFault("checkpoint", sentence("No member who stands at its size signed the checkpoint."))


def keep(book: BookFile, batch: Batch, sealed: Sealed, state: State) -> None:
    """Keep a block that `state` was changed by, in the caller's transaction, as a commit does; see `commit`."""
    guard.require_sums(book, state, sealed.admitted.number)
    commits.keep_block(book.connection, batch, sealed)
    commits.read_back(book.connection, sealed, state)


def adopt(book: BookFile, given: Iterable[Given], claimed: Checkpoint | None, *, after: int) -> Adopted:
    """Take in blocks that follow our first `after` ones, which are all that there are, all or none.

    A book that is behind its receipt takes them only if the block of the receipt is among them. Raises `Unlawful`,
    `Overtaken`, `NotTheLostEnd`, what `writing` raises, and whatever the giver raises while it gives; then nothing was
    written.
    """
    with _mending(book) as lost, writing(book):
        if size(book) != after:
            raise Overtaken
        taking = Taking(book, guard.guarded_state(book), claimed)
        for one in given:
            taking.take(one)
        if lost is not None and _hash_of(book, lost.number) != lost.hash:
            raise NotTheLostEnd(lost)
        counter = book.header.change_counter()
    remember(book, taking.state, counter)
    return Adopted(tuple(taking.sealed), tuple(trusting.acknowledge(book)) if taking.sealed else ())


def remember(book: BookFile, state: State, counter: int) -> None:
    """Say in `book` where its log ends after a commit that left `state`; `counter` is the file's before it."""
    book.kept = KeptState((counter + 1) % 2**32, state)
    book.head = Head(state.size - 1, state.head, state.committed_at)


def _hash_of(book: BookFile, number: int) -> str:
    from cloudbooks.chain.canonical import b3  # noqa: PLC0415 - only for a book that is mended

    return b3(block_bytes(book.connection, number) or b"")


@contextmanager
def _mending(book: BookFile) -> Iterator[Receipt | None]:
    """Let a book that has lost its end be written; it is stopped again unless the end is found."""
    fault = book.barred
    if not isinstance(fault, BookBehind):
        yield None
        return
    book.stopped = book.barred = None
    try:
        yield fault.kept
    except BaseException:
        book.stopped = book.barred = fault
        raise
