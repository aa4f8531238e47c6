"""R10: many programs at one book at once: four that import and post, one that syncs, one that verifies, one reader."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import Final

from tests.faults.bench import Bench
from tests.faults.children import Ending
from tests.faults.trials import Tally
from tests.faults.verbs import VERBS, Verb

from cloudbooks.store import reading
from cloudbooks.store.opening_book import open_book
from cloudbooks.system.clock import SystemClock

WRITERS: Final = 4
LINES: Final = 25
_HEAD: Final = "交易日期,对方户名,摘要,收入金额,支出金额,币种\n"
_LOCKED: Final = re.compile(r"\[book-(?:busy|held|locked)\]")
_RACED: Final = re.compile(r"error\[nothing-ready\]")
_UNSIGNED: Final = re.compile(r"finding\[checkpoint-(?:behind|missing)\]")
_POSTED: Final = re.compile(r"Posted ([\d,]+) entr")


@dataclass(slots=True)
class Crowd:
    """Programs at work on the book of a bench: what they said, and what was wrong with it."""

    bench: Bench
    tally: Tally = field(default_factory=Tally)
    posted: int = 0
    longest: float = 0.0
    _lock: Lock = field(default_factory=Lock)

    def run(self, *words: str) -> Ending:
        """Do one command beside the others; only starting it and asking for its end are done one at a time."""
        with self._lock:
            child = self.bench.nursery.start("run", self.bench.box, words)
        child.release()
        began = time.monotonic()
        ending = child.finish(self._lock)
        with self._lock:
            self._note(words[0], ending, time.monotonic() - began)
        return ending

    def _note(self, verb: str, ending: Ending, seconds: float) -> None:
        self.longest = max(self.longest, seconds)
        self.tally.counts["commands"] += 1
        self.posted += sum(int(count.replace(",", "")) for count in _POSTED.findall(ending.out))
        if _LOCKED.search(ending.err):
            self.tally.broken.append(f"{verb}: locked out after {seconds:.1f} s: {ending.err}")
        elif verb == "post" and _RACED.search(ending.err):
            self.tally.counts["others had posted it"] += 1
        elif verb == "verify" and ending.status == 1 and _UNSIGNED.search(ending.err) and "1 finding." in ending.err:
            self.tally.counts["seen before its head was signed"] += 1
        elif ending.status:
            self.tally.broken.append(f"{verb} ended with {ending}")

    def write(self, writer: int, rounds: int) -> None:
        """Import a statement and post what is ready, again and again."""
        for turn in range(rounds):
            name = f"w{writer}-{turn}.csv"
            days = enumerate(range(1, LINES + 1))
            lines = "".join(f"2026-10-{day:02d},House {name},rent {at},{100 + at}.00,,CNY\n" for at, day in days)
            (self.bench.box / name).write_text(_HEAD + lines, encoding="utf-8")
            self.run("import", name, "--account", "1010.01", "--yes")
            self.run("post", "--all", "--yes")

    def until(self, done: Event, act: Callable[[], object]) -> None:
        """Do something until the writers are done."""
        while not done.is_set():
            act()

    def read(self, done: Event) -> None:
        """Hold the book open as a screen does: look at it page by page, and anew when somebody has written."""
        with open_book(self.bench.box / "acme.cbk", state=self.bench.box / "state", clock=SystemClock()) as book:
            version = -1
            while not done.is_set():
                if reading.data_version(book) != version:
                    version = reading.data_version(book)
                    self.tally.counts["pages read anew"] += 1
                    reading.facts(book)
                    sum(1 for _ in reading.entries(book))
                time.sleep(0.05)


def crowded(bench: Bench, entries: int) -> Tally:
    """Post so many entries by many at once: each once, in one chain, and nobody was locked out."""
    bench.start(Verb("crowd", "post --all --yes", VERBS["push"].before))
    before = bench.look().standing
    crowd, done = Crowd(bench), Event()
    rounds = max(1, entries // (WRITERS * LINES))
    with ThreadPoolExecutor(WRITERS + 3) as threads:
        writers = [threads.submit(crowd.write, writer, rounds) for writer in range(WRITERS)]
        others = [
            threads.submit(crowd.until, done, lambda: crowd.run("sync", "--yes")),
            threads.submit(crowd.until, done, lambda: crowd.run("verify")),
            threads.submit(crowd.read, done),
        ]
        try:
            for writer in writers:
                writer.result()
        finally:
            done.set()
        for other in others:
            other.result()
    crowd.run("sync", "--yes")
    after = bench.look().standing
    made = after["acme entry"] - before["acme entry"]
    crowd.tally.counts["entries"] += made
    crowd.tally.counts["blocks"] += after["acme log_block"] - before["acme log_block"]
    crowd.tally.counts["s for the slowest command"] += round(crowd.longest)
    lines = rounds * WRITERS * LINES
    if (made, crowd.posted) != (lines, lines) or after["acme draft"]:
        crowd.tally.broken.append(f"{lines} lines, {crowd.posted} acknowledged, and this stands: {after}")
    if after["shared blocks"] != after["acme log_block"]:
        crowd.tally.broken.append(f"the peer has {after['shared blocks']} blocks of {after['acme log_block']}")
    return crowd.tally
