"""How the screens begin."""

from __future__ import annotations

from dataclasses import dataclass, field

from cloudbooks.tui.keymap import Keymap
from cloudbooks.tui.showing import Voice, Words


@dataclass(frozen=True, slots=True)
class Start:
    """How the screens begin: voice, theme, keys, and which screen comes first.

    `poll` is what is done without being asked: looking after other writers, verifying a small book. `asks` says that
    a passphrase is asked for on the screen. `word` is said in the last line at first.
    """

    voice: Voice = field(default_factory=Voice)
    theme: str = "dark"
    keymap: Keymap = field(default_factory=Keymap)
    screen: str = "1"
    poll: bool = True
    asks: bool = False
    word: Words = ""
