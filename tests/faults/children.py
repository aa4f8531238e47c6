"""Children of the nursery, as tests hold them: held at a gate, released, watched, killed, waited for."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import NamedTuple, Self

REPOSITORY = Path(__file__).parents[2]
SECONDS_MAX = 60


class Ending(NamedTuple):
    """How a child ended: its exit status (negative for a signal), and what it said."""

    status: int
    out: str
    err: str


class Child:
    """A process of the nursery. It waits at its gate until `release`."""

    def __init__(self, nursery: Nursery, folder: Path, pid: int, streams: tuple[int, int, int]) -> None:
        self._nursery = nursery
        self.folder = folder
        self.pid = pid
        self._gate, self._out, self._err = streams
        self._streams = {self._out: b"", self._err: b""}

    def release(self) -> None:
        """Let it begin."""
        os.close(self._gate)
        self._gate = -1

    def first_words(self) -> bytes:
        """What it says first; fails where it ends without a word."""
        while not self._streams[self._out]:
            assert self._read(time.monotonic() + SECONDS_MAX), (
                f"the child ended by itself: {self._streams[self._err]!r}"
            )
        return self._streams[self._out]

    def _read(self, deadline: float) -> bool:
        """Read what has come; false when both streams are at their end."""
        open_ones = [stream for stream in self._streams if stream >= 0]
        ready, _, _ = select.select(open_ones, [], [], max(0.0, deadline - time.monotonic()))
        assert ready, f"a child did nothing for {SECONDS_MAX} s"
        for stream in ready:
            data = os.read(stream, 1 << 16)
            self._streams[stream] += data
            if not data:
                os.close(stream)
                self._closed(stream)
        return any(stream >= 0 for stream in self._streams)

    def _closed(self, stream: int) -> None:
        kept = self._streams.pop(stream)
        gone = -2 - stream
        self._streams[gone] = kept
        if stream == self._out:
            self._out = gone
        else:
            self._err = gone

    def kill(self) -> None:
        """End it as `kill -9` does."""
        os.kill(self.pid, signal.SIGKILL)

    def finish(self, lock: AbstractContextManager[object] | None = None) -> Ending:
        """Wait for its end; where several threads have children, `lock` lets one of them speak to the nursery."""
        deadline = time.monotonic() + SECONDS_MAX
        while self._read(deadline):
            pass
        with lock or nullcontext():
            status = self._nursery.ended(self.pid)
        return Ending(status, self._streams[self._out].decode(), self._streams[self._err].decode())


class Nursery:
    """The process that makes children, and the socket on which it is told to. A context manager ends it."""

    def __init__(self) -> None:
        self.control, theirs = socket.socketpair()
        path = os.pathsep.join([str(REPOSITORY), str(REPOSITORY / "src")])
        spoken = {name: value for name, value in os.environ.items() if not name.startswith(("CLOUDBOOKS_", "LC_"))}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.nursery"],
            stdin=theirs.fileno(),
            cwd=REPOSITORY,
            env={**spoken, "PYTHONPATH": path, "LANG": "C.UTF-8"},
        )
        theirs.close()
        assert self.control.recv(5) == b"ready"

    def start(
        self,
        order: str,
        folder: Path,
        words: Sequence[str] = (),
        *,
        sabotage: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
    ) -> Child:
        """A child that will carry out an order in a folder, held at its gate."""
        gate, ours = os.pipe()
        (out, their_out), (err, their_err) = (tuple(end.detach() for end in socket.socketpair()) for _ in range(2))
        message: dict[str, object] = {
            "order": order,
            "folder": str(folder),
            "words": list(words),
            "sabotage": list(sabotage),
            "environment": dict(environment or {}),
        }
        socket.send_fds(self.control, [json.dumps(message).encode()], [gate, their_out, their_err])
        pid = int(self.control.recv(20))
        for descriptor in (gate, their_out, their_err):
            os.close(descriptor)
        return Child(self, folder, pid, (ours, out, err))

    def run(self, folder: Path, *words: str, environment: Mapping[str, str] | None = None) -> Ending:
        """Do one command of the program in a folder."""
        child = self.start("run", folder, words, environment=environment)
        child.release()
        return child.finish()

    def ended(self, pid: int) -> int:
        """The exit status of a child, when it has ended."""
        self.control.send(json.dumps({"wait": pid}).encode())
        return int(self.control.recv(20))

    def close(self) -> None:
        """Let the process end."""
        self.control.close()
        self.process.wait(10)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
