"""What a command may load: start-up is a feature (DEPENDENCIES.md section 5)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.conftest import Run

HEAVY = (
    *("rich", "textual", "sqlite_utils", "yaml", "msgspec", "cryptography", "re2", "platformdirs", "httpx2"),
    *("starlette", "click", "decimal", "importlib.metadata", "csv", "tomllib"),
    *("cloudbooks.chain", "cloudbooks.rules", "cloudbooks.importers"),
)


@pytest.mark.parametrize(
    "words", ["balance", "report trial-balance", "status", "chain head", "completion-words zsh 1 balance 10"]
)
def test_a_question_loads_nothing_heavy(run: Run, words: str) -> None:
    """After a question to a book no module of the forbidden list is loaded."""
    run("init", "acme", "--base", "CNY", "--no-passphrase")
    script = (
        "import sys; from cloudbooks.cli import door; status = door.run(sys.argv[1:]);"
        f"print('loaded', status, [name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script, *words.split()], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "loaded 0 []"


def test_a_balance_loads_nothing_of_drafts_and_keys(run: Run) -> None:
    """What a question to posted entries does not need costs each of them milliseconds."""
    run("init", "acme", "--base", "CNY", "--no-passphrase")
    needless = (
        "cloudbooks.core.draft",
        "cloudbooks.store.draft_text",
        "cloudbooks.system.keyring_passphrase",
        "getpass",
    )
    script = (
        "import sys; from cloudbooks.cli import door; status = door.run(['balance']);"
        f"print('loaded', status, [name for name in {needless!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "loaded 0 []"


def test_the_table_loads_no_command(run: Run) -> None:
    """`--help` of the program imports none of the modules that commands stand in."""
    script = (
        "import sys; from cloudbooks.cli import door; door.run(['--help']);"
        "print([name for name in sys.modules if name.startswith('cloudbooks.books')])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    assert run("--help").status == 0


def test_heavy_libraries_stay_in_their_rooms() -> None:
    """No module of the command line imports one of them at all: what needs them stands below."""
    folder = Path(__file__).parents[2] / "src" / "cloudbooks" / "cli"
    banned = ("rich", "textual", "sqlite_utils", "yaml", "msgspec", "cryptography", "re2")
    lines = [
        f"{file.name}: {line.strip()}"
        for file in folder.glob("*.py")
        for line in file.read_text(encoding="utf-8").splitlines()
        if line.strip().startswith(tuple(f"{word} {name}" for name in banned for word in ("import", "from")))
    ]
    assert lines == []
