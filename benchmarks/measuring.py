"""Whole processes, measured from outside: CPU seconds, wall seconds and peak memory, the best of several runs.

The best is taken, not the median: other work on the machine only ever adds to what a run costs.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_LAUNCHER = [sys.executable, "-I", "-S", str(Path(__file__).with_name("launching.py"))]


@dataclass(frozen=True, slots=True)
class Measured:
    """The best of several runs of one command: the least CPU and wall seconds, and the least peak memory in MiB."""

    cpu: float
    wall: float
    peak: float


class CommandFailed(Exception):
    """A measured command ended with another status than 0."""


def command(words: Sequence[str], *, runs: int = 5, env: Mapping[str, str] | None = None) -> Measured:
    """Run a command `runs` times, its output thrown away. Raises `CommandFailed` with what it said."""
    measured = [_once(words, env) for _ in range(runs)]
    return Measured(
        min(one.cpu for one in measured), min(one.wall for one in measured), min(one.peak for one in measured)
    )


def _once(words: Sequence[str], env: Mapping[str, str] | None) -> Measured:
    done = subprocess.run(
        [*_LAUNCHER, *words], capture_output=True, text=True, check=True, env={**os.environ, **(env or {})}
    )
    told = json.loads(done.stdout)
    if told["status"] != 0:
        raise CommandFailed(f"{' '.join(words)}: status {told['status']}: {done.stderr.strip()}")
    return Measured(told["cpu"], told["wall"], told["peak"])


def inside(action: Callable[[], object], *, runs: int = 5) -> float:
    """The least CPU seconds of an action in this process."""
    taken: list[float] = []
    for _ in range(runs):
        before = time.process_time()
        action()
        taken.append(time.process_time() - before)
    return min(taken)
