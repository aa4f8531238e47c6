"""Signatures of a batch and of the log's head."""

from __future__ import annotations

from cloudbooks.chain import checkpoint, note
from cloudbooks.chain.note import Signer
from cloudbooks.store import log, past
from cloudbooks.store.book_file import BookFile


def keep_new_checkpoint(book: BookFile, signer: Signer) -> None:
    """Sign the head that the book has now and keep it as its checkpoint.

    This follows a commit: the block's place has been won, so nobody signs two histories (FORMAT.md section 5).
    """
    state = past.load_state(book)
    origin = f"cloudbooks/{book.id}"
    text = checkpoint.text(origin, state.frontier.size, state.frontier.root)
    log.keep_checkpoint(book, note.signed(text, signer))


