"""Pinned keys: the first member's key of each book that this machine has reason to trust."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from cloudbooks.system import files

_FOLDER = "pins"
_BYTES_MAX = 4096


def pin(state: Path, book: str, vkey: str) -> None:
    """Keep the verifier key of a book's first member as the one that this machine trusts; raises `FileNotWritten`."""
    path = state / _FOLDER / book
    try:
        files.replace_whole(files.private_folder(path.parent) / book, f"{vkey}\n".encode())
    except OSError as error:
        raise files.FileNotWritten(path, error) from error


def pinned(state: Path, book: str) -> str:
    """The verifier key pinned for a book; empty where there is none."""
    path = state / _FOLDER / book
    if not path.is_file():
        return ""
    return files.read_regular(path, _BYTES_MAX).decode("ascii", errors="replace").strip()


def forget(state: Path, book: str) -> None:
    """Take a pin back: the book that it was for was never made."""
    with suppress(OSError):
        # Where the disk does not even do that, a pin is left that no book has.
        files.unlink(state / _FOLDER / book)
