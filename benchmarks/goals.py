"""The goals that are measured: each a row with its figure, its bound, and whether it is met."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from benchmarks import inner
from benchmarks.building import Built, build
from benchmarks.goal import Goal
from benchmarks.measuring import Measured, command
from benchmarks.peers import PEERS, Peer

CLOUDBOOKS = [str(Path(sys.executable).parent / "cloudbooks")]
ONE_MORE = ["add", "2026-01-01", "one more", "1000", "1.00", "2000"]


class Benchmarks:
    """Books and journals of several sizes in one folder, and everything that is asked of them."""

    def __init__(self, folder: Path, sizes: list[int], peer_sizes: list[int]) -> None:
        self.folder = folder
        self.sizes = sizes
        self.peer_sizes = peer_sizes
        self.books: dict[int, Built] = {}

    def rows(self) -> Iterator[Goal]:
        """All goals, in the order in which their books are made."""
        for size in self.sizes:
            self.books[size] = build(self.folder / f"book-{size}", size)
            rate = size / self.books[size].cpu
            yield Goal("P7", f"posting in bulk, {size:,} entries", rate, 25_000, " /s CPU", least=True)
        yield from self._balance()
        yield from self._append()
        yield from inner.durable_append(self.books[self.sizes[0]])
        yield from self._verify()
        yield from inner.chain_alone(self.books[self.sizes[-1]])
        yield from self._memory()
        yield from self._start_up()
        yield from self._size()

    def _ours(self, size: int, *words: str, runs: int = 5) -> Measured:
        book = self.books[size]
        return command([*CLOUDBOOKS, *words, "-b", str(book.path)], runs=runs, env=_env(book))

    def _journal(self, peer: Peer, size: int) -> Path:
        path = self.folder / f"{size}.{peer.suffix}"
        if not path.exists():
            peer.write(path, size)
        return path

    def _peer(self, name: str) -> Peer | None:
        return next((peer for peer in PEERS if peer.name == name and peer.there), None)

    def _balance(self) -> Iterator[Goal]:
        largest = self.sizes[-1]
        ours = self._ours(largest, "balance")
        yield Goal("P1", f"balance at {largest:,} entries, whole process", 1000 * ours.cpu, 120, " ms CPU")
        hledger = self._peer("hledger")
        if hledger is None:
            return
        for size, bound in zip(self.peer_sizes, (1 / 8, 1 / 100), strict=False):
            theirs = command(hledger.balance(self._journal(hledger, size)), runs=3)
            what = f"balance at {largest:,} / hledger at {size:,} ({theirs.cpu:.2f} s)"
            yield Goal("P1", what, ours.cpu / theirs.cpu, bound)

    def _appended(self, size: int) -> float:
        parts = (ONE_MORE, ["post", "--all", "--yes"], ["balance"])
        total = 0.0
        for _ in range(3):
            total += sum(
                self._ours(
                    size,
                    *part,
                    runs=1,
                ).cpu
                for part in parts
            )
        return total / 3

    def _append(self) -> Iterator[Goal]:
        appended = {size: self._appended(size) for size in (self.sizes[0], self.sizes[-1])}
        small, large = appended[self.sizes[0]], appended[self.sizes[-1]]
        what = f"add, post and balance: t({self.sizes[-1]:,}) / t({self.sizes[0]:,}) ({large:.2f} s CPU)"
        yield Goal("P2", what, large / small, 1.3)
        bounds: Mapping[str, float] = {"ledger": 1 / 10, "hledger": 1 / 50, "beancount": 1 / 150}
        size = self.peer_sizes[-1]
        for peer in PEERS:
            if not peer.there:
                continue
            journal = self._journal(peer, size)
            with journal.open("a", encoding="utf-8") as file:
                file.write(peer.entry)
            theirs = command(peer.balance(journal), runs=3, warm=False)
            what = f"add, post and balance at {self.sizes[-1]:,} / {peer.name} at {size:,} ({theirs.cpu:.2f} s)"
            yield Goal("P3", what, large / theirs.cpu, bounds[peer.name])

    def _verify(self) -> Iterator[Goal]:
        size = self.sizes[-1]
        ours = self._ours(size, "verify", runs=1)
        yield Goal("P8", f"full verify, {size:,} entries, one core", size / ours.cpu, 35_000, " /s CPU", least=True)
        beancount = self._peer("beancount")
        if beancount is not None:
            asked = self.peer_sizes[-1]
            theirs = command(beancount.balance(self._journal(beancount, asked)), runs=1)
            at_size = self._ours(asked, "verify", runs=1) if asked in self.books else ours
            what = f"full verify / bean-check, both at {asked:,} ({theirs.cpu:.1f} s)"
            yield Goal("P8", what, at_size.cpu / theirs.cpu, 1 / 6)

    def _memory(self) -> Iterator[Goal]:
        small, large = self.sizes[0], self.sizes[-1]
        for words in (["balance"], ["report", "trial-balance"], ["verify"], ["status"], ["post", "--all", "--yes"]):
            if words[0] == "post":
                self._ours(small, *ONE_MORE, runs=1)
                self._ours(large, *ONE_MORE, runs=1)
            peaks = [self._ours(size, *words, runs=1).peak for size in (small, large)]
            what = f"peak memory of {' '.join(words)}, {large:,} / {small:,} ({peaks[1]:.0f} MiB)"
            yield Goal("P11", what, peaks[1] / peaks[0], 1.5)

    def _start_up(self) -> Iterator[Goal]:
        version = command([*CLOUDBOOKS, "--version"], runs=9)
        yield Goal("P12", "--version, whole process", 1000 * version.cpu, 120, " ms CPU")
        book = self.books[self.sizes[-1]]
        words = [*CLOUDBOOKS, "completion-words", "--", "-b", str(book.path), "report", "ledger", "91"]
        completion = command(words, runs=9, env=_env(book))
        yield Goal("P12", "completion of an account, whole process", 1000 * completion.cpu, 120, " ms CPU")

    def _size(self) -> Iterator[Goal]:
        size = self.sizes[-1]
        journal = self.folder / f"{size}.size.journal"
        PEERS[0].write(journal, size)
        ratio = self.books[size].path.stat().st_size / journal.stat().st_size
        yield Goal("P16", f"book / hledger journal text, {size:,} entries", ratio, 3)


def _env(book: Built) -> dict[str, str]:
    return {"CLOUDBOOKS_HOME": str(book.state), "LANG": "C.UTF-8"}
