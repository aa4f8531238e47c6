"""Regular expressions of RE2: linear in the text, refused where RE2 refuses them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import re2

from cloudbooks.errors import Sentence, sentence

MEMORY_MAX = 4 << 20
"""Bytes that one compiled pattern may take; RE2 refuses a pattern that needs more."""

SIZE_MAX = 1_000_000
"""Instructions that all patterns of a file may have together; a usual pattern has about thirty."""

_REPEAT = re.compile(r"(?<!\\)\{[0-9]+(?:,[0-9]*)?\}")
_TELLING = re.compile(r"[0-9]|\\[xQ]")


_PROBLEMS = {
    "invalid escape sequence": sentence("RE2 has no such backslash"),
    "invalid character class": sentence("RE2 has no such class or range"),
    "invalid character class range": sentence("RE2 has no such class or range"),
    "missing ]": sentence("a [ is not closed"),
    "missing )": sentence("a ( is not closed"),
    "unexpected )": sentence("a ) closes nothing"),
    "trailing \\": sentence("a backslash stands at the end"),
    "no argument for repetition operator": sentence("nothing stands before the repetition"),
    "invalid repetition size": sentence("a repetition is above 1000, or goes backwards"),
    "bad repetition operator": sentence("a repetition is repeated"),
    "invalid perl operator": sentence("RE2 has no look-around and no such group"),
    "invalid named capture group": sentence("the name of a group is not one"),
    "pattern too large - compile failed": sentence("the pattern takes too much memory"),
}


class PatternFault(Exception):
    """RE2 does not read a pattern. `problem` says why, `piece` is the part of the pattern that is meant, if known."""

    def __init__(self, words: str) -> None:
        problem, _, self.piece = words.partition(": ")
        self.problem: Sentence = _PROBLEMS.get(problem, sentence("RE2 does not know it"))
        super().__init__(words)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern as the rule writes it. `tells_digits` says that it may tell one ASCII digit from another."""

    source: str
    tells_digits: bool = field(init=False, compare=False)

    def __post_init__(self) -> None:
        compiled(self.source)
        object.__setattr__(self, "tells_digits", _tells_digits(self.source))

    def found(self, raw: bytes) -> bool:
        """Whether the pattern finds something in a UTF-8 text."""
        return compiled(self.source).search(raw) is not None

    def first(self, raw: bytes) -> str | None:
        """What the pattern finds first in a UTF-8 text."""
        match = compiled(self.source).search(raw)
        return None if match is None else match.group(0).decode(errors="replace")

    @property
    def size(self) -> int:
        """Instructions of the compiled pattern: what it costs in time and memory."""
        return int(compiled(self.source).programsize)

    @property
    def finds_all(self) -> bool:
        """Whether the pattern is one of the usual ways to write "anything"."""
        return self.source in {".*", "^.*", ".*$", "^.*$", "^", "$", "(?s).*"}


def options() -> Any:
    """RE2's options for patterns of rules: nothing on stderr, and a limit on memory."""
    chosen = re2.Options()
    chosen.log_errors = False
    chosen.max_mem = MEMORY_MAX
    return chosen


@lru_cache(maxsize=1 << 14)
def compiled(source: str) -> Any:
    """The compiled pattern; raises `PatternFault`."""
    try:
        return re2.compile(source.encode(), options())
    except re2.error as error:
        raise PatternFault(error.args[0].decode(errors="replace")) from None


def _tells_digits(source: str) -> bool:
    r"""Whether the pattern names a digit. `\d`, `\w`, `.` and classes without a digit treat all digits alike.

    A range of a class holds some digits and not others only if one of its ends is a digit. Counts such as `{2,4}` are
    no digits of the text; inside a class they would be, so a pattern with both is taken to tell.
    """
    if "[" not in source:
        source = _REPEAT.sub("", source)
    return _TELLING.search(source) is not None
