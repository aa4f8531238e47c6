"""What a person looks through: one open book, asked again and again. Its lists stand in `listing`.

Nothing here loads what only a list, a filter or a report needs: the first frame waits for none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from cloudbooks.books.desk import Desk
from cloudbooks.books.naming import names_of
from cloudbooks.core.draft import Draft, DraftState
from cloudbooks.core.period import Month, Period
from cloudbooks.errors import ChainFault, Finding, Refusal, sentence
from cloudbooks.reports.names import Names
from cloudbooks.store import reading, sqlite, working
from cloudbooks.store.book_file import BookFile, Head
from cloudbooks.store.disk_faults import translated
from cloudbooks.store.log_bytes import BytesDamaged
from cloudbooks.store.opening import BookOlder
from cloudbooks.store.reading import BookFacts

if TYPE_CHECKING:
    from cloudbooks.books.filtering import Lexicon
    from cloudbooks.books.reporting import Answer, Question

__all__ = ["BookFacts", "Browser", "Standing"]

T = TypeVar("T")


class BytesUnreadable(ChainFault):
    """The log's bytes are not what was kept, where a row of a list is read from them."""

    code = "log-unreadable"

    def __init__(self, path: Path) -> None:
        super().__init__(
            sentence("the log of {path} holds bytes that are not what was written.", path=str(path)),
            hint=sentence("cloudbooks verify names the block and the entry"),
        )


class ReadingStopped(Refusal):
    """The reader broke off what was being read."""

    code = "reading-stopped"

    def __init__(self) -> None:
        super().__init__(
            sentence("reading was stopped before its end; nothing was written."),
            hint=sentence("r reads again; a filter with a period or an account is quicker"),
        )


@dataclass(frozen=True, slots=True)
class Standing:
    """What a frame around every view tells: the book, its head, what waits, and why it is stopped, if it is.

    `unsure` says why the whole book is to be verified before it is written, and is empty where it need not be; `older`
    that an earlier program made it, so that it is only read.
    """

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
    unsure: str = ""
    older: BookOlder | None = None

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
        self._stopped = False
        self.book: BookFile = self._opened()
        self._version = reading.data_version(self.book)

    def _opened(self) -> BookFile:
        book = self.desk.open()
        sqlite.watched(book.connection, lambda: self._stopped)
        return book

    def close(self) -> None:
        """Let go of the book."""
        self.book.close()

    def begin(self) -> None:
        """Forget that an earlier question was broken off."""
        self._stopped = False

    def interrupt(self) -> None:
        """Break off what is being read, and whatever this question reads next; to be called from another thread."""
        self._stopped = True

    def answer(self, question: Callable[[Browser], T]) -> T:
        """The answer to a question; what the disk or the bytes do wrong is raised as what it means."""
        try:
            return question(self)
        except BytesDamaged as damage:
            raise BytesUnreadable(self.book.path) from damage
        except sqlite.Error as error:
            if sqlite.code_of(error) == sqlite.INTERRUPT:
                raise ReadingStopped from error
            raise translated(error, self.book.path) or error from error

    def changed(self) -> bool:
        """Whether another connection wrote the book since this was asked last; then it is opened anew.

        Another file in its place counts as that, too. What cannot be opened is raised, and the book of before stays.
        """
        if reading.data_version(self.book) == self._version and self.book.header.is_at(self.book.path):
            return False
        fresh = self._opened()
        self.book.close()
        for known in ("names", "drafts", "lexicon"):
            self.__dict__.pop(known, None)
        self.book = fresh
        self._version = reading.data_version(self.book)
        return True

    @cached_property
    def names(self) -> Names:
        """The accounts, commodities and parties of the book, those that wait for the next batch included."""
        return names_of(self.book)

    @cached_property
    def drafts(self) -> tuple[Draft, ...]:
        """All drafts of the book, by number."""
        return tuple(working.each_draft(self.book))

    @cached_property
    def lexicon(self) -> Lexicon:
        """What the words of filters mean in this book."""
        from cloudbooks.books import filtering  # noqa: PLC0415 - the first frame has no filter

        return filtering.lexicon(self.book, self.names, self.desk.today)

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
            unsure=self.book.unsure,
            older=self.book.older,
        )

    def last_period(self) -> Period:
        """The last month with entries, or the current one: where the work is."""
        months = reading.months(self.book)
        month = Month.from_key(months[-1]) if months else Month.of(self.desk.today)
        return Period(month, month)

    def register_unit(self, account: str) -> str:
        """The commodity in which the register of an account counts: its own if it is bound to one, else the base."""
        return self.names.chart[account].commodity or self.names.base

    def member(self, id_: str) -> str:
        """The name of a member."""
        return {one.id: one.name for one in reading.members(self.book)}.get(id_, id_)

    def report(self, name: str, question: Question) -> Answer:
        """A report of the book as it stands."""
        from cloudbooks.books.reporting import answer_of  # noqa: PLC0415 - the first frame has no report

        return answer_of(self.desk, self.book, name, question)
