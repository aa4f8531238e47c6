"""A question that is answered by typing: a path, a reason, a number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Static

from cloudbooks.errors import CloudBooksError, Sentence, sentence
from cloudbooks.tui.keymap import key_shown
from cloudbooks.tui.line_input import LineInput
from cloudbooks.tui.overlay import Overlay
from cloudbooks.tui.showing import Voice, Words

Check = Callable[[str], object]
"""Raises a refusal for an answer that cannot be taken."""


class SecretInput(LineInput):
    """A line whose characters are counted, not shown: each is a `*`, which every terminal draws in one cell."""

    @property
    def _value(self) -> Text:
        return Text("*" * len(self.value), no_wrap=True, overflow="ignore", end="")


class Prompt(Overlay[str]):
    """Lines that say what is asked, and one to type in. Enter gives what was typed, Esc an empty text.

    What cannot be taken is said below, and what was typed stays. A `secret` is not shown, and given as it was typed.
    With `read_first` an Enter that was typed ahead does nothing: what it stands for is to be read before.
    """

    DEFAULT_CSS = """
    Prompt { align: center middle; background: $background 0%; }
    Prompt > Vertical {
        width: 76; max-width: 100%; height: auto; border: solid $primary; background: $background; padding: 0 1;
    }
    Prompt Static { height: auto; }
    Prompt Input, Prompt Input:focus { border: none; padding: 0; height: 1; background: $surface; color: $foreground; }
    """

    KEYS: ClassVar[tuple[tuple[str, Sentence], ...]] = ()
    """Keys besides Enter and Esc, each with what it does."""

    def __init__(
        self,
        voice: Voice,
        asked: Sequence[Words],
        verb: Sentence,
        *,
        value: str = "",
        check: Check | None = None,
        secret: bool = False,
        read_first: bool = False,
    ) -> None:
        super().__init__()
        self.voice = voice
        self.asked = asked
        self.verb = verb
        self.value = value
        self.check = check
        self.secret = secret
        self.read_first = read_first

    def compose(self) -> ComposeResult:
        """What is asked, the line, and the keys."""
        with Vertical():
            yield Static(Text("\n").join(self.voice.text(one) for one in self.asked), markup=False, id="words")
            yield (SecretInput if self.secret else LineInput)(value=self.value, id="answer")
            yield Static(self._keys(), markup=False, id="keys")

    def _keys(self, said: Words = "") -> Text:
        text = Text("", end="")
        if said:
            text.append(self.voice.say(said) + "\n", "bold")
        for key, verb in (("enter", self.verb), *self.KEYS, ("escape", sentence("back"))):
            text.append(key_shown(key, chinese=self.voice.chinese), "bold")
            text.append(f" {self.voice.say(verb)}    ")
        return text

    def result(self, typed: str) -> str:
        """The answer that is given by what was typed."""
        return typed if self.secret else typed.strip()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter: give the answer, unless it cannot be taken."""
        event.stop()
        # What is typed now counts, not what was when Enter was pressed: something may have been completed since.
        answer = self.result(event.input.value)
        try:
            if self.check is not None:
                self.check(answer)
        except CloudBooksError as error:
            self.query_one("#keys", Static).update(self._keys(error.message))
            return
        self.answer(answer)

    async def on_key(self, event: events.Key) -> None:
        """Esc leaves; Enter is the field's, unless it was typed ahead where that is nothing."""
        if event.key == "escape":
            event.stop()
            event.prevent_default()
            self.answer("")
        elif event.key == "enter" and self.read_first and not self.seen(event):
            event.stop()
            event.prevent_default()
