"""The options of `verify` that say how much of a book is read, and by how many processes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudbooks.errors import UsageError, sentence

if TYPE_CHECKING:
    from cloudbooks.books.verifying import Verified


class SinceOfBook(UsageError):
    """--since asks about something else than a book of this machine."""

    code = "since-of-book"

    def __init__(self, other: str) -> None:
        super().__init__(
            sentence('--since goes on from a verification of this machine\'s own book, and "{other}" is none.',
                     other=other),
            hint=sentence("cloudbooks verify --since last -b BOOK.cbk"),
        )  # fmt: skip


class ProcessesOff(UsageError):
    """A number of processes was asked for that a verification cannot use."""

    code = "processes-off"

    def __init__(self, word: str) -> None:
        super().__init__(
            sentence('a verification takes 1 or 2 processes, not "{word}".', word=word),
            hint=sentence("cloudbooks verify --processes 2"),
        )


def processes_of(word: str) -> int:
    """How many processes were asked for, 0 where none was said; raises `ProcessesOff`."""
    if word not in {"", "1", "2"}:
        raise ProcessesOff(word)
    return int(word or 0)


def require_own_book(other: str) -> None:
    """Refuse --since for a peer or a folder of this name; raises `SinceOfBook`."""
    if other:
        raise SinceOfBook(other)


def since_facts(verified: Verified) -> dict[str, object]:
    """What JSON says of a verification from a block on: no fact of the whole log, and those that depend on it apart."""
    verdict, since = verified.verdict, verified.since
    if since is None:
        return {}
    return {
        "consistent": None,
        "signed": None,
        "anchored": None,
        "witnessed": None,
        "since": {
            "number": since.number,
            "hash": since.hash,
            "verified_at": since.verified_at,
            "consistent": verdict.consistent,
            "signed": verdict.signed,
            "anchored": verdict.anchored or None,
            "witnessed": verdict.witnessed or None,
        },
    }
