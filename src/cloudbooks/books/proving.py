"""`chain prove` and `chain check`: evidence for somebody who has neither the book nor this program's word."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cloudbooks.books.desk import Desk
from cloudbooks.books.finding_entries import find_entry
from cloudbooks.books.inspecting import BlockUnknown
from cloudbooks.books.spoilt import Spoilt, spoilt
from cloudbooks.books.verifying import policy_of, read_pin
from cloudbooks.chain.canonical import FormFault
from cloudbooks.chain.checkpoint import Cosignature
from cloudbooks.chain.note import COSIGNATURE_BLOB_BYTES
from cloudbooks.chain.proof import Proof
from cloudbooks.chain.proof_checking import Proven, check
from cloudbooks.chain.verdict import Policy
from cloudbooks.chain.witnessing import trusted_cosignatures
from cloudbooks.core.chart import Chart
from cloudbooks.core.period import Month
from cloudbooks.errors import ChainFault, Sentence, counted, sentence
from cloudbooks.store import reading
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.proving import Prover

SMALL = 6 << 10
"""Bytes up to which a proof names accounts unasked."""


class ProofRefused(ChainFault):
    """A file proves nothing: it is no proof, a byte of it was changed, or it begins with another key than the pinned.

    Whoever made it may make it again with `cloudbooks chain prove`.
    """

    code = "proof-refused"

    def __init__(self, name: str, fault: FormFault, found: Spoilt | None) -> None:
        again = sentence("ask for it again: cloudbooks chain prove ENTRY -o FILE.proof makes one")
        if fault.code == "key-not-pinned":
            again = sentence("ask the firm for its first member's key once more: cloudbooks member list shows it there")
        message = sentence('"{name}" proves nothing. {why}', name=name, why=fault.message)
        if found:
            message = sentence('"{name}" proves nothing: {why}', name=name, why=found.why)
        super().__init__(
            message,
            hint=found.hint if found else again,
        )


@dataclass(frozen=True, slots=True)
class Made:
    """A proof as it was made: its text, what it is about in the user's words, and what it shows."""

    text: bytes
    about: Sentence | str
    proven: Proven


@dataclass(frozen=True, slots=True)
class Judged:
    """What a proof shows, and what those whom the verifier trusts say of its checkpoint.

    `policy` is the verifier's, `cosigned` holds the cosignatures by its witnesses, and `cosigners` counts the keys
    that cosigned, trusted or not.
    """

    proven: Proven
    policy: Policy
    cosigned: tuple[Cosignature, ...]
    cosigners: int

    @property
    def witnessed(self) -> int:
        """The checkpoint's size, if the quorum of the policy cosigned it; else 0."""
        return self.policy.reached({one.key: self.proven.size for one in self.cosigned})

    @property
    def unwitnessed(self) -> bool:
        """Whether the policy asks for a quorum that did not cosign."""
        return self.policy.group is not None and not self.witnessed


def prove_entry(desk: Desk, word: str, *, names: bool = False) -> Made:
    """The proof of an entry by its voucher number or id.

    It shows what the accounts are called too, where it stays small or `names` asks for it. Raises `EntryUnknown`,
    `EntryAmbiguous` and `NotSignedYet`.
    """
    with desk.open() as book:
        found = find_entry(book, word)
        prover = Prover(book)
        block, record = prover.place("entry", found.id)
        text = prover.record(block, record, {posting.account for posting in found.postings})
        if len(text) > SMALL and not names:
            text = prover.record(block, record)
        return _made(text, f"{Month.of(found.date)}/{found.voucher}")


def prove_balances(desk: Desk, word: str, block: int | None) -> Made:
    """The proof of an account's totals as of a block, the last signed one by default.

    Raises `AccountUnknown`, `AccountAmbiguous`, `BlockUnknown`, `NotSignedYet` and `NothingPosted`.
    """
    with desk.open() as book:
        account = Chart(reading.accounts(book)).find(word)
        prover = Prover(book)
        at = _block(book, prover.size - 1 if block is None else block)
        return _made(prover.balances(account.id, account.code, at), f"{account.code} {account.name}")


def prove_growth(desk: Desk, size: int) -> Made:
    """The proof that the chain grew out of its first `size` blocks; raises `BlockUnknown` and `NotSignedYet`."""
    with desk.open() as book:
        blocks = book.head.number + 1 if book.head else 0
        if not 1 <= size <= blocks:
            raise BlockUnknown(size, blocks, sizes=True)
        return _made(Prover(book).growth(size), counted("the first block", "the first {n} blocks", size))


def check_proof(data: bytes, name: str, *, pin: str = "") -> Proven:
    """What a file proves, with no book and no network; raises `ProofRefused` and `PinUnreadable`."""
    key = read_pin(pin)
    try:
        return check(Proof.read(data), key)
    except FormFault as fault:
        raise ProofRefused(Path(name).name, fault, spoilt(data, name)) from fault


def judge_proof(data: bytes, name: str, *, pin: str = "", policy: Path | None = None) -> Judged:
    """What a file proves, and who of those whom the verifier trusts has cosigned the head that it leads to.

    Raises `ProofRefused`, `PinUnreadable` and `PolicyUnreadable`.
    """
    try:
        proof = Proof.read(data)
        trusted = policy_of(policy, proof.first.name, pin)
        proven = check(proof, trusted.pin)
        cosigned = trusted_cosignatures(proof.checkpoint, trusted)
    except FormFault as fault:
        raise ProofRefused(Path(name).name, fault, spoilt(data, name)) from fault
    signatures = proof.checkpoint.note.signatures
    cosigners = {(one.name, one.key_id) for one in signatures if len(one.blob) in COSIGNATURE_BLOB_BYTES}
    return Judged(proven, trusted, cosigned, len(cosigners))


def _made(text: bytes, about: Sentence | str) -> Made:
    # What does not hold here would hold nowhere: a book that was changed makes no proof that is handed out.
    return Made(text, about, check_proof(text, "proof"))


def _block(book: BookFile, number: int) -> int:
    size = book.head.number + 1 if book.head else 0
    if not 0 <= number < size:
        raise BlockUnknown(number, size)
    return number
