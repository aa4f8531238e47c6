"""Keeping what is signed about the log, and files that records name, each in a transaction of its own."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterable

from cloudbooks.store import attachments, sqlite
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.kept_digest import kept_digest
from cloudbooks.store.log import cosignature_digest, root_at, signed_size, timestamp_digest
from cloudbooks.store.writing import writing

_KEY_ID_BYTES = 4

COSIGNATURES_MAX = 20_000
"""How many cosignatures a book takes from elsewhere; as many as a folder's are looked at."""

_KEEP_SIGNED = """
INSERT INTO checkpoint (one, size, text, digest) VALUES (1, ?, ?, ?)
ON CONFLICT (one) DO UPDATE SET size = excluded.size, text = excluded.text, digest = excluded.digest
WHERE excluded.size >= checkpoint.size
"""


def keep_checkpoint(book: BookFile, text: bytes) -> None:
    """Keep a signed checkpoint, unless one of a larger log is kept. It is no receipt: it may be made up later.

    A checkpoint of what this log is not, since another process gave way to a peer meanwhile, is not kept.
    """
    size, root = int(text.split(b"\n")[1]), b64decode(text.split(b"\n")[2])
    with writing(book):
        if root_at(book, size) == root:
            keep_signed(book.connection, size, text)


def keep_cosignatures(book: BookFile, lines: Iterable[tuple[int, bytes]]) -> int:
    """Keep cosignatures that came from elsewhere, each with its size, where none by such a key is; gives how many.

    None is kept over blocks that are not signed, which may still get other places, nor more than `COSIGNATURES_MAX` in
    all: a stranger may have made up as many as he liked.
    """
    with writing(book):
        signed = signed_size(book)
        (kept,) = book.connection.execute("SELECT count(*) FROM cosignature").fetchone()
        taken = 0
        for size, line in lines:
            if size <= signed and kept + taken < COSIGNATURES_MAX:
                key_id = b64decode(line.split()[-1])[:_KEY_ID_BYTES]
                taken += book.connection.execute(
                    "INSERT OR IGNORE INTO cosignature (size, key_id, line, digest) VALUES (?, ?, ?, ?)",
                    (size, key_id, line, cosignature_digest(size, key_id, line)),
                ).rowcount
        return taken


def keep_cosignature(book: BookFile, size: int, line: bytes) -> None:
    """Keep a witness's signature line over the log's first `size` blocks, in the place of an earlier one over them."""
    key_id = b64decode(line.split()[-1])[:_KEY_ID_BYTES]
    with writing(book):
        book.connection.execute(
            "INSERT OR REPLACE INTO cosignature (size, key_id, line, digest) VALUES (?, ?, ?, ?)",
            (size, key_id, line, cosignature_digest(size, key_id, line)),
        )


def keep_timestamp(book: BookFile, size: int, token: bytes, root: bytes) -> bool:
    """Keep a token over the log's first `size` blocks, whose root was `root` when it was judged; the first one stays.

    Gives whether it is kept now. Nothing is kept over blocks that are not signed: they may still get other places.
    """
    with writing(book):
        if size > signed_size(book) or root_at(book, size) != root:
            return False
        kept = book.connection.execute(
            "INSERT OR IGNORE INTO timestamp (size, token, digest) VALUES (?, ?, ?)",
            (size, token, timestamp_digest(size, token)),
        )
        return bool(kept.rowcount)


def keep_file(book: BookFile, data: bytes) -> str:
    """Keep a file in a transaction of its own; gives its name, `b3:…`."""
    with writing(book):
        return attachments.keep(book.connection, data)


def keep_signed(connection: sqlite.Connection, size: int, text: bytes) -> None:
    """Keep a checkpoint over `size` blocks in the caller's transaction."""
    connection.execute(_KEEP_SIGNED, (size, text, kept_digest(text)))
