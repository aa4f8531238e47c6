"""The program, loaded once: tests that run hundreds of commands need not wait hundreds of times for its imports."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
ASKING = Path(__file__).with_name("asking.py")
STARTED = (sys.executable, "-m", "cloudbooks")
"""What stands before the words of a command where the program itself is started."""
AT_START = {"LC_ALL": "C.UTF-8", "PYTHONPATH": f"{REPOSITORY / 'src'}:{REPOSITORY}"}
"""What an interpreter asks for when it starts; a child has the environment of whoever asks for it, and no other."""


@contextmanager
def loaded() -> Iterator[tuple[str, ...]]:
    """A process that has the program loaded; given is what stands before the words of a command that it is to do."""
    # A socket's address is short, and a test's folder may be long.
    with tempfile.TemporaryDirectory(prefix="loaded") as folder:
        address = f"{folder}/socket"
        words = [sys.executable, "-m", "tests.loaded.serving", address]
        with subprocess.Popen(
            words, cwd=REPOSITORY, env=os.environ | AT_START, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            assert process.stdout.read(5) == b"ready"
            yield sys.executable, "-IS", str(ASKING), address
