"""R13: whatever a book is taken back from, it verifies to its signed head or is refused; what stands is not touched."""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import Final

import pytest
from tests.faults.bench import Bench, judged
from tests.faults.children import Ending
from tests.faults.verbs import VERBS, Verb

from cloudbooks.chain.note import Vkey
from cloudbooks.store import reading
from cloudbooks.store.opening_book import open_book
from cloudbooks.system.clock import SystemClock

FORMS: Final = {
    "backup": ("{name}.cbk-backup", "book backup {name}.cbk-backup", "book restore {source} {target}.cbk"),
    "export": ("{name}", "chain export {name}", "init {target} --from {source} --no-passphrase --as Bob"),
}
"""What a form is called, how it is made, and how a book is taken back from it."""
_POSTS: Final = VERBS["restore what is behind"].before
"""Posts, a backup that is not used here, and more posts: the first two and the last two are what is taken back."""
PLACES: Final = int(os.environ.get("CLOUDBOOKS_PLACES", "4"))
"""At how many places each form is cut off, and a bit of it flipped; a release tries more."""


class Table:
    """A box with a live book, and an old and a new copy of it in one form."""

    def __init__(self, bench: Bench, form: str) -> None:
        self.bench = bench
        self.named, made, self.taken = FORMS[form]
        old, new = (made.format(name=name) for name in ("old", "new"))
        bench.start(Verb("table", "status", (*_POSTS[:3], old, *_POSTS[4:8], new)))
        self.live = bench.box / "acme.cbk"
        self.bytes = self.live.read_bytes()
        with open_book(self.live, state=bench.box / "state", clock=SystemClock()) as book:
            self.head = book.head
            self.pin = reading.members(book)[0].key

    def source(self, name: str) -> Path:
        """A copy: a file, or the folder whose blocks are the last to be read."""
        return self.bench.box / self.named.format(name=name)

    def file(self) -> Path:
        """The file of the new copy that is to be damaged: itself, or the block that is its end."""
        there = self.source("new")
        return there if there.is_file() else max((there / "block").iterdir())

    def take(self, *, name: str = "new", target: str = "back", pin: str = "", here: bool = False) -> Ending:
        """Take the book back, on a machine that has never seen it, or `here`."""
        folder = self.bench.box if here else self.bench.box / "office"
        words = self.taken.format(source=self.source(name), target=target).split()
        return self.bench.nursery.run(folder, *words, "--pin", pin or self.pin)

    def require_refused(self, ending: Ending) -> None:
        """It was refused by name, nothing has the name that it was to have, and the live book is what it was."""
        assert ending.status in (3, 4, 5), ending
        assert "error[" in ending.err
        assert not (self.bench.box / "office" / "back.cbk").exists()
        assert not list(self.bench.box.rglob(".cloudbooks-*"))
        assert not self.live.exists() or self.live.read_bytes() == self.bytes

    def require_whole(self, ending: Ending, folder: Path) -> None:
        """It was taken back, verifies, and ends where the live book does."""
        assert ending.status == 0, ending
        (path,) = folder.glob("*.cbk")
        with open_book(path, state=folder / "state", clock=SystemClock()) as book:
            judged(book, set())
            assert book.head == self.head
        path.unlink()


@pytest.fixture(params=FORMS)
def table(request: pytest.FixtureRequest, bench: Bench) -> Table:
    """A form, and a book that can be taken back from it."""
    return Table(bench, request.param)


def test_a_whole_copy_is_the_book(table: Table) -> None:
    """It verifies up to the head that was signed."""
    table.require_whole(table.take(), table.bench.box / "office")


def test_the_copy_of_a_book_that_was_lost_is_the_book(table: Table) -> None:
    """In the place of the file that is gone, on the machine that knows what was posted: without a word of alarm."""
    table.live.unlink()
    ending = table.take(target="acme", here=True)
    assert "error[" not in ending.err
    assert "finding[" not in ending.err
    table.require_whole(ending, table.bench.box)


@pytest.mark.parametrize("damage", ["cut", "flipped"])
def test_a_damaged_copy_is_refused(table: Table, damage: str) -> None:
    """Cut off anywhere, or with any bit flipped: refused, or a bit that holds nothing of the book."""
    chance, file = random.Random(13), table.file()
    whole = file.read_bytes()
    refused = 0
    for _ in range(PLACES):
        at = chance.randrange(len(whole))
        changed = whole[:at] if damage == "cut" else whole[:at] + bytes([whole[at] ^ 8]) + whole[at + 1 :]
        file.write_bytes(changed)
        ending = table.take()
        if ending.status:
            table.require_refused(ending)
            refused += 1
        else:
            table.require_whole(ending, table.bench.box / "office")
    assert refused


def test_an_old_copy_is_not_taken_for_the_book(table: Table) -> None:
    """Where more was posted than it holds: refused, with the numbers of what is missing."""
    table.live.unlink()
    ending = table.take(name="old", target="acme", here=True)
    table.require_refused(ending)
    assert "posted here" in ending.err
    assert not table.live.exists()


def test_another_first_key_is_refused(table: Table) -> None:
    """The key that was given is the one that counts, not the one in the copy."""
    own = Vkey.parse(table.pin)
    other = Vkey.of(own.name, bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"))
    table.require_refused(table.take(pin=str(other)))


def test_nothing_is_taken_back_over_a_live_book(table: Table) -> None:
    """Refused, and the book is byte for byte what it was."""
    table.require_refused(table.take(target="acme", here=True))
