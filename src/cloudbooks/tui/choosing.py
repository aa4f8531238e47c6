"""A dialog that chooses one of many by typing: the palette, and every look-up, are this."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Static

from cloudbooks.errors import Sentence, sentence
from cloudbooks.tui.keymap import plain_key
from cloudbooks.tui.line_input import LineInput
from cloudbooks.tui.overlay import Overlay
from cloudbooks.tui.showing import Voice, Words, fitted

SHOWN = 12


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to choose: what is shown, what stands at its right, and the lower-case words that find it.

    `why_not` dims it and says why it cannot be chosen.
    """

    id: str
    words: Words
    beside: Words = ""
    found_by: tuple[str, ...] = ()
    why_not: Sentence | None = None


def fitting(choices: Sequence[Choice], typed: str) -> list[Choice]:
    """The choices that fit what is typed: those that begin with it first, then those that hold it."""
    wanted = typed.strip().casefold()
    if not wanted:
        return list(choices)
    begins = [one for one in choices if any(word.startswith(wanted) for word in one.found_by)]
    holds = [one for one in choices if one not in begins and any(wanted in word for word in one.found_by)]
    return [*begins, *holds]


class Chooser(Overlay[str | None]):
    """Typing narrows the choices, arrows move, Enter chooses, Esc leaves. The answer is the id, or `None`."""

    DEFAULT_CSS = """
    Chooser { align: center top; }
    Chooser > Vertical {
        width: 72; max-width: 100%; height: auto; margin-top: 2; border: solid $primary;
        background: $background; color: $foreground;
    }
    Chooser Input, Chooser Input:focus {
        height: 1; border: none; background: $surface; color: $foreground; padding: 0 1; }
    Chooser Static { height: auto; }
    """

    def __init__(self, voice: Voice, title: Words, choices: Sequence[Choice]) -> None:
        super().__init__()
        self.voice = voice
        self.heading = title
        self.choices = tuple(choices)
        self.fits = list(choices)
        self.at = 0
        self.top = 0

    def compose(self) -> ComposeResult:
        """The field, then what fits."""
        with Vertical() as box:
            box.border_title = self.voice.text(self.heading).plain.replace("[", "(")
            yield LineInput("", select_on_focus=False)
            yield Static("", markup=False)

    def on_mount(self) -> None:
        """Show everything first."""
        self.query_one(Input).focus()
        self._draw()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Narrow."""
        event.stop()
        self.fits = fitting(self.choices, event.value)
        self.at = self.top = 0
        self._draw()

    def on_key(self, event: events.Key) -> None:
        """Move, choose, leave."""
        key = plain_key(event.key, event.character)
        steps = {"up": -1, "down": 1, "pageup": -SHOWN, "pagedown": SHOWN}
        if key in steps:
            self._move(steps[key])
        elif key == "enter":
            self._choose()
        elif key == "escape":
            self.answer(None)
        else:
            return
        event.stop()
        event.prevent_default()

    def _move(self, steps: int) -> None:
        self.at = max(0, min(len(self.fits) - 1, self.at + steps))
        self.top = max(min(self.top, self.at), self.at - SHOWN + 1)
        self._draw()

    def _choose(self) -> None:
        if not self.fits:
            return
        chosen = self.fits[self.at]
        if chosen.why_not is None:
            self.answer(chosen.id)
        else:
            self._draw(chosen.why_not)

    def _draw(self, said: Words = "") -> None:
        lines = [self._line(place) for place in range(self.top, min(len(self.fits), self.top + SHOWN))]
        if not lines:
            lines = [self.voice.text(sentence("Nothing fits."), "dim")]
        count = sentence("{shown} of {whole}", shown=len(self.fits), whole=len(self.choices))
        lines.append(self.voice.text(said or count, "bold" if said else "dim"))
        self.query_one(Static).update(Text("\n").join(lines))

    def _line(self, place: int) -> Text:
        choice = self.fits[place]
        marker = ">" if place == self.at else " "
        beside = self.voice.say(choice.beside)
        text = Text(f"{marker} ", end="")
        style = "reverse" if place == self.at else "dim" if choice.why_not is not None else ""
        text.append(fitted(self.voice.say(choice.words), 52, mark=self.voice.cut_mark), style)
        # A style of its own keeps the keys below each other, however wide a font draws the words before them.
        text.append(fitted(beside, 15, right=True, mark=self.voice.cut_mark), style or "bold")
        return text
