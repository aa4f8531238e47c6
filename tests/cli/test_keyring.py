"""The keyring of a desktop gives the passphrase where there is one; where it cannot, the passphrase is asked for."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest
from tests.cli.conftest import Run


class Keyring(ModuleType):
    """What the package `keyring` is to its callers: one that keeps passphrases by service and name, or is locked."""

    def __init__(self, kept: dict[tuple[str, str], str], *, locked: bool = False) -> None:
        super().__init__("keyring")
        self.kept = kept
        self.locked = locked

    def get_password(self, service: str, name: str) -> str | None:
        """What is kept, or the error of a keyring that nobody unlocked."""
        if self.locked:
            raise RuntimeError(service)
        return self.kept.get((service, name))


@pytest.fixture
def book(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A book whose key is wrapped, and a draft to post."""
    given = tmp_path / "given"
    given.write_text("right\n", encoding="utf-8")
    with monkeypatch.context() as patch:
        patch.setenv("CLOUDBOOKS_PASSPHRASE_FILE", str(given))
        run("init", "acme", "--base", "CNY", "--chart", "generic", "--as", "Lina")
    run("add", "2026-10-20", "Paper", "6400", "300", "1010")


@pytest.mark.usefixtures("book")
def test_the_keyring_opens_the_key(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under the member's name; one that keeps another passphrase is refused by the key itself."""
    monkeypatch.setitem(sys.modules, "keyring", Keyring({("cloudbooks", "Lina"): "wrong"}))
    assert run("post", "--all", "--yes", "--as", "Lina").err.startswith("error[passphrase-wrong]")
    monkeypatch.setitem(sys.modules, "keyring", Keyring({("cloudbooks", "Lina"): "right"}))
    assert run("post", "--all", "--yes", "--as", "Lina").status == 0


@pytest.mark.usefixtures("book")
@pytest.mark.parametrize("keyring", [None, Keyring({}), Keyring({}, locked=True)])
def test_without_it_the_passphrase_is_asked_for(
    run: Run, monkeypatch: pytest.MonkeyPatch, keyring: Keyring | None
) -> None:
    """Not installed, with nothing kept, or locked: all the same to whoever works."""
    monkeypatch.setitem(sys.modules, "keyring", keyring)
    refused = run("post", "--all", "--yes", "--as", "Lina")
    assert refused.err.startswith("error[no-terminal]")
    assert "CLOUDBOOKS_PASSPHRASE_FILE" in refused.err
