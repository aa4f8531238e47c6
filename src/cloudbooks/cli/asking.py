"""Questions: asked on a terminal, answered by a flag elsewhere, never by a guess."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TypeVar

from cloudbooks.cli.face import Face
from cloudbooks.errors import Refusal, Sentence, UsageError, sentence

YES = frozenset({"y", "yes", "是", "ｙ"})
Choice = TypeVar("Choice")


class NoTerminal(UsageError):
    """An answer is needed, and there is no terminal to ask at."""

    code = "no-terminal"

    def __init__(self, hint: Sentence) -> None:
        super().__init__(sentence("a decision is needed and there is no terminal."), hint=hint)


class Declined(Refusal):
    """The question was answered with no; nothing was done."""

    code = "declined"

    def __init__(self) -> None:
        super().__init__(
            sentence("the answer was no; nothing was written."), hint=sentence("the same command asks again")
        )


class NameDiffers(Refusal):
    """What cannot be taken back asks for a name, and another one was given."""

    code = "confirm-differs"

    def __init__(self, wanted: str, given: str) -> None:
        super().__init__(
            sentence('"{given}" was given, "{wanted}" is meant; nothing was written.', given=given, wanted=wanted),
            hint=sentence('--confirm "{wanted}"', wanted=wanted),
        )


def agreed(face: Face, question: Sentence, elsewhere: Sentence) -> None:
    """Go on only where the user agrees; raises `Declined`, or `NoTerminal` with what to give `elsewhere`."""
    if face.yes:
        return
    if not face.may_ask:
        raise NoTerminal(elsewhere)
    if _answer(f"{face.locale.say(question)} [y/N] ").casefold() not in YES:
        raise Declined


def named(face: Face, question: Sentence, name: str) -> None:
    """Go on only where the user names what is meant, typed or with --confirm; `--yes` is not enough."""
    given = face.confirm
    if not given:
        if not face.may_ask:
            raise NoTerminal(sentence('--confirm "{wanted}"', wanted=name))
        given = _answer(face.locale.say(question) + " ")
    if given != name:
        raise NameDiffers(name, given)


def wanted(face: Face, question: Sentence, flag: str, default: str = "") -> str:
    """A text that is needed: asked for on a terminal, where Enter takes the default; elsewhere `NoTerminal`."""
    if not face.may_ask:
        raise NoTerminal(sentence("add {flag}", flag=flag))
    shown = f" [{default}]" if default else ""
    return _answer(f"{face.locale.say(question)}{shown} ") or default


def picked(face: Face, question: Sentence, choices: Sequence[tuple[str, Choice]]) -> Choice | None:
    """One of several, by its number; `None` where nobody can be asked, or Enter was all that came."""
    if not face.may_ask:
        return None
    for place, (label, _) in enumerate(choices, start=1):
        sys.stderr.write(f"  {place}  {face.locale.say(label)}\n")
    while True:
        given = _answer(f"{face.locale.say(question)} [1-{len(choices)}] ")
        if not given:
            return None
        if given.isascii() and given.isdigit() and 1 <= int(given) <= len(choices):
            return choices[int(given) - 1][1]


def _answer(prompt: str) -> str:
    """One line from the terminal; the prompt goes to standard error, since standard output is for data."""
    sys.stdout.flush()
    sys.stderr.write(prompt)
    sys.stderr.flush()
    line = sys.stdin.readline()
    if not line:
        sys.stderr.write("\n")
    return line.strip()
