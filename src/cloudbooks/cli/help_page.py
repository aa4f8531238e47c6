"""The page that `--help` shows: usage, what it does, its arguments and options, the global flags once, in one column.

typer's own page is English only; this one speaks the reader's language and breaks Chinese lines where they may break.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from cloudbooks.cli.face import locale_of
from cloudbooks.core.text import cells, pad
from cloudbooks.errors import sentence
from cloudbooks.system.locale import Locale

WIDTH_MAX = 100
_INDENT = "  "
_NAMES_MAX = 34


def print_page(ctx: Any) -> None:
    """The page of a command on standard output, in the language of this session."""
    locale = locale_of(ctx.obj, os.environ, Path.cwd())
    for line in page(ctx, locale, _width()):
        sys.stdout.write(line.rstrip() + "\n")


def _width() -> int:
    try:
        return min(WIDTH_MAX, os.get_terminal_size(sys.stdout.fileno()).columns)
    except (OSError, ValueError):
        return WIDTH_MAX


def page(ctx: Any, locale: Locale, width: int) -> Iterator[str]:
    """The lines of a command's page, none wider than `width` where its words allow."""
    yield from wrapped(locale.say(sentence("Usage: {command}", command=_usage(ctx))), width)
    yield ""
    yield from wrapped(locale.text(ctx.command.help or ""), width)
    named = [_row(param, locale) for param in ctx.command.params if not param.hidden]
    own = [row for row, shared in named if not shared]
    if own:
        yield ""
        yield locale.say(sentence("Arguments and options:"))
        yield from _columns(own, width)
    if ctx.parent is None or hasattr(ctx.command, "table"):
        yield ""
        yield locale.say(sentence("Commands:"))
        yield from _columns(_commands(ctx, locale), width)
    if ctx.parent is None:
        yield ""
        yield locale.say(sentence("Everywhere:"))
        yield from _columns([row for row, shared in named if shared], width)
    else:
        yield ""
        yield from wrapped(locale.say(sentence("cloudbooks --help lists the flags that every command takes.")), width)


def _usage(ctx: Any) -> str:
    arguments = [
        argument_name(param) for param in ctx.command.params if param.param_type_name == "argument" and not param.hidden
    ]
    options = [param for param in ctx.command.params if param.param_type_name == "option" and not _shared(param)]
    command = ["COMMAND"] if hasattr(ctx.command, "table") else []
    return " ".join([ctx.command_path, *command, *arguments, *(["[OPTIONS]"] if options else [])])


def argument_name(param: Any) -> str:
    """An argument as a usage line writes it: `[NAME]` where it may be left out, `NAME...` where it may be repeated."""
    name: str = (param.metavar or param.name.upper()).strip("[]") + ("..." if param.nargs != 1 else "")
    return name if param.required else f"[{name}]"


def _shared(param: Any) -> bool:
    return bool(param.name and param.name.startswith("global_"))


def _row(param: Any, locale: Locale) -> tuple[tuple[str, str], bool]:
    if param.param_type_name == "argument":
        return (argument_name(param), locale.text(param.help or "")), False
    words = ", ".join(param.opts)
    if not param.is_flag and not param.count:
        words += f" {param.metavar or (param.name or '').upper().replace('_', '-')}"
    return (words, locale.text(param.help or "")), _shared(param)


def _commands(ctx: Any, locale: Locale) -> list[tuple[str, str]]:
    return [(name, locale.text(known.help)) for name, known in ctx.command.table.items()]


def _columns(rows: Iterable[tuple[str, str]], width: int) -> Iterator[str]:
    rows = list(rows)
    left = min(_NAMES_MAX, max(cells(name) for name, _ in rows))
    for name, text in rows:
        lines = list(wrapped(text, max(20, width - left - 2 * len(_INDENT)))) or [""]
        if cells(name) > left:
            yield _INDENT + name
        else:
            yield _INDENT + pad(name, left) + _INDENT + lines.pop(0)
        for line in lines:
            yield _INDENT + " " * left + _INDENT + line


def wrapped(text: str, width: int) -> Iterator[str]:
    """`text` in lines of at most `width` cells, broken at blanks or between Chinese characters."""
    line, room = "", width
    for word in _pieces(text):
        if line and cells(word.rstrip()) > room:
            yield line.rstrip()
            line, room = "", width
        line += word if line else word.lstrip()
        room = width - cells(line)
    if line.strip():
        yield line.rstrip()


_NOT_FIRST = frozenset("，。、；：？！）”》】,.;:?!)")


def _pieces(text: str) -> Iterator[str]:
    """Where a line may break: after a blank, and on both sides of a wide character but not before a closing mark."""
    piece = ""
    for character in text:
        wide = cells(character) > 1
        if piece and (wide or piece[-1] == " " or cells(piece[-1]) > 1) and character not in _NOT_FIRST:
            yield piece
            piece = ""
        piece += character
    if piece:
        yield piece
