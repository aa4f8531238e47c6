"""The table of commands: every command is real, has its help in both languages, and stands in the reference."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from typing import Any

import pytest
from tests.cli.conftest import REPOSITORY, Run

from cloudbooks.cli import reference
from cloudbooks.cli.app import FaceCommand, build
from cloudbooks.cli.commands import COMMANDS, PLANNED, Noun, Verb

CONTRACT = {
    "": "init demo import review add post undo status verify close sync tui doctor watch completion help sql",
    "book": "init show backup restore rebuild export import",
    "account": "list add rename close show chart",
    "entry": "list show new reverse correct",
    "draft": "list show edit attach accept approve return discard",
    "statement": "sniff import list show explain withdraw reconcile profile",
    "match": "list accept transfer split",
    "rule": "list check test explain backtest replay new",
    "batch": "list show",
    "chain": "verify head prove check export log timestamp cosign seen",
    "member": "list add revoke rotate",
    "peer": "add list status pull push diff",
    "report": "trial-balance balance-sheet income cash-flow ledger journal balance aging budget run pack",
    "period": "list check close reopen",
    "invoice": "add list show check issue record match lookup export",
    "claim": "add list show check issue record match new submit approve return pay",
    "party": "list add show",
    "price": "list add show import",
    "commodity": "list add show",
    "asset": "list add show dispose",
    "books": "list run",
    "config": "get set explain",
}
"""The names that scripts rely on: they only grow."""


def verbs() -> Iterator[tuple[tuple[str, ...], Verb]]:
    """Every command with its words."""
    for name, known in COMMANDS.items():
        if isinstance(known, Noun):
            yield from (((name, verb), one) for verb, one in known.verbs.items())
        else:
            yield (name,), known


def named(value: Any) -> str:
    """A command's words as the name of its test."""
    return "" if isinstance(value, Verb) else " ".join(value)


@pytest.mark.parametrize(("words", "verb"), list(verbs()), ids=named)
def test_a_command_says_in_its_code_what_the_table_says(words: tuple[str, ...], verb: Verb) -> None:
    """The first line of the function's docstring is the table's line of help, and every parameter has its own."""
    module, _, function = verb.place.partition(":")
    docstring = inspect.getdoc(getattr(importlib.import_module(module), function)) or ""
    assert docstring.partition("\n\n")[0].replace("\n", " ") == verb.help
    command = build(words[-1], verb)
    assert isinstance(command, FaceCommand)
    params: list[Any] = list(command.params)
    assert [param.name for param in params if not param.help] == []


@pytest.mark.parametrize(("words", "verb"), list(verbs()), ids=named)
def test_a_command_shows_its_help(run: Run, words: tuple[str, ...], verb: Verb) -> None:
    """`--help` answers on standard output, in both languages, and loads nothing that fails."""
    english, chinese = run(*words, "--help"), run(*words, "--help", "--lang", "zh")
    assert english.status == chinese.status == 0
    assert english.out.startswith(f"Usage: cloudbooks {' '.join(words)}")
    assert verb.help.split()[0] in english.out
    assert chinese.out.startswith(f"用法：cloudbooks {' '.join(words)}")
    assert verb.help not in chinese.out


def test_the_reference_is_what_the_program_says() -> None:
    """docs/commands.md is not stale: `python -m cloudbooks.cli.reference docs/commands.md` makes it anew."""
    assert (REPOSITORY / "docs" / "commands.md").read_text(encoding="utf-8") == reference.page()


@pytest.mark.parametrize(("noun", "names"), list(CONTRACT.items()))
def test_every_name_of_the_contract_is_built_or_planned(noun: str, names: str) -> None:
    """No name of the contract is answered by "there is no command"."""
    known = COMMANDS.get(noun) if noun else None
    built = COMMANDS if not noun else known.verbs if isinstance(known, Noun) else {}
    planned = tuple(PLANNED) if not noun else PLANNED.get(noun, ())
    assert [name for name in names.split() if name not in built and name not in planned] == []


def test_what_is_not_built_is_not_listed(run: Run) -> None:
    """A planned command is named in a sentence only when it is called."""
    listed = {line.split()[0] for line in run("--help").out.splitlines() if line.startswith("  ") and line.strip()}
    assert listed & {"review", "watch", "invoice"} == set()
    outcome = run("books")
    assert (outcome.status, outcome.err.splitlines()[0]) == (
        2,
        "error[command-not-built]: cloudbooks books is planned; this version does not have it yet.",
    )
