"""A question that is answered with a path: Tab completes files and folders, and shows which there are."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import ClassVar, Final

from rich.text import Text
from textual import events
from textual.widgets import Input, Static

from cloudbooks.errors import Sentence, counted, sentence
from cloudbooks.system.path_completion import Fit, Fits, completions, path_of
from cloudbooks.tui.prompt import Prompt
from cloudbooks.tui.showing import Voice, Words, fitted

SHOWN: Final = 8
LOOK_SECONDS: Final = 5.0
"""How long a folder may take to answer: one on a network may never do."""


class PathPrompt(Prompt):
    """A path is typed. Tab goes on as far as all that fit agree, then to one after the other; Shift+Tab goes back.

    The answer is the path that is meant: `~` is a home, and what cannot be seen in a name is shown as its code.
    """

    KEYS: ClassVar[tuple[tuple[str, Sentence], ...]] = (("tab", sentence("complete")),)

    def __init__(self, voice: Voice, asked: Sequence[Words], verb: Sentence, *, value: str = "") -> None:
        super().__init__(voice, asked, verb, value=value)
        self.meant: dict[str, str] = {}
        self._fits: tuple[Fit, ...] = ()
        self._at = -1
        self._put = ""

    def result(self, typed: str) -> str:
        """The path that is meant; blanks around it are none of it, unless it was completed so."""
        wanted = typed if typed in self.meant else typed.strip()
        return path_of(wanted, self.meant) if wanted else ""

    async def on_key(self, event: events.Key) -> None:
        """Complete; what else is typed ends the turn of those that fit."""
        if event.key in {"tab", "shift+tab"}:
            event.stop()
            event.prevent_default()
            await self._complete(1 if event.key == "tab" else -1)

    async def _complete(self, step: int) -> None:
        field = self.query_one(Input)
        typed = field.value
        if self._fits and typed == self._put:
            self._at = (self._at + step) % len(self._fits) if self._at >= 0 or step > 0 else len(self._fits) - 1
            self._show(self._fits[self._at].typed)
            return
        looking = asyncio.to_thread(completions, typed, dict(self.meant))
        try:
            found = await asyncio.wait_for(looking, LOOK_SECONDS)
        except TimeoutError:
            self._say(sentence("The folder does not answer."))
        except OSError as error:
            self._say(sentence("That folder cannot be read: {why}.", why=error.strerror or type(error).__name__))
        except ValueError:
            self._say(sentence("No path can be so."))
        else:
            if field.value == typed:
                self._take(found, typed)

    def _take(self, found: Fits, typed: str) -> None:
        self.meant.update((fit.typed, fit.path) for fit in found.fits)
        self._at = -1
        if not found.fits:
            self._fits = ()
            self._say(sentence("Nothing there begins so."))
        elif len(found.fits) == 1:
            self._fits = ()
            self._show(found.fits[0].typed)
        else:
            self._fits = found.fits
            self._show(found.begun or typed)

    def _show(self, value: str) -> None:
        field = self.query_one(Input)
        field.value = self._put = value
        field.cursor_position = len(value)
        self._say("")

    def _say(self, words: Words) -> None:
        """The keys, and above them what fits or what is wrong."""
        lines = [self._line(place) for place in self._window()]
        rest = len(self._fits) - len(lines)
        if lines and rest > 0:
            lines.append(self.voice.text(counted("{n} more", "{n} more", rest), "dim"))
        shown = Text("\n").join([*lines, self._keys(words)]) if lines else self._keys(words)
        self.query_one("#keys", Static).update(shown)

    def _window(self) -> range:
        top = max(0, min(self._at - SHOWN // 2, len(self._fits) - SHOWN))
        return range(top, min(len(self._fits), top + SHOWN))

    def _line(self, place: int) -> Text:
        chosen = place == self._at
        name = fitted(self._fits[place].name, 70, mark=self.voice.cut_mark)
        return Text(f"{'>' if chosen else ' '} {name}", style="reverse" if chosen else "", end="")
