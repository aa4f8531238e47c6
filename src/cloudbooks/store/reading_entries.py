"""Entries from their rows; what no column holds is read from the record's own text in the log."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import islice
from typing import Any

from cloudbooks.core.entry import Attachment, EntryKind, PostedEntry, Posting, Source, SourceKind
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.ids import packed, unpacked
from cloudbooks.store.log_bytes import Lines
from cloudbooks.store.reads import reads
from cloudbooks.store.tables import ENTRY_KINDS

ENTRY_COLUMNS = (
    "entry.key, entry.id, entry.date, entry.series, entry.number, entry.summary, entry.block, entry.record,"
    " entry.kind, entry.more, member.id,"
    " (SELECT id FROM entry AS other WHERE other.key = entry.reverses),"
    " (SELECT id FROM entry AS other WHERE other.key = entry.replaces),"
    " (SELECT id FROM entry AS other WHERE other.reverses = entry.key)"
    " FROM entry JOIN member ON member.key = entry.made_by"
)
"""What `entries_of` reads of an entry; the place of a WHERE comes after it."""

_POSTINGS = (
    "SELECT entry, account.id, commodity.code, amount, value, red, party.id FROM posting"
    " JOIN account ON account.key = posting.account JOIN commodity ON commodity.key = posting.commodity"
    " LEFT JOIN party ON party.key = posting.party WHERE entry IN (SELECT value FROM json_each(?))"
    " ORDER BY entry, line"
)
_VOUCHER = (
    "SELECT entry.date, entry.series, entry.number FROM identity JOIN entry ON entry.key = identity.key"
    " WHERE identity.id = ? AND identity.kind = 8"
)
_SPAN = 2000
"""Entries whose postings are asked for at once."""

Row = tuple[Any, ...]


def entries_of(book: BookFile, query: str, values: Sequence[object]) -> list[PostedEntry]:
    """The entries whose rows a query of `ENTRY_COLUMNS` gives, in its order; raises `BytesDamaged`."""
    rows = book.connection.execute(query, tuple(values)).fetchall()
    lines = Lines(book.connection)
    found: list[PostedEntry] = []
    source = iter(rows)
    while some := list(islice(source, _SPAN)):
        postings = _postings(book, [row[0] for row in some])
        found += [_entry(row, postings[row[0]], lines) for row in some]
    return found


@reads
def vouchers(book: BookFile, ids: Iterable[str]) -> dict[str, str]:
    """The voucher numbers, with their months, of posted entries by id: of many at the cost of their keys."""
    found: dict[str, str] = {}
    for id_ in ids:
        row = book.connection.execute(_VOUCHER, (packed(id_),)).fetchone()
        if row is not None:
            day, series, number = row
            found[id_] = f"{day // 10_000:04d}-{day // 100 % 100:02d}/{series}-{number:04d}"
    return found


def _postings(book: BookFile, keys: list[int]) -> dict[int, list[Posting]]:
    found: defaultdict[int, list[Posting]] = defaultdict(list)
    ids: dict[bytes, str] = {}
    for key, account, commodity, amount, value, red, party in book.connection.execute(
        _POSTINGS, (json.dumps(keys),)
    ).fetchall():
        named = ids.get(account) or ids.setdefault(account, unpacked(account))
        found[key].append(
            Posting(named, commodity, amount, value, party=unpacked(party) if party else "", red=bool(red))
        )
    return found


def _entry(row: Row, postings: list[Posting], lines: Lines) -> PostedEntry:
    _, id_, day, series, number, summary, block, record, kind, more, made_by, reverses, replaces, reversed_by = row
    said: dict[str, Any] = json.loads(lines.line(block, record)) if more else {}
    return PostedEntry(
        id=unpacked(id_),
        series=series,
        number=number,
        date=date(day // 10000, day // 100 % 100, day % 100),
        summary=summary,
        block=block,
        postings=tuple(map(_worded, postings, said["lines"]) if said else postings),
        kind=EntryKind(ENTRY_KINDS[kind]) if kind else None,
        tags=tuple(said.get("tags", ())),
        attachments=tuple(_attachment(one) for one in said.get("attachments", ())),
        source=_source(said.get("source")),
        reverses=unpacked(reverses) if reverses else "",
        replaces=unpacked(replaces) if replaces else "",
        reversed_by=unpacked(reversed_by) if reversed_by else "",
        made_by=unpacked(made_by),
        approved_by=tuple(one["by"] for one in said.get("approvals", ())),
    )


def _worded(posting: Posting, line: dict[str, Any]) -> Posting:
    """A posting with the words of its line in the record."""
    return Posting(
        posting.account,
        posting.commodity,
        posting.amount,
        posting.value,
        party=posting.party,
        text=line.get("text", ""),
        tax=line.get("tax", ""),
        dimensions=tuple((one["name"], one["value"]) for one in line.get("dimensions", ())),
        settles=tuple(line.get("settles", ())),
        red=posting.red,
    )


def _attachment(one: dict[str, Any]) -> Attachment:
    return Attachment(one["b3"], one["s256"], one["bytes"], one["media"], one["name"])


def _source(one: dict[str, Any] | None) -> Source:
    if one is None:
        return Source(SourceKind.MANUAL)
    return Source(SourceKind(one["kind"]), one.get("ref", ""), one.get("rule", ""), one.get("rules", ""))
