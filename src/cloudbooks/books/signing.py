"""Signatures of a batch and of the log's head."""

from __future__ import annotations

from cloudbooks.chain import checkpoint, note
from cloudbooks.chain.note import Signer
from cloudbooks.store import log, past
from cloudbooks.store.book_file import BookFile


def signed(text: str, signer: Signer) -> bytes:
    """`text` as a signed note of one signature, under the signer's own name."""
    return f"{text}\n{note.sign(text, signer.vkey.name, signer)}".encode()


def keep_new_checkpoint(book: BookFile, signer: Signer) -> None:
    """Sign the head that the book has now and keep it as its checkpoint.

    This follows a commit: the block's place has been won, so nobody signs two histories (FORMAT.md section 5).
    """
    frontier = past.load_state(book).frontier
    text = checkpoint.text(checkpoint.origin(book.id), frontier.size, frontier.root)
    log.keep_checkpoint(book, signed(text, signer))
