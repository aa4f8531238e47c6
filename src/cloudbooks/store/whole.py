"""Verifying the whole book inside a write transaction, before anything is written on it."""

from __future__ import annotations

from collections.abc import Callable

from cloudbooks.chain.verdict import Policy
from cloudbooks.errors import ChainFault, Finding, sentence
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.comparing import verify_book
from cloudbooks.store.doubt import mark_verified


class PostedChanged(ChainFault):
    """Posted data is not what was posted, or the log breaks its own rules; `findings` says where."""

    code = "posted-changed"

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        first = findings[0].message if findings else sentence("the whole book was verified.")
        super().__init__(
            sentence("posted data was changed outside this program; nothing was written. {first}", first=first),
            hint=sentence("cloudbooks verify names every place; cloudbooks book rebuild remakes tables from the log"),
            findings=findings,
        )


def require_whole(book: BookFile, watch: Callable[[], None] | None = None) -> None:
    """Verify the whole book inside the open write transaction, and take its change counter for the true one.

    `watch` is called after each block.

    Raises `PostedChanged` with what was found.
    """
    verdict = verify_book(book, Policy(), watch)
    if not verdict.valid:
        raise PostedChanged(tuple(finding for finding in verdict.findings if not finding.warning))
    mark_verified(book)
