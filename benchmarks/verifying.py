"""Verifying a book: whole in one process and in two, what came since, and one entry's proof."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from itertools import islice

from benchmarks.building import Built, Poster, desk_of
from benchmarks.generating import entries
from benchmarks.goal import Goal
from benchmarks.measuring import Measured, inside
from cloudbooks.books.signing import keep_new_checkpoint
from cloudbooks.chain.proof import Proof
from cloudbooks.chain.proof_checking import check
from cloudbooks.chain.verdict import Policy
from cloudbooks.store import reading
from cloudbooks.store.comparing import verify_book
from cloudbooks.store.ids import unpacked
from cloudbooks.store.proving import Prover

Ours = Callable[..., Measured]
"""One of our commands on the book of a size, measured."""

NEW = 1_000
_RUNS = 5


def whole(books: Mapping[int, Built], ours: Ours, checked: Measured | None) -> Iterator[Goal]:
    """P8: everything in one process, and in two, of which the slower one has a core of its own.

    `checked` is what bean-check took for the same entries, `None` where it is not installed.
    """
    size = max(books)
    built = books[size]
    one = ours(size, ["verify", "--processes", "1"])
    rate = size / one.cpu
    yield Goal("P8", f"full verify, {size:,} entries, one process", rate, 35_000, " /s CPU", least=True)
    judging, comparing = _two(built)
    told = f"full verify, {size:,} entries, two processes ({judging:.1f} + {comparing:.1f} s CPU)"
    yield Goal("P8", f"{told}, CPU of the slower", size / max(judging, comparing), 60_000, " /s CPU", least=True)
    wall = ours(size, ["verify", "--processes", "2"]).wall
    yield Goal("P8", f"full verify, {size:,} entries, two processes, clock", size / wall, 60_000, " /s", least=True)
    if checked is not None:
        told = f"one process / bean-check ({one.cpu:.1f} / {checked.cpu:.1f} s CPU)"
        yield Goal("P8", f"full verify, {size:,} entries, {told}", one.cpu / checked.cpu, 1 / 6)
        told = f"two processes / bean-check ({wall:.1f} / {checked.wall:.1f} s clock)"
        yield Goal("P8", f"full verify, {size:,} entries, {told}", wall / checked.wall, 1 / 6)


def _two(built: Built) -> tuple[float, float]:
    """CPU seconds of the process that judges the laws, and of the one that compares the rows."""
    with desk_of(built.path, built.state).open() as book:
        before = os.times()
        verify_book(book, Policy(), processes=2)
        after = os.times()
    judging = after.user + after.system - before.user - before.system
    comparing = after.children_user + after.children_system - before.children_user - before.children_system
    return judging, comparing


def since(books: Mapping[int, Built], ours: Ours) -> Iterator[Goal]:
    """P10: what a thousand new entries cost to verify in a large book, and in a small one."""
    sizes = [size for size in (10_000, max(books)) if size in books]
    taken = [_since(books[size], size, ours) for size in sizes]
    told = " / ".join(f"{1000 * one.cpu:.0f}" for one in reversed(taken))
    what = f"verify --since of {NEW:,} entries: t({sizes[-1]:,}) / t({sizes[0]:,}) ({told} ms CPU)"
    yield Goal("P10", what, taken[-1].cpu / taken[0].cpu, 1.3)


def _since(built: Built, size: int, ours: Ours) -> Measured:
    ours(size, ["verify"], runs=1)
    desk = desk_of(built.path, built.state)
    with desk.open() as book:
        member, signer = desk.signer(book)
        ids = [account.id for account in reading.accounts(book) if account.code.startswith("9")]
        poster = Poster(desk, book, member.id, signer)
        poster.post(list(poster.records(list(islice(entries(10_000), NEW)), ids)))
        keep_new_checkpoint(book, signer)
    return ours(size, ["verify", "--since", "last"], runs=_RUNS)


def one_entry(built: Built) -> Iterator[Goal]:
    """The proof of an entry in the middle of a large book: made from its tables, and checked with nothing else."""
    desk = desk_of(built.path, built.state)
    with desk.open() as book:
        key = (built.entries // 2,)
        (id_,) = book.connection.execute("SELECT id FROM entry WHERE key = ?", key).fetchone()
        named = "SELECT id FROM account WHERE key IN (SELECT account FROM posting WHERE entry = ?)"
        accounts = {unpacked(one) for (one,) in book.connection.execute(named, key).fetchall()}

        def made() -> bytes:
            prover = Prover(book)
            return prover.record(*prover.place("entry", unpacked(id_)), accounts)

        wall = min(_wall(made) for _ in range(_RUNS))
        cpu = inside(made, runs=_RUNS)
        text = made()
    at = f"{built.entries:,} entries"
    yield Goal("C", f"proof of an entry among {at}, made ({1000 * wall:.0f} ms clock)", 1000 * cpu, 200, " ms CPU")
    yield Goal("C", f"its size, {at}", len(text), 6 << 10, " B")
    checked = inside(lambda: check(Proof.read(text), None), runs=_RUNS)
    yield Goal("C", f"checked with nothing but its bytes, {at}", 1000 * checked, 100, " ms CPU")


def _wall(act: Callable[[], object]) -> float:
    before = time.perf_counter()
    act()
    return time.perf_counter() - before
