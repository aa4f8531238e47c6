"""`status`, `batch …`, `entry …`, `book show`: what a book holds, read and never changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from cloudbooks.books import filtering
from cloudbooks.books.desk import Desk
from cloudbooks.books.finding_entries import find_entry
from cloudbooks.books.naming import names_of
from cloudbooks.core.chart import Chart
from cloudbooks.core.commodity import Commodity
from cloudbooks.core.draft import Draft, DraftState
from cloudbooks.core.entry import PostedEntry, SourceKind
from cloudbooks.core.filter import Filter
from cloudbooks.core.party import Party
from cloudbooks.core.period import Month, Period
from cloudbooks.core.sieve import AccountIn, All, Sieve, passes
from cloudbooks.errors import ChainFault, Finding, Refusal, sentence
from cloudbooks.store import log, paging, reading, working
from cloudbooks.store.book_file import BookFile, Head
from cloudbooks.store.log import BlockRow
from cloudbooks.store.reading import BookFacts, MemberRow


class BlockUnknown(Refusal):
    """The book has no block of the number that was given."""

    code = "block-unknown"

    def __init__(self, number: int, size: int, *, sizes: bool = False) -> None:
        message = sentence("there is no block {number}; the book has {size}.", number=number, size=size)
        if sizes:
            message = sentence("a chain of {size} blocks did not grow out of {number}.", number=number, size=size)
        super().__init__(message, hint=sentence("cloudbooks batch list"))


@dataclass(frozen=True, slots=True)
class Status:
    """Where a book stands: its head, what waits, what is said by its receipt."""

    facts: BookFacts
    head: Head | None
    members: tuple[MemberRow, ...]
    drafts: Mapping[DraftState, int]
    sure: int
    pending: int
    statements: int
    entries: int
    months: tuple[Month, ...]
    closed: Month | None
    faults: tuple[Finding, ...]
    stopped: ChainFault | None


@dataclass(frozen=True, slots=True)
class ShownEntry:
    """A posted entry with what it takes to show it: chart, commodities, parties, and its linked entries."""

    entry: PostedEntry
    chart: Chart
    commodities: Mapping[str, Commodity]
    parties: Mapping[str, Party]
    base: str
    linked: Mapping[str, PostedEntry]
    maker: str
    approvers: tuple[str, ...] = ()
    line: str = ""


@dataclass(frozen=True, slots=True)
class ShownBlock:
    """A block with its entries."""

    block: BlockRow
    author: str
    entries: tuple[PostedEntry, ...]
    base: str
    base_scale: int


def status(desk: Desk) -> Status:
    """Where the book stands now."""
    with desk.open() as book:
        counts = working.draft_counts(book)
        drafts: Counter[DraftState] = Counter()
        for (state, _), count in counts.items():
            drafts[state] += count
        closed = reading.closed_through(book)
        return Status(
            facts=reading.facts(book),
            head=book.head,
            members=tuple(reading.members(book)),
            drafts=drafts,
            sure=counts.get((DraftState.PROPOSED, True), 0),
            pending=working.pending_count(book),
            statements=len(working.statements(book)),
            entries=reading.entry_count(book),
            months=tuple(Month.from_key(key) for key in reading.months(book)),
            closed=Month.from_key(closed) if closed else None,
            faults=book.faults,
            stopped=book.stopped,
        )


def entry(desk: Desk, word: str) -> ShownEntry:
    """One posted entry by voucher number or id; raises `EntryUnknown` or `EntryAmbiguous`."""
    with desk.open() as book:
        found = find_entry(book, word)
        links = [one for one in (found.reverses, found.replaces, found.reversed_by) if one]
        linked = {one: other for one in links if (other := reading.entry(book, one)) is not None}
        makers = {member.id: member.name for member in reading.members(book)}
        return ShownEntry(
            found,
            Chart(reading.accounts(book)),
            reading.commodities(book),
            reading.parties(book),
            reading.facts(book).base,
            linked,
            makers.get(found.made_by, found.made_by),
            tuple(makers.get(one, one) for one in found.approved_by),
            _line_name(book, found),
        )


def _line_name(book: BookFile, found: PostedEntry) -> str:
    """The statement line that an entry came from, as people name it; empty where it came from none."""
    if found.source.kind is not SourceKind.STATEMENT:
        return ""
    from cloudbooks.books.reviewing import line_name_in  # noqa: PLC0415 - only what a statement brought needs it

    return line_name_in(book, found.source.ref)


@dataclass(frozen=True, slots=True)
class EntryList:
    """Posted entries in order of date and number, with what it takes to show them."""

    entries: tuple[PostedEntry, ...]
    chart: Chart
    commodities: Mapping[str, Commodity]
    base: str
    head: Head | None
    drafts_left: int
    blocking: str = ""
    without: int = 0


def entries(desk: Desk, wanted: Filter, period: Period | None = None, account: str = "") -> EntryList:
    """Posted entries that pass a filter, of a period, of an account (a word as people type it) with those below it.

    Raises `AccountUnknown`, `AccountAmbiguous`, and what a filter's names and values raise.
    """
    with desk.open() as book:
        names = names_of(book)
        words = filtering.lexicon(book, names, desk.today)
        tests: list[Sieve] = [All()]
        if account:
            below = names.chart.below(names.chart.find(account))
            tests.append(AccountIn(frozenset(one.id for one in below)))
        days = (_day(period.first.first), _day(period.last.last)) if period else (0, 99991231)

        def sieve(of: Filter) -> Sieve:
            return All((*tests, filtering.resolved(of, words)))

        found = tuple(paging.whole_entries(book, sieve(wanted), days))
        why = ("", 0)
        if not found and wanted.text.strip():
            why = filtering.blocking(wanted, lambda of: paging.count_entries(book, sieve(of), days))
        return EntryList(found, names.chart, names.commodities, names.base, book.head, reading.drafts_left(book), *why)


def drafts(desk: Desk, wanted: Filter) -> tuple[Draft, ...]:
    """Drafts that pass a filter, by date and number; raises what its names and values raise."""
    with desk.open() as book:
        names = names_of(book)
        test = filtering.resolved(wanted, filtering.lexicon(book, names, desk.today))
        return tuple(one for one in working.each_draft(book) if passes(test, one, names.base))


def drafts_blocked(desk: Desk, wanted: Filter) -> tuple[str, int]:
    """Where no draft passes: the condition without which most would, and how many; see `filtering.blocking`."""
    return filtering.blocking(wanted, lambda of: len(drafts(desk, of)))


def _day(day: date) -> int:
    return day.year * 10000 + day.month * 100 + day.day


def blocks(desk: Desk) -> tuple[tuple[BlockRow, str], ...]:
    """All blocks with the name of their author, newest first."""
    with desk.open() as book:
        names = {member.id: member.name for member in reading.members(book)}
        return tuple((row, names.get(row.author, row.author)) for row in reversed(log.blocks(book)))


def block(desk: Desk, number: int) -> ShownBlock:
    """One block with its entries; raises `BlockUnknown`."""
    with desk.open() as book:
        rows = log.blocks(book)
        if not 0 <= number < len(rows):
            raise BlockUnknown(number, len(rows))
        names = {member.id: member.name for member in reading.members(book)}
        facts = reading.facts(book)
        row = rows[number]
        return ShownBlock(
            row,
            names.get(row.author, row.author),
            tuple(reading.entries_of_block(book, number)),
            facts.base,
            facts.base_scale,
        )


def head(desk: Desk) -> tuple[Head | None, str]:
    """The head of the chain, and the book's id."""
    with desk.open() as book:
        return book.head, book.id
