"""Checking a proof with nothing but its bytes and the first member's key (FORMAT.md section 8).

Trust runs from the first member's key: it signed the blocks that declare members, who signed later ones, and so on to
the author of what is shown and to a signer of the checkpoint. It shows that they were declared, in that order and with
the rights that it took; that none was revoked since, only the whole log shows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from cloudbooks.chain import merkle, note
from cloudbooks.chain.block import Block, BlockHeader
from cloudbooks.chain.canonical import FormFault, s256
from cloudbooks.chain.checkpoint import Checkpoint, origin
from cloudbooks.chain.decoding import read_records
from cloudbooks.chain.note import Vkey
from cloudbooks.chain.proof import Claim, Proof, ProvenBlock, ProvenLine
from cloudbooks.chain.record import Account, AnyRecord, Entry, Member
from cloudbooks.chain.rights import RIGHTS
from cloudbooks.errors import Sentence, sentence

_TOTAL = r"(-?[0-9]+(?:\.[0-9]+)?)"
_LEAF = re.compile(
    rf"([^|]+)\|([^|]+)\|{_TOTAL}\|{_TOTAL}\|{_TOTAL}\|{_TOTAL}\|([1-9][0-9]{{0,15}})\|[0-9a-f]{{32}}", re.ASCII
)


@dataclass(frozen=True, slots=True)
class LeafTotals:
    """What a balance leaf says, in the texts that are hashed: totals by side since the beginning."""

    commodity: str
    debit: str
    credit: str
    debit_value: str
    credit_value: str
    postings: int


@dataclass(frozen=True, slots=True)
class Proven:
    """What a proof shows: a claim about a log of `size` blocks.

    `record` is the record that is shown, `totals` those of the first of the `accounts`, which are else such as the
    record names; all as stated by then. `header` is that of the claimed block.
    `old_root` is the root ("s256:…") of the log that grew, `head` the hash ("b3:…") of the claimed block. `author`
    signed that block's batch, `signers` the checkpoint.
    """

    claim: Claim
    book: str
    first: Vkey
    size: int
    root: str
    header: BlockHeader
    head: str
    author: Member
    signers: tuple[Member, ...]
    record: AnyRecord | None = None
    accounts: tuple[Account, ...] = ()
    totals: tuple[LeafTotals, ...] = ()
    old_root: str = ""


@dataclass(slots=True)
class _Checking:
    """A check on its way down the blocks, the older first."""

    proof: Proof
    checkpoint: Checkpoint
    book: str
    members: dict[bytes, Member | None] = field(default_factory=dict)
    keys: dict[bytes, Vkey] = field(default_factory=dict)
    last: int = -1
    found: list[AnyRecord] = field(default_factory=list)
    accounts: dict[str, Account] = field(default_factory=dict)
    totals: list[LeafTotals] = field(default_factory=list)
    claimed: Block | None = None

    def block(self, shown: ProvenBlock) -> None:
        """Take one block: its place in the log, its author's signature, and what stands in it."""
        block = shown.block
        number = block.header.number
        if number <= self.last or block.header.book != self.book:
            raise _off(sentence("Its blocks are not of one book, in the order of the log."))
        self.last = number
        leaf = merkle.leaf_hash(block.data)
        if not merkle.verify_inclusion(leaf, number, self.checkpoint.size, shown.path, self.checkpoint.root):
            raise _off(sentence("The path of block {number} does not lead to the checkpoint.", number=number))
        author = self._author(block)
        is_claimed = number == self.proof.claim.block - (self.proof.claim.kind == "growth")
        if is_claimed:
            self.claimed = block
        elif not shown.lines or shown.leaves:
            raise _needless()
        before = 0
        for line in shown.lines:
            if line.number <= before:
                raise _off(sentence("Its lines are not in the order of their batch."))
            before = line.number
            self._line(block, line, author, is_claimed=is_claimed)
        self._leaves(block, shown)

    def _author(self, block: Block) -> Member | None:
        """Who signed the block's batch, `None` for the first key before its member is shown; raises `FormFault`."""
        signature = block.signed.signatures[0]
        key = self.keys.get(signature.key_id)
        if key is None:
            raise _off(sentence("Block {number} is by nobody whom it declares.", number=block.header.number))
        note.verify(block.note_text, signature, key)
        return self.members[signature.key_id]

    def _line(self, block: Block, line: ProvenLine, author: Member | None, *, is_claimed: bool) -> None:
        header = block.header
        root = bytes.fromhex(header.record_root.removeprefix("s256:"))
        leaf = merkle.leaf_hash(line.line)
        if not merkle.verify_inclusion(leaf, line.number - 1, header.records, line.path, root):
            raise _off(sentence("The path of record {record} does not lead to block {number}.", record=line.number,
                                number=header.number))  # fmt: skip
        ((record,), *_) = read_records(line.line + b"\n", self.book)
        claim = self.proof.claim
        if author is not None and not _may(author, record):
            raise _off(sentence("{name} had no right to the record that is shown.", name=author.name))
        shown = claim.kind == "record" and is_claimed and str(line.number) == claim.what
        if shown:
            self.found.append(record)
        if isinstance(record, Member) and not record.revoked:
            self._declare(record)
        elif isinstance(record, Account):
            self.accounts[record.id] = record
        elif not shown:
            raise _needless()

    def _declare(self, member: Member) -> None:
        """Know a member from here on, by the key that is stated, and by no earlier one."""
        key = Vkey.parse(member.key)
        for given_up in [id_ for id_, one in self.members.items() if one is not None and one.id == member.id]:
            self.keys.pop(given_up, None)
        self.keys[key.key_id] = key
        self.members[key.key_id] = member

    def _leaves(self, block: Block, shown: ProvenBlock) -> None:
        root = bytes.fromhex(block.header.balances_root.removeprefix("s256:"))
        for leaf in shown.leaves:
            found = _LEAF.fullmatch(leaf.text.decode())
            if not found or (self.proof.claim.kind, self.proof.claim.what) != ("balances", found[1]):
                raise _needless()
            if not merkle.verify_inclusion(merkle.leaf_hash(leaf.text), leaf.index, leaf.size, leaf.path, root):
                raise _off(sentence("The path of a balance does not lead to block {number}.",
                                    number=block.header.number))  # fmt: skip
            if self.totals and found[2] <= self.totals[-1].commodity:
                raise _off(sentence("Its balances are not one for each commodity, in their order."))
            self.totals.append(LeafTotals(found[2], found[3], found[4], found[5], found[6], int(found[7])))


def check(proof: Proof, pin: Vkey | None) -> Proven:
    """What a proof shows, if every byte of it holds; raises `FormFault` where one does not.

    `pin` is the first member's key as the reader has it from elsewhere; without it the key that the proof names is
    taken at its word.
    """
    if pin is not None and proof.first != pin:
        raise FormFault("key-not-pinned", sentence("It begins with the key {key}, not with the pinned {pin}.",
                                                   key=str(proof.first), pin=str(pin)))  # fmt: skip
    book = proof.first.name.removeprefix(origin(""))
    if proof.first.type != note.ED25519:
        raise _off(sentence("The key that it begins with signs no batches."))
    checking = _Checking(proof, proof.checkpoint, book)
    checking.members[proof.first.key_id] = None
    checking.keys[proof.first.key_id] = proof.first
    for shown in proof.blocks:
        checking.block(shown)
    return _proven(checking)


def _proven(checking: _Checking) -> Proven:
    proof, checkpoint, block = checking.proof, checking.checkpoint, checking.claimed
    if block is None:
        raise _off(sentence("It does not hold the block that it is about."))
    author = checking.members[block.signed.signatures[0].key_id]
    record = checking.found[-1] if checking.found else None
    if author is None:
        raise _off(sentence("It does not show that the author was a member."))
    accounts = _needed(checking.accounts, proof.claim, record)
    kind = proof.claim.kind
    if (record is not None) != (kind == "record") or bool(checking.totals) != (kind == "balances"):
        raise _off(sentence("It does not hold what it claims to prove."))
    return Proven(
        claim=proof.claim,
        book=checking.book,
        first=proof.first,
        size=checkpoint.size,
        root="s256:" + checkpoint.root.hex(),
        header=block.header,
        head=block.hash,
        author=author,
        signers=_signers(checking),
        record=record,
        accounts=accounts,
        totals=tuple(checking.totals),
        old_root=_grown(proof, checkpoint),
    )


def _may(author: Member, record: AnyRecord) -> bool:
    """Whether a member has the right to a record; to take the own promised key, nobody needs one."""
    if RIGHTS[type(record)] in author.rights:
        return True
    own = isinstance(record, Member) and record.id == author.id
    return own and isinstance(record, Member) and s256(record.key.encode()) == author.next_key


def _needed(accounts: Mapping[str, Account], claim: Claim, record: AnyRecord | None) -> tuple[Account, ...]:
    """The accounts that are shown, which must be those that the claim is about; raises `FormFault`."""
    named = {claim.what} if claim.kind == "balances" else set()
    if isinstance(record, Entry):
        named |= {line.account for line in record.lines}
    if isinstance(record, Account):
        named.add(record.id)
    if not accounts.keys() <= named or (claim.kind == "balances" and not accounts):
        raise _needless()
    return tuple(accounts.values())


def _signers(checking: _Checking) -> tuple[Member, ...]:
    known = {key: member for id_, key in checking.keys.items() if (member := checking.members[id_]) is not None}
    try:
        signed = checking.checkpoint.note.verified_by(known)
    except FormFault as fault:
        raise FormFault("checkpoint", fault.message) from fault
    if not signed:
        raise FormFault("checkpoint", sentence("The checkpoint is signed by nobody whom it declares."))
    return tuple(known[key] for key in signed)


def _grown(proof: Proof, checkpoint: Checkpoint) -> str:
    """The root of the older log, proven to be the beginning of this one; empty where that is not claimed."""
    growth = proof.growth
    if growth is None:
        return ""
    size = proof.claim.block
    if not merkle.verify_consistency(size, checkpoint.size, growth.hashes, growth.root, checkpoint.root):
        raise _off(sentence("It does not show that the log grew out of its first {size} blocks.", size=size))
    return "s256:" + growth.root.hex()


def _off(message: Sentence) -> FormFault:
    return FormFault("proof", message)


def _needless() -> FormFault:
    return _off(sentence("It holds something that has no part in what it claims."))
