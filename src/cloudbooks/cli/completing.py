"""What may come next on a command line: asked by the shell at each press of Tab, so nothing heavy is loaded.

The shell calls `cloudbooks completion-words SHELL INDEX WORD...`: the words after `cloudbooks`, and which of them, from
0, is being written. The answer has one candidate a line; for zsh and fish a tab and a description follow it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cloudbooks.cli.commands import COMMANDS, Noun, Verb

if TYPE_CHECKING:
    from cloudbooks.books.desk import Desk

Candidate = tuple[str, str]
SHELLS = ("bash", "zsh", "fish")
FILE = "@file"
"""Answered where the shell itself knows best: its own completion of file names."""


def answer(words: Sequence[str]) -> int:
    """Print the candidates. It always ends with 0: a shell that is writing a line has no use for an error."""
    try:
        shell, index, line = words[0], int(words[1]), list(words[2:])
        for value, said in candidates(line, index):
            sys.stdout.write(f"{value}\t{said}\n" if said and shell != "bash" else f"{value}\n")
        sys.stdout.flush()
    except Exception:  # noqa: BLE001 - there is nobody to tell: the line under the cursor must not be disturbed
        return 0
    return 0


def candidates(line: Sequence[str], index: int) -> Iterator[Candidate]:
    """What may stand at `index` of the words after the program's name, each with a description or an empty text."""
    begun = line[index] if index < len(line) else ""
    before = list(line[:index])
    for value, said in _possible(before, begun):
        if value.casefold().startswith(begun.casefold()):
            yield value, said


def _possible(before: list[str], begun: str) -> Iterable[Candidate]:
    command, place = _command(before)
    if begun.startswith("-"):
        return _flags(command)
    if before and (kind := _value_of(before[-1])):
        return _kind(kind, before)
    if isinstance(command, Verb):
        return _kind(_argument(command, place), before)
    table = command.verbs if isinstance(command, Noun) else COMMANDS
    return [(name, known.help) for name, known in table.items()]


def _command(before: Sequence[str]) -> tuple[Verb | Noun | None, int]:
    """The command written so far, and how many of its arguments stand already."""
    command: Verb | Noun | None = None
    place, value_follows = 0, False
    for word in before:
        if value_follows or word.startswith("-"):
            value_follows = not value_follows and bool(_value_of(word))
        elif isinstance(command, Verb):
            place += 1
        else:
            command = (command.verbs if command else COMMANDS).get(word)
            if command is None:
                return None, 0
    return command, place


_OPTION_VALUES = {
    "--account": "account",
    "--book": "book",
    "-b": "book",
    "--lang": "lang",
    "--color": "color",
    "--output": "file",
    "-o": "file",
    "--rules": "file",
    "--opening": "file",
}


def _value_of(word: str) -> str:
    return _OPTION_VALUES.get(word, "")


def _argument(command: Verb, place: int) -> str:
    if place < len(command.words):
        kind = command.words[place]
        return command.words[place - 1] if kind == "*" else kind
    return command.words[-2] if command.words[-1:] == ("*",) else ""


def _flags(command: Verb | Noun | None) -> Iterable[Candidate]:
    from cloudbooks.cli.face import FLAGS  # noqa: PLC0415 - only where a flag is being written

    own: list[Candidate] = []
    if isinstance(command, Verb):
        from cloudbooks.cli.app import build  # noqa: PLC0415 - the command itself knows its options

        params: list[Any] = build("", command).params
        own = [(word, param.help or "") for param in params for word in param.opts if word.startswith("--")]
    return dict.fromkeys([*own, *((word, flag.help) for flag in FLAGS for word in flag.words if word.startswith("--"))])


def _kind(kind: str, before: Sequence[str]) -> Iterable[Candidate]:
    if (of_book := {"account": _accounts, "template": _templates}.get(kind)) is not None:
        return of_book(before)
    if kind == "book":
        return [(path.name, "") for path in sorted(Path.cwd().glob("*.cbk"))]
    if kind == "setting":
        from cloudbooks.cli.settings import SETTINGS  # noqa: PLC0415 - only for `config`

        return [(key, setting.help) for key, setting in SETTINGS.items()]
    if kind == "topic":
        from cloudbooks.cli.topics import topic_names  # noqa: PLC0415 - only for `help`

        return [(name, "") for name in (*topic_names(), *COMMANDS)]
    words = {"shell": SHELLS, "lang": ("en", "zh"), "color": ("auto", "always", "never")}.get(kind)
    if words is not None:
        return [(word, "") for word in words]
    return [(FILE, "")] if kind == "file" else []


def _accounts(before: Sequence[str]) -> Iterable[Candidate]:
    """The open accounts of the book, by code with their names, and by name with their codes."""
    from cloudbooks.books.completing import open_accounts  # noqa: PLC0415 - only where an account is being written

    found = open_accounts(_desk(before))
    return [*((one.code, one.name) for one in found), *((one.name, one.code) for one in found)]


def _templates(before: Sequence[str]) -> Iterable[Candidate]:
    """The templates of the book by name, with what they are about."""
    from cloudbooks.books.templates import templates  # noqa: PLC0415 - only where a template is being named

    return [(one.name, one.draft.summary) for one in templates(_desk(before))]


def _desk(before: Sequence[str]) -> Desk:
    """The desk of the book that the words before name, or that is found without."""
    from cloudbooks.books.desk import Desk  # noqa: PLC0415 - only where the book itself is asked
    from cloudbooks.cli.finding_book import find_book  # noqa: PLC0415 - the same
    from cloudbooks.system.clock import SystemClock  # noqa: PLC0415 - the same
    from cloudbooks.system.state_folder import state_folder  # noqa: PLC0415 - the same

    named = next((after for word, after in pairwise(before) if word in ("-b", "--book")), "")
    book = find_book(named or os.environ.get("CLOUDBOOKS_BOOK", ""), Path.cwd())
    return Desk(book, state_folder(), SystemClock(), "cloudbooks completion", passphrase=bytes)
