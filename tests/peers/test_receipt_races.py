"""A reader that opens the book while another process writes it: no false alarm, and no note of a move is lost."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
from tests.peers.machines import Two

from cloudbooks.books.verifying import verify_this_book
from cloudbooks.books.verifying_since import verify_what_came_since
from cloudbooks.store import moving, rebasing, receipt
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.receipt import Receipt


def full(*_: object) -> None:
    """The disk takes no more."""
    raise OSError(errno.ENOSPC, "full")


def test_a_post_between_head_and_receipt_is_no_lost_end(pair: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process posts after the head was read and before the receipt is: the reader sees a whole book."""
    read, posted = receipt.read, False

    def posting_meanwhile(state: Path, book: str) -> Receipt | None:
        nonlocal posted
        if not posted:
            posted = True
            pair.laptop.posts("meanwhile")
        return read(state, book)

    monkeypatch.setattr(receipt, "read", posting_meanwhile)
    with pair.laptop.desk.open() as book:
        assert book.stopped is None
        assert book.head is not None
        assert book.head.number == 3


def test_a_move_between_receipt_and_head_is_no_contradiction(pair: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process gives way after the receipt was read and before the head is: nobody is told of a forgery."""
    pair.laptop.posts("quick")
    pair.laptop.syncs()
    pair.office.posts("slow")
    read, synced = receipt.read, False

    def giving_way_meanwhile(state: Path, book: str) -> Receipt | None:
        nonlocal synced
        found = read(state, book)
        if not synced:
            synced = True
            pair.office.syncs()
        return found

    monkeypatch.setattr(receipt, "read", giving_way_meanwhile)
    with pair.office.desk.open() as book:
        assert book.stopped is None


def test_a_verified_block_that_gave_way_is_no_rewritten_history(pair: Two) -> None:
    """What was verified of a block that lost its place is forgotten; a verification goes on from the one before."""
    before = verify_this_book(pair.office.desk).verdict
    pair.laptop.posts("quick")
    pair.laptop.syncs()
    pair.office.posts("slow")
    verify_this_book(pair.office.desk)
    pair.office.syncs()
    verified = verify_what_came_since(pair.office.desk, "last")
    assert (verified.verdict.valid, verified.verdict.since) == (True, before.blocks)
    assert verified.verdict.blocks > before.blocks + 1


def test_a_move_that_the_state_folder_does_not_take_stops_nobody(pair: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is full when the receipt is to follow: the sync says so, the book opens, and later it follows."""
    pair.laptop.posts("quick")
    pair.laptop.syncs()
    pair.office.posts("slow")

    with monkeypatch.context() as patch:
        patch.setattr(receipt, "move", full)
        assert [one.code for one in pair.office.syncs().findings] == ["receipt-not-written"]
        with pair.office.desk.open() as book:
            assert book.stopped is None
            assert [one.code for one in book.faults] == ["receipt-not-written"]
    with pair.office.desk.open() as book:
        assert (book.stopped, book.faults) == (None, ())
        kept = receipt.read(book.state, book.id)
        assert kept is not None
        assert book.head is not None
        assert (kept.number, kept.hash) == (book.head.number, book.head.hash)


def test_a_move_is_finished_after_something_was_posted_behind_it(pair: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """No receipt can be written, neither of the move nor of the next block: the first that can finishes both."""
    pair.laptop.posts("quick")
    pair.laptop.syncs()
    pair.office.posts("slow")

    with monkeypatch.context() as patch:
        patch.setattr(receipt, "move", full)
        patch.setattr(receipt, "keep", full)
        pair.office.syncs()
        assert [one.code for one in pair.office.posts("later").findings] == ["receipt-not-written"]
    with pair.office.desk.open() as book:
        assert (book.stopped, book.faults) == (None, ())
        kept = receipt.read(book.state, book.id)
        assert kept is not None
        assert book.head is not None
        assert (kept.number, kept.hash) == (book.head.number, book.head.hash)


def test_a_reader_in_the_middle_of_a_move_leaves_its_note(pair: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """A book that is opened between the note and the commit takes nothing away that a crash would need.

    Both reverse one entry, so that the book ends at the same block number as before, and only the note says why the
    hash of that block is another.
    """
    pair.laptop.reverses("2026-10/J-1")
    pair.laptop.syncs()
    pair.office.reverses("2026-10/J-1")
    announce = moving.announce

    def looked_at(state: Path, book: str, move: moving.Move) -> None:
        announce(state, book, move)
        with pair.office.desk.open() as seen:
            assert seen.stopped is None

    def crash(_: BookFile) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(moving, "announce", looked_at)
        patch.setattr(rebasing, "_acknowledged", crash)
        with pytest.raises(KeyboardInterrupt):
            pair.office.syncs()
    with pair.office.desk.open() as book:
        assert book.stopped is None
    assert pair.office.syncs().fault is None
    assert pair.office.head == pair.laptop.head
