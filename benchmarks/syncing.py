"""P15: what keeping a second copy alike costs in bytes: those of a new entry, and those read where nothing is new."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from unittest.mock import patch

from benchmarks.building import Built, Poster, build, desk_of
from benchmarks.generating import entries
from benchmarks.goal import Goal
from cloudbooks.books.desk import Desk
from cloudbooks.books.peering import add_peer
from cloudbooks.books.signing import keep_new_checkpoint
from cloudbooks.books.syncing import status, sync
from cloudbooks.store import reading
from cloudbooks.system import files

BATCHES = (100, 1000)
"""Entries of the batches that are sent; the goal is about batches of 100 or more."""

BEFORE = 1000
"""Entries that both sides have before."""


def goals(folder: Path) -> Iterator[Goal]:
    """Bytes of a new entry at a folder, deflated, and the bytes that are read there when nothing is new."""
    built = build(folder / "synced", BEFORE)
    desk = desk_of(built.path, built.state)
    peer = folder / "peer"
    add_peer(desk, "office", str(peer))
    sync(desk)
    for size in BATCHES:
        _post(built, size)
        before = _files(peer)
        sync(desk)
        new = [data for name, data in _files(peer).items() if before.get(name) != data]
        plain = sum(map(len, new)) / size
        deflated = sum(len(zlib.compress(data, 1)) for data in new) / size
        what = f"bytes per new entry in a batch of {size:,}, deflated ({plain:.0f} plain)"
        yield Goal("P15", what, deflated, 110, " B")
    asked: tuple[tuple[str, Callable[[Desk], object]], ...] = (("sync", sync), ("peer status", status))
    for what, act in asked:
        read = _bytes_read(peer, lambda: act(desk))  # noqa: B023 - called before the next turn
        yield Goal("P15", f"bytes read from the folder when nothing is new, {what}", read, 1024, " B")


def _post(built: Built, size: int) -> None:
    desk = desk_of(built.path, built.state)
    with desk.open() as book:
        member, signer = desk.signer(book)
        poster = Poster(desk, book, member.id, signer)
        ids = [account.id for account in reading.accounts(book) if account.code.startswith("9")]
        poster.post([*poster.records(list(islice(entries(10_000), size)), ids)])
        keep_new_checkpoint(book, signer)


def _files(peer: Path) -> dict[str, bytes]:
    return {str(file.relative_to(peer)): file.read_bytes() for file in peer.rglob("*") if file.is_file()}


def _bytes_read(peer: Path, act: Callable[[], object]) -> int:
    """The bytes of all files of a folder that are read meanwhile."""
    plain, count = files.read_start, 0

    def read(path: Path, limit: int) -> bytes | None:
        nonlocal count
        data = plain(path, limit)
        count += len(data or b"") if path.is_relative_to(peer) else 0
        return data

    with patch.object(files, "read_start", read):
        act()
    return count
