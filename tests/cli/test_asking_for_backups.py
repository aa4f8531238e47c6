"""The passphrase of a backup is asked for on a terminal, twice where it is new, and never shown."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Run
from tests.cli.terminal import terminal

WORDS = "correct horse"


def test_a_passphrase_is_asked_for(run: Run) -> None:
    """Until both agree; a restore asks once, a wrong one is named, and no key stroke of it is on the screen."""
    run("init", "acme", "--base", "CNY", "--chart", "generic", "--no-passphrase", "--as", "Lina")
    with terminal("book", "backup", "one.age", "--age-passphrase") as screen:
        for first, second in ((WORDS, "correct house"), ("", ""), (WORDS, WORDS)):
            screen.wait_for("A passphrase for the backup: ")
            screen.type(first + "\n")
            if first:
                screen.wait_for("The same again: ")
                screen.type(second + "\n")
            if (first, second) != (WORDS, WORDS):
                screen.wait_for("The two differ, or are empty.")
        assert screen.finish() == 0
        assert "Encrypted with the passphrase, which opened it again." in screen.screen
        assert "horse" not in screen.screen
    for typed, status, said in (("correct house", 3, "error[age-key-wrong]"), (WORDS, 0, "new.cbk: acme")):
        with terminal("book", "restore", "one.age", "new") as screen:
            screen.wait_for("Passphrase of the backup: ")
            screen.type(typed + "\n")
            assert screen.finish() == status
            assert said in screen.screen
            assert "horse" not in screen.screen
    assert sorted(path.name for path in Path().iterdir()) == ["acme.cbk", "new.cbk", "one.age"]
