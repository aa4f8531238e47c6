"""Pictures of the screens: each as SVG in four ways, which together show every size, colour and language.

`python -m tests.tui.pictures` draws them anew into `tests/tui/looks/`; `make screens` turns them into PNG files.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape, unescape
from pathlib import Path

from tests.tui.driving import Hands, drive

from cloudbooks.books.desk import Desk
from cloudbooks.system.locale import locale
from cloudbooks.tui.app import BooksApp, Start
from cloudbooks.tui.showing import Voice, cells
from cloudbooks.tui.themes import THEMES

FOLDER = Path(__file__).parent / "looks"
UPDATE = "UPDATE_PICTURES"
CELL = 12.2
"""How wide a cell is in the drawing."""

KEYS: Mapping[str, tuple[str, ...]] = {
    "home": ("1",),
    "journal": ("2", "down", "down"),
    "journal-drafts-filter": ("2", "tilde", "slash", *"amt", "colon", "greater_than_sign", *"300", "enter"),
    "nothing-matches": ("escape", "tilde", "slash", *"amt", "colon", *"77", "enter"),
    "entry": ("escape", "home", "enter"),
    "accounts": ("escape", "3"),
    "register": ("down", "enter"),
    "register-drafts": ("tilde",),
    "reports": ("tilde", "escape", "7"),
    "report": ("enter", "right_curly_bracket", "g"),
    "chain": ("9",),
    "later": ("6",),
    "palette": ("2", "ctrl+p"),
    "help": ("escape", "question_mark"),
}
"""The pictures in their order, and the keys that lead from each to the next."""


@dataclass(frozen=True)
class Look:
    """One way to see every screen."""

    size: tuple[int, int]
    theme: str
    language: str

    @property
    def name(self) -> str:
        """As file names have it."""
        return f"{self.size[0]}x{self.size[1]}-{self.theme}-{self.language}"


LOOKS = (
    Look((80, 24), "light", "en"),
    Look((80, 24), "dark", "zh"),
    Look((120, 36), "dark", "en"),
    Look((120, 36), "light", "zh"),
    Look((80, 24), "high-contrast", "zh"),
)


def taken(desk: Desk, look: Look) -> dict[str, str]:
    """Every screen of a book in one look, as SVG by name."""
    pictures: dict[str, str] = {}

    async def walk(hands: Hands) -> None:
        for name, keys in KEYS.items():
            await hands.press(*keys)
            pictures[name] = stripped(hands.app)

    start = Start(voice=Voice(locale(look.language)), theme=look.theme, poll=False)
    drive(desk, walk, size=look.size, start=start)
    return pictures


def stripped(app: BooksApp) -> str:
    """The screen as SVG, without what is another one each time: ids of the drawing, hashes of the book."""
    svg = app.export_screenshot(title="CloudBooks")
    svg = re.sub(r"terminal-\d+-", "terminal-", svg)
    svg = re.sub(r'<text class="([^"]+)" x="([^"]+)"([^>]*)>([^<]*)</text>', _placed, svg)
    return re.sub(r"b3:[0-9a-f]{4}…[0-9a-f]{2}", "b3:0000…00", svg)


def _placed(text: re.Match[str]) -> str:
    """A text whose wide and narrow parts each begin at their own cell, whatever widths a viewer's font has."""
    start, rest = float(text[2]), re.sub(r' textLength="[^"]*"', "", text[3])
    parts: list[tuple[bool, str, int]] = []
    at = 0
    for character in unescape(text[4]):
        size = cells(character)
        if parts and parts[-1][0] == (size == 1) and size:
            parts[-1] = (parts[-1][0], parts[-1][1] + character, parts[-1][2])
        else:
            parts.append((size == 1, character, at))
        at += size
    spans = "".join(f'<tspan x="{_places(start, *part)}">{escape(part[1])}</tspan>' for part in parts)
    return f'<text xml:space="preserve" class="{text[1]}"{rest}>{spans}</text>'


def _places(start: float, narrow: bool, words: str, at: int) -> str:  # noqa: FBT001 - a part as it is
    """Where a part begins, or where each of its wide characters stands."""
    steps = [0] if narrow else range(0, 2 * len(words), 2)
    return " ".join(f"{start + CELL * (at + step):.1f}" for step in steps)


def compared(name: str, look: Look, svg: str) -> str:
    """Empty if the picture is the one that is kept, else what to do; keeps it if it is asked to."""
    file = FOLDER / f"{name}-{look.name}.svg"
    if os.environ.get(UPDATE):
        FOLDER.mkdir(exist_ok=True)
        file.write_text(svg, encoding="utf-8")
    if not file.exists() or file.read_text(encoding="utf-8") != svg:
        return f"{file.name} is another picture now: look at it, then {UPDATE}=1"
    return ""


def books() -> Iterator[tuple[str, Desk]]:
    """A book in each language, for those who only want the pictures."""
    from tests.tui.conftest import made  # noqa: PLC0415 - tests have them as fixtures

    for language in ("en", "zh"):
        yield language, made(Path(tempfile.mkdtemp()), zh=language == "zh")


def main() -> int:
    """Draw all pictures anew."""
    os.environ[UPDATE] = "1"
    of = dict(books())
    for look in LOOKS:
        assert look.theme in THEMES
        for name, svg in taken(of[look.language], look).items():
            compared(name, look, svg)
    return 0


if __name__ == "__main__":
    sys.exit(main())
