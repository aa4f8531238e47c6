"""Books on disk with real keys, blocks and receipts, for tests of what is posted; and how other programs touch one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.chain.building import BookBuilder
from tests.chain.folder_source import FolderSource
from tests.chain.strategies import BOOK, VECTORS

from cloudbooks.chain import batch as batches
from cloudbooks.chain import block as blocks
from cloudbooks.chain import checkpoint, note, record, sealing
from cloudbooks.chain.batch import Batch
from cloudbooks.chain.sealing import Sealed
from cloudbooks.chain.verdict import Policy, Verdict
from cloudbooks.store import keeping_log, sqlite
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.commit import Committed, commit
from cloudbooks.store.comparing import verify_book
from cloudbooks.store.creating import create_book
from cloudbooks.store.opening_book import open_book

FORMAT1 = VECTORS / "format1" / "valid"


class Ticking:
    """A clock on which each look is a second later."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)

    def now(self) -> datetime:
        """A second later than last time."""
        self.at += timedelta(seconds=1)
        return self.at


class PostedBook(BookBuilder):
    """A `BookBuilder` whose blocks stand in a book file too, under `folder`; every commit must give the same block."""

    def __init__(self, folder: Path, name: str = "acme.cbk", *, separate_duties: bool = False) -> None:
        self.path = folder / name
        self.home = folder / "state"
        self.clock = Ticking()
        self.last: Committed | None = None
        super().__init__(separate_duties=separate_duties)

    def open(self, path: Path | None = None) -> BookFile:
        """Open the book's file, or another one of the same book."""
        return open_book(path or self.path, state=self.home, clock=self.clock, command="cloudbooks test")

    def commit(self, made: Batch, signed: bytes, now: str = "") -> Sealed:
        """Give a signed batch its place in the file, and in the builder's memory."""
        now = now or self.instant()
        seal = sealing.seal(made, signed, now)
        if self.path.exists():
            with self.open() as book:
                self.last = commit(book, made, seal)
        else:
            self.last = create_book(self.path, state=self.home, clock=self.clock, batch=made, seal=seal)
        sealed = super().commit(made, signed, now)
        assert sealed.block.hash == self.last.block.hash
        assert sealed.admitted.balances_root == self.last.admitted.balances_root
        return sealed

    def sign_head(self) -> None:
        """Keep a checkpoint over the whole log."""
        with self.open() as book:
            keeping_log.keep_checkpoint(book, self.checkpoint())

    def checkpoint(self) -> bytes:
        """A checkpoint over the log as the builder knows it, signed by ann."""
        origin = checkpoint.origin(BOOK)
        text = checkpoint.text(origin, self.state.size, self.state.frontier.root)
        return f"{text}\n{note.sign(text, origin, self.signers['ann'])}".encode()

    def fill(self) -> None:
        """Three blocks in which there is a row of nearly every table, and a checkpoint."""
        rent = self.entry()
        statement = self.statement()
        self.block(rent, self.remark())
        self.block(
            statement,
            self.rate(),
            self.entry(
                self.line(self.BANK, "5.00", settles=(f"{statement.id}/1",)),
                self.line(self.SALES, "-5.00", party=self.CUSTOMER, text="invoice 7"),
                tags=("cash",),
            ),
            self.entry(self.line(self.DOLLARS, "5.00", "USD", value="36.00"), self.line(self.SALES, "-36.00")),
        )
        self.block(self.reversal(rent), self.close("2026-09"))
        self.sign_head()

    def remark(self) -> record.Note:
        """A note."""
        return record.Note(id=self.id(), at="2026-11-20T08:00:00Z", text="opened")

    def rate(self) -> record.Price:
        """A price of the dollar."""
        return record.Price(id=self.id(), date="2026-10-30", commodity="USD", base="CNY", rate="7.2")

    def verdict(self) -> Verdict:
        """What verifying says of the file."""
        with self.open() as book:
            return verify_book(book, Policy())


def format1_book(folder: Path) -> tuple[Path, Path]:
    """The book of the vectors, every batch of it committed to a file; gives the file and the state folder."""
    source, path, home, clock = FolderSource.read(FORMAT1), folder / "format1.cbk", folder / "state", Ticking()
    number = 0
    while (data := source.block(number)) is not None:
        block = blocks.read(data)
        batch = batches.read(source.batch(block.header.batch) or b"")
        seal = sealing.seal(batch, block.note, block.header.committed_at)
        if number:
            with open_book(path, state=home, clock=clock) as book:
                committed = commit(book, batch, seal)
        else:
            committed = create_book(path, state=home, clock=clock, batch=batch, seal=seal)
        assert committed.block.data == data
        number += 1
    with open_book(path, state=home, clock=clock) as book:
        keeping_log.keep_checkpoint(book, source.checkpoint() or b"")
        for size, _, line in source.cosignatures():
            keeping_log.keep_cosignature(book, size, line)
        for name, data in source.files.items():
            if name.startswith("attachment/"):
                keeping_log.keep_file(book, data)
    return path, home


def format1_facts() -> dict[str, object]:
    """The keys, facts and totals that stand beside the vectors."""
    facts: dict[str, object] = json.loads((VECTORS / "format1" / "balances.json").read_text("utf-8"))
    return facts


@contextmanager
def another_program(path: Path) -> Iterator[sqlite.Connection]:
    """A plain connection, as any SQLite tool opens one, without guard and receipt; each statement is a transaction."""
    connection = sqlite.connect(path)
    connection.execute("PRAGMA foreign_keys=OFF")
    try:
        yield connection
    finally:
        connection.close()


def without_triggers(connection: sqlite.Connection, *statements: str) -> None:
    """Run statements as a program that first takes the triggers away, and then puts them back as they were."""
    connection.execute("BEGIN")
    triggers = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
    try:
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)
        for _, text in triggers:
            connection.execute(text)
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
