"""Signatures of a batch and of the log's head."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from cloudbooks import __version__
from cloudbooks.books.desk import Desk
from cloudbooks.books.ordering import orderer
from cloudbooks.chain import batch as batches
from cloudbooks.chain import checkpoint, note, record, sealing
from cloudbooks.chain.batch import Base, Batch
from cloudbooks.chain.note import Signer
from cloudbooks.errors import Finding, Refusal, sentence
from cloudbooks.store import keeping_log, log
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.commit import Seal
from cloudbooks.system.chance import new_id
from cloudbooks.system.clock import instant

PROGRAM = f"cloudbooks/{__version__}"
"""What batches name as the program that made them."""


def signed(text: str, signer: Signer) -> bytes:
    """`text` as a signed note of one signature, under the signer's own name."""
    return f"{text}\n{note.sign(text, signer.vkey.name, signer)}".encode()


def signed_batch(
    desk: Desk, book: str, base: Base | None, by: tuple[str, Signer], records: Sequence[record.AnyRecord]
) -> tuple[Batch, Seal]:
    """A batch of records, and what gives it its place; `by` is its author's id and signature, `book` the book's id.

    `base` is the state that it builds upon, `None` for the first batch of all. Raises `FormFault`, as does the seal.
    """
    author, signer = by
    now = instant(desk.clock.now())
    batch = batches.make(
        author=author, base=base, book=book, id=new_id(desk.clock), made_at=now, program=PROGRAM, records=records
    )
    return batch, sealing.seal(batch, signed(batches.note_text(batch), signer), now)


class HeadSigned(NamedTuple):
    """What became of signing the head: whether that waits for a peer, and a finding where the head was not kept."""

    waits: bool
    findings: tuple[Finding, ...]


def keep_new_checkpoint(book: BookFile, signer: Signer) -> HeadSigned:
    """Sign the head that the book has now and keep it as its checkpoint, where this machine alone orders.

    This follows a commit: the block's place has been won, so nobody signs two histories (FORMAT.md section 5). Where a
    peer orders, the place is won there, and `sync` signs: then nothing is done. What is posted is posted: a disk that
    does not take the checkpoint is a finding, and the next post makes it up.
    """
    if orderer(book) is not None:
        return HeadSigned(waits=True, findings=())
    try:
        sign_checkpoint(book, signer, log.size(book))
    except Refusal as refusal:
        return HeadSigned(waits=False, findings=(head_not_signed(book.path.name, refusal),))
    return HeadSigned(waits=False, findings=())


def head_not_signed(name: str, refusal: Refusal) -> Finding:
    """That all is posted in the book of this file name, but for the signature over its head."""
    message = sentence("everything is posted; only the signed head could not be kept, and the next post makes it up.")
    return Finding("checkpoint-not-kept", name, message, refusal.hint, warning=True)


def sign_checkpoint(book: BookFile, signer: Signer, size: int) -> bytes:
    """Sign the log's first `size` blocks, which stand for ever, and keep the checkpoint; gives it."""
    text = checkpoint.text(checkpoint.origin(book.id), size, log.root_at(book, size))
    note = signed(text, signer)
    keeping_log.keep_checkpoint(book, note)
    return note
