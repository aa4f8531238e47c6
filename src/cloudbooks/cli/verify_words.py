"""The words of `verify`: how much of a book is read and by how many, and how what was not read is told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cloudbooks.errors import Sentence, UsageError, counted, sentence
from cloudbooks.system.clock import local_time

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
        "witnessed": None,
        "since": {
            "number": since.number,
            "hash": since.hash,
            "verified_at": since.verified_at,
            "consistent": verdict.consistent,
            "signed": verdict.signed,
            "witnessed": verdict.witnessed or None,
        },
    }


def valid_words(verified: Verified) -> Sentence:
    """That all is well with what was read."""
    since = verified.since
    if since is None:
        return sentence("Valid.")
    return sentence(
        "Valid from block {first} on, if blocks 0 to {number} still stand as this machine verified them on {at}.",
        first=since.number + 1, number=since.number, at=local_time(since.verified_at),
    )  # fmt: skip


def consistent_words(verified: Verified) -> Sentence:
    """Up to which size the log is consistent, and how much of that was believed."""
    verdict = verified.verdict
    if verdict.since is None:
        return sentence("consistent  {size} of {blocks} blocks", size=verdict.consistent, blocks=verdict.blocks)
    return sentence(
        "consistent  {size} of {blocks} blocks, {since} of them as verified before",
        size=verdict.consistent, blocks=verdict.blocks, since=verdict.since,
    )  # fmt: skip


def counted_words(verified: Verified) -> Sentence:
    """How many entries and records were read."""
    n, records = verified.verdict.entries, verified.verdict.records
    if verified.since is None:
        return counted("{n} entry in {records} records", "{n} entries in {records} records", n, records=records)
    return counted("{n} entry in {records} records since", "{n} entries in {records} records since", n, records=records)


def believed(verified: Verified) -> Iterator[Sentence]:
    """What a verification from a block on did not read; nothing for one of the whole log."""
    since = verified.since
    if since is not None:
        yield sentence(
            "Not read again: blocks 0 to {number}, the rows of their entries, drafts, and the file as a whole;"
            " cloudbooks verify reads all of it.",
            number=since.number,
        )
