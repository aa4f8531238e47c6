"""A folder of one's own for what is in clear: made beside its destination, gone afterwards, and known if it is not."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

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
    own = beside / (PREFIX + secrets.token_hex(8))
    try:
        # Made within, so that a signal cannot come between the folder and what removes it.
        own.mkdir(mode=files.PRIVATE_FOLDER)
        with files.locked(own / _LOCK):
            yield own
    finally:
        shutil.rmtree(own, ignore_errors=True)


def left_behind(folder: Path) -> tuple[Finding, ...]:
    """The private folders that processes left here that are no more, as warnings with the command that removes them."""
    with suppress(OSError):
        return tuple(_left(one) for one in sorted(folder.glob(PREFIX + "*")) if _abandoned(one))
    return ()


def _abandoned(own: Path) -> bool:
    return own.is_dir() and not own.is_symlink() and not files.in_use(own / _LOCK)


def _left(own: Path) -> Finding:
    message = sentence("a backup or a restore was killed here; what it was working on may be in clear.")
    return Finding("copy-left", own.name, message, sentence("rm -r {path}", path=shell_word(str(own))), warning=True)
