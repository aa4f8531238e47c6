"""What became of the lines of a statement, counted and found without reading what they say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from cloudbooks.store.book_file import BookFile
from cloudbooks.store.days import day_number
from cloudbooks.store.staged import LINES_MAX, line_key
from cloudbooks.store.working_rows import SHARE_BITS

_OPEN = (
    "staged_line.fate NOT IN ('seen', 'unreadable') AND staged_line.entry = '' AND ("
    "(staged_line.draft = 0 AND staged_line.reason = '')"
    " OR draft.state IN ('incomplete', 'held', 'returned', 'waiting')"
    " OR (draft.state = 'proposed' AND draft.sure = 0))"
)
_SURE = "staged_line.entry = '' AND draft.state = 'proposed' AND draft.sure = 1"
_FROM = "FROM staged_line LEFT JOIN draft ON draft.number = staged_line.draft WHERE staged_line.key BETWEEN ? AND ?"
_COUNTS = (
    f"SELECT sum({_OPEN}), sum({_SURE}), sum(staged_line.fate = 'seen'), sum(staged_line.entry <> ''),"
    " sum(staged_line.draft = 0 AND staged_line.entry = '' AND staged_line.reason <> ''),"
    f" sum(staged_line.entry = '' AND draft.state = 'ready'), count(*) {_FROM}"
)
_NEXT = f"SELECT staged_line.key {_FROM} AND {_OPEN} ORDER BY staged_line.key LIMIT 1"
_BEFORE = f"SELECT staged_line.key {_FROM} AND {_OPEN} ORDER BY staged_line.key DESC LIMIT 1"
_SURE_DRAFTS = f"SELECT DISTINCT staged_line.draft {_FROM} AND {_SURE} ORDER BY staged_line.draft"
_OPEN_UNTIL = (
    "SELECT key FROM staged_line WHERE day <= ? AND fate NOT IN ('seen', 'unreadable') AND entry = '' AND draft = 0"
    " AND reason = '' AND key >> 20 IN (SELECT number FROM staged_statement WHERE state <> 'withdrawn') ORDER BY key"
)
_OPPOSITE = (
    "SELECT key FROM staged_line WHERE amount = ? AND day BETWEEN ? AND ? AND holds = 1 AND entry = ''"
    " AND key >> 20 IN (SELECT number FROM staged_statement WHERE account = ? AND state <> 'withdrawn') ORDER BY key"
)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many lines of a statement stand where; `open` want a person, `sure` were decided by a rule alone."""

    open: int
    sure: int
    seen: int
    posted: int
    ignored: int
    ready: int
    lines: int


def counts(book: BookFile, statement: int) -> Counts:
    """The counts of a statement."""
    row = book.connection.execute(_COUNTS, _all(statement)).fetchone()
    return Counts(*(int(cell or 0) for cell in row))


def next_open(book: BookFile, statement: int, place: int, *, back: bool = False) -> int | None:
    """The place of the next line after `place` (or of the last one before it) that wants a person."""
    span = (
        (line_key(statement, 0), line_key(statement, place) - 1)
        if back
        else (line_key(statement, place) + 1, line_key(statement, LINES_MAX))
    )
    row = book.connection.execute(_BEFORE if back else _NEXT, span).fetchone()
    return None if row is None else int(row[0]) & LINES_MAX


def sure_drafts(book: BookFile, statement: int) -> tuple[int, ...]:
    """The numbers of the drafts that a rule decided alone and nobody accepted yet."""
    return tuple(int(draft) for (draft,) in book.connection.execute(_SURE_DRAFTS, _all(statement)).fetchall())


def opposite(book: BookFile, account: str, amount: int, first: date, last: date) -> list[tuple[int, int]]:
    """Statement and place of lines of an account (an id) with this amount, in these days, that no entry settles."""
    found = book.connection.execute(_OPPOSITE, (amount, day_number(first), day_number(last), account)).fetchall()
    return [(key >> SHARE_BITS, key & LINES_MAX) for (key,) in found]


def unanswered_until(book: BookFile, day: date) -> list[tuple[int, int]]:
    """Statement and place of the lines up to a day that have neither entry nor draft, and no reason to have none."""
    found = book.connection.execute(_OPEN_UNTIL, (day_number(day),)).fetchall()
    return [(key >> SHARE_BITS, key & LINES_MAX) for (key,) in found]


def _all(statement: int) -> tuple[int, int]:
    return line_key(statement, 0), line_key(statement, LINES_MAX)
