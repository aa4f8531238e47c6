"""The house table: lines drawn from the pages at hand; what is not at hand is asked for in the background.

The cursor and what is marked are held by id: when rows arrive, are gone or are read anew, both stay where they were.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.message import Message
from textual.strip import Strip

from cloudbooks.books.browsing import Browser
from cloudbooks.tui.showing import Voice, cells
from cloudbooks.tui.table_drawing import MARKER, RIGHT_MARGIN, Line, negatives, strip
from cloudbooks.tui.table_layout import Column, widths
from cloudbooks.tui.table_marks import MarkedRows
from cloudbooks.tui.table_window import Ask, Row, Rows, Tone, Toward, Window

if TYPE_CHECKING:
    from cloudbooks.tui.page import Page

Source = Callable[[Browser, Ask], Rows]
"""How a table gets a page: called in the reader's thread."""

_WHEEL = 3


class HouseTable(MarkedRows, can_focus=True):
    """A table of any length. `fill` gives it a source of pages, `show_rows` rows that are all at hand."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *("table--head", "table--cursor", "table--cursor-away", "table--marked", "table--total", "table--dim"),
        *("table--red", "table--alert", "table--row"),
    }
    DEFAULT_CSS = """
    HouseTable { height: 1fr; overflow: hidden; background: $background; }
    HouseTable .table--row { color: $foreground; }
    HouseTable .table--head { color: $secondary; text-style: bold; }
    HouseTable .table--cursor { background: $primary; color: $background; }
    HouseTable .table--cursor-away { background: $surface; color: $foreground; }
    HouseTable .table--marked { color: $accent; text-style: bold; }
    HouseTable .table--total { text-style: bold; color: $foreground; }
    HouseTable .table--dim { color: $secondary; }
    HouseTable .table--red { color: $error; }
    HouseTable .table--alert { color: $warning; text-style: bold; }
    """

    class Opened(Message):
        """Enter, or a double click, on a row."""

        def __init__(self, table: HouseTable, row: Row) -> None:
            super().__init__()
            self.table = table
            self.row = row

    class Filled(Message):
        """Rows have arrived, or none."""

        def __init__(self, table: HouseTable) -> None:
            super().__init__()
            self.table = table

    class Sized(Message):
        """There is room for columns now, or another room than before."""

        def __init__(self, table: HouseTable) -> None:
            super().__init__()
            self.table = table

    class Moved(Message):
        """The cursor stands on another row, or on none."""

        def __init__(self, table: HouseTable, row: Row | None) -> None:
            super().__init__()
            self.table = table
            self.row = row

    def __init__(self, columns: Sequence[Column], *, id: str = "table", head: bool = True) -> None:  # noqa: A002 - Textual's
        super().__init__(id=id)
        self._head = int(head)
        self.columns = tuple(columns)
        self.top = 0
        self.asking = False
        self.answered = False
        self._source: Source | None = None
        self._page: Page | None = None
        self._owed = 0
        self._natural: list[int] = []
        self._widths: list[int] = []
        self._empty: set[int] = set()
        self._drawn: dict[str, tuple[str, ...]] = {}
        self._told = ""
        self._labels: dict[str, str] = {}

    # What it shows

    def fill(self, page: Page, source: Source, ask: Ask | None = None) -> None:
        """Show what a source gives; the cursor stays on its row where the list still has it."""
        self._source, self._page = source, page
        row = self.current
        if ask is None:
            ask = Ask(Toward.AROUND, row.place) if row is not None and row.place is not None else Ask()
        self._ask(ask)

    def show_rows(self, rows: Sequence[Row], *, cursor: str = "") -> None:
        """Show rows that are all at hand."""
        self._source = None
        self._take(Ask(), Rows(tuple(rows)), keep=cursor or self.current_id)

    def change_columns(self, columns: Sequence[Column]) -> None:
        """Have other columns from now on; rows are to follow."""
        self.columns = tuple(columns)
        self._natural, self._widths = [], []
        self._drawn.clear()

    def forget(self) -> None:
        """Begin anew: another list, whose rows are not those of before."""
        self.window, self.top, self.at, self._owed = Window(), 0, 0, 0
        self._natural, self._widths = [], []
        self._drawn.clear()
        self.marked.clear()
        self.answered = False

    @property
    def voice(self) -> Voice:
        """How this session speaks."""
        from cloudbooks.tui.page import Page  # noqa: PLC0415 - a page has tables, and a table asks its page

        return next(one for one in self.ancestors if isinstance(one, Page)).voice

    def go_to(self, row_id: str) -> bool:
        """Put the cursor on a row that is at hand."""
        place = self.window.places.get(row_id)
        if place is None:
            return False
        self._move_to(place)
        return True

    @property
    def in_sight(self) -> list[Row]:
        """The rows that are on the screen."""
        return self.window.rows[self.top : self.top + self._body_height]

    def label(self, labels: dict[str, str]) -> None:
        """Put letters where the cursor's mark stands, for a jump; none take them away."""
        self._labels = labels
        self.refresh()

    # Moving

    def on_key(self, event: events.Key) -> None:
        """Move the cursor; everything else is for the page."""
        page = max(1, self.size.height - 2)
        arrow = getattr(self.app, "arrow", None)
        key = arrow(event.key) if arrow is not None else event.key
        steps = {"up": -1, "down": 1, "pageup": -page, "pagedown": page}
        if key in steps:
            self._step(steps[key])
        elif key in {"home", "ctrl+home"}:
            self._end(Toward.FIRST)
        elif key in {"end", "ctrl+end"}:
            self._end(Toward.LAST)
        else:
            return
        event.stop()
        event.prevent_default()

    def _step(self, steps: int) -> None:
        if not len(self.window):
            return
        aim = self.at + self._owed + steps
        held = max(0, min(aim, len(self.window) - 1))
        waits = (aim > held and self.window.more_after) or (aim < held and self.window.more_before)
        # What lies beyond the rows at hand is owed until they arrive, so that no key press is lost.
        self._owed = aim - held if waits else 0
        self._move_to(held)

    def _end(self, toward: Toward) -> None:
        self._owed = 0
        first = toward is Toward.FIRST
        if self.window.more_before if first else self.window.more_after:
            self._ask(Ask(toward))
        else:
            self._move_to(0 if first else len(self.window) - 1)

    def _move_to(self, place: int) -> None:
        self.at = max(0, min(place, len(self.window) - 1))
        height = self._body_height
        if self.at < self.top:
            self.top = self.at
        elif self.at >= self.top + height:
            self.top = self.at - height + 1
        self.top = max(0, min(self.top, max(0, len(self.window) - height)))
        if self._range_from:
            self._mark_range()
        self._tell()
        self.refresh()
        self._look_ahead()

    def _tell(self) -> None:
        if self.current_id != self._told:
            self._told = self.current_id
            self.post_message(self.Moved(self, self.current))

    # Pages

    def _ask(self, ask: Ask) -> None:
        source, page = self._source, self._page
        if source is None or page is None:
            return
        self.asking = True
        page.ask(f"rows-{self.id}", lambda browser: source(browser, ask), lambda rows: self._arrived(ask, rows))

    def _arrived(self, ask: Ask, rows: Rows) -> None:
        self.asking = False
        if not self.is_attached:
            return  # its page was left while it was asked for
        keep = self.current_id if ask.toward is Toward.AROUND else ""
        self._take(ask, rows, keep=keep)
        owed, self._owed = self._owed, 0
        if owed:
            self._step(owed)

    def _take(self, ask: Ask, rows: Rows, *, keep: str) -> None:
        line = self.at - self.top
        moved = self.window.take(ask, rows)
        self.answered = True
        if ask.toward in {Toward.AFTER, Toward.BEFORE}:
            self.at += moved
            self.top += moved
        else:
            self._drawn.clear()
            self.at = self.window.places.get(keep, rows.at if ask.toward is Toward.AROUND else 0)
            if ask.toward is Toward.LAST:
                self.at = max(0, len(self.window) - 1)
            self.top = self.at - line if keep or ask.toward is Toward.AROUND else 0
            self.marked &= set(self.window.places)
        self._measure(rows.rows)
        self._move_to(self.at)
        self.post_message(self.Filled(self))

    def _look_ahead(self) -> None:
        if not self.asking and (ask := self.window.wanted(self.top, self._body_height)) is not None:
            self._ask(ask)

    # Drawing

    @property
    def _body_height(self) -> int:
        return max(1, self.size.height - self._head)

    def _measure(self, rows: Sequence[Row]) -> None:
        heads = [cells(self.voice.say(column.head)) for column in self.columns]
        before = self._natural if len(self._natural) == len(heads) else heads
        found = [max(pair) for pair in zip(before, heads, strict=True)]
        if before is heads:
            self._empty = set(range(len(heads)))
        for row in rows:
            for place, text in enumerate(self._texts(row)):
                found[place] = max(found[place], cells(text))
                if text:
                    self._empty.discard(place)
        self._natural = found
        self._lay_out()

    def _lay_out(self) -> None:
        if self._natural:
            room = max(1, self.size.width - MARKER - RIGHT_MARGIN)
            self._widths = widths(self.columns, self._natural, room, self._empty)
        self.refresh()

    def on_resize(self, _event: events.Resize) -> None:
        """Fit the columns, and keep the cursor in sight."""
        self._lay_out()
        if len(self.window):
            self._move_to(self.at)
        self.post_message(self.Sized(self))

    def _texts(self, row: Row) -> tuple[str, ...]:
        drawn = self._drawn.get(row.id)
        if drawn is None:
            if len(self._drawn) > 4 * len(self.window) + 1000:
                self._drawn.clear()
            voice = self.voice
            drawn = tuple(
                "  " * row.level * column.indents + voice.cell(value)
                for column, value in zip(self.columns, row.cells, strict=True)
            )
            self._drawn[row.id] = drawn
        return drawn

    def render_line(self, y: int) -> Strip:
        """One line of the screen: the head, or a row."""
        width = self.size.width
        if y < self._head:
            head = [self.voice.say(column.head) for column in self.columns]
            return strip(self._line("", head, "head"), width)
        place = self.top + y - self._head
        if place >= len(self.window):
            return Strip.blank(width, self.rich_style)
        row = self.window.rows[place]
        here = place == self.at
        letter = self._labels.get(row.id, ">" if here else " ")
        marker = letter + ("*" if row.id in self.marked else " ")
        style = self._style(row, here=here)
        reds = negatives(row) if style == "row" else frozenset()
        return strip(self._line(marker, self._texts(row), style, reds), width)

    def _style(self, row: Row, *, here: bool) -> str:
        if here:
            return "cursor" if self.has_focus else "cursor-away"
        if row.id in self.marked:
            return "marked"
        return "row" if row.tone is Tone.PLAIN else row.tone.value

    def _line(self, marker: str, texts: Sequence[str], style: str, reds: frozenset[int] = frozenset()) -> Line:
        return Line(
            marker, texts, self.columns, self._widths, self.voice.cut_mark,
            self.get_component_rich_style(f"table--{style}"), self.get_component_rich_style("table--red"), reds,
        )  # fmt: skip

    # Mouse

    def on_click(self, event: events.Click) -> None:
        """Select a row; twice opens it."""
        place = self.top + event.y - self._head
        if event.y >= self._head and place < len(self.window):
            self._owed = 0
            self._move_to(place)
            if event.chain > 1:
                self.open_current()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Go down some rows."""
        event.stop()
        event.prevent_default()
        self._step(_WHEEL)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Go up some rows."""
        event.stop()
        event.prevent_default()
        self._step(-_WHEEL)

    def open_current(self) -> None:
        """Say that the row under the cursor was opened."""
        if self.current is not None:
            self.post_message(self.Opened(self, self.current))

    def watch_has_focus(self, value: bool) -> None:  # noqa: FBT001 - Textual's own signature
        """Draw the cursor as it is with or without the focus."""
        del value
        self.refresh()
