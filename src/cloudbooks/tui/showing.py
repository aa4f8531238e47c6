"""From words to what a widget may hold: the output filter, cell widths as the terminal has them, and `Text`.

No `str` is given to a widget: outside text may hold markup and control bytes, and both would take effect. Everything
goes through `Voice.text`, or through `fitted` into the lines of a table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from rich.cells import cell_len, split_graphemes
from rich.text import Text

from cloudbooks.core.text import show
from cloudbooks.errors import Sentence, sentence
from cloudbooks.reports.table import Amount
from cloudbooks.system.locale import ENGLISH, Locale

Words = Sentence | str

GLYPHS: Final[Mapping[str, tuple[str, str]]] = {
    "draft": ("✎", "D"),
    "posted": ("▪", "P"),
    "reversed": ("↺", "R"),
    "good": ("✓", "ok"),
    "bad": ("✗", "x"),
    "pair": ("⇄", "="),
    "crumb": ("›", ">"),
    "cut": ("…", ".."),
    "closed": ("▸", "+"),
    "opened": ("▾", "-"),
    "rule": ("─", "-"),
    "bar": ("│", "|"),
    "dash": ("–", "-"),
    "times": ("×", "x"),
}
"""Marks by name: of neutral width, and in ASCII. Those of ambiguous width are not used in rows."""


NARROW: Final = str.maketrans({
    **dict.fromkeys("“”„‟″", '"'), **dict.fromkeys("‘’‚‛′", "'"), **dict.fromkeys("—–―‐‑─━", "-"),
    **dict.fromkeys("│┃", "|"), **dict.fromkeys("·‧•●○", "."), "…": "..", "‥": "..", "×": "x", "÷": "/", "±": "+/-",
    "→": "->", "←": "<-", "↑": "^", "↓": "v", "≤": "<=", "≥": ">=", "≠": "!=", "≈": "~", "№": "No.", "℃": "C",
    "§": "S.", "®": "(R)", "°": "o", "※": "*", "★": "*", "☆": "*", "◆": "*", "◇": "*", "■": "#", "□": "#",
    **{chr(0x2460 + number): f"({number + 1})" for number in range(20)},
})  # fmt: skip
"""Signs of ambiguous width, by what says the same in narrow ones: rows keep their columns where those take two cells.

Greek and Cyrillic letters are of ambiguous width too; they stay, since a name that is misaligned is still a name.
"""


@dataclass(frozen=True, slots=True)
class Marked:
    """An amount in a column where some numbers hold drafts: those carry `~`, the others a blank."""

    amount: Amount
    with_drafts: bool


@dataclass(frozen=True, slots=True)
class Sided:
    """A balance as ledgers write it: a positive number with the side it stands on; `amount` is debit positive.

    `with_drafts` marks it as `Marked` does; `None` where no number of the column may hold drafts.
    """

    amount: Amount
    with_drafts: bool | None = None


Value = Words | Amount | Marked | Sided
"""What stands in a cell of a table."""


def cells(text: str) -> int:
    """Terminal cells of a text, as the library that draws counts them."""
    return len(text) if text.isascii() else cell_len(text)


@lru_cache(maxsize=8192)
def fitted(text: str, width: int, *, right: bool = False, mark: str = "…") -> str:
    """`text` in exactly `width` cells: cut by grapheme, never inside a wide one, or filled with blanks."""
    room = cells(text)
    if room > width:
        text = _cut(text, width, mark)
        room = cells(text)
    blanks = " " * (width - room)
    return blanks + text if right else text + blanks


def _cut(text: str, width: int, mark: str) -> str:
    if cells(mark) > width:
        mark = ""
    room = width - cells(mark)
    end = 0
    for grapheme, size in _graphemes(text):
        if size > room:
            break
        room -= size
        end += len(grapheme)
    kept = text[:end]
    # Widths of parts need not add up where marks combine: what was kept is measured as a whole.
    while kept and cells(kept + mark) > width:
        kept = kept[:-1]
    return kept + mark


def _graphemes(text: str) -> Iterator[tuple[str, int]]:
    if text.isascii():
        yield from ((character, 1) for character in text)
        return
    spans, _ = split_graphemes(text)
    yield from ((text[start:end], size) for start, end, size in spans)


def wrapped(text: str, width: int) -> list[str]:
    """`text` in lines of at most `width` cells, broken at blanks where there are any."""
    from cloudbooks.reports.layout import wrapped as broken  # noqa: PLC0415 - only where a sentence is long

    return broken(text, max(width, 2))


@dataclass(frozen=True, slots=True)
class Voice:
    """How this session speaks: its language, whether borders and marks are ASCII, and what the terminal takes.

    `utf8` unset is a terminal that takes ASCII only; `wide` one that gives signs of ambiguous width two cells.
    """

    locale: Locale = ENGLISH
    ascii_only: bool = False
    utf8: bool = True
    wide: bool = False

    @property
    def chinese(self) -> bool:
        """Whether labels are Chinese."""
        return self.locale.chinese

    def say(self, words: Words) -> str:
        """A sentence in the reader's language, or outside text, through the output filter; in one line."""
        said = show(words) if isinstance(words, str) else show(self.locale.say(words))
        if self.wide or self.ascii_only:
            said = said.translate(NARROW)
        return said if self.utf8 or self.chinese else said.encode("ascii", "backslashreplace").decode()

    def cell(self, value: Value) -> str:
        """What stands in a cell of a table."""
        if isinstance(value, Sided):
            return self._sided(value)
        if isinstance(value, Marked):
            return value.amount.shown() + ("~" if value.with_drafts else " ")
        return value.shown() if isinstance(value, Amount) else self.say(value)

    def _sided(self, value: Sided) -> str:
        minor = value.amount.minor
        side = self.say(sentence("Dr") if minor > 0 else sentence("Cr") if minor else sentence("nil"))
        mark = "" if value.with_drafts is None else "~" if value.with_drafts else " "
        return f"{side} {replace(value.amount, minor=abs(minor)).shown()}{mark}"

    def text(self, words: Value, style: str = "") -> Text:
        """The same as `Text`, which a widget takes as it is."""
        return Text(self.cell(words), style=style, no_wrap=False, end="")

    def hint(self, words: Words) -> Text:
        """What to do, after the word that says so; Chinese has no blank behind its colon."""
        return Text(self.say(sentence("hint:")) + ("" if self.chinese else " "), end="") + self.text(words)

    def glyph(self, name: str) -> str:
        """A mark by its name in `GLYPHS`."""
        return GLYPHS[name][1 if self.ascii_only else 0]

    @property
    def cut_mark(self) -> str:
        """What marks a cut text."""
        return self.glyph("cut")
