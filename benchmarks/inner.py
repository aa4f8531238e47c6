"""What is measured inside one process: a durable append beside a bare commit, and the chain beside its bytes."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from statistics import median
from typing import Any

import blake3

from benchmarks.building import Built, Poster, desk_of
from benchmarks.generating import entries
from benchmarks.goal import Goal
from benchmarks.measuring import inside
from cloudbooks.chain.verdict import Policy
from cloudbooks.chain.verifying import verify
from cloudbooks.store import reading, sqlite
from cloudbooks.store.log import StoredLog

RUNS = 60
_WRITES = ("INSERT", "UPDATE", "DELETE")

Write = tuple[str, Sequence[Sequence[object]]]
"""A statement, and the rows that it was run with."""


@dataclass(slots=True)
class Recorder:
    """Stands before a connection and keeps what is written through it, one list a transaction."""

    connection: sqlite.Connection
    transactions: list[list[Write]] = field(default_factory=list)

    def execute(self, statement: str, values: Sequence[object] = ()) -> Any:
        """Run one statement."""
        if statement.startswith("BEGIN"):
            self.transactions.append([])
        elif statement.startswith(_WRITES):
            self.transactions[-1].append((statement, [tuple(values)]))
        return self.connection.execute(statement, values)

    def executemany(self, statement: str, rows: Any) -> Any:
        """Run one statement with many rows."""
        kept = [tuple(row) for row in rows]
        self.transactions[-1].append((statement, kept))
        return self.connection.executemany(statement, kept)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.connection, name)


def durable_append(built: Built) -> Iterator[Goal]:
    """P4: one entry signed, posted and kept durably, beside the same rows in a bare commit to a copy of the book.

    The two take turns, because both wait on the same disk; what the copy is given was recorded before.
    """
    copies = [built.path.with_name(name) for name in ("recorded.cbk", "ours.cbk", "bare.cbk")]
    for copy in copies:
        shutil.copyfile(built.path, copy)
        copy.chmod(0o600)
    recorded, ours, bare = copies
    transactions = _append(Built(recorded, built.state, built.entries, 0.0))
    plain = sqlite.connect(bare)
    sqlite.settle(plain)
    taken: list[tuple[float, float]] = []

    def in_turn(post: Callable[[], object]) -> None:
        taken.append((_wall(post), _wall(lambda: _replay(plain, transactions[len(taken)]))))

    _append(Built(ours, built.state, built.entries, 0.0), in_turn)
    plain.close()
    mine, theirs = (1000 * median(arm) for arm in zip(*taken, strict=True))
    yield Goal(
        "P4", f"durable append / the same rows in a bare commit ({mine:.1f} / {theirs:.1f} ms)", mine / theirs, 3
    )
    for copy in copies:
        copy.unlink()


def _append(built: Built, around: Callable[[Callable[[], object]], object] | None = None) -> list[list[Write]]:
    """Post entries one by one, each through `around`; without it, give what each transaction wrote."""
    desk = desk_of(built.path, built.state.with_name(f"state-of-{built.path.stem}"))
    shutil.copytree(built.state, desk.state)
    with desk.open() as book:
        member, signer = desk.signer(book)
        recorder = Recorder(book.connection)
        if around is None:
            book.connection = recorder  # type: ignore[assignment] # it does what a connection does
        poster = Poster(desk, book, member.id, signer)
        ids = [account.id for account in reading.accounts(book) if account.code.startswith("9")]
        for one in islice(entries(10_000), RUNS):
            records = list(poster.records([one], ids))
            if around is None:
                poster.post([*records])
            else:
                around(lambda: poster.post([*records]))  # noqa: B023 - called before the next turn
    shutil.rmtree(desk.state)
    return recorder.transactions


def _replay(connection: sqlite.Connection, writes: Sequence[Write]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    for statement, rows in writes:
        connection.executemany(statement, rows)
    connection.execute("COMMIT")


def _wall(act: Callable[[], object]) -> float:
    before = time.perf_counter()
    act()
    return time.perf_counter() - before


def chain_alone(built: Built) -> Iterator[Goal]:
    """P9: all laws on the log's bytes, beside reading and hashing the same bytes."""
    with desk_of(built.path, built.state).open() as book:
        log = StoredLog(book)
        size = book.head.number + 1 if book.head else 0

        def hashed() -> None:
            for number in range(size):
                block = log.block(number) or b""
                blake3.blake3(block).digest()
                blake3.blake3(log.batch(log.batch_of(number)) or b"").digest()

        floor = inside(hashed, runs=3)
        ours = inside(lambda: verify(log, Policy()), runs=1)
    what = f"all laws of the chain / reading and hashing its bytes ({ours:.1f} / {floor:.2f} s CPU)"
    yield Goal("P9", f"{what}, {built.entries:,} entries", ours / floor, 15)
