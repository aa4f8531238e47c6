"""Proofs out of a book: what they show, how small they are, and that no byte of one can be changed unseen."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.chain.strategies import SeedSigner
from tests.store.posted_book import PostedBook, Ticking, format1_book, format1_facts

from cloudbooks.chain import note as notes
from cloudbooks.chain.canonical import FormFault
from cloudbooks.chain.checkpoint import Checkpoint
from cloudbooks.chain.note import Signature, Vkey
from cloudbooks.chain.proof import Proof
from cloudbooks.chain.proof_checking import Proven, check
from cloudbooks.chain.record import Entry, Member
from cloudbooks.store import keeping_log
from cloudbooks.store.opening_book import open_book
from cloudbooks.store.proving import COSIGNATURES_BYTES_MAX, NothingPosted, NotSignedYet, Prover


@pytest.fixture(scope="module")
def book(ram_folder: Path) -> PostedBook:
    """A book of several blocks by three members, one of whom has another key since."""
    book = PostedBook(ram_folder, "proofs.cbk")
    book.fill()
    book.block(book.entry(summary="by eve"), book.entry(summary="and another"), by="eve")
    for day in range(1, 8):
        book.block(*(book.entry(date=f"2026-11-{day:02d}") for _ in range(day)))
    book.sign_head()
    return book


@pytest.fixture(scope="module")
def pin(book: PostedBook) -> Vkey:
    """The first member's key."""
    return book.signers["ann"].vkey


@cache
def made(book: PostedBook) -> Prover:
    """A prover over the book as it stands at the first call."""
    return Prover(book.open())


@cache
def entries(book: PostedBook) -> list[tuple[int, int, str]]:
    """The places and ids of all entries."""
    with book.open() as opened:
        rows = opened.connection.execute("SELECT block, record, lower(hex(id)) FROM entry ORDER BY key").fetchall()
    return [(block, record, id_) for block, record, id_ in rows]


def test_a_proof_carries_what_witnesses_signed_over_its_head(tmp_path: Path) -> None:
    """Lines over the same size stand behind the checkpoint, within their room; others, and what is none, do not."""
    book = PostedBook(tmp_path, "cosigned.cbk")
    book.fill()
    book.sign_head()
    with book.open() as opened:
        plain = Proof.read(Prover(opened).record(1, 1))
        size = plain.checkpoint.size
        lines = [
            str(Signature(name, bytes([number]) * 4, bytes(72))).encode()
            for number, name in enumerate(["w", "w" * 500, "w", "\x1b", "w", "w" * 100])
        ]
        for line in lines:
            keeping_log.keep_cosignature(opened, size, line)
        keeping_log.keep_cosignature(opened, size - 1, lines[0])
        cosigned = Proof.read(Prover(opened).record(1, 1))
    assert [one.key_id[0] for one in cosigned.checkpoint.note.signatures[1:]] == [0, 2, 4, 5]
    assert cosigned.checkpoint.note.text == plain.checkpoint.note.text
    assert check(cosigned, book.signers["ann"].vkey).root == check(plain, None).root
    assert len(bytes(cosigned)) - len(bytes(plain)) <= COSIGNATURES_BYTES_MAX


def test_every_entry_is_proven_with_nothing_but_the_file(book: PostedBook, pin: Vkey) -> None:
    """The proof of each entry shows that entry, its author, and a signer, to whoever knows the first key."""
    prover = made(book)
    for block, record, id_ in entries(book):
        proven = check(Proof.read(prover.record(block, record)), pin)
        assert isinstance(proven.record, Entry)
        assert proven.record.id.replace("-", "") == id_
        assert (proven.header.number, proven.size) == (block, book.state.size)
        assert proven.root == book.state.root
        assert [signer.name for signer in proven.signers] == ["ann"]
    assert {check(Proof.read(prover.record(b, r)), pin).author.name for b, r, _ in entries(book)} >= {"ann", "eve"}


def test_what_is_written_is_what_is_read(book: PostedBook) -> None:
    """A proof that was read is written with the same bytes."""
    prover = made(book)
    for data in (prover.record(*entries(book)[-1][:2]), prover.growth(3), prover.balances(book.RENT, "5602", 4)):
        assert bytes(Proof.read(data)) == data


def test_balances_are_proven_as_of_each_block(book: PostedBook, pin: Vkey) -> None:
    """The totals of an account as of any block are those under the block's root."""
    prover = made(book)
    for block in range(book.state.size):
        try:
            proven = check(Proof.read(prover.balances(book.RENT, "5602", block)), pin)
        except NothingPosted:
            assert block == 0
            continue
        assert [totals.commodity for totals in proven.totals] == ["CNY"]
        assert proven.header.number == block
    last = book.state.leaves[book.RENT, "CNY"]
    assert int(proven.totals[0].debit.replace(".", "")) == last.debit


def test_growth_is_proven_between_any_two_heads(book: PostedBook, pin: Vkey) -> None:
    """From each older size the proof shows the root and the head that the log had then."""
    prover = made(book)
    for size in range(1, book.state.size + 1):
        proven = check(Proof.read(prover.growth(size)), pin)
        before = size < book.state.size
        assert proven.old_root == ("s256:" + book.state.past.root_at(size).hex() if before else book.state.root)
        assert proven.header.number == size - 1


def test_a_member_who_has_another_key_since_is_shown_with_the_key_of_then(tmp_path: Path) -> None:
    """In the book of the vectors one key was replaced; every entry is proven with the key that signed its batch."""
    path, home = format1_book(tmp_path)
    pin = Vkey.parse(str(format1_facts()["pin"]))
    keys = set()
    with open_book(path, state=home, clock=Ticking(), command="cloudbooks test") as opened:
        prover = Prover(opened)
        for block, record in opened.connection.execute("SELECT block, record FROM entry").fetchall():
            proven = check(Proof.read(prover.record(block, record)), pin)
            keys.add((proven.author.name, proven.author.key))
    assert len(keys) == len({name for name, _ in keys}) + 1


def test_a_key_that_was_given_up_signs_no_checkpoint(tmp_path: Path) -> None:
    """Where a proof shows that a member took another key, the earlier one is an unknown signer, as in the whole log."""
    path, home = format1_book(tmp_path)
    with open_book(path, state=home, clock=Ticking(), command="cloudbooks test") as opened:
        place = "SELECT block, record, key FROM member WHERE key IN"
        twice = "(SELECT member FROM member_key GROUP BY member HAVING count(*) > 1)"
        ((block, record, key),) = opened.connection.execute(f"{place} {twice}").fetchall()
        held = opened.connection.execute("SELECT key_id FROM member_key WHERE member = ?", (key,)).fetchall()
        proof = Proof.read(Prover(opened).record(block, record))
    shown = check(proof, proof.first).record
    assert isinstance(shown, Member)
    signers = [one for seed in range(256) if ((one := SeedSigner(seed)).vkey.key_id,) in held]
    (given_up,) = (one for one in signers if str(one.vkey) != shown.key)
    text = proof.checkpoint.note.text
    note = f"{text}\n{notes.sign(text, given_up.vkey.name, given_up)}".encode()
    forged = replace(proof, checkpoint=Checkpoint.read(note, proof.first.name))
    with pytest.raises(FormFault) as refused:
        check(forged, proof.first)
    assert refused.value.code == "checkpoint"


def test_another_first_key_is_refused(book: PostedBook) -> None:
    """Whoever pins another key is told so; whoever pins none takes the proof at its word."""
    data = made(book).record(*entries(book)[0][:2])
    with pytest.raises(FormFault) as refused:
        check(Proof.read(data), book.signers["bob"].vkey)
    assert refused.value.code == "key-not-pinned"
    assert check(Proof.read(data), None).first == book.signers["ann"].vkey


def test_a_block_after_the_checkpoint_cannot_be_proven_yet(tmp_path: Path) -> None:
    """What no checkpoint covers is refused, by name."""
    young = PostedBook(tmp_path)
    young.sign_head()
    young.block(young.entry())
    with young.open() as opened, pytest.raises(NotSignedYet):
        Prover(opened).record(1, 1)


@cache
def three(book: PostedBook) -> tuple[bytes, ...]:
    """A proof of each kind."""
    prover = made(book)
    return prover.record(*entries(book)[4][:2]), prover.growth(3), prover.balances(book.RENT, "5602", 6)


def claimed(data: bytes, pin: Vkey) -> Proven | None:
    """What a file shows, `None` where it is refused; nothing else may be raised."""
    try:
        return check(Proof.read(data), pin)
    except FormFault:
        return None


@given(st.data())
def test_a_changed_byte_is_refused_or_changes_nothing_that_is_claimed(
    book: PostedBook, pin: Vkey, data: st.DataObject
) -> None:
    """For each kind of proof, any byte replaced, removed or put in ends in a refusal, or in the very same claim."""
    proof = data.draw(st.sampled_from(three(book)))
    place = data.draw(st.integers(0, len(proof) - 1))
    byte = data.draw(st.binary(max_size=2))
    changed = proof[:place] + byte + proof[place + 1 :]
    assert claimed(changed, pin) in (None, claimed(proof, pin))


@given(st.binary(max_size=300))
@example(b"cloudbooks/proof/v1\n")
def test_hostile_bytes_are_refused_in_one_way(data: bytes) -> None:
    """No file makes reading raise anything but a fault of form."""
    with pytest.raises(FormFault):
        Proof.read(data)
