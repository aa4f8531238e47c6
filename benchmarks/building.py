"""Books of generated entries, posted in bulk through the product's own commit."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from benchmarks.generating import GeneratedEntry, accounts, entries
from cloudbooks.books.desk import Desk
from cloudbooks.books.founding import Founding, found
from cloudbooks.books.recording import account_record
from cloudbooks.books.signing import keep_new_checkpoint, signed
from cloudbooks.chain import batch as batches
from cloudbooks.chain import record, sealing
from cloudbooks.chain.note import Signer
from cloudbooks.core.account import Account, AccountKind
from cloudbooks.core.money import canonical
from cloudbooks.core.period import Month
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.commit import commit
from cloudbooks.store.past import load_state
from cloudbooks.system.chance import new_id
from cloudbooks.system.clock import SystemClock, instant

BATCH_ENTRIES = 10_000


@dataclass(frozen=True, slots=True)
class Built:
    """A book of generated entries: its file and state folder, and CPU seconds that posting its entries took."""

    path: Path
    state: Path
    entries: int
    cpu: float


def desk_of(path: Path, state: Path) -> Desk:
    """The desk of a benchmark's book."""
    return Desk(path, state, SystemClock(), "benchmark", lambda: b"")


def build(folder: Path, count: int, generated: Iterator[GeneratedEntry] | None = None) -> Built:
    """A book with `count` generated entries in batches of 10 000, each encoded, signed, admitted and committed.

    `generated` are the entries, where they are not to be those of `entries(count)`.
    """
    folder.mkdir(parents=True)
    state = folder / "state"
    path = folder / "bench.cbk"
    desk = desk_of(path, state)
    found(desk, Founding("Bench", "CNY", "generic", Month(2015, 1), "Bench", zh=False), passphrase=None)
    with desk.open() as book:
        member, signer = desk.signer(book)
        poster = Poster(desk, book, member.id, signer)
        chart = [Account(new_id(desk.clock), f"9{one.code}", one.name, AccountKind(one.kind)) for one in accounts()]
        poster.post([account_record(account) for account in chart])
        ids = [account.id for account in chart]
        generated = generated or entries(count)
        cpu = 0.0
        while part := list(islice(generated, BATCH_ENTRIES)):
            records: list[record.AnyRecord] = list(poster.records(part, ids))
            before = time.process_time()
            poster.post(records)
            cpu += time.process_time() - before
        keep_new_checkpoint(book, signer)
    return Built(path, state, count, cpu)


@dataclass(frozen=True, slots=True)
class Poster:
    """Posts records as signed batches, without drafts before them."""

    desk: Desk
    book: BookFile
    member: str
    signer: Signer

    def records(self, part: list[GeneratedEntry], ids: list[str]) -> Iterator[record.Entry]:
        """The wire records of generated entries."""
        for one in part:
            yield record.Entry(
                id=new_id(self.desk.clock),
                date=one.day.isoformat(),
                series=one.series,
                summary=one.summary,
                lines=tuple(record.Line(ids[account], "CNY", canonical(minor, 2)) for account, minor in one.lines),
                made_by=self.member,
            )

    def post(self, records: list[record.AnyRecord]) -> None:
        """One batch, committed."""
        frontier = load_state(self.book).frontier
        now = instant(self.desk.clock.now())
        batch = batches.make(
            author=self.member,
            base=batches.Base(f"s256:{frontier.root.hex()}", frontier.size),
            book=self.book.id,
            id=new_id(self.desk.clock),
            made_at=now,
            program="benchmark/1",
            records=records,
        )
        seal = sealing.seal(batch, signed(batches.note_text(batch), self.signer), now)
        commit(self.book, batch, seal, command="benchmark")
