"""Dialogs of one sentence: a question that Enter answers with its verb, and an error that any way out leaves."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from cloudbooks.errors import CloudBooksError, Sentence, sentence
from cloudbooks.tui.keymap import key_shown
from cloudbooks.tui.notice import error_lines
from cloudbooks.tui.overlay import Overlay
from cloudbooks.tui.showing import Voice, Words


class Dialog(Overlay[bool]):
    """Words in a box, with the keys that leave it.

    Those of `read_first` count only if they were pressed after the words had been drawn; the others may be typed ahead.
    """

    DEFAULT_CSS = """
    Dialog { align: center middle; }
    Dialog > Vertical {
        width: 76; max-width: 100%; height: auto; max-height: 100%; overflow-y: auto;
        border: solid $primary; background: $background; color: $foreground; padding: 0 1;
    }
    Dialog Static { height: auto; }
    """

    def __init__(
        self,
        voice: Voice,
        lines: tuple[Text, ...],
        keys: tuple[tuple[str, Words], ...],
        *,
        read_first: frozenset[str] = frozenset(),
    ) -> None:
        super().__init__()
        self.voice = voice
        self.lines = lines
        self.keys = keys
        self.read_first = read_first

    def compose(self) -> ComposeResult:
        """The words, then the keys."""
        with Vertical():
            yield Static(Text("\n").join(self.lines), markup=False, id="words")
            yield Static(self._keys(), markup=False, id="keys")

    def _keys(self) -> Text:
        text = Text("\n", end="")
        for key, verb in self.keys:
            text.append(key_shown(key, chinese=self.voice.chinese), "bold")
            text.append(f" {self.voice.say(verb)}    ")
        return text

    def on_key(self, event: events.Key) -> None:
        """Enter does, Esc leaves."""
        event.stop()
        event.prevent_default()
        if event.key in {key for key, _ in self.keys} and self.counts(event):
            self.answer(event.key == "enter")

    def counts(self, event: events.Key) -> bool:
        """Whether a key may do what it does here."""
        return event.key not in self.read_first or self.seen(event)


def question(voice: Voice, lines: tuple[Words, ...], verb: Sentence) -> Dialog:
    """A question: what is asked, line by line, and the verb that Enter stands for; an Enter typed ahead is none."""
    shown = tuple(voice.text(line) for line in lines)
    return Dialog(voice, shown, (("enter", verb), ("escape", sentence("back"))), read_first=frozenset({"enter"}))


class Refused(Dialog):
    """A refusal of an operation: nothing was written."""

    BINDINGS: ClassVar = []

    def __init__(self, voice: Voice, error: CloudBooksError, copy: Callable[[str], None]) -> None:
        self.error = error
        self._copy = copy
        super().__init__(
            voice,
            tuple(error_lines(voice, error)),
            (("escape", sentence("back")), ("y", sentence("copy"))),
            read_first=frozenset({"escape", "enter", "y"}),
        )

    def on_key(self, event: events.Key) -> None:
        """Esc and Enter leave, y copies; none of them before it could be read."""
        event.stop()
        event.prevent_default()
        if not self.counts(event):
            return
        if event.key == "y":
            self._copy("\n".join(line.plain for line in self.lines))
        elif event.key in {"escape", "enter"}:
            self.answer(answer=False)
