"""`cloudbooks help`: a topic, a command, or the meaning of a code."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Annotated, Any

import typer

from cloudbooks.cli.commands import COMMANDS, Noun, Verb
from cloudbooks.cli.face import Face
from cloudbooks.cli.output import Answer, emit
from cloudbooks.cli.topics import topic_names, topic_text
from cloudbooks.errors import UsageError, joined, sentence

WORDS = typer.Argument(metavar="TOPIC|COMMAND|CODE", help="What to explain; nothing lists the topics.")


class TopicUnknown(UsageError):
    """The word is no topic, no command and no code of CloudBooks."""

    code = "topic-unknown"

    def __init__(self, word: str, near: Sequence[str]) -> None:
        hint = sentence("cloudbooks help lists the topics")
        if near:
            names = joined([f"cloudbooks help {name}" for name in near])
            hint = sentence("did you mean {names}?", names=names)
        super().__init__(sentence('"{word}" is no topic, no command and no code.', word=word), hint=hint)


def help_about(ctx: typer.Context, words: Annotated[list[str] | None, WORDS] = None) -> int:
    """Explain a topic, a command or a code."""
    face: Face = ctx.obj
    if not words:
        return _topics(face)
    if len(words) == 1 and (text := topic_text(words[0], face.locale.language)) is not None:
        return _said(face, words[0], text.rstrip("\n").split("\n"))
    command = _command(words)
    if command is not None:
        return _said(face, " ".join(words), _page(ctx, words, command, face))
    return _code(face, words[0])


def _topics(face: Face) -> int:
    names = topic_names()
    lines = [
        face.locale.say(sentence("Topics: {names}", names=joined(names))),
        face.locale.say(sentence("A command: cloudbooks help post")),
        face.locale.say(sentence("A code that a message names: cloudbooks help account-unknown")),
        face.locale.say(sentence("All commands: cloudbooks --help")),
    ]
    return emit(face, Answer("help", data=lambda: {"topics": list(names)}, lines=lambda: lines, rows="topics"))


def _said(face: Face, about: str, lines: Sequence[str]) -> int:
    return emit(face, Answer("help", data=lambda: {"about": about, "text": "\n".join(lines)}, lines=lambda: lines))


def _command(words: Sequence[str]) -> Verb | Noun | None:
    known: Verb | Noun | None = COMMANDS.get(words[0])
    for word in words[1:]:
        known = known.verbs.get(word) if isinstance(known, Noun) else None
    return known


def _page(ctx: Any, words: Sequence[str], known: Verb | Noun, face: Face) -> list[str]:
    from cloudbooks.cli.app import build  # noqa: PLC0415 - only where a command is explained
    from cloudbooks.cli.help_page import WIDTH_MAX, page  # noqa: PLC0415 - the same

    parent = ctx.find_root()
    for word in words[:-1]:
        parent = type(ctx)(build(word, COMMANDS[word]), info_name=word, parent=parent)
    context = type(ctx)(build(words[-1], known), info_name=words[-1], parent=parent)
    return list(page(context, face.locale, face.width or WIDTH_MAX))


def _code(face: Face, word: str) -> int:
    from cloudbooks.cli.codes import codes  # noqa: PLC0415 - it loads the whole program

    known = codes()
    wanted = word.removeprefix("error").removeprefix("finding").removeprefix("warning").strip("[]:")
    if wanted not in known:
        raise TopicUnknown(word, get_close_matches(word, [*topic_names(), *COMMANDS, *known], n=3))
    code = known[wanted]
    meaning = face.locale.text(code.meaning)
    if code.finding:
        title = sentence("finding[{code}], exit status {status}", code=code.code, status=code.exit_status)
    else:
        title = sentence("error[{code}], exit status {status}", code=code.code, status=code.exit_status)
    facts = {"code": code.code, "meaning": meaning, "exit_status": code.exit_status}
    return emit(face, Answer("help", data=lambda: facts, lines=lambda: [face.locale.say(title), meaning]))
