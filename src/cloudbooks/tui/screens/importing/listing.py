"""The lines of a statement on a page: read in pages or in groups, counted, walked through."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Static

from cloudbooks.books import reviewing
from cloudbooks.books.browsing import Browser
from cloudbooks.books.reviewing import Reviewed
from cloudbooks.core.listing import Ask, Toward
from cloudbooks.core.money import grouped as money
from cloudbooks.errors import sentence
from cloudbooks.tui.page import Page
from cloudbooks.tui.screens.importing.lines import columns, grouped, row_of
from cloudbooks.tui.showing import Voice, Words
from cloudbooks.tui.table import HouseTable
from cloudbooks.tui.table_window import Row, Rows

GROUPED_MAX = 2_000
"""Lines that are put in another order at most; a longer statement keeps the bank's."""

LINES_MAX = (1 << 20) - 1
"""The place after the last line of any statement."""

WIDE = 120


class StatementLines(Page):
    """The lines of a statement; `Review` adds the answers."""

    title = sentence("Review")
    with_period: ClassVar[bool] = False
    DEFAULT_CSS = """
    StatementLines Horizontal { height: 1fr; }
    StatementLines #side { width: 44; height: 1fr; border-left: solid $secondary; padding: 0 1; display: none; }
    StatementLines #sum { height: 1; padding: 0 1; color: $secondary; }
    """

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number
        self.reviewed: Reviewed | None = None
        self.in_groups = False
        self._begun = False
        self._to_open = False

    def compose(self) -> ComposeResult:
        """The lines, the draft beside them where there is room, and the sums."""
        self.table = HouseTable(columns())
        self.side = Static("", markup=False, id="side")
        self.sum = Static("", markup=False, id="sum")
        with Horizontal():
            yield self.table
            yield self.side
        yield self.sum

    def crumbs(self) -> tuple[Words, ...]:
        """File and account."""
        if self.reviewed is None:
            return (self.title,)
        return (f"{self.reviewed.statement.file.name}, {self.reviewed.account.code}",)

    def tally(self) -> Words:
        """How many lines want a person, are sure, were seen before."""
        if self.reviewed is None:
            return ""
        counts = self.reviewed.counts
        return sentence(
            "{open} to decide, {sure} sure, {seen} seen", open=counts.open, sure=counts.sure, seen=counts.seen
        )

    def focus_first(self) -> None:
        """The lines are where the work is."""
        self.table.focus()

    # Reading

    def read(self) -> None:
        """Ask for the counts, and the lines around the cursor."""
        number = self.number
        self.ask("reviewed", lambda browser: reviewing.reviewed_in(browser.book, number), self._know)

    def _know(self, reviewed: Reviewed) -> None:
        self.reviewed = reviewed
        self.table.change_columns(columns())
        voice, number, scale = self.voice, self.number, reviewed.scale
        if self.in_groups:
            self.ask("lines", lambda browser: _in_groups(browser, number, scale, voice), self._show_groups)
        elif not self._begun:
            self._begun = True
            self.ask("first", lambda browser: reviewing.open_after(browser.book, number, 0), self._fill)
        else:
            self._fill(None)
        self._show_sum(reviewed)
        self.house.draw_frame()

    def _show_groups(self, rows: list[Row]) -> None:
        self.table.show_rows(rows)
        if self._to_open:
            self._to_open = False
            self._walk(1, from_top=True)

    def _fill(self, place: int | None) -> None:
        """Show the lines; with a place the cursor stands there."""
        if self.reviewed is None:
            return
        source = _source(self.number, self.reviewed, self.voice)
        self.table.fill(self, source, Ask(Toward.AROUND, place) if place else None)

    def _show_sum(self, reviewed: Reviewed) -> None:
        statement = reviewed.statement
        closing = "" if statement.closing is None else money(statement.closing, reviewed.scale)
        words = sentence(
            "{ready} ready, {ignored} ignored, {posted} posted, of {n} lines. Closing balance of the file: {closing}",
            ready=reviewed.counts.ready,
            ignored=reviewed.counts.ignored,
            posted=reviewed.counts.posted,
            n=reviewed.counts.lines,
            closing=closing or "-",
        )
        self.sum.update(self.voice.text(words))

    def on_resize(self, _event: events.Resize) -> None:
        """Show the draft beside the lines where there is room."""
        self._show_side()

    def on_house_table_moved(self, _message: HouseTable.Moved) -> None:
        """Another line: its draft."""
        self._show_side()

    def _show_side(self) -> None:
        from cloudbooks.tui.screens.entry import beside  # noqa: PLC0415 - only where there is room

        row = self.table.current
        draft = row.about.draft if row is not None else None
        self.side.display = draft is not None and self.size.width >= WIDE
        if self.side.display and draft is not None:
            voice = self.voice
            self.ask(
                "side",
                lambda browser: beside(browser, draft, voice),
                lambda lines: self.side.update(Text("\n").join(lines)),
            )

    # Walking

    def act_next_open(self, _step: int) -> None:
        """The next line that wants a person."""
        self._walk(1)

    def act_previous_open(self, _step: int) -> None:
        """The one before."""
        self._walk(-1)

    def _walk(self, step: int, *, from_top: bool = False) -> None:
        if not self.in_groups:
            self.seek(back=step < 0)
            return
        rows, at = self.table.window.rows, -1 if from_top else self.table.at
        found = [*rows[at + 1 :], *rows[: at + 1]]
        wanted = next((row for row in (found if step > 0 else reversed(found[:-1])) if row.about.open), None)
        if wanted is not None:
            self.table.go_to(wanted.id)
        else:
            self.house.tell(sentence("No further line wants an answer."))

    def act_range(self, _step: int) -> None:
        """Begin or end a range of lines."""
        self.table.toggle_range()

    def act_all(self, _step: int) -> None:
        """Mark all lines at hand, or none."""
        self.table.mark_all()

    def act_group(self, _step: int) -> None:
        """By target and words, or as the bank has them."""
        if not self.in_groups and self.reviewed is not None and self.reviewed.counts.lines > GROUPED_MAX:
            self.house.tell(sentence("{n} lines are too many to be grouped.", n=self.reviewed.counts.lines))
            return
        self.in_groups = not self.in_groups
        self.read()

    def seek(self, *, back: bool) -> None:
        """Go to the next line that wants a person, wherever it is; after the last one comes the first."""
        row = self.table.current
        place = row.about.staged.place if row is not None else 0
        number = self.number

        def found(place: int | None) -> None:
            if place is None:
                self.house.tell(sentence("No further line wants an answer."))
            elif not self.table.go_to(str(place)):
                self._fill(place)

        def question(browser: Browser) -> int | None:
            again = LINES_MAX if back else 0
            return reviewing.open_after(browser.book, number, place, back=back) or reviewing.open_after(
                browser.book, number, again, back=back
            )

        self.ask("seek", question, found)

    def seek_from_start(self) -> None:
        """Go to the first line that wants a person."""
        number = self.number
        if self.in_groups:
            self._to_open = True
            return

        def found(place: int | None) -> None:
            if place is not None and not self.table.go_to(str(place)):
                self._fill(place)

        self.ask("seek", lambda browser: reviewing.open_after(browser.book, number, 0), found)

    def act_copy(self, _step: int) -> None:
        """The line to the clipboard."""
        row = self.table.current
        if row is not None:
            self.house.copy_to_clipboard("  ".join(self.voice.cell(cell) for cell in row.cells))
            self.house.tell(sentence("Copied."))

    def export_words(self) -> str:
        """The command that prints these lines."""
        return f"statement show S-{self.number} --csv"

    async def act_back(self, step: int) -> None:
        """Out of a range, then out of the marks, then up."""
        if self.table.in_range:
            self.table.toggle_range()
        elif self.table.marked:
            self.table.marked.clear()
            self.table.refresh()
        else:
            await self.house.act_back(step)


def _source(number: int, reviewed: Reviewed, voice: Voice) -> Callable[[Browser, Ask], Rows]:
    last, scale = reviewed.statement.lines, reviewed.scale

    def page(browser: Browser, ask: Ask) -> Rows:
        first = {
            Toward.FIRST: 1,
            Toward.LAST: last - ask.limit + 1,
            Toward.AFTER: (ask.place or 0) + 1,
            Toward.BEFORE: (ask.place or 0) - ask.limit,
            Toward.AROUND: (ask.place or 1) - ask.limit // 2,
        }[ask.toward]
        end = min(last, first + ask.limit - 1, ask.place - 1 if ask.toward is Toward.BEFORE else last)
        first = max(1, first)
        rows = tuple(row_of(line, scale, voice) for line in reviewing.lines_in(browser.book, number, first, end))
        at = next((spot for spot, row in enumerate(rows) if row.place == ask.place), 0)
        return Rows(rows, first > 1, end < last, at)

    return page


def _in_groups(browser: Browser, number: int, scale: int, voice: Voice) -> list[Row]:
    lines = reviewing.lines_in(browser.book, number, 1, GROUPED_MAX)
    return [row_of(line, scale, voice) for line in grouped(lines)]
