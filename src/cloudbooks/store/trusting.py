"""Whether a book may be trusted: its head against the receipt, and after a doubt the whole of it before a write."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from blake3 import blake3

from cloudbooks.core.digest import short
from cloudbooks.core.text import shell_word
from cloudbooks.errors import ChainFault, Finding, Refusal, Sentence, sentence
from cloudbooks.store import forks, log_bytes, meta, moving, receipt
from cloudbooks.store.receipt import Receipt
from cloudbooks.system import files
from cloudbooks.system.clock import Clock, instant, local_time

if TYPE_CHECKING:
    from cloudbooks.store.book_file import BookFile
    from cloudbooks.store.opening import Head

RECEIPT_NEW: Final = "receipt-new"
_LOOKS: Final = 5
"""How often receipt and head are read while another process writes both."""


class BookBehind(ChainFault):
    """The book ends before the last block that was acknowledged on this machine, in this file."""

    code = "book-behind"

    def __init__(self, head: Head, kept: Receipt) -> None:
        self.kept = kept
        self.number = head.number
        super().__init__(
            _behind(head, kept),
            hint=sentence("cp COPY {path} puts a newer copy back", path=kept.path),
        )


class OlderCopy(ChainFault):
    """The book ends before the last block acknowledged on this machine in another file: a copy, or a backup."""

    code = "older-copy"

    def __init__(self, head: Head, kept: Receipt) -> None:
        super().__init__(
            sentence(
                "this file is an older copy: it ends at block {number} ({hash}), {path} ended at block {kept}.",
                number=head.number, hash=short(head.hash), path=kept.path, kept=kept.number,
            ),
            hint=sentence("cloudbooks status -b {path}", path=shell_word(kept.path)),
        )  # fmt: skip


class BookContradictsReceipt(ChainFault):
    """A block that was acknowledged on this machine has another hash in the book: its history was rewritten."""

    code = "book-contradicts-receipt"

    def __init__(self, number: int, hash_: str, kept: Receipt) -> None:
        super().__init__(
            sentence(
                "block {number} is {hash} in this file, but {kept_hash} was posted here on {at} (receipt).",
                number=number, hash=short(hash_), kept_hash=short(kept.hash),
                at=local_time(kept.written_at),
            ),
            hint=sentence("cp COPY {path} puts a copy back that holds the posted block", path=kept.path),
        )  # fmt: skip


class LinkBroken(ChainFault):
    """A block that was added since the receipt does not fit the one before it, or its batch is not the one it names."""

    code = "chain-broken"

    def __init__(self, number: int) -> None:
        super().__init__(
            sentence("block {number} does not fit block {before}. The book is read-only.", number=number,
                     before=number - 1),
            hint=sentence("cloudbooks verify"),
        )  # fmt: skip


def judge(book: BookFile) -> None:
    """Compare the head with the receipt, and say in `book` what follows (RELIABILITY: what open does)."""
    try:
        book.unsure = meta.read(book.connection, meta.UNVERIFIED)
    except meta.MetaDamaged as fault:
        book.stopped = book.barred = fault
    if book.unsure:
        message = sentence("a writer was stopped, or tables were rebuilt; the book is verified before the next write.")
        book.faults += (Finding("unverified", book.path.name, message, _VERIFY, warning=True),)
    assert book.head is not None
    book.forked = forks.told(book.state, book.id)
    if book.forked is not None:
        book.faults += (Finding("forked", book.path.name, book.forked.message, book.forked.hint, warning=True),)
    kept = _receipt_and_head(book)
    if kept is None:
        _is_new(book)
    elif book.head.number < kept.number:
        _is_behind(book, kept)
    elif _hash_at(book, kept.number) != kept.hash:
        _stop(book, BookContradictsReceipt(kept.number, _hash_at(book, kept.number), kept))
    elif book.head.number > kept.number:
        _is_ahead(book, kept.number)


def _receipt_and_head(book: BookFile) -> Receipt | None:
    """The receipt, and in `book` a head that is not older than it: a writer commits first, and writes the receipt then.

    Where they contradict each other they are read again, because another process may have moved both in between.
    """
    kept = _kept_receipt(book)
    for _ in range(_LOOKS):
        book.refresh()
        if kept is None:
            break
        try:
            kept = moving.settled(book, kept)
        except moving.Unfinished as left:
            book.faults += (not_written(book.state, book.path, left.after.number, left.why),)
            kept = left.after
        again = kept if _hash_at(book, kept.number) == kept.hash else _kept_receipt(book)
        if again == kept:
            break
        kept = again
    return kept


def _kept_receipt(book: BookFile) -> Receipt | None:
    try:
        return receipt.read(book.state, book.id)
    except receipt.Unreadable:
        path = receipt.path_of(book.state, book.id)
        with suppress(OSError):
            path = receipt.set_aside(path, "bad")
        message = sentence("the receipt of this book cannot be read; it is kept as {path}.", path=str(path))
        book.faults += (Finding("receipt-unreadable", book.path.name, message, _VERIFY, warning=True),)
        return None


_VERIFY: Final = sentence("cloudbooks verify")


def _is_new(book: BookFile) -> None:
    book.unsure = book.unsure or RECEIPT_NEW
    message = sentence("this machine has no receipt of this book yet; it is verified before the first write.")
    book.faults += (Finding("receipt-new", book.path.name, message, _VERIFY, warning=True),)


def _is_behind(book: BookFile, kept: Receipt) -> None:
    assert book.head is not None
    if kept.path == str(book.path):
        _stop(book, BookBehind(book.head, kept))
        return
    copy = OlderCopy(book.head, kept)
    book.barred = book.barred or copy
    book.faults += (Finding(copy.code, book.path.name, copy.message, copy.hint, warning=True),)


def _is_ahead(book: BookFile, number: int) -> None:
    """A writer was stopped between its commit and its receipt: what it added is looked at, and acknowledged."""
    assert book.head is not None
    for block in range(number + 1, book.head.number + 1):
        if not _linked(book, block):
            _stop(book, LinkBroken(block))
            return
    book.faults += tuple(acknowledge(book))


def _stop(book: BookFile, fault: ChainFault) -> None:
    book.stopped = book.stopped or fault
    book.barred = book.barred or fault


def acknowledge(book: BookFile) -> list[Finding]:
    """Write the receipt of the book's head; a finding where the state folder does not take it."""
    assert book.head is not None
    return acknowledge_head(book.state, book.id, book.path, book.head, book.clock)


def acknowledge_head(state: Path, book: str, path: Path, head: Head, clock: Clock) -> list[Finding]:
    """Write the receipt of a head in the state folder `state`; a finding where that does not take it."""
    try:
        receipt.keep(state, Receipt(book, head.number, head.hash, str(path), instant(clock.now())))
    except (OSError, Refusal) as error:
        why = error.message if isinstance(error, Refusal) else files.reason(error)
        return [not_written(state, path, head.number, why)]
    return []


def not_written(state: Path, path: Path, number: int, why: Sentence | str) -> Finding:
    """That a block of the book `path` stands, and the state folder did not take its receipt."""
    message = sentence("block {number} is posted, but its receipt was not written: {why}.", number=number, why=why)
    hint = sentence("ls -ld {folder}; the next command writes it", folder=str(state))
    return Finding("receipt-not-written", path.name, message, hint)


def _hash_at(book: BookFile, number: int) -> str:
    try:
        data = log_bytes.block_bytes(book.connection, number)
    except log_bytes.BytesDamaged:
        data = None
    return f"b3:{blake3(data or b'').hexdigest()}"


def _linked(book: BookFile, number: int) -> bool:
    """Whether a block names the one before it and its own batch by their true hashes."""
    try:
        data = log_bytes.block_bytes(book.connection, number)
        batch = log_bytes.batch_bytes(book.connection, number)
        header = json.loads((data or b"").partition(b"\n")[0])
        linked = header["previous"] == _hash_at(book, number - 1) and header["number"] == number
        return bool(linked and header["batch"] == f"b3:{blake3(batch or b'').hexdigest()}")
    except (log_bytes.BytesDamaged, ValueError, KeyError, TypeError):
        return False


def _behind(head: Head, kept: Receipt) -> Sentence:
    return sentence(
        "this file ends at block {number} ({hash}, {at}), but block {kept} ({kept_hash}) was posted here on {kept_at}"
        " (receipt). An old copy was put back, or the end is lost.",
        number=head.number, hash=short(head.hash), at=local_time(head.committed_at),
        kept=kept.number, kept_hash=short(kept.hash), kept_at=local_time(kept.written_at),
    )  # fmt: skip
