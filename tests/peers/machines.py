"""Machines that each have a copy of one book: a laptop, an office, and what lies between them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from cloudbooks.books import cloning, correcting, drafting, exchanging, syncing
from cloudbooks.books import posting as posts
from cloudbooks.books.cloning import Cloned, clone
from cloudbooks.books.desk import Desk
from cloudbooks.books.founding import Founding, found
from cloudbooks.books.membership import add_member
from cloudbooks.books.peering import add_peer
from cloudbooks.books.posting import Posted
from cloudbooks.books.syncing import Synced
from cloudbooks.chain.verdict import Policy, Verdict
from cloudbooks.core.period import Month
from cloudbooks.peers.peer import Peer
from cloudbooks.store import log, reading, working
from cloudbooks.store.comparing import verify_book
from cloudbooks.system import files

DAY = date(2026, 10, 5)


class Ticking:
    """A clock on which each look is a second later."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)

    def now(self) -> datetime:
        """A second later than last time."""
        self.at += timedelta(seconds=1)
        return self.at


@dataclass(frozen=True, slots=True)
class Machine:
    """One machine: its name, its desk, and where all its files lie."""

    name: str
    folder: Path
    desk: Desk

    @classmethod
    def at(cls, folder: Path, name: str, clock: Ticking) -> Machine:
        """A machine without a book yet."""
        home = folder / name
        home.mkdir(parents=True, exist_ok=True)
        desk = Desk(home / "acme.cbk", home / "state", clock, f"test on {name}", lambda: b"")
        return cls(name, home, desk)

    def found(self) -> None:
        """Make the book here, as its first member."""
        founding = Founding("Acme", "CNY", "generic", Month(2026, 10), self.name, zh=False)
        found(self.desk, founding, passphrase=None)

    def knows(self, url: Path, name: str = "office") -> None:
        """Let the book know a peer."""
        add_peer(self.desk, name, str(url))

    def clones(self, url: Path) -> Cloned:
        """Make a copy of the book at a peer."""
        return clone(self.desk, str(url), member=self.name, passphrase=lambda: None)

    def adds(self, cloned: Cloned) -> None:
        """Add whoever made a copy as a member."""
        add_member(self.desk, cloned.member, cloned.vkey, ("post",), cloned.next_key)

    def posts(self, summary: str, amount: str = "10", day: date = DAY) -> Posted:
        """Post one entry of two lines, in a block of its own."""
        drafting.add(self.desk, day, summary, "5000", amount, "1000")
        return posts.post(self.desk, (), everything=True)

    def reverses(self, word: str) -> Posted:
        """Reverse an entry and post that."""
        correcting.reverse(self.desk, word, DAY)
        return posts.post(self.desk, (), everything=True)

    def syncs(self) -> Synced:
        """Sync with the only peer."""
        (done,) = syncing.sync(self.desk)
        return done

    def status(self) -> syncing.Standing:
        """How the only peer relates."""
        (standing,) = syncing.status(self.desk)
        return standing

    @property
    def head(self) -> str:
        """The hash of the last block."""
        with self.desk.open() as book:
            assert book.head is not None
            return book.head.hash

    @property
    def entries(self) -> list[str]:
        """The summaries of all posted entries, in the order of the log."""
        with self.desk.open() as book:
            return [
                entry.summary for number in range(log.size(book)) for entry in reading.entries_of_block(book, number)
            ]

    @property
    def numbers(self) -> dict[str, int]:
        """Voucher numbers by summary."""
        with self.desk.open() as book:
            return {entry.summary: entry.number for entry in reading.entries(book)}

    @property
    def drafts(self) -> list[str]:
        """The summaries of all drafts."""
        with self.desk.open() as book:
            return [draft.summary for draft in working.drafts(book)]

    def verify(self) -> Verdict:
        """What holds of the copy here."""
        with self.desk.open() as book:
            assert book.stopped is None
            return verify_book(book, Policy())

    def copied(self, folder: Path) -> Machine:
        """The same machine as it is now, in another folder: what an image of it that is put back is like."""
        shutil.copytree(self.folder, folder)
        desk = replace(self.desk, book=folder / "acme.cbk", state=folder / "state")
        return Machine(self.name, folder, desk)


@dataclass(frozen=True, slots=True)
class Two:
    """A laptop whose owner founded the book, an office whose copy is a member too, and the folder between them."""

    laptop: Machine
    office: Machine
    folder: Path


def two(root: Path) -> Two:
    """Two machines with the same book, alike, and one posted entry."""
    clock = Ticking()
    laptop, office = Machine.at(root, "laptop", clock), Machine.at(root, "office", clock)
    folder = root / "shared"
    laptop.found()
    laptop.posts("first")
    laptop.knows(folder)
    assert laptop.syncs().fault is None
    laptop.adds(office.clones(folder))
    assert laptop.syncs().fault is None
    assert office.syncs().fault is None
    return Two(laptop, office, folder)


@contextmanager
def without_fsync() -> Iterator[None]:
    """Nothing waits for the disk: for tests of logic alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "fsync", lambda _: None)
        patch.setattr(files, "fsync_folder", lambda _: None)
        yield


def through(patch: pytest.MonkeyPatch, peer: Peer) -> None:
    """Let every exchange and every clone speak with this peer."""

    def reach(_: str) -> Peer:
        return peer

    patch.setattr(exchanging, "reach", reach)
    patch.setattr(cloning, "reach", reach)


def holds(folder: Path) -> dict[str, bytes]:
    """The files of a folder by their names in the layout."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
