"""The look-up of accounts (F7): letters narrow it, Enter takes the one under the cursor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Static

from cloudbooks.core.account import Account
from cloudbooks.core.chart import Chart
from cloudbooks.core.lookup import look_up
from cloudbooks.errors import sentence
from cloudbooks.tui.keymap import key_shown
from cloudbooks.tui.line_input import LineInput
from cloudbooks.tui.overlay import Overlay
from cloudbooks.tui.showing import Voice, Words, fitted

LINES: Final = 12
WIDTH: Final = 60


class Lookup(Overlay[str]):
    """Accounts to choose from; gives the id of the chosen one, or an empty text.

    `first` are accounts (ids) that stand first while nothing is typed; with `only` there are no others.
    """

    DEFAULT_CSS = """
    Lookup { align: center middle; background: $background 0%; }
    Lookup > Vertical {
        width: 66; max-width: 100%; height: auto; border: solid $primary; background: $background; padding: 0 1;
    }
    Lookup Static { height: auto; }
    Lookup Input, Lookup Input:focus { border: none; padding: 0; height: 1; background: $surface; color: $foreground; }
    """

    def __init__(
        self,
        voice: Voice,
        chart: Chart,
        used: Sequence[str],
        aliases: Mapping[str, Sequence[str]],
        *,
        word: str = "",
        asked: Words = "",
    ) -> None:
        super().__init__()
        self.voice = voice
        self.chart = chart
        self.used = used
        self.aliases = aliases
        self.word = word
        self.asked = asked or sentence("Account: code, name or initials")
        self.at = 0
        self.found: tuple[Account, ...] = ()

    def compose(self) -> ComposeResult:
        """The line to type in, and what fits."""
        with Vertical():
            yield Static(self.voice.text(self.asked, "bold"), markup=False)
            yield LineInput(value=self.word, id="word", select_on_focus=False)
            yield Static("", markup=False, id="found")

    def on_mount(self) -> None:
        """Show what fits the word that came along."""
        self._search(self.word)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Narrow it."""
        event.stop()
        self._search(event.value)

    def _search(self, word: str) -> None:
        self.found = look_up(self.chart, word, self.used, self.aliases)
        self.at = 0
        self._draw()

    def _draw(self) -> None:
        top = max(0, min(self.at - LINES // 2, len(self.found) - LINES))
        lines = [self._line(place) for place in range(top, min(top + LINES, len(self.found)))]
        if not self.found:
            lines = [self.voice.text(sentence("No account fits."))]
        keys = Text("\n", end="")
        for key, verb in (("enter", sentence("take it")), ("escape", sentence("back"))):
            keys.append(key_shown(key, chinese=self.voice.chinese), "bold")
            keys.append(f" {self.voice.say(verb)}    ")
        keys.append(self.voice.say(sentence("{n} accounts", n=len(self.found))))
        self.query_one("#found", Static).update(Text("\n").join([*lines, keys]))

    def _line(self, place: int) -> Text:
        account = self.found[place]
        above = " ".join(one.name for one in reversed(self.chart.above(account)))
        words = self.voice.say(f"{account.code} {account.name}") + (f"  {self.voice.say(above)}" if above else "")
        here = place == self.at
        mark = self.voice.cut_mark
        return Text(f"{'>' if here else ' '} {fitted(words, WIDTH, mark=mark)}", "reverse" if here else "", end="")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter: take it."""
        event.stop()
        if self.found:
            self.answer(self.found[self.at].id)

    def on_key(self, event: events.Key) -> None:
        """Up and down move, Esc leaves."""
        steps = {"up": -1, "down": 1, "pageup": -LINES, "pagedown": LINES}
        if event.key in steps:
            self.at = max(0, min(self.at + steps[event.key], len(self.found) - 1))
            self._draw()
        elif event.key == "escape":
            self.answer("")
        else:
            return
        event.stop()
        event.prevent_default()
