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
from cloudbooks.tui.keys import Binding, Context, Reach
from cloudbooks.tui.overlay import Overlay
from cloudbooks.tui.showing import Voice, fitted, wrapped

KEYS_WIDTH = 12
LABEL_WIDTH = 15
WORDS_WIDTH = 46


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

    def __init__(self, voice: Voice, keymap: Keymap, why_not: Callable[[str], Sentence | None]) -> None:
        super().__init__()
        self.voice = voice
        self.keymap = keymap
        self.why_not = why_not
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
        bindings = [
            one
            for one in self.keymap.bindings
            if one.keys and (self.everything or (one.context is Context.PAGE and self.why_not(one.id) is None))
        ]
        title = sentence("All keys") if self.everything else sentence("Keys of this screen; ? again shows all")
        rules = sentence("Lower case touches the row or the marked rows; upper case reaches further and asks first.")
        lines = [self.voice.text(title, "bold"), self.voice.text(rules, "dim"), Text("")]
        lines += [self._line(one) for one in bindings]
        self.query_one(Static).update(Text("\n").join(lines))

    def _line(self, binding: Binding) -> Text:
        voice = self.voice
        keys = [key_shown(key, chinese=voice.chinese, ascii_only=voice.ascii_only) for key in binding.keys]
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
