"""Whole processes, measured from outside: CPU seconds, wall seconds and peak memory, as medians of several runs."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measured:
    """Medians of several runs of one command: CPU and wall seconds, and the largest peak memory in MiB."""

    cpu: float
    wall: float
    peak: float
    runs: int


class CommandFailed(Exception):
    """A measured command ended with another status than 0."""


def command(
    words: Sequence[str], *, runs: int = 5, warm: bool = True, env: Mapping[str, str] | None = None
) -> Measured:
    """Run a command `runs` times after one warm-up, its output thrown away."""
    if warm:
        _once(words, env)
    measured = [_once(words, env) for _ in range(runs)]
    return Measured(
        statistics.median(one.cpu for one in measured),
        statistics.median(one.wall for one in measured),
        max(one.peak for one in measured),
        runs,
    )


def _once(words: Sequence[str], env: Mapping[str, str] | None) -> Measured:
    started = time.perf_counter()
    process = subprocess.Popen(
        list(words), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, **(env or {})}
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - started
    if process.returncode != 0:
        raise CommandFailed(" ".join(words))
    return Measured(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024, 1)


def inside(action: Callable[[], object], *, runs: int = 5) -> float:
    """Median CPU seconds of an action in this process."""
    taken: list[float] = []
    for _ in range(runs):
        before = time.process_time()
        action()
        taken.append(time.process_time() - before)
    return statistics.median(taken)


def wall_inside(action: Callable[[], object], *, runs: int = 5) -> float:
    """Median wall seconds of an action in this process: for what waits on the disk."""
    taken: list[float] = []
    for _ in range(runs):
        before = time.perf_counter()
        action()
        taken.append(time.perf_counter() - before)
    return statistics.median(taken)
