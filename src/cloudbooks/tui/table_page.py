"""A page that is one list: a filter with chips and counts, an empty state, a pane beside it where there is room."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Static

from cloudbooks.books import listing
from cloudbooks.books.browsing import Browser
from cloudbooks.books.filtering_words import Words as Known
from cloudbooks.books.filtering_words import known_words
from cloudbooks.books.listing import Tally, View
from cloudbooks.core.filter import Filter, parse
from cloudbooks.core.initials import initials
from cloudbooks.core.listing import Ask
from cloudbooks.errors import CloudBooksError, Sentence, sentence
from cloudbooks.tui.choosing import Choice, Chooser
from cloudbooks.tui.filter_bar import FilterBar
from cloudbooks.tui.notice import Notice, with_hint
from cloudbooks.tui.page import Page
from cloudbooks.tui.screens.counts import CountsPage
from cloudbooks.tui.showing import Words
from cloudbooks.tui.table import HouseTable
from cloudbooks.tui.table_layout import Column
from cloudbooks.tui.table_window import Row, Rows

WIDE = 120
"""From this many columns on a pane with details stands at the right."""

TYPING_PAUSE = 0.25


class TablePage(Page):
    """A page around one `HouseTable`. A subclass gives `columns`, `rows`, and what it says when there are none.

    `words` are names that the filter completes; `detail` is what stands beside the row under the cursor.
    """

    DEFAULT_CSS = """
    TablePage #side { width: 44; height: 1fr; border-left: solid $secondary; padding: 0 1; display: none; }
    TablePage #list { height: 1fr; }
    TablePage #plain { height: 1fr; }
    """
    filterable: ClassVar[bool] = True
    counted: ClassVar[bool] = True

    def __init__(self) -> None:
        super().__init__()
        self.filter = Filter()
        self.backward = False
        self.counts: Tally | None = None
        self._kept = Filter()
        self._timer: object | None = None

    # What a subclass gives

    def columns(self) -> tuple[Column, ...]:
        """The columns of the table."""
        raise NotImplementedError

    def source(self) -> Callable[[Browser, Ask], Rows]:
        """What gives a page of rows; it is called in the reader's thread, with what the page is about now."""
        raise NotImplementedError

    def empty(self) -> tuple[Words, ...]:
        """What is said where there are no rows at all."""
        raise NotImplementedError

    def count(self) -> Callable[[Browser], Tally]:
        """What counts the rows."""
        view = self.view()
        return lambda browser: listing.tally(browser, view)

    def detail(self, row: Row) -> Callable[[Browser], list[Text]] | None:
        """What asks for the lines beside a row; none for a page without them."""
        del row
        return None

    # What it is made of

    def compose(self) -> ComposeResult:
        """Filter, table, details, and the place of sentences."""
        self.bar = FilterBar()
        self.table = HouseTable(self.columns())
        self.side = Static("", markup=False, id="side")
        self.blank = Notice()
        self.put_away(self.bar, away=True)
        self.put_away(self.blank, away=True)
        # Counts may come when the page is on its way out, and nothing can be looked up in it any more.
        self.rows_and_side = Horizontal(self.table, self.side, id="list")
        yield self.bar
        yield self.rows_and_side
        yield self.blank

    def view(self) -> View:
        """What narrows the list now."""
        return View(self.house.period if self.with_period else None, self.filter, self.house.with_drafts, self.backward)

    def read(self) -> None:
        """Ask for the rows around the cursor, and for their count."""
        self.table.change_columns(self.columns())
        self.table.fill(self, self.source())
        if self.counted:
            self.ask("count", self.count(), self._counted, slow=True)

    def period_changed(self) -> None:
        """Other rows: begin at their beginning."""
        self.table.forget()
        self.read()

    def focus_first(self) -> None:
        """The table is where the work is."""
        self.table.focus()

    def _counted(self, counts: Tally) -> None:
        self.counts = counts
        self._say_if_empty()
        self.house.draw_frame()

    def on_house_table_filled(self, _message: HouseTable.Filled) -> None:
        """Rows have come: say so where there are none."""
        self._say_if_empty()

    def _say_if_empty(self) -> None:
        nothing = self.table.answered and not len(self.table.window)
        if nothing:
            self.blank.show_words(*self._why_empty())
        self.put_away(self.blank, away=not nothing)
        self.put_away(self.rows_and_side, away=nothing)
        if nothing and self.table.has_focus:
            self.house.screen.set_focus(None)
        elif not nothing and self.house.page is self and self.house.focused is None:
            self.table.focus()

    def _why_empty(self) -> tuple[Words, ...]:
        if not self.filter.text.strip():
            return self.empty()
        if self.counts is None or not self.counts.without:
            return (sentence("Nothing matches."),)
        found = self.counts
        return (sentence("Nothing matches. Without {chip}: {n}.", chip=found.blocking, n=found.without),)

    # The filter

    def chips(self) -> tuple[Words, ...]:
        """Each condition that must hold."""
        return self.filter.chips() if self.filter.text.strip() else ()

    def tally(self) -> Words:
        """How many are shown, of how many."""
        if self.counts is None:
            return ""
        if not self.filter.text.strip():
            return sentence("{n} in all", n=f"{self.counts.whole:,}")
        return sentence("{shown} of {whole}", shown=f"{self.counts.shown:,}", whole=f"{self.counts.whole:,}")

    def act_filter(self, _step: int) -> None:
        """Type a filter."""
        self._kept = self.filter
        self.put_away(self.bar, away=False)
        self.bar.begin(self.filter.text)
        self.ask("words", lambda browser: known_words(browser.lexicon), self._know_words)

    def _know_words(self, words: Known) -> None:
        self.bar.words = words

    def set_filter(self, text: str) -> None:
        """Hold to a filter; one that cannot be read is said, and the old view stays."""
        try:
            filter_ = parse(text)
        except CloudBooksError as error:
            self.house.tell(with_hint(error))
            return
        self.filter = filter_
        self.counts = None
        self.table.forget()
        self.read()
        self.house.draw_frame()

    def on_filter_bar_changed(self, message: FilterBar.Changed) -> None:
        """Show what the filter would let pass, a moment after the last key."""
        if self._timer is not None:
            self._timer.stop()  # type: ignore[attr-defined] # a timer of the library
        self._timer = self.set_timer(TYPING_PAUSE, lambda: self._preview(message.text))

    def _preview(self, text: str) -> None:
        if not self.bar.display:
            return
        try:
            parse(text)
        except CloudBooksError:
            # Half a condition is no fault yet: Enter will say it.
            return
        if text != self.filter.text:
            self.set_filter(text)

    def on_filter_bar_kept(self, message: FilterBar.Kept) -> None:
        """Keep the filter, unless it cannot be read."""
        try:
            parse(message.text)
        except CloudBooksError as error:
            self.house.tell(with_hint(error))
            return
        self._close_bar()
        if message.text != self.filter.text:
            self.set_filter(message.text)

    def on_filter_bar_restored(self, _message: FilterBar.Restored) -> None:
        """Back to the filter of before."""
        self._close_bar()
        if self._kept.text != self.filter.text:
            self.set_filter(self._kept.text)

    def _close_bar(self) -> None:
        if self._timer is not None:
            self._timer.stop()  # type: ignore[attr-defined] # a timer of the library
            self._timer = None
        self.put_away(self.bar, away=True)
        self.table.focus()

    def show_trouble(self, error: CloudBooksError, again: Callable[[], None]) -> None:
        """A name in the filter that the book does not have is said below, and the view of before comes back."""
        if self.filter.text.strip() and error.code.startswith(("filter-", "account-", "amount-", "date-", "period-")):
            self.filter = Filter() if self.filter.text == self._kept.text else self._kept
            if not self.bar.display:
                self.house.tell(with_hint(error))
            # Rows and count were asked with the same filter: asking both again drops the other one's refusal too.
            self.read()
            return
        super().show_trouble(error, again)

    # Keys

    def why_not(self, action: str) -> Sentence | None:
        """What is about a row needs one."""
        if action in {"open", "range", "all", "copy", "counts", "yes"} and self.table.current is None:
            return super().why_not(action) or sentence("There is no row under the cursor.")
        return super().why_not(action)

    async def act_back(self, step: int) -> None:
        """Out of a range, then out of the marks, then out of the filter, then up."""
        if self.table.in_range:
            self.table.toggle_range()
        elif self.table.marked:
            self.table.marked.clear()
            self.table.refresh()
        elif self.filter.text.strip():
            self._kept = Filter()
            self.set_filter("")
        else:
            await self.house.act_back(step)

    def act_range(self, _step: int) -> None:
        """Begin or end a range of rows."""
        self.table.toggle_range()

    def act_all(self, _step: int) -> None:
        """Mark all rows at hand, or none."""
        self.table.mark_all()

    def act_sort(self, step: int) -> None:
        """Oldest first, or newest first."""
        self.backward = step == 1
        self.table.forget()
        self.read()
        self.house.tell(sentence("The newest first.") if self.backward else sentence("The oldest first."))

    def act_counts(self, _step: int) -> None:
        """How often each value stands in a column, which is chosen first."""
        listed = [(str(place), column.head or sentence("State")) for place, column in enumerate(self.columns())]

        async def chosen(answer: str | None) -> None:
            if answer is not None:
                head = listed[int(answer)][1]
                await self.house.push(CountsPage(head, self.source(), int(answer)))

        choices = [
            Choice(id_, head, "", (self.voice.say(head).casefold(), initials(self.voice.say(head))))
            for id_, head in listed
        ]
        self.house.show_over(Chooser(self.voice, sentence("Counts of which column?"), choices), chosen)

    # The pane beside the list

    def on_resize(self, _event: events.Resize) -> None:
        """Show details where there is room."""
        self._show_side()

    def on_house_table_moved(self, message: HouseTable.Moved) -> None:
        """Another row: its details."""
        if message.table is self.table:
            self._show_side()

    def _show_side(self) -> None:
        row = self.table.current
        question = self.detail(row) if row is not None and self.size.width >= WIDE else None
        self.side.display = question is not None
        if question is not None:
            self.ask("side", question, lambda lines: self.side.update(Text("\n").join(lines)))
