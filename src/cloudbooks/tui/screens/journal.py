"""Screen 2: entries in order of date and number, with the drafts among them where they are asked for."""

from __future__ import annotations

from collections.abc import Callable

from rich.text import Text

from cloudbooks.books import drafting, listing
from cloudbooks.books.browsing import Browser
from cloudbooks.core.draft import Draft, DraftState
from cloudbooks.core.listing import Ask, EntryRow
from cloudbooks.errors import Sentence, sentence
from cloudbooks.tui.rows import entry_columns, entry_row
from cloudbooks.tui.screens.entry import EntryPage, beside
from cloudbooks.tui.showing import Words
from cloudbooks.tui.table_layout import Column
from cloudbooks.tui.table_page import TablePage
from cloudbooks.tui.table_window import Row, Rows


class Journal(TablePage):
    """The list of entries."""

    title = sentence("Entry journal")
    offers = ("open", "period", "filter", "drafts", "add", "correct", "help")
    with_drafts = True

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

    def needs(self, row: Row) -> bool:
        """A draft that is neither ready nor held back needs somebody."""
        return isinstance(row.about, Draft) and row.about.state not in {DraftState.READY, DraftState.HELD}

    async def row_opened(self, row: Row) -> None:
        """Into the entry, or the draft."""
        await self.house.push(EntryPage(row.about))

    def why_not(self, action: str) -> Sentence | None:
        """Drafts can be accepted and discarded, posted entries corrected."""
        row = self.table.current
        about = row.about if row is not None else None
        if action in {"turn-down", "edit", "correct"} and about is None:
            return sentence("There is no row under the cursor.")
        if action in {"next-open", "previous-open"} and not self.house.with_drafts:
            return sentence("Only drafts need you here; ~ shows them.")
        if action in {"yes", "turn-down", "edit"} and isinstance(about, EntryRow):
            return sentence("{number} is posted and does not change; c corrects it.", number=about.voucher)
        if action == "correct" and isinstance(about, Draft):
            return sentence("{name} is a draft; e changes it.", name=about.name)
        return super().why_not(action)

    def act_yes(self, _step: int) -> None:
        """Accept the drafts that are chosen."""
        numbers = [row.about.number for row in self.table.chosen if isinstance(row.about, Draft)]
        if numbers:
            self.do(lambda desk: drafting.accept(desk, numbers, sure=False), self._accepted)

    def _accepted(self, drafts: tuple[Draft, ...]) -> None:
        self.table.marked.clear()
        self.house.tell(sentence("{n} ready to post. u undoes it.", n=len(drafts)))

    def act_turn_down(self, _step: int) -> None:
        """Discard the drafts that are chosen."""
        numbers = [row.about.number for row in self.table.chosen if isinstance(row.about, Draft)]
        if numbers:
            self.do(lambda desk: drafting.discard(desk, numbers), lambda _: self._discarded(len(numbers)))

    def _discarded(self, count: int) -> None:
        self.table.marked.clear()
        self.house.tell(sentence("{n} discarded. u undoes it.", n=count))

    def act_correct(self, _step: int) -> None:
        """Draft the reversal and the replacement of a posted entry."""
        row = self.table.current
        if row is not None and isinstance(row.about, EntryRow):
            self.house.correct(row.about.id)

    def export_words(self) -> str:
        """The command that writes this list."""
        return f"entry list {self.filter.text} -p {self.house.period} -o journal.csv".replace("  ", " ")
