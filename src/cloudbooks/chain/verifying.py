"""Verifying a log from its bytes alone, block by block, and saying what holds (FORMAT.md section 7)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from cloudbooks.chain import batch as batches
from cloudbooks.chain import block as blocks
from cloudbooks.chain import rights
from cloudbooks.chain.admitting import LawBroken, admit
from cloudbooks.chain.anchoring import Anchor, Timestamps
from cloudbooks.chain.attached import AttachedFiles
from cloudbooks.chain.batch import Batch
from cloudbooks.chain.block import Block
from cloudbooks.chain.canonical import FormFault, b3
from cloudbooks.chain.checkpoint import Checkpoint, origin
from cloudbooks.chain.merkle import leaf_hash
from cloudbooks.chain.record import Member
from cloudbooks.chain.rows import Admitted
from cloudbooks.chain.state import MemoryPast, State
from cloudbooks.chain.verdict import Judgement, LogSource, Policy, Verdict, unread
from cloudbooks.chain.witnessing import Signatures, claimed
from cloudbooks.core.uncollected import uncollected
from cloudbooks.errors import Finding, sentence

__all__ = ["LogSource", "Policy", "Verdict", "verify"]

Observer = Callable[[Block, Batch, Admitted], Iterable[Finding]]

_BLOCK_FILE = re.compile(r"block/(?:[0-9]{8}|[1-9][0-9]{8,})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Start:
    """Where a verification begins that believes an earlier one: the state after the blocks which that one read.

    `first_key` is what it found there, and `checkpoint` the hash ("b3:…") of the checkpoint that it judged, empty for
    one that signed nothing. A verdict from here on counts the records and entries from here on.
    """

    state: State
    book: str
    first_key: str
    checkpoint: str


def verify(source: LogSource, policy: Policy, observe: Observer | None = None, start: Start | None = None) -> Verdict:
    """Read a log from its first block, or from `start`, to its last, and judge it by FORMAT.md section 7.

    Nothing is raised for what the source holds: every fault is a finding, with block and record where it is one's.
    `observe` is called with each block that keeps all laws, in order, and what it finds (in tables made from the log,
    say) is listed too, without making the log invalid.
    """
    with uncollected():
        return _Verification(source, policy, observe, start).verdict()


class _Verification:
    """One reading of a log. `lawful` ends where a law, or a batch, is missing: the chain is followed beyond that."""

    def __init__(self, source: LogSource, policy: Policy, observe: Observer | None, start: Start | None) -> None:
        self._source = source
        self._policy = policy
        self._observe = observe
        self._judgement = Judgement()
        self._files = AttachedFiles(source, self._judgement)
        self._start = start
        self._state = start.state if start else State(MemoryPast(source.batch))
        self._lawful = True
        self._book = start.book if start else ""
        self._consistent = self._state.size
        self._records = self._entries = self._cosigners = 0
        self._first_key = start.first_key if start else ""
        self._checkpoint: Checkpoint | FormFault | None = None
        self._signers: tuple[Member, ...] | None = None

    def verdict(self) -> Verdict:
        """Read everything, and say what holds."""
        try:
            self._checkpoint = self._claimed()
            if self._start:
                self._judge_first_key()
            self._read_blocks()
            signed, witnessed = self._judge_signatures()
            anchor = self._judge_timestamps(signed)
            self._judge_stray()
        except Exception as error:  # noqa: BLE001 - whatever a hostile or broken source causes is a finding
            self._judgement.unreadable(error)
            signed = witnessed = 0
            anchor = Anchor()
        return Verdict(
            valid=self._judgement.valid,
            consistent=self._consistent,
            signed=signed,
            self_declared=self._policy.pin is None,
            witnessed=min(signed, witnessed),
            blocks=self._state.size,
            records=self._records,
            entries=self._entries,
            head=self._state.head,
            root=self._state.root,
            findings=self._judgement.findings,
            book=self._book,
            first_key=self._first_key,
            cosigners=self._cosigners,
            anchored=anchor.size,
            anchored_at=anchor.at,
            anchored_by=anchor.by,
            stamped=anchor.stamped,
        )

    def _claimed(self) -> Checkpoint | FormFault | None:
        """The checkpoint; one that its keeper cannot read is no reason to leave the blocks unread."""
        try:
            return claimed(self._source.checkpoint())
        except Exception as error:  # noqa: BLE001 - whatever a broken source causes is a finding
            return FormFault("checkpoint", unread(error))

    def _read_blocks(self) -> None:
        self._note_signers()
        while (data := self._source.block(self._state.size)) is not None:
            number = self._state.size
            committed_at = self._state.committed_at
            try:
                block = blocks.read(data)
                self._follow(block)
                committed_at = block.header.committed_at
                self._read_batch(block)
            except FormFault as fault:
                self._lawful = False
                self._judgement.fault(fault, block=number)
            except Exception as error:  # noqa: BLE001 - hostile bytes end in a finding, whatever they cause
                self._lawful = False
                self._judgement.unreadable(error, block=number)
            self._state.grow(leaf_hash(data), b3(data), committed_at)
            if self._lawful:
                self._consistent = self._state.size
                self._note_signers()
        if self._state.size == 0:
            self._judgement.invalid("block-missing", sentence("There is no block."), block=0)

    def _follow(self, block: Block) -> None:
        """Refuse a block that does not follow the last one; raises `LawBroken` (`chain` or `time`)."""
        header = block.header
        state = self._state
        self._book = self._book or header.book
        if header.number != state.size:
            raise LawBroken("chain", sentence("The block says that it is number {n}.", n=header.number))
        if header.previous != state.head:
            raise LawBroken("chain", sentence("The block does not name the one before it, {hash}.", hash=state.head))
        if header.book != self._book:
            raise LawBroken("chain", sentence("The block is of another book, {book}.", book=header.book))
        if header.committed_at < state.committed_at:
            raise LawBroken(
                "time",
                sentence("The block was committed at {at}, before the last one at {last}.", at=header.committed_at,
                         last=state.committed_at),
            )  # fmt: skip

    def _read_batch(self, block: Block) -> None:
        header = block.header
        data = self._source.batch(header.batch)
        if data is None:
            self._lawful = False
            message = sentence("The batch {hash} is missing.", hash=header.batch)
            self._judgement.find("batch-missing", message, block=header.number)
            return
        batches.require_size(data)
        if b3(data) != header.batch:
            raise FormFault("hash", sentence("The batch has another hash than its name, {hash}.", hash=header.batch))
        batch = batches.read(data)
        blocks.check_batch(block, batch)
        if self._lawful:
            self._admit(block, batch)
        for place, record in batch.filed:
            self._files.judge(record, block=header.number, place=place)

    def _admit(self, block: Block, batch: Batch) -> None:
        """Judge a batch by the laws, and what its block says that follows from it; raises `FormFault`."""
        header = block.header
        author = rights.author(self._state, batch)
        rights.verify_author(batch, block.note, author)
        admitted = admit(self._state, batch, header.number, header.committed_at)
        if [(row.series, row.period, row.first) for row in admitted.numbers] != [
            (number.series, number.period, number.first) for number in header.numbers
        ]:
            raise LawBroken("numbers", sentence("The block's voucher numbers do not follow the last ones given."))
        if admitted.balances_root != header.balances_root:
            raise LawBroken("balances", sentence("The block's balances are not those of the entries up to it."))
        if header.number == 0:
            self._first_key = author.key
            self._judge_first_key()
        self._records += len(batch.records)
        self._entries += len(admitted.entries)
        if self._observe is not None:
            self._call(self._observe, block, batch, admitted)

    def _call(self, observe: Observer, block: Block, batch: Batch, admitted: Admitted) -> None:
        try:
            for finding in observe(block, batch, admitted):
                self._judgement.add(finding)
        except Exception as error:  # noqa: BLE001 - tables that cannot be read say nothing of the log itself
            self._judgement.find("rows-unreadable", unread(error), block=block.header.number)

    def _judge_first_key(self) -> None:
        key, pin = self._first_key, self._policy.pin
        if pin is not None and key != str(pin):
            message = sentence("The first member's key is {key}, not the pinned {pin}.", key=key, pin=str(pin))
            self._judgement.invalid("key-not-pinned", message, block=0, record=3)

    def _note_signers(self) -> None:
        """Remember who stands when the log has the size that the checkpoint speaks of."""
        if isinstance(self._checkpoint, Checkpoint) and self._checkpoint.size == self._state.size:
            self._signers = tuple(self._state.members.values())

    def _judge_signatures(self) -> tuple[int, int]:
        """The sizes up to which the log is signed and witnessed; nothing counts as signed under a key not pinned."""
        signatures = Signatures(self._judgement, origin(self._book), self._state.size, self._state.past.root_at)
        known = self._start is not None and b3(self._source.checkpoint() or b"") == self._start.checkpoint
        signed = signatures.signed(self._checkpoint, self._signers, known=known)
        witnessed = signatures.witnessed(self._source, self._checkpoint, self._policy)
        self._cosigners = signatures.cosigners
        if self._policy.pin is not None and self._first_key != str(self._policy.pin):
            return 0, 0
        return signed, witnessed

    def _judge_timestamps(self, signed: int) -> Anchor:
        """What anchors the log, which is never more than what is signed."""
        timestamps = Timestamps(self._judgement, origin(self._book), self._state.size, self._state.past.root_at)
        return timestamps.anchored(self._source.timestamps(), self._policy.authorities, signed)

    def _judge_stray(self) -> None:
        for name in self._source.stray():
            if _BLOCK_FILE.fullmatch(name):
                message = sentence("Block {n} is missing, and there is {name}.", n=self._state.size, name=name)
                self._judgement.invalid("block-missing", message, block=self._state.size)
            else:
                message = sentence('"{name}" belongs to no place in the log.', name=name)
                self._judgement.find("stray", message, warning=True)
