"""Keys of this machine that no member has had yet: a copy makes them, and an admin adds them where the admin works."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from cloudbooks.chain.note import Vkey
from cloudbooks.store import reading
from cloudbooks.store.book_file import BookFile
from cloudbooks.system import keyfile


class WaitingKey(NamedTuple):
    """A key that waits for an admin, and the digest of the one that was made to follow it, empty where none was."""

    vkey: str
    next_key: str


def waiting_keys(book: BookFile, state: Path) -> tuple[WaitingKey, ...]:
    """The keys in a state folder that were made for this book, follow no other, and never were a member's."""
    stated = reading.stated_keys(book)
    return tuple(
        WaitingKey(vkey, keyfile.promise(Vkey.parse(following)) if following else "")
        for vkey, following in keyfile.begun(state, book.id).items()
        if Vkey.parse(vkey).key_id not in stated
    )
