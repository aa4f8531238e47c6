"""`verify --since`: what came after a block that this machine verified before, whole."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from cloudbooks.books.desk import Desk
from cloudbooks.books.progress import Progress, counted_off, quiet, size_of
from cloudbooks.books.verifying import Verified, policy_of, verified
from cloudbooks.chain.checkpoint import origin
from cloudbooks.errors import Refusal, UsageError, joined, sentence
from cloudbooks.store import attested
from cloudbooks.store.attested import Attested
from cloudbooks.store.comparing_since import verify_since
from cloudbooks.system import pins

if TYPE_CHECKING:
    from cloudbooks.store.book_file import BookFile

LAST = "last"
_NUMBER = re.compile(r"[0-9]{1,15}", re.ASCII)
_HASH = re.compile(r"b3:[0-9a-f]{64}", re.ASCII)
_SHOWN = 4


class SinceUnreadable(UsageError):
    """What was given with --since names no block."""

    code = "since-unreadable"

    def __init__(self, word: str) -> None:
        super().__init__(
            sentence('"{word}" is no block: its number, its hash (b3:…), or "last".', word=word),
            hint=sentence("cloudbooks verify --since last"),
        )


class NotVerifiedBefore(Refusal):
    """No whole verification of this file on this machine, of those that are kept, ended with that block."""

    code = "not-verified-before"

    def __init__(self, path: Path, word: str, known: list[int]) -> None:
        if not known:
            message = sentence("this machine keeps no whole verification of {path}.", path=str(path))
            hint = sentence("cloudbooks verify reads all of it; --since last goes on from there")
        else:
            blocks = joined([str(number) for number in known[:_SHOWN]])
            message = sentence(
                "--since goes on from a block with which a whole verification here ended; of those of {path} that are"
                ' kept none ended with "{word}", but with block {blocks}.',
                path=str(path), word=word, blocks=blocks,
            )  # fmt: skip
            hint = sentence("cloudbooks verify --since {number}", number=str(known[0]))
        super().__init__(message, hint=hint)


def verify_what_came_since(
    desk: Desk,
    since: str,
    *,
    pin: str = "",
    require: tuple[str, ...] = (),
    policy: Path | None = None,
    progress: Progress = quiet,
) -> Verified:
    """Verify what came after a block, named by `last`, its number or its hash, with which a verification here ended.

    Raises `SinceUnreadable`, `NotVerifiedBefore`, and what `verify_since` raises. Of the facts that `require` names
    none holds: each speaks of the whole log.
    """
    with desk.open() as book:
        judged = policy_of(policy or desk.policy, origin(book.id), pin, pins.pinned(desk.state, book.id))
        kept = _kept(book, since)
        told = counted_off(progress, size_of(book) - kept.number - 1)
        verdict = verify_since(book, judged, kept, told)
        stopped, identity = book.stopped, book.id
    if stopped is not None:
        raise stopped
    return replace(verified(verdict, require, identity, judged), since=kept)


def _kept(book: BookFile, since: str) -> Attested:
    """The verification that ended with a block; one that cannot be read is none."""
    if since != LAST and not _NUMBER.fullmatch(since) and not _HASH.fullmatch(since):
        raise SinceUnreadable(since)
    known = attested.known(book.state, book.id, book.path)
    for number in known:
        if since in (LAST, str(number)) or not since.isdecimal():
            kept = _readable(book, number)
            if kept is not None and since in (LAST, str(number), kept.hash):
                return kept
    raise NotVerifiedBefore(book.path, since, [number for number in known if _readable(book, number)])


def _readable(book: BookFile, number: int) -> Attested | None:
    """The verification that ended with a block, if one is kept that can be read."""
    try:
        return attested.read(book.state, book.id, book.path, number)
    except attested.Unreadable:
        return None
