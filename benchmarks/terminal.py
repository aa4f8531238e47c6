"""A program in a terminal of its own: keys go in, and what is drawn is waited for."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

SIZE = (24, 80)
PATIENCE = 60.0
"""Seconds after which something that should be drawn is given up."""

QUIET = 0.06
"""Seconds without output after which a program is taken to have drawn everything."""

ASKED, ANSWER = b"\x1b[6n", b"\x1b[1;2R"
"""A program asks where the cursor stands after a box character: it took one cell."""


class NotDrawn(Exception):
    """What was waited for has not been drawn."""


class Terminal:
    """A program in a pseudo-terminal; `started` is when it was begun. Leaving it ends the program."""

    def __init__(self, words: Sequence[str], env: Mapping[str, str]) -> None:
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", *SIZE, 0, 0))
        self.master = master
        self.drawn = b""
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            words, stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
            env={**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", **env},
        )  # fmt: skip
        os.close(slave)

    def wait(self, *wanted: str) -> float:
        """Read until all of `wanted` were drawn since the last key; when that was. Raises `NotDrawn`."""
        marks = [one.encode() for one in wanted]
        until = time.perf_counter() + PATIENCE
        while not all(mark in self.drawn for mark in marks):
            if not self._read(until - time.perf_counter()):
                raise NotDrawn(f"{wanted}: {self.drawn[-2000:]!r}")
        return time.perf_counter()

    def press(self, keys: str) -> float:
        """Type keys, and forget what was drawn before; when that was."""
        self.drawn = b""
        before = time.perf_counter()
        os.write(self.master, keys.encode())
        return before

    def painted(self) -> float:
        """Read until something is drawn; when that was. Raises `NotDrawn`."""
        if not self._read(PATIENCE):
            raise NotDrawn("nothing")
        return time.perf_counter()

    def settle(self) -> None:
        """Read until nothing more is drawn."""
        while self._read(QUIET):
            pass

    def _read(self, seconds: float) -> bool:
        ready, _, _ = select.select([self.master], [], [], max(0.0, seconds))
        try:
            data = os.read(self.master, 1 << 16) if ready else b""
        except OSError:
            data = b""
        self.drawn += data
        if ASKED in data:
            os.write(self.master, ANSWER)
        return bool(data)

    def cpu(self) -> float:
        """CPU seconds of the program so far, all its threads together."""
        tasks = Path(f"/proc/{self.process.pid}/task").glob("*/schedstat")
        return sum(int(task.read_text(encoding="ascii").split()[0]) for task in tasks) / 1e9

    def peak(self) -> float:
        """The most memory that the program has had so far, in MiB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        os.close(self.master)
