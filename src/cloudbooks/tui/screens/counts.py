"""How often each value stands in a column of a list: all of its rows are read for it, page by page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from textual.app import ComposeResult

from cloudbooks.books.browsing import Browser
from cloudbooks.core.listing import Ask, Toward
from cloudbooks.errors import counted, sentence
from cloudbooks.tui.page import Page
from cloudbooks.tui.showing import Voice, Words
from cloudbooks.tui.table import HouseTable
from cloudbooks.tui.table_layout import Column
from cloudbooks.tui.table_window import Row, Rows

ROWS_MAX: Final = 100_000
"""Rows that are read at most; more are said, not read."""
VALUES_MAX: Final = 1_000

Source = Callable[[Browser, Ask], Rows]


@dataclass(frozen=True, slots=True)
class Counts:
    """The values of a column, the most frequent first, in how many rows; `whole` tells whether that is all of them."""

    values: tuple[tuple[str, int], ...]
    kinds: int
    rows: int
    whole: bool


def count_column(browser: Browser, source: Source, place: int, voice: Voice) -> Counts:
    """Count the values of the column at `place` of a list."""
    found: Counter[str] = Counter()
    rows = source(browser, Ask(Toward.FIRST))
    while True:
        found.update(voice.cell(row.cells[place]).strip() for row in rows.rows)
        if not (rows.more_after and rows.rows) or found.total() >= ROWS_MAX:
            return Counts(
                tuple(found.most_common(VALUES_MAX)),
                len(found),
                found.total(),
                whole=not rows.more_after,
            )
        rows = source(browser, Ask(Toward.AFTER, rows.rows[-1].place))


class CountsPage(Page):
    """The counts of one column, below the list that has it."""

    title = sentence("Counts")
    offers = ("back", "copy", "palette", "help")
    # The period belongs to the list above: these are counts of what stood there.
    with_period = False
    DEFAULT_CSS = "CountsPage HouseTable { height: 1fr; }"

    def __init__(self, column: Words, source: Source, place: int) -> None:
        super().__init__()
        self.column = column
        self.source = source
        self.place = place
        self.counts: Counts | None = None

    def compose(self) -> ComposeResult:
        """One table."""
        self.table = HouseTable(_columns(self.column))
        yield self.table

    def crumbs(self) -> tuple[Words, ...]:
        """Of which column."""
        return (sentence("Counts of {column}", column=self.column),)

    def tally(self) -> Words:
        """How many values in how many rows."""
        found = self.counts
        if found is None:
            return ""
        if not found.whole:
            return sentence("{kinds} values in the first {rows} rows", kinds=f"{found.kinds:,}", rows=f"{found.rows:,}")
        kinds = counted("{n} value", "{n} values", found.kinds)
        return sentence("{kinds} in {rows} rows", kinds=kinds, rows=f"{found.rows:,}")

    def read(self) -> None:
        """Count."""
        source, place, voice = self.source, self.place, self.voice
        self.ask("counts", lambda browser: count_column(browser, source, place, voice), self._show)

    def _show(self, found: Counts) -> None:
        self.counts = found
        self.table.change_columns(_columns(self.column))
        self.table.show_rows(
            [
                Row(f"value-{number}", (value or sentence("(nothing)"), f"{count:,}", _share(count, found.rows)))
                for number, (value, count) in enumerate(found.values)
            ]
        )
        self.house.draw_frame()


def _columns(column: Words) -> tuple[Column, ...]:
    return (
        Column("value", column, least=12, most=80, grows=True),
        Column("count", sentence("Rows"), least=5, most=11, right=True, whole=True),
        Column("share", sentence("Share"), least=5, most=7, right=True, whole=True),
    )


def _share(count: int, of: int) -> str:
    """A share in tenths of a percent, rounded down: one that is not all never looks like all."""
    tenths = count * 1000 // of if of else 0
    return f"{tenths // 10}.{tenths % 10} %"
