"""What nobody expected: one sentence for people, and a log file for those who mend it."""

from __future__ import annotations

import os
import platform
import traceback
from pathlib import Path

from cloudbooks import __version__
from cloudbooks.errors import CloudBooksError, sentence


class Bug(CloudBooksError):
    """CloudBooks met a case that its authors did not think of (exit 70)."""

    code = "bug"
    exit_status = 70

    def __init__(self, kind: str, log: Path | None) -> None:
        message = sentence("CloudBooks has a bug here ({kind}).", kind=kind)
        hint = sentence("the same command with --debug shows where; report what it prints")
        if log is not None:
            message = sentence("CloudBooks has a bug here ({kind}); the log is {log}", kind=kind, log=str(log))
            hint = sentence("report it with that file; it holds no arguments of yours")
        super().__init__(message, hint=hint)


def logged(error: BaseException, command: str) -> Path | None:
    """Write version, system, command and traceback into a file of the state folder; its path, `None` without one.

    `command` names the noun and verb; arguments stay out, because they may hold names and amounts.
    """
    from cloudbooks.system.state_folder import state_folder  # noqa: PLC0415 - only for a bug

    try:
        folder = state_folder() / "logs"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for number in range(1, 1000):
            file = folder / f"bug-{os.getpid()}-{number}.log"
            try:
                descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            except FileExistsError:
                continue
            with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as opened:
                opened.write("".join(_log(error, command)))
            return file
    except Exception:  # noqa: BLE001 - a bug is being reported: a full disk or a bug here must not hide it
        return None
    return None


def _log(error: BaseException, command: str) -> list[str]:
    return [
        f"cloudbooks {__version__}\n",
        f"python {platform.python_version()} on {platform.platform()}\n",
        f"command: {command}\n\n",
        *traceback.format_exception(error),
    ]
