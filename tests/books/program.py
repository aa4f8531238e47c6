"""The program as a user runs it: a process of its own, in its own folder, with its own state.

With the words of `loaded_program` that process is a child of one that has the program loaded, not a start.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.loaded.program import STARTED


class Program:
    """The program as a user runs it, in its own folder with its own state."""

    def __init__(self, folder: Path, words: Sequence[str] = STARTED) -> None:
        self.folder = folder
        self._words = words
        # Byte code is kept between the many short processes, whatever the machine says about it.
        inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        self.env = {**inherited, "CLOUDBOOKS_HOME": str(folder / "home"), "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command; whatever it says."""
        return subprocess.run(
            [*self._words, *words],
            cwd=self.folder, env=self.env, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip

    def __call__(self, *words: str, status: int = 0) -> Any:
        """Run a command with --json; its `data`. Fails the test for another exit status."""
        done = self.run(*words, "--json")
        assert done.returncode == status, f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return json.loads(done.stdout)["data"]
