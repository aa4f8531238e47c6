"""The page of keys: those of the screen in front, and on a second `?` all of them."""

from __future__ import annotations

from collections.abc import Callable

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from cloudbooks.errors import Sentence, sentence
from cloudbooks.tui.keymap import Keymap, key_shown, plain_key
from cloudbooks.tui.keys import LATER, Binding, Context, Reach
from cloudbooks.tui.overlay import Overlay
from cloudbooks.tui.showing import Voice, fitted, wrapped

KEYS_WIDTH = 12
LABEL_WIDTH = 15
WORDS_WIDTH = 46

OF_CELLS = frozenset({"left", "right", "space", "backspace", "enter"})
"""Keys of lists that mean another thing in a cell, where they are said on their own."""

TYPED = (
    sentence("Enter and Tab go to the next cell, Shift+Tab goes back: before the first row stand date and series."),
    sentence("Amount: = takes the difference, Space changes the side, a - in front is red, 300*1.13 is computed."),
    sentence("Summary: // takes the first row's, .. the one above, empty too."),
)
"""What the cells of a voucher understand while they are typed in."""


class Help(Overlay[None]):
    """Keys with what they do. `?` again shows all, Esc leaves."""

    DEFAULT_CSS = """
    Help { align: center middle; }
    Help > VerticalScroll {
        width: 78; max-width: 100%; height: 90%; border: solid $primary; background: $background;
        color: $foreground; padding: 0 1;
    }
    Help Static { height: auto; }
    """

    def __init__(
        self, voice: Voice, keymap: Keymap, why_not: Callable[[str], Sentence | None], *, in_cell: bool = False
    ) -> None:
        """`in_cell` where a cell is typed in: characters are text there, and the keys of the grid hold."""
        super().__init__()
        self.voice = voice
        self.keymap = keymap
        self.why_not = why_not
        self.in_cell = in_cell
        self.everything = False

    def compose(self) -> ComposeResult:
        """The lines."""
        with VerticalScroll():
            yield Static("", markup=False)

    def on_mount(self) -> None:
        """Draw them."""
        self.query_one(VerticalScroll).focus()
        self._draw()

    def _draw(self) -> None:
        bindings = [one for one in self.keymap.bindings if one.keys and one.id not in LATER]
        bindings = [one for one in bindings if self.everything or self._holds(one)]
        bindings.sort(key=lambda one: not self.everything and self.in_cell and one.context is not Context.CELL)
        title = sentence("All keys") if self.everything else sentence("Keys of this screen; ? again shows all")
        rules = sentence("Lower case touches the row or the marked rows; upper case reaches further and asks first.")
        lines = [self.voice.text(title, "bold"), self.voice.text(rules, "dim"), Text("")]
        if self.in_cell and not self.everything:
            lines = [lines[0], *(self.voice.text(one) for one in TYPED), Text("")]
        lines += [self._line(one) for one in bindings]
        self.query_one(Static).update(Text("\n").join(lines))

    def _holds(self, binding: Binding) -> bool:
        """Whether a binding does something where the help was asked for."""
        if self.why_not(binding.id) is not None:
            return False
        if not self.in_cell:
            return binding.context is Context.PAGE
        return binding.context is Context.CELL or any(self._in_cell(key) for key in (*binding.keys, *binding.also))

    def _in_cell(self, key: str) -> bool:
        pressed = self.keymap.meant(key, None, typing=True)
        return pressed is not None and key not in OF_CELLS

    def _line(self, binding: Binding) -> Text:
        voice = self.voice
        held = (*binding.keys, *binding.also) if self.in_cell and not self.everything else binding.keys
        named = [key for key in held if not self.in_cell or self.everything or self._in_cell(key)]
        keys = [key_shown(key, chinese=voice.chinese, ascii_only=voice.ascii_only) for key in named]
        shown = "1..9 0" if binding.id == "screen" else " ".join(keys)
        said = voice.say(binding.tooltip)
        if binding.reach is Reach.WIDE:
            said = f"{said} {voice.say(sentence('(wide)'))}"
        head, *rest = wrapped(said, WORDS_WIDTH)
        text = Text(fitted(shown, KEYS_WIDTH), style="bold", end="")
        text.append(fitted(binding.label(chinese=voice.chinese), LABEL_WIDTH) + head, "not bold")
        for line in rest:
            text.append("\n" + " " * (KEYS_WIDTH + LABEL_WIDTH) + line, "not bold")
        return text

    def on_key(self, event: events.Key) -> None:
        """`?` turns to all keys, Esc and `q` leave; arrows scroll."""
        key = plain_key(event.key, event.character)
        scroll = self.query_one(VerticalScroll)
        if key in {"?", "f1"}:
            self.everything = not self.everything
            self._draw()
        elif key in {"escape", "q", "enter"}:
            self.answer(None)
        elif key in {"down", "up", "pagedown", "pageup"}:
            rows = {"down": 1, "up": -1, "pagedown": 10, "pageup": -10}[key]
            scroll.scroll_relative(y=rows, animate=False)
        event.stop()
        event.prevent_default()
