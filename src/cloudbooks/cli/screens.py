"""`cloudbooks tui`: the screens of a book."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Annotated

import typer

from cloudbooks.cli.desk import desk_of
from cloudbooks.cli.face import Face
from cloudbooks.cli.settings_files import user_file
from cloudbooks.errors import UsageError, sentence

START = "cloudbooks.tui.start"
"""Imported by name when the screens start: no other command waits for it, and no face imports another."""

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
    for name, stream in (
        ("standard input", sys.stdin),
        ("standard output", sys.stdout),
        ("standard error", sys.stderr),
    ):
        if not stream.isatty():
            raise ScreensWithoutTerminal(name)
    if theme and theme not in THEMES:
        raise ThemeUnknown(theme)
    plain = face.ascii or os.environ.get("TERM") == "dumb"
    mono = plain or bool(os.environ.get("NO_COLOR"))
    screens = importlib.import_module(START)
    return int(
        screens.start(
            desk_of(face, "tui"),
            face.locale,
            ascii_only=plain,
            theme=theme or ("mono" if mono else "dark"),
            keys=user_file(os.environ).with_name("keymap.toml"),
        )
    )
