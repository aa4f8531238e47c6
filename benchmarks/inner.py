"""What is measured inside one process: a durable append beside a bare commit, and the chain beside its bytes."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from statistics import median

import blake3

from benchmarks.building import Built, Poster, desk_of
from benchmarks.generating import entries
from benchmarks.goal import Goal
from benchmarks.measuring import inside
from cloudbooks.chain.verifying import Policy, verify
from cloudbooks.store import reading, sqlite
from cloudbooks.store.log import StoredLog

RUNS = 40


def durable_append(built: Built) -> Iterator[Goal]:
    """P4: one entry signed, posted and kept durably, beside the same rows in a bare commit of the same kind."""
    desk = desk_of(built.path, built.state)
    with desk.open() as book:
        member, signer = desk.signer(book)
        poster = Poster(desk, book, member.id, signer)
        ids = [account.id for account in reading.accounts(book) if account.code.startswith("9")]
        generated = list(islice(entries(10_000), RUNS))
        ours = _walls(lambda place: poster.post(list(poster.records([generated[place]], ids))))
    bare = _bare(built.path.with_name("bare.db"))
    what = f"durable append / bare commit of as many rows ({1000 * ours:.1f} / {1000 * bare:.1f} ms wall)"
    yield Goal("P4", what, ours / bare, 3)


def _walls(act: Callable[[int], object]) -> float:
    """The median wall seconds of one act; both arms wait on the same disk."""
    taken: list[float] = []
    for place in range(RUNS):
        before = time.perf_counter()
        act(place)
        taken.append(time.perf_counter() - before)
    return median(taken)


def _bare(path: Path) -> float:
    """A commit of a block row of 2 KB, an entry, three postings and eight balances, with the settings of a book."""
    path.touch(mode=0o600)
    connection = sqlite.connect(path)
    sqlite.settle(connection)
    connection.execute("CREATE TABLE block (number INTEGER PRIMARY KEY, data BLOB) STRICT")
    connection.execute("CREATE TABLE entry (id BLOB PRIMARY KEY, day INTEGER, words TEXT) STRICT")
    connection.execute("CREATE TABLE posting (entry INTEGER, line INTEGER, amount INTEGER, PRIMARY KEY (entry, line))")
    connection.execute("CREATE TABLE balance (account INTEGER PRIMARY KEY, amount INTEGER) STRICT")

    def act(place: int) -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO block VALUES (?, ?)", (place, bytes(2048)))
        digest = hashlib.sha256(str(place).encode()).digest()
        connection.execute("INSERT INTO entry VALUES (?, ?, ?)", (digest, place, "words"))
        connection.executemany("INSERT INTO posting VALUES (?, ?, ?)", [(place, line, line) for line in range(3)])
        connection.executemany("INSERT OR REPLACE INTO balance VALUES (?, ?)", [(one, place) for one in range(8)])
        connection.execute("COMMIT")

    taken = _walls(act)
    connection.close()
    return taken


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
    what = f"chain verified / read and hashed, {built.entries:,} entries ({ours:.1f} / {floor:.2f} s CPU)"
    yield Goal("P9", what, ours / floor, 15)
