"""Which book: the flag, CLOUDBOOKS_BOOK, or the only one here or in a folder above."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from cloudbooks.errors import Refusal, joined, sentence
from cloudbooks.system.typed_path import typed_path

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
        return _named(typed_path(named), named)
    for folder in upward(here):
        books = sorted(path for path in folder.glob(f"*{SUFFIX}") if path.is_file())
        if len(books) > 1:
            raise BooksSeveral(folder, [path.name for path in books])
        if books:
            return books[0]
    raise BookMissing("")


def upward(here: Path) -> Iterator[Path]:
    """This folder and those above it, up to the root, which holds nobody's books.

    A folder that anybody can write to, such as /tmp, is passed over: a stranger could have put a book there.
    """
    yield here
    for folder in here.parents[:-1]:
        try:
            shared = folder.stat().st_mode & stat.S_IWOTH
        except OSError:
            continue
        if not shared:
            yield folder


def _named(path: Path, word: str) -> Path:
    for candidate in (path, path.parent / (path.name + SUFFIX)):
        # A link or a pipe is passed on as well: opening it says what is wrong with it.
        if _is_there(candidate):
            return candidate
    raise BookMissing(word)


def _is_there(path: Path) -> bool:
    try:
        return path.is_symlink() or (path.exists() and not path.is_dir())
    except OSError:
        return False  # a name that no disk takes
