"""Screen 2: entries in order of date and number, with the drafts among them where they are asked for."""

from __future__ import annotations

from collections.abc import Callable

from rich.text import Text

from cloudbooks.books import listing
from cloudbooks.books.browsing import Browser
from cloudbooks.core.listing import Ask
from cloudbooks.errors import sentence
from cloudbooks.tui.rows import entry_columns, entry_row
from cloudbooks.tui.screens.entry import beside
from cloudbooks.tui.screens.with_drafts import WithDrafts
from cloudbooks.tui.showing import Words
from cloudbooks.tui.table_layout import Column
from cloudbooks.tui.table_window import Row, Rows


class Journal(WithDrafts):
    """The list of entries."""

    title = sentence("Entry journal")
    offers = ("open", "period", "filter", "drafts", "add", "correct", "help")

    def columns(self) -> tuple[Column, ...]:
        """State, day, number, summary, both sides, amount."""
        return entry_columns()

    def source(self) -> Callable[[Browser, Ask], Rows]:
        """Pages of the journal of the period."""
        view, voice = self.view(), self.voice
        short = view.period is not None and view.period.first.year == view.period.last.year

        def page(browser: Browser, ask: Ask) -> Rows:
            names = browser.names
            found = listing.journal(browser, ask, view)
            rows = tuple(entry_row(one, names, voice, short=short) for one in found.rows)
            return Rows(rows, found.more_before, found.more_after, found.at)

        return page

    def empty(self) -> tuple[Words, ...]:
        """No entries in the period."""
        period = str(self.house.period)
        return (
            sentence("No entries in {period}. ] and [ go to other periods.", period=period),
            sentence("a drafts one, 4 imports a statement, or: cloudbooks import FILE"),
        )

    def detail(self, row: Row) -> Callable[[Browser], list[Text]] | None:
        """The entry with its lines."""
        voice = self.voice
        return lambda browser: beside(browser, row.about, voice)

    def export_words(self) -> str:
        """The command that writes this list."""
        return f"entry list {self.filter.text} -p {self.house.period} -o journal.csv".replace("  ", " ")
