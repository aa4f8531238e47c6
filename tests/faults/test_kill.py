"""Killed at any instant, a book has every batch that it acknowledged, whole, and opens without a step by hand."""

from __future__ import annotations

import os
import random
import shutil
import time
from pathlib import Path

import pytest
from tests.chain.strategies import BOOK
from tests.faults.children import Nursery
from tests.store.posted_book import PostedBook, Ticking

from cloudbooks.chain.verdict import Policy
from cloudbooks.store import place, receipt
from cloudbooks.store.book_file import open_book
from cloudbooks.store.comparing import verify_book
from cloudbooks.store.place import BookMissing

KILLS = int(os.environ.get("CLOUDBOOKS_KILLS", "200"))
"""How often a posting child is killed; a release is tortured with more."""

_FRESH_EVERY = 10
_DELAY_SECONDS = 0.02


def killed(nursery: Nursery, order: str, folder: Path, delay: float) -> list[int]:
    """The numbers that a child acknowledged before it was killed, `delay` seconds after the first of them."""
    child = nursery.start(order, folder)
    child.release()
    child.first_words()
    time.sleep(delay)
    child.kill()
    return [int(line) for line in child.finish().out.split()]


def test_a_killed_writer_loses_nothing_it_acknowledged(nursery: Nursery, disk_path: Path) -> None:
    """R1: no acknowledged batch is lost, none is half there, the receipt is never ahead, and the book just opens."""
    chance = random.Random(20261122)
    (disk_path / "template").mkdir()
    template = PostedBook(disk_path / "template")
    posted = template.path.read_bytes(), receipt.path_of(template.home, BOOK).read_bytes()
    hot = behind = 0
    folder = disk_path
    for kill in range(KILLS):
        if kill % _FRESH_EVERY == 0:
            folder = disk_path / str(kill)
            shutil.copytree(disk_path / "template", folder)
            written = receipt.parse(posted[1])
            moved = receipt.Receipt(
                written.book, written.number, written.hash, str(folder / "acme.cbk"), written.written_at
            )
            receipt.path_of(folder / "state", BOOK).write_bytes(receipt.text(moved))
        acknowledged = killed(nursery, "post", folder, chance.random() * _DELAY_SECONDS)
        hot += place.has_journal(folder / "acme.cbk")
        before = receipt.read(folder / "state", BOOK)
        assert before is not None
        with open_book(folder / "acme.cbk", state=folder / "state", clock=Ticking()) as book:
            assert book.stopped is None
            assert book.head is not None
            assert max(acknowledged) <= before.number <= book.head.number
            behind += before.number < book.head.number
            verdict = verify_book(book, Policy())
            assert (verdict.valid, verdict.consistent) == (True, book.head.number + 1)
        after = receipt.read(folder / "state", BOOK)
        assert after is not None
        assert (after.number, after.hash) == (book.head.number, book.head.hash)
    # Kills that fall between two posts alone would prove nothing.
    assert hot >= KILLS // 20
    assert behind >= KILLS // 100


def test_a_killed_making_leaves_a_whole_book_or_none(nursery: Nursery, disk_path: Path) -> None:
    """Making a book is one step too: what has a name is a whole book, and a name that was taken can be used."""
    chance = random.Random(20261123)
    for kill in range(20):
        folder = disk_path / str(kill)
        folder.mkdir()
        acknowledged = killed(nursery, "make", folder, chance.random() * _DELAY_SECONDS)
        for path in sorted(folder.glob("*.cbk")):
            number = int(path.stem)
            if path.stat().st_size == 0:
                assert number not in acknowledged
                continue
            with open_book(path, state=folder / f"state-{number}", clock=Ticking()) as book:
                assert book.stopped is None
                assert verify_book(book, Policy()).consistent == 1
        for number in acknowledged:
            assert (folder / f"{number}.cbk").stat().st_size
        with pytest.raises(BookMissing):
            open_book(folder / f"{max(acknowledged) + 2}.cbk", state=folder, clock=Ticking())
