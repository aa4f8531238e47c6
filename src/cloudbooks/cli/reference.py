"""The page `docs/commands.md`, made from the commands: `python -m cloudbooks.cli.reference docs/commands.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cloudbooks.cli.app import build
from cloudbooks.cli.commands import COMMANDS, Noun, Verb
from cloudbooks.cli.face import FLAGS
from cloudbooks.cli.help_page import argument_name

HEAD = """\
# Commands

Made by `python -m cloudbooks.cli.reference docs/commands.md` from the program's own help; a test compares the two.
`cb` is the same program. Every command takes the flags at the end of this page, before or after its name.
"""


def page() -> str:
    """The whole page in Markdown."""
    return "\n".join([HEAD, *_lines()]).rstrip() + "\n"


def _lines() -> Iterator[str]:
    yield "## Daily\n"
    for name, known in COMMANDS.items():
        if isinstance(known, Verb):
            yield from _command((name,), known)
    for name, known in COMMANDS.items():
        if isinstance(known, Noun):
            yield f"## cloudbooks {name}\n\n{known.help}\n"
            for verb, one in known.verbs.items():
                yield from _command((name, verb), one)
    yield "## Flags of every command\n"
    for flag in FLAGS:
        words = ", ".join(flag.words) + (f" {flag.value}" if flag.value else "")
        yield f"- `{words}`: {flag.help}"


def _command(path: tuple[str, ...], verb: Verb) -> Iterator[str]:
    params: list[Any] = [one for one in build(path[-1], verb).params if not str(one.name).startswith("global_")]
    arguments = [argument_name(one) for one in params if one.param_type_name == "argument"]
    options = [one for one in params if one.param_type_name == "option"]
    usage = " ".join(["cloudbooks", *path, *arguments, *(["[OPTIONS]"] if options else [])])
    yield f"### {' '.join(path)}\n\n`{usage}`\n\n{verb.help}\n"
    rows = [(argument_name(one), one.help or "") for one in params if one.param_type_name == "argument"]
    rows += [(", ".join(one.opts) + ("" if one.is_flag else f" {one.metavar}"), one.help or "") for one in options]
    for words, text in rows:
        yield f"- `{words}`: {text}"
    if rows:
        yield ""


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
