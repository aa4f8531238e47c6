"""A process that has the program loaded and forks a child for each command that is asked for at its socket.

A child is the program as `python -m cloudbooks` is it, without the loading: it has the folder, the words, the
environment and the streams of who asks, and nothing ran in this process before it but imports.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import io
import marshal
import os
import pkgutil
import select
import socket
import sys
import time
import traceback
from typing import NoReturn

import cloudbooks
from cloudbooks.cli import door

_ASKED_BYTES = 1 << 16
BESIDE = ("rich.table", "rich.markup", "typer.core", "zoneinfo", "subprocess", "tempfile")
"""What commands load of others' libraries when they need it."""


def load() -> None:
    """Import all that commands import when they need it, but for the screens."""
    for module in pkgutil.walk_packages(cloudbooks.__path__, "cloudbooks."):
        if not module.name.startswith("cloudbooks.tui") and not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    for name in BESIDE:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()


def asked(there: socket.socket) -> tuple[list[int], tuple[str, list[str], dict[str, str]]]:
    """The streams, and the folder, the words and the environment that somebody sent."""
    data, streams, _, _ = socket.recv_fds(there, _ASKED_BYTES, 3)
    while more := there.recv(_ASKED_BYTES):
        data += more
    return streams, marshal.loads(data)


def be_the_program(there: socket.socket) -> NoReturn:
    """Do the command that is asked for, say how it ended, and end."""
    status = 99
    try:
        streams, (folder, words, environment) = asked(there)
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
            os.close(stream)
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        time.tzset()
        for name in ("stdin", "stdout", "stderr"):
            setattr(sys, name, _stream(name))
        sys.argv = ["cloudbooks", *words]
        there.send(os.getpid().to_bytes(4, "big"))
        status = door.run(words)
    except SystemExit as done:
        status = done.code if isinstance(done.code, int) else 1
    except BaseException:  # noqa: BLE001 - the child must not go on as a second server
        traceback.print_exc()
    finally:
        with contextlib.suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        with contextlib.suppress(OSError):
            there.send(bytes([status & 255]))
        os._exit(status)


def _stream(name: str) -> io.TextIOWrapper:
    """A standard stream as Python makes it when it starts: by lines on a terminal, errors at once."""
    number = ("stdin", "stdout", "stderr").index(name)
    buffered = os.fdopen(number, "rb" if name == "stdin" else "wb", closefd=False)
    by_lines = name == "stderr" or (name == "stdout" and os.isatty(number))
    errors = "backslashreplace" if name == "stderr" else "strict"
    return io.TextIOWrapper(buffered, "utf-8", errors, line_buffering=by_lines)


def main(address: str) -> None:
    """Serve at a new socket until nobody holds standard input open any more: whoever started this has ended."""
    load()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as door_bell:
        door_bell.bind(address)
        door_bell.listen(16)
        os.write(1, b"ready")
        while sys.stdin not in select.select([door_bell, sys.stdin], [], [])[0]:
            there, _ = door_bell.accept()
            if os.fork() == 0:
                door_bell.close()
                be_the_program(there)
            there.close()
            _bury()


def _bury() -> None:
    """Take note of children that have ended."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


if __name__ == "__main__":
    main(sys.argv[1])
