"""What a person looks through: one open book, asked again and again, page by page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from cloudbooks.books.desk import Desk
from cloudbooks.books.naming import names_of
from cloudbooks.core.draft import DraftState
from cloudbooks.core.period import Month, Period
from cloudbooks.errors import ChainFault, Finding
from cloudbooks.reports.names import Names
from cloudbooks.store import paging, reading, working
from cloudbooks.store.book_file import BookFile, Head
from cloudbooks.store.reading import BookFacts


@dataclass(frozen=True, slots=True)
class Standing:
    """What a frame around every view tells: the book, its head, what waits, and why it is stopped, if it is."""

    facts: BookFacts
    head: Head | None
    entries: int
    drafts: Mapping[DraftState, int]
    sure: int
    months: tuple[Month, ...]
    closed: Month | None
    faults: tuple[Finding, ...]
    stopped: ChainFault | None
    read_only: bool

    @property
    def blocks(self) -> int:
        """How many blocks the book has."""
        return 0 if self.head is None else self.head.number + 1


class Browser:
    """An open book that is read in one thread. `close` ends it.

    Raises what opening raises; a book that is stopped is read all the same, and `standing` says why.
    """

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.book: BookFile = desk.open()
        self._version = paging.data_version(self.book)

    def close(self) -> None:
        """Let go of the book."""
        self.book.close()

    def changed(self) -> bool:
        """Whether another connection wrote the book since this was asked last; then it is opened anew."""
        version = paging.data_version(self.book)
        if version == self._version:
            return False
        self.book.close()
        self.__dict__.pop("names", None)
        self.book = self.desk.open()
        self._version = paging.data_version(self.book)
        return True

    @cached_property
    def names(self) -> Names:
        """The accounts, commodities and parties of the book, those that wait for the next batch included."""
        return names_of(self.book)

    def standing(self) -> Standing:
        """Where the book stands now."""
        counts = working.draft_counts(self.book)
        drafts: dict[DraftState, int] = {}
        for (state, _), count in counts.items():
            drafts[state] = drafts.get(state, 0) + count
        closed = reading.closed_through(self.book)
        return Standing(
            facts=reading.facts(self.book),
            head=self.book.head,
            entries=reading.entry_count(self.book),
            drafts=drafts,
            sure=counts.get((DraftState.PROPOSED, True), 0),
            months=tuple(Month.from_key(key) for key in reading.months(self.book)),
            closed=Month.from_key(closed) if closed else None,
            faults=self.book.faults,
            stopped=self.book.stopped,
            read_only=self.book.read_only,
        )

    def last_period(self) -> Period:
        """The last month with entries, or the current one: where the work is."""
        months = reading.months(self.book)
        month = Month.from_key(months[-1]) if months else Month.of(self.desk.today)
        return Period(month, month)
