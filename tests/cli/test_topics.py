"""The topics of help: both languages, commands that can be run, lines that fit a terminal."""

from __future__ import annotations

import re

import pytest
from tests.cli.conftest import Run

from cloudbooks.cli.commands import COMMANDS, Noun
from cloudbooks.cli.topics import topic_names, topic_text
from cloudbooks.core.text import cells

WIDTH_MAX = 120


@pytest.mark.parametrize("name", topic_names())
def test_a_topic_says_the_same_commands_in_both_languages(name: str) -> None:
    """Each language names the same commands, and every one of them can be run."""
    found = []
    for language in ("en", "zh"):
        text = topic_text(name, language) or ""
        found.append(re.findall(r"cloudbooks ([a-z-]+)(?: ([a-z-]+))?", text))
        assert max(cells(line) for line in text.splitlines()) <= WIDTH_MAX
    assert [command for command, _ in found[0]] == [command for command, _ in found[1]]
    for command, verb in (*found[0], *found[1]):
        known = COMMANDS.get(command)
        assert known is not None, command
        assert not isinstance(known, Noun) or verb in known.verbs, f"{command} {verb}"


@pytest.mark.parametrize("name", topic_names())
def test_help_shows_a_topic(run: Run, name: str) -> None:
    """`cloudbooks help TOPIC` prints the text of the reader's language, and scripts get it whole."""
    assert run("help", name).out == topic_text(name, "en")
    assert run("help", name, "--lang", "zh").out == topic_text(name, "zh")
    assert run("help", name, "--json").json["data"]["about"] == name


def test_help_alone_lists_what_can_be_explained(run: Run) -> None:
    """Topics, and how commands and codes are explained; a command's page is the one of --help."""
    listed = run("help")
    assert all(name in listed.out for name in topic_names())
    assert run("help", "report", "income").out == run("report", "income", "--help").out
    assert run("help", "report").out == run("report", "--help").out
