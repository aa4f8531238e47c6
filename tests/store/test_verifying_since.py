"""What a verification from a block on says of keys and signatures, which are older than what it reads."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.chain.strategies import BOOK, SeedSigner
from tests.store.posted_book import PostedBook

from cloudbooks.chain import note
from cloudbooks.chain.checkpoint import origin
from cloudbooks.chain.verdict import Policy, Verdict
from cloudbooks.store import attested, log_bytes, meta
from cloudbooks.store.comparing import verify_book
from cloudbooks.store.comparing_since import VerifiedContradicted, VerifyWhole, verify_since
from cloudbooks.store.kept_digest import kept_digest
from cloudbooks.store.writing import writing


@pytest.fixture
def verified(tmp_path: Path) -> PostedBook:
    """A book whose fifth block is under no checkpoint, verified whole; and one more block since."""
    book = PostedBook(tmp_path)
    book.fill()
    book.block(book.entry())
    with book.open() as opened:
        assert verify_book(opened, Policy(), attest=True).valid
    book.block(book.entry())
    return book


def since(posted: PostedBook, policy: Policy = Policy()) -> Verdict:  # noqa: B008 - a policy is a value
    """What is said of what came since the verification."""
    with posted.open() as book:
        (number,) = attested.known(book.state, book.id, book.path)
        kept = attested.read(book.state, book.id, book.path, number)
        assert kept is not None
        return verify_since(book, policy, kept)


def test_a_checkpoint_that_was_judged_before_signs_as_much_as_it_did(verified: PostedBook) -> None:
    """Who stood at its size is not known from here on, but the very same text was judged when that was read."""
    verdict = since(verified)
    assert (verdict.valid, verdict.blocks, verdict.consistent, verdict.signed) == (True, 6, 6, 4)
    assert [finding.code for finding in verdict.findings] == ["checkpoint-behind"]


def test_another_checkpoint_of_a_size_before_signs_nothing(verified: PostedBook) -> None:
    """Its signature cannot be judged, so it does not count, however right its root is."""
    name = origin(BOOK)
    with verified.open() as book:
        (kept,) = book.connection.execute("SELECT text FROM checkpoint").fetchone()
        text = kept.partition(b"\n\n")[0] + b"\n"
        forged = text + b"\n" + note.sign(text.decode(), name, SeedSigner(0x63, name)).encode()
        with writing(book):
            book.connection.execute("UPDATE checkpoint SET text = ?, digest = ?", (forged, kept_digest(forged)))
    assert since(verified).signed == 0


def test_the_pinned_key_is_compared_with_the_first_one_that_was_read_then(verified: PostedBook) -> None:
    """Another key than the book's first makes it invalid, and then nothing counts as signed."""
    verdict = since(verified, Policy(SeedSigner(0x63).vkey))
    assert (verdict.valid, verdict.signed) == (False, 0)
    assert verdict.findings[0].code == "key-not-pinned"
    assert since(verified, Policy(verified.signers["ann"].vkey)).signed == 4


def test_a_block_that_is_gone_contradicts(verified: PostedBook, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file without the verified block holds another history, and is not called valid."""
    real = log_bytes.block_bytes
    with verified.open() as book:
        kept = attested.read(book.state, book.id, book.path, 4)
        assert kept is not None
        monkeypatch.setattr(log_bytes, "block_bytes", lambda at, number: None if number == 4 else real(at, number))
        with pytest.raises(VerifiedContradicted, match="is not in this file"):
            verify_since(book, Policy(), kept)


def test_a_book_in_doubt_is_verified_whole(verified: PostedBook) -> None:
    """After a recovery, or a rebuild, nothing is believed of rows that are not read again."""
    with verified.open() as book, writing(book):
        meta.write(book.connection, meta.UNVERIFIED, "recovered")
    with pytest.raises(VerifyWhole, match="a writer was stopped"):
        since(verified)


def test_another_tree_up_to_the_block_is_verified_whole(verified: PostedBook) -> None:
    """The root over the verified blocks is kept, too: rows of the tree that give another one are not gone on from."""
    with verified.open() as book:
        kept = attested.read(book.state, book.id, book.path, 4)
        assert kept is not None
        fields = {name: getattr(kept, name) for name in kept.__slots__} | {"root": "00" * 32}
        with pytest.raises(VerifyWhole, match="the tree of the first 5 blocks"):
            verify_since(book, Policy(), attested.Attested(**fields))


def test_another_file_of_the_same_book_was_not_verified(verified: PostedBook) -> None:
    """A copy under another name has rows of its own, of which nothing is known."""
    copy = verified.path.with_name("copy.cbk")
    copy.write_bytes(verified.path.read_bytes())
    copy.chmod(0o600)
    with verified.open(copy) as book:
        assert attested.known(book.state, book.id, book.path) == []
