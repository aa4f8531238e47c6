"""A pseudo-terminal with a command on it: what stands on the screen can be waited for, and answered."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from tests.cli.conftest import REPOSITORY

SECONDS = 60
INTERRUPT = "\x03"


class Terminal:
    """A command on a terminal; `screen` is all that it printed so far, with plain line ends."""

    def __init__(self, words: tuple[str, ...], columns: int, environment: Mapping[str, str]) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "cloudbooks", *words],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=dict(environment),
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - no thread runs in these tests
        )
        os.close(theirs)
        self._bytes = b""
        self._seen = 0

    @property
    def screen(self) -> str:
        """Everything that was printed."""
        return self._bytes.decode("utf-8", errors="replace").replace("\r\n", "\n")

    def _read(self, deadline: float) -> bool:
        """Read what has come; whether more may come."""
        ready, _, _ = select.select([self._ours], [], [], max(0.0, deadline - time.monotonic()))
        assert ready, f"nothing more came within {SECONDS} s:\n{self.screen}"
        try:
            data = os.read(self._ours, 65_536)
        except OSError:
            return False  # Linux answers so when the last process has left the terminal
        self._bytes += data
        return bool(data)

    def wait_for(self, words: str) -> None:
        """Wait until `words` stand on the screen, after what was waited for before."""
        deadline = time.monotonic() + SECONDS
        while words not in self.screen[self._seen :]:
            assert self._read(deadline), f'the command ended without "{words}":\n{self.screen}'
        self._seen += self.screen[self._seen :].index(words) + len(words)

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self._ours, keys.encode())

    def finish(self) -> int:
        """Wait for the end; the exit status."""
        deadline = time.monotonic() + SECONDS
        while self._read(deadline):
            pass
        return self.process.wait(SECONDS)

    def close(self) -> None:
        """End the command if it still runs."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self._ours)


@contextmanager
def terminal(*words: str, columns: int = 80, environment: Mapping[str, str] | None = None) -> Iterator[Terminal]:
    """A command on a terminal of 24 lines, in the state folder of this test."""
    kept = {"PYTHONPATH": str(REPOSITORY / "src"), "TERM": "xterm", "PAGER": "cat"}
    kept |= {name: os.environ[name] for name in ("PATH", "CLOUDBOOKS_HOME")}
    opened = Terminal(words, columns, kept | dict(environment or {}))
    try:
        yield opened
    finally:
        opened.close()
