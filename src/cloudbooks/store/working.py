"""Reading the working state. Every row that is read is checked against its digest (`WorkingRowDamaged`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from cloudbooks.core.draft import Draft, DraftState
from cloudbooks.store.days import day_number
from cloudbooks.store.draft_text import DraftUnknown, draft_of
from cloudbooks.store.row_text import Cell, encoder
from cloudbooks.store.staged import (
    LINES_MAX,
    StagedLine,
    StagedStatement,
    StatementUnknown,
    line_key,
    line_of,
    statement_of,
)
from cloudbooks.store.working_rows import (
    DRAFT,
    KEY_MAX,
    LINE,
    PENDING,
    REMEMBERED,
    SETTING,
    SHARE_BITS,
    STATEMENT,
    checked,
    read_one,
    read_span,
)

if TYPE_CHECKING:
    from cloudbooks.chain.record import AnyRecord
    from cloudbooks.store.book_file import BookFile

__all__ = ["DraftUnknown", "KnownLine", "StagedLine", "StagedStatement", "StatementUnknown"]

PAGE = 1000
_ASKED_AT_ONCE = 500
_MARKS = ", ".join("?" * _ASKED_AT_ONCE)

_KNOWN = """
SELECT fingerprint FROM staged_line WHERE holds = 1
AND key >> 20 NOT IN (SELECT number FROM staged_statement WHERE state = 'withdrawn')
AND fingerprint IN (MARKS)
""".replace("MARKS", _MARKS)
_HOLDING = _KNOWN.replace("SELECT fingerprint", "SELECT key")
_REFERENCES = """
SELECT reference, key, day, amount FROM staged_line WHERE holds = 1 AND reference <> ''
AND key >> 20 IN (SELECT number FROM staged_statement WHERE account = ? AND state <> 'withdrawn')
AND reference IN (MARKS) ORDER BY key
""".replace("MARKS", _MARKS)
_PAGE_OF_DRAFTS = """
SELECT number, state, day, sure, settles, body, digest FROM draft INDEXED BY draft_by_day
WHERE (day, number) > (?, ?) AND instr(?, ' ' || state || ' ') AND sure >= ?
ORDER BY day, number LIMIT ?
"""


class KnownLine(NamedTuple):
    """Where a provider's id was seen: statement number, place of the line in it, day (yyyymmdd) and amount."""

    statement: int
    place: int
    day: int
    amount: int


def draft(book: BookFile, number: int) -> Draft:
    """One draft. Raises `DraftUnknown`."""
    row = read_one(book.connection, DRAFT, number)
    if row is None:
        raise DraftUnknown(number)
    return draft_of(row)


def drafts(
    book: BookFile,
    states: Iterable[DraftState] | None = None,
    *,
    sure: bool = False,
    after: Draft | None = None,
    limit: int = -1,
) -> list[Draft]:
    """Drafts by date, then number, those without a date first; of some states, or only the sure ones.

    `after` and `limit` give a page: what follows a draft, and at most so many.
    """
    asked = f" {' '.join(DraftState if states is None else states)} "
    day, number = (-1, 0) if after is None else (day_number(after.date), after.number)
    found = book.connection.execute(_PAGE_OF_DRAFTS, (day, number, asked, int(sure), limit)).fetchall()
    encode = encoder(len(found))
    return [draft_of(checked(DRAFT, row, encode)) for row in found]


def each_draft(book: BookFile, states: Iterable[DraftState] | None = None) -> Iterator[Draft]:
    """The same drafts one by one, read in pages, so that any number of them needs little memory."""
    asked = None if states is None else tuple(states)
    page = drafts(book, asked, limit=PAGE)
    while page:
        yield from page
        page = drafts(book, asked, after=page[-1], limit=PAGE) if len(page) == PAGE else []


def draft_counts(book: BookFile) -> dict[tuple[DraftState, bool], int]:
    """How many drafts there are by state and whether a rule decided alone; what they say is not read."""
    found = book.connection.execute("SELECT state, sure, count(*) FROM draft GROUP BY state, sure").fetchall()
    return {(DraftState(state), bool(sure)): count for state, sure, count in found}


def pending(book: BookFile) -> list[AnyRecord]:
    """The records that wait for the next batch, in the order in which they were first put."""
    rows = book.connection.execute("SELECT id, place, type, body, digest FROM pending ORDER BY place").fetchall()
    if not rows:
        return []
    from cloudbooks.store.pending_text import record_of  # noqa: PLC0415 - most books wait with nothing

    return [record_of(str(checked(PENDING, row)[3])) for row in rows]


def pending_count(book: BookFile) -> int:
    """How many records wait for the next batch."""
    (count,) = book.connection.execute("SELECT count(*) FROM pending").fetchone()
    return int(count)


def statements(book: BookFile) -> list[StagedStatement]:
    """All statements, by number, withdrawn ones too."""
    return [statement_of(row) for row in read_span(book.connection, STATEMENT, 0, KEY_MAX)]


def statement(book: BookFile, number: int) -> StagedStatement:
    """One statement. Raises `StatementUnknown`."""
    row = read_one(book.connection, STATEMENT, number)
    if row is None:
        raise StatementUnknown(number)
    return statement_of(row)


def lines(book: BookFile, number: int, *, first: int = 1, last: int = LINES_MAX) -> list[StagedLine]:
    """The lines of a statement from one place to another, both included."""
    found = read_span(book.connection, LINE, line_key(number, first), line_key(number, last))
    return [line_of(row) for row in found]


def line(book: BookFile, number: int, place: int) -> StagedLine:
    """One line of a statement. Raises `StatementUnknown`."""
    row = read_one(book.connection, LINE, line_key(number, place))
    if row is None:
        raise StatementUnknown(number, place)
    return line_of(row)


def known(book: BookFile, fingerprints: Iterable[bytes]) -> set[bytes]:
    """Those of the fingerprints that a line of a statement has which was not withdrawn."""
    return {found for asked in _asked(fingerprints) for (found,) in book.connection.execute(_KNOWN, asked).fetchall()}


def holding(book: BookFile, fingerprints: Iterable[bytes]) -> list[StagedLine]:
    """The lines with one of these fingerprints that hold it, in statements that were not withdrawn."""
    keys = [key for asked in _asked(fingerprints) for (key,) in book.connection.execute(_HOLDING, asked).fetchall()]
    return [line(book, key >> SHARE_BITS, key & LINES_MAX) for key in sorted(keys)]


def known_references(book: BookFile, account: str, references: Iterable[str]) -> dict[str, KnownLine]:
    """Where each of the provider's ids was last seen on this account, of those that were seen at all."""
    seen: dict[str, KnownLine] = {}
    for asked in _asked(reference for reference in references if reference):
        for reference, key, day, amount in book.connection.execute(_REFERENCES, (account, *asked)).fetchall():
            seen[reference] = KnownLine(key >> SHARE_BITS, key & LINES_MAX, day, amount)
    return seen


def setting(book: BookFile, key: str) -> str | None:
    """A setting of this book, or `None`."""
    row = read_one(book.connection, SETTING, key)
    return None if row is None else str(row[1])


def settings(book: BookFile) -> dict[str, str]:
    """All settings of this book."""
    rows = book.connection.execute("SELECT key, value, digest FROM setting ORDER BY key").fetchall()
    return {str(row[0]): str(row[1]) for row in (checked(SETTING, row) for row in rows)}


def remembered(book: BookFile, key: str) -> str | None:
    """The result (JSON) of the command that was done with this idempotency key, or `None`."""
    row = read_one(book.connection, REMEMBERED, key)
    return None if row is None else str(row[1])


def _asked(wanted: Iterable[Cell]) -> Iterator[tuple[Cell, ...]]:
    """The distinct ones in lists as long as the statement has question marks; NULL fills up and matches nothing."""
    distinct: list[Cell] = [*set(wanted)]
    for start in range(0, len(distinct), _ASKED_AT_ONCE):
        part = distinct[start : start + _ASKED_AT_ONCE]
        yield (*part, *[None] * (_ASKED_AT_ONCE - len(part)))
