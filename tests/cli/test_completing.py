"""Completion: commands, flags, settings, accounts, and nothing that disturbs the line."""

from __future__ import annotations

import subprocess
import sys

import pytest
from tests.cli.conftest import REPOSITORY, Run

from cloudbooks.cli.completing import candidates
from cloudbooks.cli.completion import SCRIPTS


def completed(*line: str) -> list[str]:
    """The candidates for the last of these words."""
    return [value for value, _ in candidates(line, len(line) - 1)]


def test_commands_and_verbs_are_completed() -> None:
    """Names of the table, after flags too."""
    assert completed("acc") == ["account"]
    assert completed("--json", "acc") == ["account"]
    assert completed("-b", "acme.cbk", "account", "l") == ["list"]
    assert completed("account", "list", "") == []


def test_flags_are_those_of_the_command_and_of_all() -> None:
    """`--al` after post is its own flag; `--lang` is everybody's."""
    assert completed("post", "--al") == ["--all"]
    assert completed("post", "--lan") == ["--lang"]
    assert completed("--lan") == ["--lang"]


def test_values_are_completed_where_they_are_known() -> None:
    """Languages, settings, shells, topics, files."""
    assert completed("--lang", "z") == ["zh"]
    assert completed("config", "get", "l") == ["lang"]
    assert completed("completion", "f") == ["fish"]
    assert "posting" in completed("help", "p")
    assert completed("import", "") == ["@file"]
    assert completed("import", "a.csv", "") == ["@file"]


def test_a_fault_is_silent(run: Run) -> None:
    """No book, no candidates, no words on the line under the cursor, exit 0."""
    outcome = run("completion-words", "bash", "2", "account", "show", "10")
    assert (outcome.status, outcome.out, outcome.err) == (0, "", "")
    assert run("completion-words").status == 0


@pytest.mark.parametrize("word", ["account", "add"])
def test_bash_completes_with_the_script(word: str) -> None:
    """The script that is printed works in bash: it asks the program and offers its answers."""
    script = (
        f'cloudbooks() {{ "{sys.executable}" -m cloudbooks "$@"; }}\n{SCRIPTS["bash"]}\n'
        f"COMP_WORDS=(cloudbooks {word[:3]}); COMP_CWORD=1; _cloudbooks_complete; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    )
    done = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, check=True, env={"PYTHONPATH": str(REPOSITORY / "src")}
    )
    assert done.stdout.split() == [word]


def test_completion_of_commands_loads_no_typer() -> None:
    """A key press waits for it: nothing heavy is imported."""
    script = (
        "import sys; from cloudbooks.cli import door; door.run(['completion-words', 'bash', '0', 'acc']);"
        "print([name for name in ('typer', 'yaml', 'msgspec', 'rich') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["account", "[]"]
