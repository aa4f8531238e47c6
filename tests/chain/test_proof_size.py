"""How large a proof gets: a log of 20 000 blocks, of which all but the shown ones are only hashes."""

from __future__ import annotations

import hashlib

import pytest
from tests.chain.building import BookBuilder, uid
from tests.chain.strategies import BOOK, SeedSigner

from cloudbooks.chain import batch, block, checkpoint, merkle, note, record
from cloudbooks.chain.block import Block
from cloudbooks.chain.checkpoint import Checkpoint
from cloudbooks.chain.note import Signer
from cloudbooks.chain.proof import Claim, Proof, ProvenBlock, ProvenLine
from cloudbooks.chain.proof_checking import check

SIZE = 20_000
BYTES_MAX = 6 << 10
RECORDS = 64


class LargeLog:
    """Shown blocks with real batches, at their places among 20 000."""

    def __init__(self) -> None:
        self.book = BookBuilder()
        self.shown: dict[int, tuple[Block, list[bytes]]] = {}

    def block(self, number: int, signer: Signer, records: list[record.AnyRecord]) -> None:
        """A block of this number, over a batch of these records and others up to 64."""
        others = [self.book.entry() for _ in range(RECORDS - len(records))]
        root = "s256:" + "1" * 64
        made = batch.make(
            author=uid(2), base=batch.Base(root, number) if number else None, book=BOOK, id=self.book.id(),
            made_at="2026-11-20T08:00:00Z", program="cloudbooks/0.1.0", records=[*records, *others],
        )  # fmt: skip
        text = batch.note_text(made)
        signed = f"{text}\n{note.sign(text, f'cloudbooks/{BOOK}', signer)}".encode()
        numbers = (block.Number("记", "2026-10", 12345),)
        self.shown[number] = block.make(
            batch=made, note=signed, number=number, previous="b3:" + "2" * 64 if number else "",
            committed_at="2026-11-20T08:00:00Z", numbers=numbers, balances_root=root,
        ), made.data.split(b"\n")[1:-1]  # fmt: skip

    def proof(self, claim: Claim, lines: dict[int, list[int]], signer: Signer) -> Proof:
        """The proof that shows these lines of these blocks."""
        leaves = [hashlib.sha256(str(number).encode()).digest() for number in range(SIZE)]
        for number, (shown, _) in self.shown.items():
            leaves[number] = merkle.leaf_hash(shown.data)
        text = checkpoint.text(checkpoint.origin(BOOK), SIZE, merkle.root(leaves))
        signed = f"{text}\n{note.sign(text, f'cloudbooks/{BOOK}', signer)}".encode()
        proven = []
        for number, places in sorted(lines.items()):
            shown, all_lines = self.shown[number]
            hashes = merkle.leaf_hashes(all_lines)
            own = tuple(
                ProvenLine(place, all_lines[place - 1], tuple(merkle.inclusion(hashes, place - 1))) for place in places
            )
            proven.append(ProvenBlock(shown, tuple(merkle.inclusion(leaves, number)), own))
        first = SeedSigner(0x0A).vkey
        return Proof(claim, first, tuple(proven), None, Checkpoint.read(signed, checkpoint.origin(BOOK)))


def account(code: str, name: str) -> record.Account:
    """An account of a usual length."""
    salt = hashlib.sha256(code.encode()).hexdigest()[:32]
    return record.Account(id=uid(int(code)), salt=salt, code=code, name=name, kind="expense", klass="管理费用")


@pytest.mark.parametrize("members", ["one", "three"])
def test_a_proof_at_20_000_blocks_has_at_most_6_kb(members: str) -> None:
    """With accounts named where one member does all; with none where author and signer were both declared later."""
    log = LargeLog()
    ann, bob, eve = SeedSigner(0x0A), SeedSigner(0x0B), SeedSigner(0x0D)
    paper = log.book.entry(
        log.book.line(uid(5602), "300.00", text="办公用品 A4 复印纸"), log.book.line(uid(1002), "-300.00"),
        source=record.Source(kind="rule", rule="paper", rules=uid(7)),
    )  # fmt: skip
    beginning: list[record.AnyRecord] = [log.book.book(), log.book.commodity(uid(5), "CNY", 2), log.book.member("ann")]
    log.block(0, ann, [*beginning, account("1002", "银行存款"), account("5602", "管理费用")])
    log.block(7, ann, [log.book.member("bob")])
    log.block(300, ann, [log.book.member("eve", rights=("approve", "close", "post"))])
    if members == "one":
        log.block(12_345, ann, [paper])
        proof = log.proof(Claim("record", 12_345, "1"), {0: [3, 4, 5], 12_345: [1]}, ann)
    else:
        log.block(12_345, bob, [paper])
        proof = log.proof(Claim("record", 12_345, "1"), {7: [1], 300: [1], 12_345: [1]}, eve)
    data = bytes(proof)
    proven = check(Proof.read(data), ann.vkey)
    assert proven.record == paper
    assert len(proven.accounts) == (2 if members == "one" else 0)
    assert proven.signers[0].name == ("ann" if members == "one" else "eve")
    assert len(data) <= BYTES_MAX, len(data)
