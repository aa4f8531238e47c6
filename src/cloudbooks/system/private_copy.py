"""A folder of one's own for what is in clear: made beside its destination, gone afterwards, and known if it is not."""

from __future__ import annotations

import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Final, NoReturn

from cloudbooks.core.text import shell_word
from cloudbooks.errors import Finding, sentence
from cloudbooks.system import files

PREFIX: Final = ".cloudbooks-"
_LOCK: Final = "in-use"


@contextmanager
def private_folder(beside: Path) -> Iterator[Path]:
    """A new folder of mode 0700 in `beside`; it is removed with all in it, Ctrl-C included.

    Only a process that is killed leaves it: then `left_behind` names it.
    """
    with tempfile.TemporaryDirectory(prefix=PREFIX, dir=beside) as own, files.locked(Path(own) / _LOCK):
        yield Path(own)


def left_behind(folder: Path) -> tuple[Finding, ...]:
    """The private folders that processes left here that are no more, as warnings with the command that removes them."""
    with suppress(OSError):
        return tuple(_left(one) for one in sorted(folder.glob(PREFIX + "*")) if _abandoned(one))
    return ()


def _abandoned(own: Path) -> bool:
    return own.is_dir() and not own.is_symlink() and not files.in_use(own / _LOCK)


def _left(own: Path) -> Finding:
    message = sentence("{path} holds what a backup or a restore was working on when it was stopped.", path=str(own))
    return Finding("copy-left", own.name, message, sentence("rm -r {path}", path=shell_word(str(own))), warning=True)


@contextmanager
def ended_in_order() -> Iterator[None]:
    """Let SIGTERM, and a terminal that is closed, unwind the program as Ctrl-C does, so that nothing stays in clear.

    For the main thread only, where signals arrive.
    """
    kinds = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = [(kind, signal.signal(kind, _end)) for kind in kinds]
    try:
        yield
    finally:
        for kind, handler in before:
            signal.signal(kind, handler)


def _end(number: int, _: FrameType | None) -> NoReturn:
    # What a shell shows for a program that ended by this signal.
    raise SystemExit(128 + number)
