"""`book rebuild`: the derived tables dropped and made again from the log."""

from __future__ import annotations

from dataclasses import dataclass

from cloudbooks.books.desk import Desk
from cloudbooks.books.progress import Progress, quiet, size_of
from cloudbooks.store import rebuilding


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild folded: how many blocks."""

    blocks: int


def rebuild(desk: Desk, progress: Progress = quiet) -> Rebuilt:
    """Drop every derived table and fold the log again; the log, the drafts and the receipt stay as they are."""
    with desk.open() as book:
        return Rebuilt(rebuilding.rebuild(book, lambda done: progress("rebuild", done, size_of(book))))
