"""P13: the screens in a real terminal, from the start of the process to what is drawn, beside an empty Textual app."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.building import Built, desk_of
from benchmarks.goal import Goal
from benchmarks.terminal import Terminal
from cloudbooks.books import listing
from cloudbooks.books.browsing import Browser
from cloudbooks.books.listing import View
from cloudbooks.core.filter import parse
from cloudbooks.core.listing import Ask, EntryRow, Toward

STARTS = 11
"""Starts of each program, in turn, of which the best counts: other work only ever adds to what one takes."""

KEYS = 60
END, HOME, DOWN, PAGE_DOWN = "\x1b[F", "\x1b[H", "\x1b[B", "\x1b[6~"
READY = "ready to be measured"
EMPTY = f"""
from textual.app import App
from textual.widgets import Static

class Empty(App):
    def compose(self):
        yield Static({READY!r})

Empty().run()
"""
FILTER = "acct:91000 text:taxi"


@dataclass(slots=True)
class Best:
    """What several starts took: seconds to the first frame, by the clock and of CPU, and MiB."""

    seconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    peaks: list[float] = field(default_factory=list)


def goals(books: Mapping[int, Built], program: Sequence[str]) -> Iterator[Goal]:
    """The first frame with rows, and moving through the journal of the largest book."""
    small, large = min(books), max(books)
    found = _starts({size: books[size] for size in (small, large)}, program)
    empty, first, less = (found[size] for size in (0, large, small))
    rows = f"first frame with rows, {large:,} entries"
    for unit, at, nothing in (("CPU", first.cpu, empty.cpu), ("clock", first.seconds, empty.seconds)):
        what = f"{rows} / an empty Textual app ({min(at):.2f} / {min(nothing):.2f} s, {unit})"
        yield Goal("P13", what, min(at) / min(nothing), 1.8)
    yield Goal("P13", f"{rows} / {small:,} entries (CPU)", min(first.cpu) / min(less.cpu), 1.1)
    yield from _moving(books[large], program, min(empty.peaks))


def _starts(books: Mapping[int, Built], program: Sequence[str]) -> dict[int, Best]:
    """By number of entries, 0 for the empty app."""
    found = {size: Best() for size in (0, *books)}
    for _ in range(STARTS):
        with Terminal([sys.executable, "-c", EMPTY], {}) as terminal:
            _started(terminal, READY, found[0])
        for size, book in books.items():
            with _screens(book, program) as terminal:
                _started(terminal, "Nothing waits.", found[size])
    return found


def _screens(book: Built, program: Sequence[str]) -> Terminal:
    env = {"CLOUDBOOKS_HOME": str(book.state), "LANG": "C.UTF-8"}
    return Terminal([*program, "tui", "-b", str(book.path)], env)


def _started(terminal: Terminal, mark: str, best: Best) -> None:
    best.seconds.append(terminal.wait(mark) - terminal.started)
    best.cpu.append(terminal.cpu())
    terminal.settle()
    best.peaks.append(terminal.peak())


def _moving(book: Built, program: Sequence[str], empty: float) -> Iterator[Goal]:
    first, last, filtered = _expected(book)
    n = f"{book.entries:,} entries"
    with _screens(book, program) as terminal:
        terminal.wait("Nothing waits.")
        terminal.settle()
        for key in "2}}":
            _painted(terminal, key)
        opened = _timed(terminal, "}", first)
        yield Goal("P13", f"open the journal of the whole book, {n}", 1000 * opened, 200, " ms")
        ends, pages = [], []
        for _ in range(5):
            ends.append(_timed(terminal, END, last))
            terminal.settle()
            _timed(terminal, HOME, first)
            terminal.settle()
        yield Goal("P13", f"jump to the end, {n}", 1000 * min(ends), 100, " ms")
        pages = [_painted(terminal, PAGE_DOWN) for _ in range(KEYS)]
        yield Goal("P13", f"page down, median of {KEYS}, {n}", 1000 * sorted(pages)[KEYS // 2], 40, " ms")
        keys = sorted([*pages, *(_painted(terminal, DOWN) for _ in range(KEYS))])
        yield Goal("P13", f"key to paint, 95 of 100, {n}", 1000 * keys[len(keys) * 95 // 100], 50, " ms")
        filter_seconds = min(_filtered(terminal, filtered, first) for _ in range(5))
        yield Goal("P13", f"first rows of a filter ({FILTER}), {n}", 1000 * filter_seconds, 300, " ms")
        more = terminal.peak() - empty
        yield Goal("P13", f"memory more than an empty Textual app ({empty:.0f} MiB), {n}", more, 80, " MiB")


def _expected(book: Built) -> tuple[str, str, str]:
    """What is drawn of the first and the last row of the journal, and of the first one that a filter lets pass."""
    browser = Browser(desk_of(book.path, book.state))
    pages = (
        listing.journal(browser, Ask(), View()).rows[0],
        listing.journal(browser, Ask(Toward.LAST), View()).rows[-1],
        listing.journal(browser, Ask(), View(filter=parse(FILTER))).rows[0],
    )
    browser.close()
    found = [f"{row.date} {row.voucher}" for row in pages if isinstance(row, EntryRow)]
    return found[0], found[1], found[2]


def _timed(terminal: Terminal, key: str, drawn: str) -> float:
    return -terminal.press(key) + terminal.wait(*drawn.split(" ", 1))


def _painted(terminal: Terminal, key: str) -> float:
    took = -terminal.press(key) + terminal.painted()
    terminal.settle()
    return took


def _filtered(terminal: Terminal, drawn: str, before: str) -> float:
    """From Enter behind a filter to its first row; Esc takes it away again."""
    _painted(terminal, "/")
    for character in FILTER:
        terminal.press(character)
        terminal.painted()
    took = _timed(terminal, "\r", drawn)
    _timed(terminal, "\x1b", before)
    terminal.settle()
    return took
