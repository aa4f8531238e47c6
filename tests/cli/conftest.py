"""A command line under test: its own state folder, no language but the one asked for, and no terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cloudbooks.cli import door

REPOSITORY = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command printed on both streams, and its exit status."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as one JSON value."""
        return json.loads(self.out)


Run = Callable[..., Outcome]


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    catalogues: None,  # noqa: ARG001 - the texts must be built
) -> Run:
    """Runs a command line inside this process, in a fresh folder."""
    home = tmp_path / "home"
    monkeypatch.setenv("CLOUDBOOKS_HOME", str(home))
    for variable in ("CLOUDBOOKS_BOOK", "CLOUDBOOKS_LANG", "LC_ALL", "LC_MESSAGES", "LANG", "NO_COLOR"):
        monkeypatch.delenv(variable, raising=False)
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)

    def command(*words: str) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["cloudbooks", *words])
        status = door.run(list(words))
        said = capsys.readouterr()
        return Outcome(status, said.out, said.err)

    return command
