"""Which book: the flag, CLOUDBOOKS_BOOK, or the only one here or in a folder above."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cloudbooks.errors import Refusal, joined, sentence

SUFFIX = ".cbk"


class BookMissing(Refusal):
    """There is no book where one was named, or nowhere from here upward."""

    code = "book-missing"

    def __init__(self, named: str) -> None:
        message = sentence("there is no book in this folder or above it.")
        hint = sentence("cloudbooks init NAME makes one, cloudbooks demo shows one")
        if named:
            message = sentence('there is no book "{name}".', name=named)
            hint = sentence("cloudbooks init {name} makes it", name=named.removesuffix(SUFFIX))
        super().__init__(message, hint=hint)


class BooksSeveral(Refusal):
    """Several books lie in the folder, and none was named."""

    code = "book-ambiguous"

    def __init__(self, folder: Path, names: Sequence[str]) -> None:
        super().__init__(
            sentence("{n} books are in {folder}: {names}.", n=len(names), folder=str(folder), names=joined(names)),
            hint=sentence("add -b {name}", name=names[0]),
        )


def find_book(named: str, here: Path) -> Path:
    """The book's file; raises `BookMissing` or `BooksSeveral`. A name may leave out its suffix."""
    if named:
        return _named(Path(named).expanduser(), named)
    for folder in (here, *here.parents):
        books = sorted(path for path in folder.glob(f"*{SUFFIX}") if path.is_file())
        if len(books) > 1:
            raise BooksSeveral(folder, [path.name for path in books])
        if books:
            return books[0]
    raise BookMissing("")


def _named(path: Path, word: str) -> Path:
    for candidate in (path, path.with_name(path.name + SUFFIX)):
        # A link or a pipe is passed on as well: opening it says what is wrong with it.
        if candidate.is_symlink() or (candidate.exists() and not candidate.is_dir()):
            return candidate
    raise BookMissing(word)
