"""The line in which a filter is typed: Enter keeps it, Esc restores the one before, Tab completes."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual import events
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

from cloudbooks.books.filtering_words import Words, begun_at, candidates
from cloudbooks.tui.line_input import LineInput

if TYPE_CHECKING:
    from cloudbooks.tui.app import BooksApp


class FilterBar(Horizontal):
    """A filter in the making; `Changed` while it is typed, `Kept` and `Restored` when it is left."""

    DEFAULT_CSS = """
    FilterBar { height: 1; background: $surface; }
    FilterBar Static { width: 2; color: $accent; text-style: bold; }
    FilterBar Input, FilterBar Input:focus {
        width: 1fr; height: 1; border: none; background: $surface; color: $foreground;
        padding: 0; }
    """

    class Changed(Message):
        """The text is another; nothing is decided yet."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Kept(Message):
        """Enter: the filter holds from now on."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Restored(Message):
        """Esc: the filter is what it was."""

    def __init__(self) -> None:
        super().__init__()
        self.field = LineInput("", select_on_focus=False)
        self.words: Words = {}
        self._cycle: tuple[str, str, list[str], int] | None = None
        self._offered = ""

    def compose(self) -> list[Static | Input]:
        """The sign of a filter, and the field."""
        return [Static("/", markup=False), self.field]

    def begin(self, text: str) -> None:
        """Show the bar with a filter to edit."""
        self.field.value = text
        self.field.cursor_position = len(text)
        self.field.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Say what is typed."""
        event.stop()
        if self.has_focus_within:
            self.post_message(self.Changed(event.value))

    def on_key(self, event: events.Key) -> None:
        """Enter, Esc and Tab are the bar's; all else is the field's."""
        if event.key == "tab":
            self._complete()
        elif event.key == "enter":
            self.post_message(self.Kept(self.field.value))
        elif event.key == "escape":
            self.post_message(self.Restored())
        else:
            self._cycle = None
            return
        event.stop()
        event.prevent_default()

    def _complete(self) -> None:
        """Put the next word that fits what stands before the caret."""
        value, place = self.field.value, self.field.cursor_position
        # The field keeps letters to itself: whether something was typed since the last Tab shows in its text alone.
        if self._cycle is None or value != self._offered:
            start = begun_at(value[:place])
            fits = candidates(value[start:place], self.words)
            if not fits:
                cast("BooksApp", self.app).bell()
                return
            self._cycle = (value[:start], value[place:], fits, 0)
        head, tail, fits, number = self._cycle
        cycle = (head, tail, fits, (number + 1) % len(fits))
        self.field.value = head + fits[number] + tail
        self.field.cursor_position = len(head + fits[number])
        self._offered = self.field.value
        self._cycle = cycle
