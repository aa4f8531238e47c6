"""The program as a user runs it: a process of its own, in its own folder, with its own state."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any


class Program:
    """The program as a user runs it, in its own folder with its own state."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # Byte code is kept between the many short processes, whatever the machine says about it.
        inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        self.env = {**inherited, "CLOUDBOOKS_HOME": str(folder / "home"), "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command; whatever it says."""
        return subprocess.run(
            [sys.executable, "-m", "cloudbooks", *words],
            cwd=self.folder, env=self.env, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip

    def __call__(self, *words: str, status: int = 0) -> Any:
        """Run a command with --json; its `data`. Fails the test for another exit status."""
        done = self.run(*words, "--json")
        assert done.returncode == status, f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return json.loads(done.stdout)["data"]
