"""The lists of a book, page by page: journal, registers, blocks; what narrows them, and how many rows they have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from cloudbooks.books import filtering
from cloudbooks.books.draft_postings import DraftedLines, drafted_lines, drafts_within
from cloudbooks.core.draft import Draft
from cloudbooks.core.filter import Filter
from cloudbooks.core.listing import Ask, DraftedRow, EntryRow, PostingRow, Slice, Way
from cloudbooks.core.period import Period
from cloudbooks.core.sieve import AccountIn, All, Sieve
from cloudbooks.store import operations, paging, paging_account, reading
from cloudbooks.store.log import BlockRow, StoredLog
from cloudbooks.store.operations import Operation
from cloudbooks.store.paging_account import AccountSpan

if TYPE_CHECKING:
    from cloudbooks.books.browsing import Browser

__all__ = ["BlockRow", "Operation", "Tally", "View", "place_of"]

_ENDLESS = "\U0010ffff"
_DRAFT_PLACE = 1


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


def sieve(browser: Browser, wanted: Filter) -> Sieve:
    """A filter in the book's own ids; raises a refusal for names and values that are none."""
    return filtering.resolved(wanted, browser.lexicon) if wanted.text.strip() else All()


def journal(browser: Browser, ask: Ask, view: View) -> Slice[EntryRow | Draft]:
    """A page of posted entries by day and number, drafts of the same days among them where the view wants them.

    A draft stands behind the entries of its day, one without a day before everything. `place_of` gives places.
    """
    wanted = sieve(browser, view.filter)

    def fetch(way: Way) -> list[EntryRow | Draft]:
        upward = way.up is not view.backward
        of_entries, of_drafts = _split(way.place)
        rows: list[EntryRow | Draft] = [
            *paging.entries(browser.book, replace(way, up=upward, place=of_entries), wanted, view.days)
        ]
        if view.drafts:
            on_drafts = replace(way, up=upward, place=of_drafts)
            rows += paging.drafts(browser.book, on_drafts, wanted, view.days, browser.names.base)
        return sorted(rows, key=place_of, reverse=not upward)[: way.limit]

    return paging.sliced(ask, fetch)


def tally(browser: Browser, view: View) -> Tally:
    """How many rows a view shows. The cost grows with the book: it is to be asked apart from the rows."""
    return _tally(view.filter, lambda wanted: _count(browser, View(view.period, wanted, view.drafts)))


def _count(browser: Browser, view: View) -> int:
    wanted = sieve(browser, view.filter)
    days = view.days
    if wanted == All():
        months = reading.entries_by_month(browser.book)
        count = sum(number for month, number in months.items() if days[0] // 100 <= month <= days[1] // 100)
    else:
        count = paging.count_entries(browser.book, wanted, days)
    if view.drafts:
        everything = Way(up=True, place=None, limit=2**31)
        count += len(paging.drafts(browser.book, everything, wanted, days, browser.names.base))
    return count


def register(browser: Browser, ask: Ask, account: str, view: View) -> Slice[PostingRow | DraftedRow]:
    """A page of the postings of an account (an id) and of those below it, each with the balance after it.

    Where the view wants drafts, their lines stand among them as in the journal, and balances can be told with them.
    """
    span, wanted = _span(browser, account, view), sieve(browser, view.filter)
    drafts = drafted_lines(browser, span, wanted) if view.drafts else DraftedLines()
    page = paging_account.postings(browser.book, ask, span, wanted, drafts.places)
    return Slice(tuple(map(drafts.shown, page.rows)), page.more_before, page.more_after, page.at)


def register_tally(browser: Browser, account: str, view: View) -> Tally:
    """How many entries touch an account in a view; asked apart, as `tally` is."""
    touched = AccountIn(frozenset(_span(browser, account, view).accounts))

    def count(wanted: Filter) -> int:
        passing = All((touched, sieve(browser, wanted)))
        drafts = drafts_within(browser, passing, view.days) if view.drafts else ()
        return paging.count_entries(browser.book, passing, view.days) + len(drafts)

    return _tally(view.filter, count)


def _span(browser: Browser, account: str, view: View) -> AccountSpan:
    unit = browser.register_unit(account)
    accounts = tuple(one.id for one in browser.names.chart.below(browser.names.chart[account]))
    return AccountSpan(accounts, *view.days, unit if unit != browser.names.base else "")


def blocks(browser: Browser, ask: Ask) -> Slice[tuple[BlockRow, str]]:
    """A page of the blocks, the newest first, each with the name of its author."""

    def fetch(way: Way) -> list[tuple[BlockRow, str]]:
        found = paging.blocks(browser.book, replace(way, up=not way.up))
        return [(row, browser.member(row.author)) for row in found]

    return paging.sliced(ask, fetch)


def _tally(wanted: Filter, count: Callable[[Filter], int]) -> Tally:
    whole = count(Filter())
    if not wanted.text.strip():
        return Tally(whole, whole)
    shown = count(wanted)
    if shown:
        return Tally(shown, whole)
    return Tally(0, whole, *filtering.blocking(wanted, count))


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


def log(browser: Browser, limit: int = 200) -> tuple[tuple[Operation, str], ...]:
    """The last operations, newest first, each with the name of who did it."""
    return tuple((one, browser.member(one.by)) for one in operations.operations(browser.book, limit))


@dataclass(frozen=True, slots=True)
class Cosigned:
    """How many keys cosigned heads of the book, and the most blocks that one of them did; nobody has judged them."""

    keys: int
    size: int


def cosigned(browser: Browser) -> Cosigned:
    """What witnesses have signed, by what is kept in the book."""
    kept = StoredLog(browser.book).cosigned()
    return Cosigned(len({key_id for _, key_id in kept}), max((size for size, _ in kept), default=0))


def entry_at(browser: Browser, block: int, record: int) -> str:
    """The id of the entry that a record of a block is, empty where it is none."""
    return paging.entry_at(browser.book, block, record)
