"""R1: programs that post, or make books, on and on, and are killed at a random moment."""

from __future__ import annotations

import random
import shutil
import time
from pathlib import Path
from typing import Final

from tests.chain.strategies import BOOK
from tests.faults.bench import Broken
from tests.faults.children import Nursery
from tests.faults.trials import Tally
from tests.store.posted_book import PostedBook, Ticking

from cloudbooks.chain.verdict import Policy
from cloudbooks.store import place, receipt
from cloudbooks.store.comparing import verify_book
from cloudbooks.store.opening_book import open_book

_FRESH_EVERY: Final = 10
_DELAY_SECONDS: Final = 0.02


def killed(nursery: Nursery, order: str, folder: Path, delay: float) -> list[int]:
    """The numbers that a child acknowledged before it was killed, `delay` seconds after the first of them."""
    child = nursery.start(order, folder)
    child.release()
    child.first_words()
    time.sleep(delay)
    child.kill()
    return [int(line) for line in child.finish().out.split()]


def kill_posts(nursery: Nursery, root: Path, count: int, seed: int) -> Tally:
    """Kill a program that posts, `count` times, each time on the book that the last one left, ten times on each book.

    No acknowledged batch is lost, none is half there, the receipt is never ahead, and the book just opens.
    """
    tally, chance = Tally(), random.Random(seed)
    (root / "template").mkdir()
    PostedBook(root / "template")
    folder = root
    for kill in range(count):
        if kill % _FRESH_EVERY == 0:
            shutil.rmtree(root / "book", ignore_errors=True)
            folder = _moved(root / "template", root / "book")
        tally.counts["kills"] += 1
        acknowledged = killed(nursery, "post", folder, chance.random() * _DELAY_SECONDS)
        try:
            tally.counts["hot journal"] += place.has_journal(folder / "acme.cbk")
            tally.counts["receipt behind"] += _require(folder, max(acknowledged))
        except Exception as error:  # noqa: BLE001 - whatever opening or verifying raises breaks the promise
            tally.broken.append(f"kill {kill}: {error!r}")
    return tally


def _moved(template: Path, folder: Path) -> Path:
    """A copy of a book with its state folder, whose receipt names the copy."""
    shutil.copytree(template, folder)
    written = receipt.read(folder / "state", BOOK)
    assert written is not None
    path = receipt.path_of(folder / "state", BOOK)
    path.write_bytes(receipt.text(written._replace(path=str(folder / "acme.cbk"))))
    return folder


def _require(folder: Path, acknowledged: int) -> bool:
    """Raise what is wrong with a book whose writer was killed; whether its receipt was behind."""
    before = receipt.read(folder / "state", BOOK)
    assert before is not None
    with open_book(folder / "acme.cbk", state=folder / "state", clock=Ticking()) as book:
        if book.stopped or book.head is None:
            raise Broken(f"the book does not open: {book.stopped}")
        if not acknowledged <= before.number <= book.head.number:
            raise Broken(f"{acknowledged} was acknowledged, the receipt says {before.number}, the book {book.head}")
        behind = before.number < book.head.number
        verdict = verify_book(book, Policy())
        if not verdict.valid or verdict.consistent != book.head.number + 1:
            raise Broken(f"the book does not verify: {verdict.findings}")
        after = receipt.read(folder / "state", BOOK)
        if after is None or (after.number, after.hash) != (book.head.number, book.head.hash):
            raise Broken(f"the receipt did not follow the book: {after}")
    return behind
