"""A sieve as a condition on rows of `entry`, every value of it a bound parameter."""

from __future__ import annotations

import json
from typing import Final

from cloudbooks.core import sieve
from cloudbooks.core.sieve import Sieve
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.ids import packed
from cloudbooks.store.log_bytes import Lines
from cloudbooks.system.interrupting import called_back

Clause = tuple[str, tuple[object, ...]]

NEEDS_RECORDS: Final = (sieve.TextHas, sieve.TagIs, sieve.HasDocument)

_ON_LINE = "EXISTS (SELECT 1 FROM posting WHERE posting.entry = entry.key AND {test})"
_ACCOUNTS = "account IN (SELECT account.key FROM account WHERE account.id IN (SELECT id_of(value) FROM json_each(?)))"
_PARTIES = "party IN (SELECT party.key FROM party WHERE party.id IN (SELECT id_of(value) FROM json_each(?)))"
_MEMBERS = "entry.made_by IN (SELECT member.key FROM member WHERE member.id IN (SELECT id_of(value) FROM json_each(?)))"
_REVERSED = "EXISTS (SELECT 1 FROM entry AS other WHERE other.reverses = entry.key)"


def clause(book: BookFile, wanted: Sieve) -> Clause:
    """The condition, and its parameters in order; the connection gets the functions that it calls."""
    connection = book.connection
    lines = Lines(connection)

    def said(block: int, record: int, what: str, needle: str) -> bool:
        return _said(lines.line(block, record), what, needle)

    connection.create_function("said_in_record", 4, called_back(said))
    connection.create_function("has_text", 2, called_back(sieve.says), deterministic=True)
    connection.create_function("id_of", 1, bytes.fromhex, deterministic=True)
    return _clause(wanted)


def _said(line: bytes, what: str, needle: str) -> bool:
    """Whether a record says something in the words that no column holds."""
    record = json.loads(line)
    if what == "text":
        words = [*record.get("tags", ()), *(one.get("text", "") for one in record["lines"])]
        return any(sieve.says(str(word), needle) for word in words)
    if what == "tag":
        return needle in (str(tag).casefold() for tag in record.get("tags", ()))
    return bool(record.get("attachments"))


def _clause(wanted: Sieve) -> Clause:
    if isinstance(wanted, sieve.All):
        return _joined(wanted.parts, " AND ", "1")
    if isinstance(wanted, sieve.Any):
        return _joined(wanted.parts, " OR ", "0")
    if isinstance(wanted, sieve.Without):
        inner, values = _clause(wanted.part)
        return f"NOT {inner}", values
    return _test(wanted)


def _joined(parts: tuple[Sieve, ...], between: str, empty: str) -> Clause:
    clauses = [_clause(part) for part in parts]
    text = between.join(one for one, _ in clauses) or empty
    return f"({text})", tuple(value for _, values in clauses for value in values)


def _test(test: sieve.Test) -> Clause:  # noqa: C901, PLR0911, PLR0912 - one way out for each test
    match test:
        case sieve.AccountIn(accounts):
            return _ON_LINE.format(test=_ACCOUNTS), (_ids(accounts),)
        case sieve.PartyIn(parties):
            return _ON_LINE.format(test=_PARTIES), (_ids(parties),)
        case sieve.TextHas(text):
            return _text(text)
        case sieve.AmountIs():
            condition, bounds = amount_condition(test)
            return _ON_LINE.format(test=condition), bounds
        case sieve.DayIn(first, last):
            return "entry.date BETWEEN ? AND ?", (first, last)
        case sieve.StateIn(states):
            parts = ["1"] if "posted" in states else [_REVERSED] if "reversed" in states else ["0"]
            return f"({parts[0]})", ()
        case sieve.BlockIs(number):
            # The plus keeps SQLite from putting the number for the column elsewhere in the condition.
            return "+entry.block = ?", (number,)
        case sieve.MadeBy(members):
            return _MEMBERS, (_ids(members),)
        case sieve.TagIs(tag):
            return "(entry.more AND said_in_record(entry.block, entry.record, 'tag', ?))", (tag.casefold(),)
        case sieve.HasDocument(attached):
            found = "(entry.more AND said_in_record(entry.block, entry.record, 'document', ''))"
            return found if attached else f"NOT {found}", ()
        case sieve.NumberIs(series, number, month):
            days = (month * 100, month * 100 + 99) if month else (0, 99999999)
            return "(entry.number = ? AND (? = '' OR entry.series = ?) AND entry.date BETWEEN ? AND ?)", (
                *(number, series, series),
                *days,
            )
        case sieve.IdIs(id_):
            return "entry.id = ?", (packed(id_),)
        case sieve.DraftIs():
            return "0", ()


def amount_condition(test: sieve.AmountIs) -> Clause:
    """The condition on a row of `posting`."""
    number = "value" if test.signed else "abs(value)"
    return f"{number} BETWEEN ? AND ?", (
        -(2**62) if test.low is None else test.low,
        2**62 if test.high is None else test.high,
    )


def _text(needle: str) -> Clause:
    """Text in the summary, or in what only the record's own bytes hold; the columns are looked at first."""
    record = "(entry.more AND said_in_record(entry.block, entry.record, 'text', ?))"
    if needle.isascii() or sieve.is_caseless(needle):
        plain = needle.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        return f"(entry.summary LIKE ? ESCAPE '\\' OR {record})", (f"%{plain}%", needle)
    return f"(has_text(entry.summary, ?) OR {record})", (needle, needle)


def _ids(ids: frozenset[str]) -> str:
    return json.dumps(sorted(packed(one).hex() for one in ids))
