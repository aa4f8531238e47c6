"""Every text that CloudBooks says, found in its code: the literal templates, and the help of every command."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from cloudbooks.cli.app import LazyGroup, build, program
from cloudbooks.cli.codes import codes
from cloudbooks.cli.commands import COMMANDS, Noun
from cloudbooks.cli.face import FLAGS
from cloudbooks.cli.settings import SETTINGS

SOURCE = Path(__file__).parents[2] / "src" / "cloudbooks"
Key = str | tuple[str, str]
"""A template, or singular and plural."""


def templates() -> Iterator[tuple[Key, str]]:
    """The templates of all calls of `sentence` and `counted`, with their places."""
    for file in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in ("sentence", "counted")
            ):
                place = f"{file.relative_to(SOURCE)}:{node.lineno}"
                literals = [
                    one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)
                ]
                if node.func.id == "sentence" and literals:
                    yield literals[0], place
                elif node.func.id == "counted" and len(literals) > 1:
                    yield (literals[0], literals[1]), place


def computed_templates() -> Iterator[str]:
    """Places where a template is not written as a literal, so that no translator can find it."""
    for file in sorted(SOURCE.rglob("*.py")):
        if file.name == "errors.py":
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in ("sentence", "counted")
            ):
                wanted = node.args[:1] if node.func.id == "sentence" else node.args[:2]
                if (
                    not all(isinstance(one, ast.Constant) and isinstance(one.value, str) for one in wanted)
                    or not wanted
                ):
                    yield f"{file.relative_to(SOURCE)}:{node.lineno}"


def helps() -> Iterator[tuple[Key, str]]:
    """Help texts of commands, arguments, options and settings, and the meanings of codes."""
    group = program()
    yield group.help or "", "the program"
    for param in group.params:
        yield getattr(param, "help", None) or "", f"the program, {param.name}"
    for name, known in COMMANDS.items():
        yield known.help, name
        for verb, one in (known.verbs if isinstance(known, Noun) else {name: known}).items():
            yield one.help, f"{name} {verb}"
            command = build(verb, one)
            assert not isinstance(command, LazyGroup)
            for param in command.params:
                yield getattr(param, "help", None) or "", f"{name} {verb}, {param.name}"
    for flag in FLAGS:
        yield flag.help, flag.name
    for setting in SETTINGS.values():
        yield setting.help, setting.key
    for code in codes().values():
        yield code.meaning, code.code


def everything() -> dict[Key, str]:
    """All texts with one place each."""
    found: dict[Key, str] = {}
    for key, place in (*templates(), *helps()):
        found.setdefault(key, place)
    return found


def has_words(key: Key) -> bool:
    """Whether there is anything to translate: letters outside the blanks."""
    text = key if isinstance(key, str) else key[0]
    return any(character.isalpha() for character in re.sub(r"\{[^{}]*\}", "", text))
