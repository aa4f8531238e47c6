"""When acknowledged blocks lose their place: the one case in which a receipt is replaced by another history's.

A block that has not won a place at the peer that orders may be given another one, or its entries may return to drafts;
or the user goes on from a backup that is older, and accepts the loss.
The receipt of this machine speaks of the block at its old place, so before the book is committed a note is written
beside the receipt: from which head to which. Whoever opens the book and finds the receipt at the one and the other in
the book finishes the move. While the book stands where it stood, or holds that place still, the note is left alone: its
writer may be about to commit, and a note whose commit did not take place excuses nothing.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from blake3 import blake3

from cloudbooks.store import log_bytes, receipt
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.receipt import Receipt
from cloudbooks.system import files
from cloudbooks.system.clock import instant

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


def withdraw(state: Path, book: str) -> None:
    """Take the note of a move back that does not take place; where the disk does not even do that, it stays."""
    with suppress(OSError):
        files.unlink(_path(state, book))


class Unfinished(Exception):
    """A move was committed, and the state folder does not take `after`, the receipt that is true; `why` says why."""

    def __init__(self, after: Receipt, error: OSError) -> None:
        super().__init__(str(error))
        self.after = after
        self.why = files.reason(error)


def settled(book: BookFile, kept: Receipt) -> Receipt:
    """The receipt after a move that was announced and committed is finished; `kept` itself where none was.

    Raises `Unfinished`; then the note stays, and the next command tries it again.
    """
    path = _path(book.state, book.id)
    if not path.exists() or book.head is None:
        return kept
    move = _read(path)
    number = None if move is None or _block_of(book, move.before) is not None else _block_of(book, move.after)
    if move is not None and number is not None and move.before == kept.hash != move.after:
        after = Receipt(book.id, number, move.after, str(book.path), instant(book.clock.now()))
        try:
            receipt.move(book.state, kept, after)
        except receipt.Unreadable:
            # It was whole a moment ago; whoever reads it next sets it aside.
            return kept
        except OSError as error:
            raise Unfinished(after, error) from error
        kept = after
        from cloudbooks.store import attested  # noqa: PLC0415 - only where blocks were moved

        attested.forget_moved(book)
    if move is None or number is not None:
        with suppress(OSError):
            # A note that has done its work excuses nothing more.
            files.unlink(path)
    return kept


def _block_of(book: BookFile, hash_: str) -> int | None:
    """The number of the block of this hash; it is not the last any more where something was posted since the move."""
    digest = bytes.fromhex(hash_.removeprefix("b3:"))
    row = book.connection.execute("SELECT number FROM block WHERE hash = ?", (digest,)).fetchone()
    if row is None:
        return None
    try:
        kept = log_bytes.block_bytes(book.connection, row[0])
    except log_bytes.BytesDamaged:
        return None
    return int(row[0]) if blake3(kept or b"").digest() == digest else None


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
