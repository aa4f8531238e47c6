"""Pages of posted entries and of drafts, by key: what a page costs does not grow with the book.

No query here counts rows to skip: a page is asked for by the key of the row before it or after it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from cloudbooks.core import sieve
from cloudbooks.core.draft import Draft
from cloudbooks.core.entry import PostedEntry
from cloudbooks.core.listing import Ask, EntryRow, Slice, Toward, Way
from cloudbooks.core.sieve import Sieve, passes
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.draft_text import draft_of
from cloudbooks.store.ids import packed, unpacked
from cloudbooks.store.log import BLOCK_COLUMNS, BlockRow, block_row
from cloudbooks.store.reading import IN_ORDER, day_of
from cloudbooks.store.reading_entries import ENTRY_COLUMNS, entries_of
from cloudbooks.store.sieve_sql import amount_condition, clause
from cloudbooks.store.working_rows import DRAFT, checked

T = TypeVar("T")
Place = tuple[Any, ...]
Fetch = Callable[[Way], list[T]]
"""The rows of one way through a list."""

FEW_POSTINGS: Final = 50_000
"""Accounts with fewer postings than this are looked for by account; others while walking through the days."""

FEW_HITS: Final = 2_000
"""Amounts that fewer postings have are looked for among all postings; others while walking through the days."""

# The index gives the days; only within one day, which is read whole, rows are put in order of series and number.
_KEYS: Final = """
SELECT entry.key FROM entry WHERE date BETWEEN ? AND ? AND (date, series, number) {sign} (?, ?, ?) AND {clause}
ORDER BY date {way}, series {way}, number {way} LIMIT ?
"""
_ENTRIES: Final = """
SELECT entry.key, entry.id, date, series, number, summary, block, reverses IS NOT NULL,
    EXISTS (SELECT 1 FROM entry AS other WHERE other.reverses = entry.key)
FROM entry WHERE key IN (SELECT value FROM json_each(?)) ORDER BY key
"""
_COUNT: Final = "SELECT count(*) FROM entry WHERE date BETWEEN ? AND ? AND {clause}"
_SIDES: Final = """
SELECT entry, account.id, value, red FROM posting JOIN account ON account.key = posting.account
WHERE entry IN (SELECT value FROM json_each(?)) ORDER BY entry, line
"""
_DRAFTS: Final = """
SELECT number, state, day, sure, settles, body, digest FROM draft
WHERE (day = 0 OR day BETWEEN ? AND ?) AND (day, number) {sign} (?, ?) ORDER BY day {way}, number {way} LIMIT ?
"""
_BLOCKS: Final = f"SELECT {BLOCK_COLUMNS} WHERE number {{sign}} ? ORDER BY number {{way}} LIMIT ?"
_TOUCHED: Final = (
    "entry.key IN (SELECT posting.entry FROM posting WHERE posting.account IN (SELECT account.key FROM account"
    " WHERE account.id IN (SELECT id_of(value) FROM json_each(?))) AND posting.date BETWEEN ? AND ?)"
)
_ONE_OF: Final = "entry.key IN (SELECT value FROM json_each(?))"
_DRAFTS_AT_ONCE: Final = 1000
_BEGINNING: Final = {True: (-1, "", -1), False: (99999999, "\U0010ffff", 2**62)}


def sliced(ask: Ask, fetch: Fetch[T]) -> Slice[T]:
    """The page that is asked for, of a list whose rows `fetch` gives in both directions."""
    limit, half = ask.limit, ask.limit // 2
    match ask.toward:
        case Toward.FIRST:
            rows = fetch(Way(up=True, place=None, limit=limit + 1))
            return Slice(tuple(rows[:limit]), more_after=len(rows) > limit)
        case Toward.LAST:
            rows = fetch(Way(up=False, place=None, limit=limit + 1))
            kept = tuple(reversed(rows[:limit]))
            return Slice(kept, more_before=len(rows) > limit, at=max(0, len(kept) - 1))
        case Toward.AFTER:
            rows = fetch(Way(up=True, place=ask.place, limit=limit + 1))
            return Slice(tuple(rows[:limit]), more_before=True, more_after=len(rows) > limit)
        case Toward.BEFORE:
            rows = fetch(Way(up=False, place=ask.place, limit=limit + 1))
            return Slice(tuple(reversed(rows[:limit])), more_before=len(rows) > limit, more_after=True)
        case Toward.AROUND:
            before = fetch(Way(up=False, place=ask.place, limit=half + 1))
            after = fetch(Way(up=True, place=ask.place, limit=half + 1, with_place=True))
            rows = [*reversed(before[:half]), *after[:half]]
            at = min(len(before[:half]), max(0, len(rows) - 1))
            return Slice(tuple(rows), len(before) > half, len(after) > half, at)


def entries(book: BookFile, way: Way, wanted: Sieve, days: tuple[int, int]) -> list[EntryRow]:
    """Posted entries of the days from one to the other (yyyymmdd) that pass, by day, series and number."""
    start, (first, last) = _BEGINNING[way.up] if way.place is None else way.place, days
    # SQLite would begin at the end of the span for one bound, whatever the place says.
    first, last = (max(first, start[0]), last) if way.up else (first, min(last, start[0]))
    condition, values = _narrowed(book, wanted, (first, last))
    query = _KEYS.format(sign=sign_of(way), clause=condition, way="ASC" if way.up else "DESC")
    found = book.connection.execute(query, (first, last, *start, *values, way.limit)).fetchall()
    rows = rows_of_keys(book, [key for (key,) in found])
    return [rows[key] for (key,) in found]


def sign_of(way: Way) -> str:
    """How the place of a row that is wanted compares with the place that a way begins at."""
    return (">" if way.up else "<") + ("=" if way.with_place else "")


def _entry_row(row: tuple[Any, ...], sides: Sequence[tuple[bytes, int, int]]) -> EntryRow:
    _, id_, day, series, number, summary, block, reverses, reversed_ = row
    debits: dict[str, None] = {}
    credit: dict[str, None] = {}
    amount = 0
    for account, value, red in sides:
        on_debit = (value >= 0) != bool(red)
        (debits if on_debit else credit)[unpacked(account)] = None
        amount += value if on_debit else 0
    return EntryRow(
        unpacked(id_), day_of(day), series, number, summary, block, amount, tuple(debits), tuple(credit),
        bool(reverses), bool(reversed_),
    )  # fmt: skip


def _sides(book: BookFile, keys: list[int]) -> list[list[tuple[bytes, int, int]]]:
    """For each entry its lines: account, value, whether it is red."""
    found: defaultdict[int, list[tuple[bytes, int, int]]] = defaultdict(list)
    for entry, account, value, red in book.connection.execute(_SIDES, (json.dumps(keys),)).fetchall():
        found[entry].append((account, value, red))
    return [found[key] for key in keys]


def rows_of_keys(book: BookFile, keys: Sequence[int]) -> dict[int, EntryRow]:
    """Entries by their small keys."""
    distinct = list(dict.fromkeys(keys))
    rows = book.connection.execute(_ENTRIES, (json.dumps(distinct),)).fetchall()
    sides = _sides(book, [row[0] for row in rows])
    return {row[0]: _entry_row(row, one) for row, one in zip(rows, sides, strict=True)}


def count_entries(book: BookFile, wanted: Sieve, days: tuple[int, int]) -> int:
    """How many posted entries of some days pass: this one does grow with the book, and is asked for apart."""
    condition, values = _narrowed(book, wanted, days)
    (count,) = book.connection.execute(_COUNT.format(clause=condition), (*days, *values)).fetchone()
    return int(count)


def whole_entries(book: BookFile, wanted: Sieve, days: tuple[int, int]) -> list[PostedEntry]:
    """All posted entries of some days that pass, with everything that they hold, by day, series and number."""
    condition, values = _narrowed(book, wanted, days)
    query = f"SELECT {ENTRY_COLUMNS} WHERE entry.date BETWEEN ? AND ? AND {condition} ORDER BY {IN_ORDER}"
    return entries_of(book, query, (*days, *values))


def _narrowed(book: BookFile, wanted: Sieve, days: tuple[int, int]) -> tuple[str, tuple[object, ...]]:
    """The condition of a sieve; where few postings can pass a part of it that must hold, those lead the way."""
    condition, values = clause(book, wanted)
    parts = wanted.parts if isinstance(wanted, sieve.All) else (wanted,)
    for test in parts:
        if isinstance(test, sieve.AccountIn) and _postings_of(book, test.accounts) < FEW_POSTINGS:
            return f"{_TOUCHED} AND {condition}", (_ids(test.accounts), *days, *values)
    for test in parts:
        if isinstance(test, sieve.AmountIs) and (keys := _few_with(book, test)) is not None:
            return f"{_ONE_OF} AND {condition}", (json.dumps(keys), *values)
    return condition, values


def _few_with(book: BookFile, test: sieve.AmountIs) -> list[int] | None:
    """The keys of the entries with an amount, if few postings have it; `None` as soon as that is not so."""
    condition, values = amount_condition(test)
    query = f"SELECT entry FROM posting WHERE {condition} LIMIT ?"  # noqa: S608 - a condition with bound parameters
    keys = [key for (key,) in book.connection.execute(query, (*values, FEW_HITS)).fetchall()]
    return sorted(set(keys)) if len(keys) < FEW_HITS else None


def _postings_of(book: BookFile, accounts: frozenset[str]) -> int:
    query = (
        "SELECT coalesce(sum(postings), 0) FROM leaf WHERE account IN"
        " (SELECT account.key FROM account WHERE account.id IN (SELECT id_of(value) FROM json_each(?)))"
    )
    (count,) = book.connection.execute(query, (_ids(accounts),)).fetchone()
    return int(count)


def _ids(ids: frozenset[str]) -> str:
    return json.dumps(sorted(packed(one).hex() for one in ids))


def drafts(book: BookFile, way: Way, wanted: Sieve, days: tuple[int, int], base: str) -> list[Draft]:
    """Drafts of some days that pass, by day and number, which are their places; those without a day have day 0.

    `base` is the code of the book's base. Raises `WorkingRowDamaged`.
    """
    found: list[Draft] = []
    start = way.place if way.place is not None else (-1, -1) if way.up else (99999999, 2**62)
    sign = sign_of(way)
    while len(found) < way.limit:
        query = _DRAFTS.format(sign=sign, way="ASC" if way.up else "DESC")
        rows = book.connection.execute(query, (*days, *start, min(way.limit, _DRAFTS_AT_ONCE))).fetchall()
        found += [one for one in (draft_of(checked(DRAFT, row)) for row in rows) if passes(wanted, one, base)]
        if len(rows) < min(way.limit, _DRAFTS_AT_ONCE):
            break
        start, sign = (rows[-1][2], rows[-1][0]), ">" if way.up else "<"
    return found[: way.limit]


def blocks(book: BookFile, way: Way) -> list[BlockRow]:
    """Blocks by number, one way from a number."""
    start = way.place if way.place is not None else (-1 if way.up else 2**62)
    query = _BLOCKS.format(sign=sign_of(way), way="ASC" if way.up else "DESC")
    rows = book.connection.execute(query, (start, way.limit)).fetchall()
    return [block_row(row) for row in rows]


def entry_at(book: BookFile, block: int, record: int) -> str:
    """The id of the entry in a record of a block; empty where that is no entry."""
    row = book.connection.execute("SELECT id FROM entry WHERE block = ? AND record = ?", (block, record)).fetchone()
    return unpacked(row[0]) if row else ""
