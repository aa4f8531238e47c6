"""Logs by somebody who recomputes every hash, and has a key, but not the right one: each is INVALID at its block."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest
from tests.chain.building import BookBuilder, uid
from tests.chain.strategies import SeedSigner

from cloudbooks.chain import block as blocks
from cloudbooks.chain.batch import Batch
from cloudbooks.chain.block import Number
from cloudbooks.chain.merkle import leaf_hash
from cloudbooks.chain.verifying import Policy, Verdict, verify


def append(book: BookBuilder, made: Batch, note: bytes, *, numbers: tuple[Number, ...] = ()) -> None:
    """Put a batch into the log as it is, with all hashes right, and judge nothing."""
    block = blocks.make(
        batch=made, note=note, number=book.state.size, previous=book.state.head, committed_at=book.instant(),
        numbers=numbers, balances_root=book.state.balances_root(),
    )  # fmt: skip
    book.files["batch/" + made.hash.removeprefix("b3:")] = made.data
    book.files[f"block/{block.header.number:08d}"] = block.data
    book.state.grow(leaf_hash(block.data), block.hash, block.header.committed_at)


def _revoked(book: BookBuilder) -> None:
    book.block(book.member("bob", revoked=True))
    made = book.batch(book.entry(), by="bob")
    append(book, made, book.signed(made, "bob"), numbers=(Number("记", "2026-10", 1),))


def _without_the_right(book: BookBuilder) -> None:
    made = book.batch(book.close("2026-10"), by="bob")
    append(book, made, book.signed(made, "bob"))


def _given_up_key(book: BookBuilder) -> None:
    promised = SeedSigner(0x0C)
    book.block(book.member("bob", key=str(promised.vkey), next_key=""), by="bob")
    made = book.batch(book.entry(), by="bob")
    append(book, made, book.signed(made, "bob"), numbers=(Number("记", "2026-10", 1),))


def _other_book(book: BookBuilder) -> None:
    made = book.batch(book.entry(), book=uid(0x999))
    append(book, made, book.signed(made), numbers=(Number("记", "2026-10", 1),))


def _replayed(book: BookBuilder) -> None:
    made = book.batch(book.entry())
    signed = book.signed(made)
    book.commit(made, signed)
    append(book, made, signed, numbers=(Number("记", "2026-10", 2),))


def _replayed_record(book: BookBuilder) -> None:
    entry = book.entry()
    book.block(entry)
    made = book.batch(entry)
    append(book, made, book.signed(made), numbers=(Number("记", "2026-10", 2),))


def _in_anothers_name(book: BookBuilder) -> None:
    made = book.batch(book.entry())
    append(book, made, book.signed(made, "eve"), numbers=(Number("记", "2026-10", 1),))


def _approval_of_another_entry(book: BookBuilder) -> None:
    approved = book.approved(book.entry(), "bob")
    other = msgspec.structs.replace(approved, summary="rent and more")
    made = book.batch(other)
    append(book, made, book.signed(made), numbers=(Number("记", "2026-10", 1),))


@pytest.mark.parametrize(
    ("forge", "code"),
    [
        (_revoked, "law.rights"),
        (_without_the_right, "law.rights"),
        (_given_up_key, "signature"),
        (_other_book, "chain"),
        (_replayed, "law.once"),
        (_replayed_record, "law.once"),
        (_in_anothers_name, "signature"),
        (_approval_of_another_entry, "signature"),
    ],
)
def test_a_forged_signer_is_found(forge: Callable[[BookBuilder], None], code: str) -> None:
    """The verdict is INVALID, names the block, and says which law; what is before it stays consistent."""
    book = BookBuilder()
    forge(book)
    verdict = verify(book.source(), Policy(book.signers["ann"].vkey), None)
    first = verdict.findings[0]
    assert not verdict.valid
    assert (first.code, first.block) == (code, verdict.blocks - 1)
    assert verdict.consistent == verdict.blocks - 1


def separated(*approvers: str, maker: str, author: str) -> Verdict:
    """The verdict over one entry of a book that separates duties, put into the log unjudged."""
    book = BookBuilder(separate_duties=True)
    entry = book.approved(book.entry(made_by=book.members[maker]), *approvers)
    made = book.batch(entry, by=author)
    append(book, made, book.signed(made, author), numbers=(Number("记", "2026-10", 1),))
    return verify(book.source(), Policy(book.signers["ann"].vkey), None)


@pytest.mark.parametrize(
    ("approvers", "maker", "author"),
    [((), "eve", "ann"), (("ann",), "ann", "eve"), (("ann",), "eve", "ann"), (("eve",), "ann", "bob")],
)
def test_separate_duties_hold_for_every_verifier(approvers: tuple[str, ...], maker: str, author: str) -> None:
    """No approval, the maker's, the author's, or one by who may not approve: INVALID, whoever signed the batch."""
    verdict = separated(*approvers, maker=maker, author=author)
    assert not verdict.valid
    assert (verdict.findings[0].code, verdict.findings[0].block) == ("law.rights", 1)


def test_the_control_is_judged_by_its_balances_alone() -> None:
    """With an approval by a third member nothing is left to find but the balances that the forger did not sum."""
    verdict = separated("bob", maker="eve", author="ann")
    assert [finding.code for finding in verdict.findings][:1] == ["balances"]
