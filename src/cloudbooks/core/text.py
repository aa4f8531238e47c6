"""What may be shown, and how wide it is: the one output filter and the cell width of a terminal."""

from __future__ import annotations

import shlex
import unicodedata

_SHELL = frozenset(" \t\n\"'\\`$&|;<>()[]{}*?!#~")
"""What a shell takes for something else than itself."""

MARKS_MAX = 4
"""Combining marks kept on one base character; what comes after is shown as a code."""

_NO_CELL = frozenset({"Mn", "Me", "Cf"})
_JAMO_INSIDE = frozenset(map(chr, range(0x1160, 0x1200)))
"""Vowels and final consonants that are drawn into the Korean syllable before them."""

_HIDDEN = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp", "Cn"})


def show(text: str) -> str:
    """`text` with every control, bidirectional, invisible and unassigned character written as its code.

    Chinese, accents and ordinary blanks stay. The result holds no line break, so that one value stays on one line.
    """
    if text.isascii() and text.isprintable():
        return text
    shown: list[str] = []
    marks = 0
    for character in text:
        category = unicodedata.category(character)
        marks = marks + 1 if category.startswith("M") else 0
        visible = character.isprintable() and category not in _HIDDEN and marks <= MARKS_MAX
        shown.append(character if visible else _code(character))
    return "".join(shown)


def span(first: object, last: object) -> str:
    """Days or months from the first to the last as people read them: `2026-10…2026-12`, and one alone `2026-10`."""
    return str(first) if first == last else f"{first}…{last}"


def _code(character: str) -> str:
    point = ord(character)
    return f"\\u{point:04X}" if point <= 0xFFFF else f"\\U{point:08X}"  # noqa: PLR2004 - the end of the first plane


def shell_word(text: str) -> str:
    """`text` as one word of a command line, in quotes only where a shell would take it apart: for hints that run."""
    return shlex.quote(text) if not text or _SHELL & set(text) else text


def cells(text: str) -> int:
    """Terminal columns that `text` takes: two for wide characters, none for combining marks."""
    if text.isascii():
        return len(text)
    return sum(_cell(character) for character in text)


def _cell(character: str) -> int:
    # The canonical combining class will not do: it is 0 for variation selectors and for most Indic and Thai marks.
    if unicodedata.category(character) in _NO_CELL or character in _JAMO_INSIDE:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def pad(text: str, width: int) -> str:
    """`text` filled with blanks on the right to `width` cells."""
    return text + " " * max(0, width - cells(text))


def pad_left(text: str, width: int) -> str:
    """`text` filled with blanks on the left to `width` cells."""
    return " " * max(0, width - cells(text)) + text


def cut(text: str, width: int, mark: str = "…") -> str:
    """`text` cut to at most `width` cells, never inside a wide character, the cut marked with `mark`.

    Where not even the mark has room, as much of the mark is left as fits.
    """
    if cells(text) <= width:
        return text
    if cells(mark) > width:
        return cut(mark, max(width, 0), "")
    kept, room = [], width - cells(mark)
    for character in text:
        room -= _cell(character)
        if room < 0:
            break
        kept.append(character)
    return "".join(kept) + mark
