"""Signatures of a batch and of the log's head."""

from __future__ import annotations

from cloudbooks.books.ordering import orderer
from cloudbooks.chain import checkpoint, note
from cloudbooks.chain.note import Signer
from cloudbooks.store import log
from cloudbooks.store.book_file import BookFile


def signed(text: str, signer: Signer) -> bytes:
    """`text` as a signed note of one signature, under the signer's own name."""
    return f"{text}\n{note.sign(text, signer.vkey.name, signer)}".encode()


def keep_new_checkpoint(book: BookFile, signer: Signer) -> bool:
    """Sign the head that the book has now and keep it as its checkpoint, where this machine alone orders.

    This follows a commit: the block's place has been won, so nobody signs two histories (FORMAT.md section 5). Where a
    peer orders, the place is won there, and `sync` signs: then nothing is done, which is told by false.
    """
    if orderer(book) is not None:
        return False
    sign_checkpoint(book, signer, log.size(book))
    return True


def sign_checkpoint(book: BookFile, signer: Signer, size: int) -> bytes:
    """Sign the log's first `size` blocks, which stand for ever, and keep the checkpoint; gives it."""
    text = checkpoint.text(checkpoint.origin(book.id), size, log.root_at(book, size))
    note = signed(text, signer)
    log.keep_checkpoint(book, note)
    return note
