"""Who gives blocks their places: this machine alone, or a peer that orders; and what may be signed and built upon.

With a peer that orders, a block that was posted here has no place of its own until that peer has it. So no checkpoint
is signed over it before (nobody signs two histories), and no batch names it as its base: then the batch can be
committed again at another place, unchanged, if somebody else was quicker.
"""

from __future__ import annotations

from cloudbooks.books.known_peers import PeerRow, peers_of
from cloudbooks.chain.batch import Base
from cloudbooks.store import log
from cloudbooks.store.book_file import BookFile


def orderer(book: BookFile) -> PeerRow | None:
    """The peer at which blocks win their places; `None` where this machine alone orders."""
    return next((row for row in peers_of(book) if row.orders), None)


def base_of(book: BookFile) -> Base:
    """The state that a new batch names as its base: the last that cannot change any more (FORMAT.md section 2.1 law 7).

    The first block stands in any case: it makes the book.
    """
    size = log.size(book) if orderer(book) is None else max(1, log.signed_size(book))
    return Base(f"s256:{log.root_at(book, size).hex()}", size)
