"""The line in which a filter is typed: Enter keeps it, Esc restores the one before, Tab completes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from textual import events
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

from cloudbooks.core.draft import DraftState
from cloudbooks.core.filter import Field
from cloudbooks.tui.line_input import LineInput

if TYPE_CHECKING:
    from cloudbooks.tui.app import BooksApp

STATES = (*(state.value for state in DraftState), "posted", "reversed")


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
        self.words: tuple[str, ...] = ()
        self._cycle: tuple[str, list[str], int] | None = None

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
        if self._cycle is None:
            start = max(value.rfind(sign, 0, place) for sign in " (|-") + 1
            fits = candidates(value[start:place], self.words)
            if not fits:
                cast("BooksApp", self.app).bell()
                return
            self._cycle = (value[:start], fits, 0)
        head, fits, number = self._cycle
        self._cycle = (head, fits, (number + 1) % len(fits))
        cycle = self._cycle
        self.field.value = head + fits[number]
        self.field.cursor_position = len(self.field.value)
        self._cycle = cycle


def candidates(begun: str, words: Sequence[str]) -> list[str]:
    """What a begun condition may become: fields, or the values of its field; `words` are names of the book."""
    name, colon, value = begun.partition(":")
    if not colon:
        return [f"{field.value}:" for field in Field if field.value and field.value.startswith(name.casefold())]
    if name == Field.STATE:
        last = value.rpartition("|")
        return [f"{name}:{last[0]}{last[1]}{state}" for state in STATES if state.startswith(last[2])]
    if name in {Field.ACCOUNT, Field.PARTY, Field.BY}:
        plain = value.strip('"').casefold()
        kept = [word for word in words if plain in word.casefold()][:20]
        return [f'{name}:"{word}"' if " " in word else f"{name}:{word}" for word in kept]
    return []
