"""When acknowledged blocks lose their place: the one case in which a receipt is replaced by another history's.

A block that has not won a place at the peer that orders may be given another one, or its entries may return to drafts.
The receipt of this machine speaks of the block at its old place, so before the book is committed a note is written
beside the receipt: from which head to which. Whoever opens the book and finds the receipt at the one and the book at
the other finishes the move; if the book stands where it stood the commit did not take place, and the note is dropped.
No other difference between book and receipt is excused by it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from blake3 import blake3

from cloudbooks.store import receipt
from cloudbooks.store.receipt import Receipt
from cloudbooks.system import files
from cloudbooks.system.clock import instant

if TYPE_CHECKING:
    from cloudbooks.store.book_file import BookFile

_BYTES_MAX: Final = 4096


@dataclass(frozen=True, slots=True)
class Move:
    """From the head that was acknowledged to the one that is to be, by their hashes (`b3:…`)."""

    before: str
    after: str


def announce(state: Path, book: str, move: Move) -> None:
    """Write the note of a move durably; raises `FileNotWritten` where the state folder does not take it."""
    path = _path(state, book)
    try:
        files.private_folder(path.parent)
        files.replace_whole(path, _text(move))
    except OSError as error:
        raise files.FileNotWritten(path, error) from error


def settled(book: BookFile, kept: Receipt) -> Receipt:
    """The receipt after a move that was announced is finished or dropped; `kept` itself where none was."""
    path = _path(book.state, book.id)
    if not path.exists() or book.head is None:
        return kept
    move = _read(path)
    head = book.head
    if move == Move(kept.hash, head.hash) and kept.hash != head.hash:
        after = Receipt(book.id, head.number, head.hash, str(book.path), instant(book.clock.now()))
        receipt.move(book.state, kept, after)
        kept = after
    if move is None or head.hash in (move.before, move.after):
        files.unlink(path)
    return kept


def _path(state: Path, book: str) -> Path:
    return receipt.path_of(state, book).with_name(f"{book}.moving")


def _text(move: Move) -> bytes:
    line = json.dumps({"after": move.after, "before": move.before}, separators=(",", ":")).encode() + b"\n"
    return line + f"b3:{blake3(line).hexdigest()}\n".encode()


def _read(path: Path) -> Move | None:
    try:
        data = files.read_regular(path, _BYTES_MAX)
        facts = json.loads(data.split(b"\n", 1)[0])
        move = Move(str(facts["before"]), str(facts["after"]))
    except (OSError, files.FileUnfit, ValueError, KeyError, TypeError):
        return None
    return move if _text(move) == data else None
