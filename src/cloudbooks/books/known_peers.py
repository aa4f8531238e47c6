"""The other copies that a book knows.

The first peer of a book *orders*: a block's place is won when that peer has it. Later ones keep copies. Which peers a
book has is a setting in the book; what was seen of them last is kept on this machine (`peers/seen.py`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from cloudbooks.errors import Refusal, joined, sentence
from cloudbooks.peers import seen
from cloudbooks.peers.seen import Seen
from cloudbooks.store import working
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.unit import Unit

_SETTING = "peer."


class PeerUnknown(Refusal):
    """The book knows no peer of the name that was given."""

    code = "peer-unknown"

    def __init__(self, name: str, names: Sequence[str]) -> None:
        if names:
            message = sentence('no peer is called "{name}"; the book knows {names}.', name=name, names=joined(names))
        else:
            message = sentence('no peer is called "{name}"; the book knows none.', name=name)
        super().__init__(message, hint=sentence("cloudbooks peer list"))


class PeerNone(Refusal):
    """The book knows no peer at all."""

    code = "peer-none"

    def __init__(self) -> None:
        super().__init__(
            sentence("this book knows no peer yet."), hint=sentence("cloudbooks peer add office /path/of/a/folder")
        )


@dataclass(frozen=True, slots=True)
class PeerRow:
    """A peer as the book knows it. `orders` says that blocks win their places there; `seen` what was there last."""

    name: str
    url: str
    orders: bool
    added_at: str
    seen: Seen | None = None


def peers_of(book: BookFile) -> tuple[PeerRow, ...]:
    """The peers of a book, the one that orders first, then in the order in which they were added."""
    rows = []
    for key, value in working.settings(book).items():
        if key.startswith(_SETTING):
            facts = json.loads(value)
            name = key.removeprefix(_SETTING)
            last = seen.recall(book.state, book.id, name)
            rows.append(PeerRow(name, str(facts["url"]), bool(facts["orders"]), str(facts["added_at"]), last))
    return tuple(sorted(rows, key=lambda row: (not row.orders, row.added_at, row.name)))


def peer_of(book: BookFile, name: str) -> PeerRow:
    """The peer of a name; raises `PeerUnknown`."""
    rows = peers_of(book)
    for row in rows:
        if row.name == name:
            return row
    raise PeerUnknown(name, [row.name for row in rows])


def chosen(book: BookFile, name: str) -> tuple[PeerRow, ...]:
    """The peer of a name, or all for an empty one; raises `PeerUnknown`, `PeerNone`."""
    rows = (peer_of(book, name),) if name else peers_of(book)
    if not rows:
        raise PeerNone
    return rows


def keep_peer(unit: Unit, row: PeerRow) -> None:
    """Keep a peer in the book's settings, as part of an operation."""
    facts = {"added_at": row.added_at, "orders": row.orders, "url": row.url}
    unit.put_setting(_SETTING + row.name, json.dumps(facts, sort_keys=True))
