"""The goals that are measured: each a row with its figure, its bound, and whether it is met."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks import importing, inner, screens, syncing, verifying
from benchmarks.building import Built, build
from benchmarks.goal import Goal
from benchmarks.measuring import Measured, command
from benchmarks.peers import PEERS, Peer, peer

CLOUDBOOKS = [str(Path(sys.executable).parent / "cloudbooks")]
_RUN_EACH = "import sys; from cloudbooks.cli.door import run; [run(words.split('|')) for words in sys.argv[1:]]"
IN_ONE = [sys.executable, "-c", _RUN_EACH]
ONE_MORE = ["add", "2026-01-01", "one more", "1000", "1.00", "2000"]
POST = ["post", "--all", "--yes"]
QUICK = 15
"""Runs of a command that takes a tenth of a second."""


class Benchmarks:
    """Books and journals of several sizes in one folder, and everything that is asked of them."""

    def __init__(self, folder: Path, sizes: list[int], peer_sizes: list[int]) -> None:
        self.folder = folder
        self.sizes = sizes
        self.peer_sizes = peer_sizes
        self.books: dict[int, Built] = {}

    @property
    def small(self) -> int:
        """Entries of our smallest book."""
        return self.sizes[0]

    @property
    def large(self) -> int:
        """Entries of our largest book."""
        return self.sizes[-1]

    def rows(self) -> Iterator[Goal]:
        """All goals, in the order in which their books are made."""
        for size in self.sizes:
            self.books[size] = build(self.folder / f"book-{size}", size)
            rate = size / self.books[size].cpu
            yield Goal("P7", f"posting in bulk, {size:,} entries", rate, 25_000, " /s CPU", least=True)
        yield from screens.goals(self.books, CLOUDBOOKS)
        yield from syncing.goals(self.folder)
        yield from self._size()
        yield from self._balance()
        yield from self._start_up()
        yield from self._append()
        yield from inner.durable_append(self.books[self.small])
        yield from importing.goals(self.books[self.small], self.folder, self.ours)
        yield from self._verify()
        yield from inner.chain_alone(self.books[self.large])
        yield from verifying.since(self.books, self.ours)
        yield from verifying.one_entry(self.books[self.large])
        yield from self._memory()

    def ours(self, size: int, words: Sequence[str], *, runs: int = 1) -> Measured:
        """One of our commands on the book of a size."""
        book = self.books[size]
        return command([*CLOUDBOOKS, *words, "-b", str(book.path)], runs=runs, env=_env(book))

    def _journal(self, one: Peer, size: int) -> Path:
        path = self.folder / f"{size}.{one.suffix}"
        if not path.exists():
            one.write(path, size)
        return path

    def _size(self) -> Iterator[Goal]:
        journal = self._journal(PEERS[0], self.large)
        ratio = self.books[self.large].path.stat().st_size / journal.stat().st_size
        yield Goal("P16", f"book / hledger journal text, {self.large:,} entries", ratio, 3)

    def _balance(self) -> Iterator[Goal]:
        ours = self.ours(self.large, ["balance"], runs=QUICK)
        yield Goal("P1", f"balance at {self.large:,} entries, whole process", 1000 * ours.cpu, 120, " ms CPU")
        hledger = peer("hledger")
        if hledger is None:
            return
        for size, bound in zip(self.peer_sizes, (1 / 8, 1 / 100), strict=False):
            theirs = command(hledger.balance(self._journal(hledger, size)), runs=5 if size <= 20_000 else 2)
            ours = self.ours(self.large, ["balance"], runs=QUICK)
            what = f"balance at {self.large:,} / hledger at {size:,} ({1000 * ours.cpu:.0f} ms / {theirs.cpu:.2f} s)"
            yield Goal("P1", what, ours.cpu / theirs.cpu, bound)

    def _start_up(self) -> Iterator[Goal]:
        version = command([*CLOUDBOOKS, "--version"], runs=QUICK)
        yield Goal("P12", "--version, whole process", 1000 * version.cpu, 120, " ms CPU")
        book = self.books[self.large]
        words = ["completion-words", "bash", "4", "-b", str(book.path), "report", "ledger", "91"]
        completion = command([*CLOUDBOOKS, *words], runs=QUICK, env=_env(book))
        yield Goal("P12", "completion of an account, whole process", 1000 * completion.cpu, 120, " ms CPU")

    def _appended(self, size: int) -> list[float]:
        """CPU seconds of `add`, `post` and `balance`, each the best of its runs in turn."""
        rounds = [[self.ours(size, words).cpu for words in (ONE_MORE, POST, ["balance"])] for _ in range(QUICK)]
        return [min(one) for one in zip(*rounds, strict=True)]

    def _appended_in_one(self, size: int) -> float:
        """CPU seconds of the same three in one process, as a script does them."""
        book = self.books[size]
        words = ["|".join([*words, "-b", str(book.path)]) for words in (ONE_MORE, POST, ["balance"])]
        return command([*IN_ONE, *words], runs=QUICK, env=_env(book)).cpu

    def _append(self) -> Iterator[Goal]:
        small, large = self._appended(self.small), self._appended(self.large)
        parts = " + ".join(f"{1000 * part:.0f}" for part in large)
        what = f"add, post, balance: t({self.large:,}) / t({self.small:,}) ({parts} ms)"
        yield Goal("P2", what, sum(large) / sum(small), 1.3)
        in_one = self._appended_in_one(self.large)
        bounds: Mapping[str, float] = {"ledger": 1 / 10, "hledger": 1 / 50, "beancount": 1 / 150}
        size = self.peer_sizes[-1]
        for one in (one for one in PEERS if one.there):
            journal = self._journal(one, size)
            more = journal.with_name(f"more.{one.suffix}")
            more.write_bytes(journal.read_bytes() + one.entry.encode())
            theirs = command(one.balance(more), runs=2)
            told = f"at {self.large:,} / {one.name} at {size:,} ({theirs.cpu:.2f} s)"
            yield Goal("P3", f"add, post, balance {told}", sum(large) / theirs.cpu, bounds[one.name])
            yield Goal("P3", f"the same in one process ({in_one:.2f} s) {told}", in_one / theirs.cpu, bounds[one.name])

    def _verify(self) -> Iterator[Goal]:
        asked = self.peer_sizes[-1]
        beancount = peer("beancount")
        checked: dict[int, Measured] = {}
        if beancount is not None:
            for size in {asked, self.large}:
                checked[size] = command(beancount.balance(self._journal(beancount, size)), runs=1)
        yield from verifying.whole(self.books, self.ours, checked.get(self.large))
        if asked in checked:
            theirs = checked[asked].cpu / asked
            size = asked if asked in self.books else self.large
            each = self.ours(size, ["verify", "--processes", "1"]).cpu / size
            what = f"full verify of an entry at {size:,} / bean-check of one at {asked:,} ({1e6 * theirs:.0f} us)"
            yield Goal("P8", what, each / theirs, 1 / 6)

    def _memory(self) -> Iterator[Goal]:
        asked: tuple[list[str], ...] = (
            ["balance"],
            ["report", "trial-balance"],
            ["report", "income", "--by", "month"],
            ["report", "ledger", "91000", "-p", "2020"],
            ["verify"],
            ["status"],
            POST,
            ["import"],
        )
        for words in asked:
            small, large = (self._peak(size, words) for size in (self.small, self.large))
            told = "verify, the larger of its processes" if words == ["verify"] else " ".join(words)
            what = f"peak memory of {told}, {self.large:,} / {self.small:,} ({large:.0f} / {small:.0f} MiB)"
            yield Goal("P11", what, large / small, 1.5)

    def _peak(self, size: int, words: list[str]) -> float:
        if words == ["import"]:
            return importing.thousand_lines(self.folder, lambda words: self.ours(size, words)).peak
        if words == POST:
            self.ours(size, ONE_MORE)
        return self.ours(size, words).peak


def _env(book: Built) -> dict[str, str]:
    return {"CLOUDBOOKS_HOME": str(book.state), "LANG": "C.UTF-8"}
