"""`cloudbooks tui`: the screens of a book."""

from __future__ import annotations

import gc
import importlib
import os
import sys
from types import ModuleType
from typing import Annotated, NamedTuple

import typer

from cloudbooks.cli.desk import desk_of
from cloudbooks.cli.face import Face
from cloudbooks.cli.settings import decide
from cloudbooks.cli.settings_files import user_file
from cloudbooks.errors import Sentence, UsageError, counted, sentence
from cloudbooks.system import terminal
from cloudbooks.system.locale import Locale, locale

START = "cloudbooks.tui.start"
"""Imported by name when the screens start: no other command waits for it, and no face imports another."""

WIDE = 2
"""Cells of a box character where ASCII is drawn instead."""

THEMES = ("light", "dark", "high-contrast", "mono")


class ScreensWithoutTerminal(UsageError):
    """The screens were asked for where there is no terminal to draw them on."""

    code = "screens-no-terminal"

    def __init__(self, stream: str) -> None:
        super().__init__(
            sentence("the screens need a terminal, and {stream} is none.", stream=stream),
            hint=sentence("cloudbooks status says where the book stands; start tui without > and |"),
        )


class ThemeUnknown(UsageError):
    """There is no theme of the name that was given."""

    code = "theme-unknown"

    def __init__(self, name: str) -> None:
        super().__init__(
            sentence('there is no theme "{name}"; there are {known}.', name=name, known=", ".join(THEMES)),
            hint=sentence("cloudbooks tui --theme dark"),
        )


def tui(
    ctx: typer.Context,
    theme: Annotated[str, typer.Option("--theme", metavar="NAME", help="light, dark, high-contrast or mono.")] = "",
) -> int:
    """Show the book on screens, for hands on a keyboard."""
    face: Face = ctx.obj
    if theme and theme not in THEMES:
        raise ThemeUnknown(theme)
    for name, stream in (
        ("standard input", sys.stdin),
        ("standard output", sys.stdout),
        ("standard error", sys.stderr),
    ):
        if not stream.isatty():
            raise ScreensWithoutTerminal(name)
    mono = face.ascii or os.environ.get("TERM") == "dumb" or bool(os.environ.get("NO_COLOR"))
    spoken = spoken_to(face)
    screens = _loaded()
    return int(
        screens.start(
            desk_of(face, "tui"),
            spoken.locale,
            drawn={"ascii_only": spoken.ascii_only, "utf8": spoken.utf8, "wide": spoken.wide},
            theme=theme or ("mono" if mono else "dark"),
            word=spoken.why,
            asks=not face.passphrase_file,
            keys=user_file(os.environ).with_name("keymap.toml"),
        )
    )


def _loaded() -> ModuleType:
    """The module that starts the screens.

    What is imported lives as long as the program: to look through it for garbage takes a fifth of the time until the
    first frame.
    """
    gc.disable()
    screens = importlib.import_module(START)
    gc.freeze()
    gc.enable()
    return screens


class Spoken(NamedTuple):
    """How the screens speak to a terminal: the language, whether borders are ASCII, and in a line why.

    `utf8` unset is a terminal that takes ASCII only, `wide` one that gives box characters two cells.
    """

    locale: Locale
    ascii_only: bool
    why: Sentence | str = ""
    utf8: bool = True
    wide: bool = False


def spoken_to(face: Face) -> Spoken:
    """What fits the terminal: ASCII and English without UTF-8, ASCII where box characters take two cells."""
    if face.ascii or os.environ.get("TERM") == "dumb":
        return Spoken(face.locale, ascii_only=True)
    utf8 = terminal.names_utf8(os.environ)
    cells = _cells(face) if utf8 is not False else None
    if utf8 is False or (cells is None and not utf8) or (cells is not None and cells not in terminal.CELLS):
        # A language that was asked for in so many words is spoken all the same.
        language = face.locale if "lang" in face.sources.flags else locale("en")
        why = sentence("Plain ASCII and English: no UTF-8 here. LANG=C.UTF-8 shows everything.")
        return Spoken(language, ascii_only=True, why=why, utf8=False)
    if cells == WIDE:
        return Spoken(
            face.locale, ascii_only=True,
            why=sentence("ASCII borders: box characters take 2 cells here; doctor says more."), wide=True,
        )  # fmt: skip
    return Spoken(face.locale, ascii_only=False)


def _cells(face: Face) -> int | None:
    """The cells of a box character: as set, else as the terminal says."""
    kept = decide("ui.ambiguous", face.sources).value
    return terminal.ambiguous_cells(os.environ) if kept == "auto" else int(kept)


def terminal_seen(face: Face) -> Sentence | None:
    """The terminal, for `doctor`: what it answers, and what is set over it; `None` where there is none."""
    kept = decide("ui.ambiguous", face.sources).value
    here = sys.stdin.isatty() and sys.stderr.isatty()
    cells = terminal.ambiguous_cells(os.environ)
    seen = sentence("does not say how wide a box character is")
    if cells is not None and cells not in terminal.CELLS:
        seen = sentence("takes no UTF-8")
    elif cells is not None:
        seen = counted("a box character takes {n} cell", "a box character takes {n} cells", cells)
    if kept != "auto":
        return sentence("{seen}; ui.ambiguous is set to {cells}", seen=seen, cells=str(kept))
    return seen if here else None
