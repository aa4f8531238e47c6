"""What a person looks through: one open book, asked again and again, page by page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from cloudbooks.books import filtering
from cloudbooks.books.desk import Desk
from cloudbooks.books.filtering import Lexicon
from cloudbooks.books.naming import names_of
from cloudbooks.books.reporting import Answer, Question, answer_of
from cloudbooks.core.draft import Draft, DraftState
from cloudbooks.core.filter import Filter
from cloudbooks.core.listing import Ask, EntryRow, PostingRow, Slice, Way
from cloudbooks.core.period import Month, Period
from cloudbooks.core.sieve import AccountIn, All, Sieve
from cloudbooks.errors import ChainFault, Finding, Refusal, sentence
from cloudbooks.reports.names import Names
from cloudbooks.store import operations, paging, paging_account, reading, sqlite, working
from cloudbooks.store.book_file import BookFile, Head
from cloudbooks.store.disk_faults import translated
from cloudbooks.store.log import BlockRow
from cloudbooks.store.log_bytes import BytesDamaged
from cloudbooks.store.operations import Operation
from cloudbooks.store.paging_account import AccountSpan
from cloudbooks.store.reading import BookFacts

__all__ = ["BlockRow", "BookFacts", "Browser", "Operation", "Standing", "Tally", "View", "place_of"]

T = TypeVar("T")

_ENDLESS = "\U0010ffff"
_DRAFT_PLACE = 1


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

    `unsure` says why the whole book is to be verified before it is written, and is empty where it need not be.
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

    @property
    def blocks(self) -> int:
        """How many blocks the book has."""
        return 0 if self.head is None else self.head.number + 1


@dataclass(frozen=True, slots=True)
class View:
    """What narrows a list: a period (all of them for `None`), a filter, whether drafts stand in it, and its order."""

    period: Period | None = None
    filter: Filter = field(default_factory=Filter)
    drafts: bool = False
    backward: bool = False

    @property
    def days(self) -> tuple[int, int]:
        """The first and the last day as numbers."""
        if self.period is None:
            return 0, 99991231
        return self.period.first.key * 100 + 1, self.period.last.key * 100 + 31


@dataclass(frozen=True, slots=True)
class Tally:
    """How many rows a view shows, of how many without its filter.

    Where none is shown, `blocking` is the condition that removes most, and `without` how many there are without it.
    """

    shown: int
    whole: int
    blocking: str = ""
    without: int = 0


class Browser:
    """An open book that is read in one thread. `close` ends it.

    Raises what opening raises; a book that is stopped is read all the same, and `standing` says why.
    """

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._stopped = False
        self.book: BookFile = self._opened()
        self._version = paging.data_version(self.book)

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
        if paging.data_version(self.book) == self._version and self.book.header.is_at(self.book.path):
            return False
        fresh = self._opened()
        self.book.close()
        self.__dict__.pop("names", None)
        self.__dict__.pop("lexicon", None)
        self.book = fresh
        self._version = paging.data_version(self.book)
        return True

    @cached_property
    def names(self) -> Names:
        """The accounts, commodities and parties of the book, those that wait for the next batch included."""
        return names_of(self.book)

    @cached_property
    def lexicon(self) -> Lexicon:
        """What the words of filters mean in this book."""
        return filtering.lexicon(self.book, self.names, self.desk.today)

    def sieve(self, wanted: Filter) -> Sieve:
        """A filter in the book's own ids; raises a refusal for names and values that are none."""
        return filtering.resolved(wanted, self.lexicon) if wanted.text.strip() else All()

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
        )

    def last_period(self) -> Period:
        """The last month with entries, or the current one: where the work is."""
        months = reading.months(self.book)
        month = Month.from_key(months[-1]) if months else Month.of(self.desk.today)
        return Period(month, month)

    # Lists

    def journal(self, ask: Ask, view: View) -> Slice[EntryRow | Draft]:
        """A page of posted entries by day and number, drafts of the same days among them where the view wants them.

        A draft stands behind the entries of its day, one without a day before everything. `place_of` gives places.
        """
        wanted = self.sieve(view.filter)

        def fetch(way: Way) -> list[EntryRow | Draft]:
            upward = way.up is not view.backward
            of_entries, of_drafts = _split(way.place)
            rows: list[EntryRow | Draft] = [
                *paging.entries(self.book, replace(way, up=upward, place=of_entries), wanted, view.days)
            ]
            if view.drafts:
                on_drafts = replace(way, up=upward, place=of_drafts)
                rows += paging.drafts(self.book, on_drafts, wanted, view.days, self.names.base)
            return sorted(rows, key=place_of, reverse=not upward)[: way.limit]

        return paging.sliced(ask, fetch)

    def tally(self, view: View) -> Tally:
        """How many rows a view shows. The cost grows with the book: it is to be asked apart from the rows."""
        return _tally(view.filter, lambda wanted: self._count(View(view.period, wanted, view.drafts)))

    def _count(self, view: View) -> int:
        wanted = self.sieve(view.filter)
        days = view.days
        if wanted == All():
            months = reading.entries_by_month(self.book)
            count = sum(number for month, number in months.items() if days[0] // 100 <= month <= days[1] // 100)
        else:
            count = paging.count_entries(self.book, wanted, days)
        if view.drafts:
            everything = Way(up=True, place=None, limit=2**31)
            count += len(paging.drafts(self.book, everything, wanted, days, self.names.base))
        return count

    def register(self, ask: Ask, account: str, view: View) -> Slice[PostingRow]:
        """A page of the postings of an account (an id) and of those below it, each with the balance after it."""
        return paging_account.postings(self.book, ask, self._span(account, view), self.sieve(view.filter))

    def register_tally(self, account: str, view: View) -> Tally:
        """How many entries touch an account in a view; asked apart, as `tally` is."""
        touched = AccountIn(frozenset(self._span(account, view).accounts))

        def count(wanted: Filter) -> int:
            return paging.count_entries(self.book, All((touched, self.sieve(wanted))), view.days)

        return _tally(view.filter, count)

    def register_unit(self, account: str) -> str:
        """The commodity in which the register of an account counts: its own if it is bound to one, else the base."""
        return self.names.chart[account].commodity or self.names.base

    def _span(self, account: str, view: View) -> AccountSpan:
        unit = self.register_unit(account)
        accounts = tuple(one.id for one in self.names.chart.below(self.names.chart[account]))
        return AccountSpan(accounts, *view.days, unit if unit != self.names.base else "")

    def blocks(self, ask: Ask) -> Slice[tuple[BlockRow, str]]:
        """A page of the blocks, the newest first, each with the name of its author."""

        def fetch(way: Way) -> list[tuple[BlockRow, str]]:
            found = paging.blocks(self.book, replace(way, up=not way.up))
            return [(row, self.member(row.author)) for row in found]

        return paging.sliced(ask, fetch)

    def member(self, id_: str) -> str:
        """The name of a member."""
        return dict(self.lexicon.members).get(id_, id_)

    def log(self, limit: int = 200) -> tuple[tuple[Operation, str], ...]:
        """The last operations, newest first, each with the name of who did it."""
        return tuple((one, self.member(one.by)) for one in operations.operations(self.book, limit))

    def entry_at(self, block: int, record: int) -> str:
        """The id of the entry that a record of a block is, empty where it is none."""
        return paging.entry_at(self.book, block, record)

    def report(self, name: str, question: Question) -> Answer:
        """A report of the book as it stands."""
        return answer_of(self.desk, self.book, name, question)


def _tally(wanted: Filter, count: Callable[[Filter], int]) -> Tally:
    whole = count(Filter())
    if not wanted.text.strip():
        return Tally(whole, whole)
    shown = count(wanted)
    if shown:
        return Tally(shown, whole)
    without = [(count(wanted.without(place)), chip) for place, chip in enumerate(wanted.chips())]
    most, chip = max(without, default=(0, ""))
    return Tally(0, whole, chip, most)


def place_of(row: EntryRow | Draft) -> tuple[int, int, str, int]:
    """What the journal is ordered by: day, entries before drafts, series, number."""
    if isinstance(row, EntryRow):
        day, series, number = row.place
        return (day, 0, series, number)
    day = 0 if row.date is None else row.date.year * 10000 + row.date.month * 100 + row.date.day
    return (day, _DRAFT_PLACE, "", row.number)


def _split(place: tuple[Any, ...] | None) -> tuple[tuple[Any, ...] | None, tuple[Any, ...] | None]:
    """A place in the journal as one among the entries and one among the drafts."""
    if place is None:
        return None, None
    day, kind, series, number = place
    if kind == _DRAFT_PLACE:
        return (day, _ENDLESS, 2**62), (day, number)
    return (day, series, number), (day, -1)
