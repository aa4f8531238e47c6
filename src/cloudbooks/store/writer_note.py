"""Who writes: a small file in the state folder while a write transaction is open, for those who wait.

It only names somebody in a message. Where it cannot be written, or was left by a stopped process, nobody is named.
"""

from __future__ import annotations

import getpass
import json
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cloudbooks.system import files
from cloudbooks.system.clock import Clock, instant

_BYTES_MAX = 4096


@dataclass(frozen=True, slots=True)
class Writer:
    """Who has held the write lock since when (an instant): a command, its process, and the user's login name."""

    command: str
    pid: int
    user: str
    since: str


def path_of(state: Path, book: str) -> Path:
    """Where the note about a book's writer is kept."""
    return state / "receipts" / f"{book}.writer"


def leave(state: Path, book: str, command: str, clock: Clock) -> None:
    """Say that this process writes."""
    writer = {"command": command, "pid": os.getpid(), "since": instant(clock.now()), "user": _user()}
    path = path_of(state, book)
    with suppress(OSError):
        files.private_folder(path.parent)
        files.unlink(path)
        descriptor = files.open_new(path)
        try:
            files.write(descriptor, json.dumps(writer).encode())
        finally:
            os.close(descriptor)


def remove(state: Path, book: str) -> None:
    """Say that this process writes no more."""
    with suppress(OSError):
        files.unlink(path_of(state, book))


def read(state: Path, book: str) -> Writer | None:
    """Who writes, if that is known and the process still runs."""
    try:
        facts = json.loads(files.read_regular(path_of(state, book), _BYTES_MAX))
        writer = Writer(str(facts["command"]), int(facts["pid"]), str(facts["user"]), str(facts["since"]))
    except (OSError, ValueError, KeyError, TypeError, files.FileUnfit):
        return None
    return writer if _runs(writer.pid) else None


def _runs(pid: int) -> bool:
    if os.name == "nt":  # there signal 0 would end the process
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid()) if hasattr(os, "getuid") else ""
