"""What nobody expected, of a command: its noun and verb go into the log, nothing else of what was typed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cloudbooks.cli.commands import COMMANDS, Noun
from cloudbooks.system import bugs
from cloudbooks.system.bugs import Bug

__all__ = ["Bug", "logged"]


def logged(error: BaseException, words: Sequence[str]) -> Path | None:
    """Keep a log of what was raised, as `bugs.logged` does; its path, `None` without one."""
    return bugs.logged(error, " ".join(_names(words)))


def _names(words: Sequence[str]) -> list[str]:
    """The noun and verb of the command line, nothing else of it."""
    for place, word in enumerate(words):
        known = COMMANDS.get(word)
        if isinstance(known, Noun):
            return [word, *(verb for verb in words[place + 1 : place + 2] if verb in known.verbs)]
        if known is not None:
            return [word]
    return []
