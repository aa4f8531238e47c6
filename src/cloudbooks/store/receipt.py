"""The receipt: what this machine knows of a book's head, kept outside the book.

A chain cannot see that its own end was cut off, or that an old copy was put back; the receipt can. It is one canonical
line and a second with its `b3:` hash, in `receipts/<book id>` of the state folder. It is not signed: it guards against
crashes, rot and old copies, and whoever forges it together with the book is the witnesses' affair.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Final, NamedTuple

from blake3 import blake3

from cloudbooks.system import files

_BYTES_MAX: Final = 64 << 10
_FACTS: Final = {"book": str, "hash": str, "number": int, "path": str, "written_at": str}


class Receipt(NamedTuple):
    """The head that was acknowledged here last: block `number` with `hash`, in the file `path`, at `written_at`."""

    book: str
    number: int
    hash: str
    path: str
    written_at: str


class Unreadable(Exception):
    """A receipt does not hold what its second line says, or is no receipt."""


def path_of(state: Path, book: str) -> Path:
    """Where the receipt of a book is kept."""
    return state / "receipts" / book


def text(receipt: Receipt) -> bytes:
    """The two lines of a receipt."""
    facts = {name: getattr(receipt, name) for name in _FACTS}
    # Escapes keep a path that is not UTF-8, which Python holds as halves of characters.
    line = json.dumps(facts, sort_keys=True, separators=(",", ":")).encode() + b"\n"
    return line + f"b3:{blake3(line).hexdigest()}\n".encode()


def parse(data: bytes) -> Receipt:
    """The receipt that a file holds; raises `Unreadable`."""
    try:
        facts = json.loads(data.split(b"\n", 1)[0])
        receipt = Receipt(**{name: facts[name] for name in _FACTS})
    except (ValueError, KeyError, TypeError) as error:
        raise Unreadable from error
    typed = all(type(getattr(receipt, name)) is kind for name, kind in _FACTS.items())
    if not typed or text(receipt) != data:
        raise Unreadable
    return receipt


def read(state: Path, book: str) -> Receipt | None:
    """The receipt of a book, `None` if there is none; raises `Unreadable`."""
    try:
        receipt = parse(files.read_regular(path_of(state, book), _BYTES_MAX))
    except FileNotFoundError:
        return None
    except (OSError, files.FileUnfit) as error:
        raise Unreadable from error
    if receipt.book != book:
        raise Unreadable
    return receipt


def keep(state: Path, receipt: Receipt) -> None:
    """Write a receipt durably; one with a higher number that another process wrote meanwhile stays.

    Raises `OSError` where the state folder does not take it. An unreadable one is kept beside it as `.bad`.
    """
    path = path_of(state, receipt.book)
    files.private_folder(path.parent)
    with files.locked(path.with_name("receipt.lock")):
        try:
            there = read(state, receipt.book)
        except Unreadable:
            set_aside(path, "bad")
            there = None
        if there is None or there.number < receipt.number or there.hash == receipt.hash:
            files.replace_whole(path, text(receipt))


def move(state: Path, before: Receipt, after: Receipt) -> None:
    """Put a receipt in the place of `before`, whatever its number, if that is still the one that is kept.

    For blocks that lost their place to others (`moving`); raises `OSError` and `Unreadable`.
    """
    path = path_of(state, after.book)
    with files.locked(path.with_name("receipt.lock")):
        if read(state, after.book) == before:
            files.replace_whole(path, text(after))


def set_aside(path: Path, why: str) -> Path:
    """Rename a receipt to `NAME.why`, or `NAME.why-2`… where one was set aside before; gives the new path."""
    target = next(one for one in _aside(path, why) if not one.exists())
    files.replace(path, target)
    files.fsync_folder(path.parent)
    return target


def copy_aside(path: Path, why: str) -> Path:
    """Keep a copy of a receipt under a name as `set_aside` gives, once however often it is asked for; gives its path.

    Raises `OSError` and `FileUnfit`.
    """
    data = files.read_regular(path, _BYTES_MAX)
    target = next(one for one in _aside(path, why) if not one.exists() or files.read_start(one, _BYTES_MAX) == data)
    if not target.exists():
        files.create(target, data)
    return target


def _aside(path: Path, why: str) -> Iterator[Path]:
    yield path.with_name(f"{path.name}.{why}")
    yield from (path.with_name(f"{path.name}.{why}-{place}") for place in count(2))
