"""`chain log`: what each block did, told from its own records."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from cloudbooks.books.desk import Desk
from cloudbooks.books.posting import spans_of
from cloudbooks.chain import batch as batches
from cloudbooks.chain import record
from cloudbooks.core.head_code import head_code
from cloudbooks.errors import Sentence, counted, sentence
from cloudbooks.store import log, posted, reading
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.log import BlockRow, StoredLog

_MEMBER = b'"type":"member"'


@dataclass(frozen=True, slots=True)
class Told:
    """A block, its author's name, its short code, the voucher numbers that it gave, and what it did."""

    row: BlockRow
    author: str
    code: str
    numbers: tuple[str, ...]
    acts: tuple[Sentence, ...]


def chronicle(desk: Desk, last: int | None = None) -> tuple[Told, ...]:
    """The last blocks of the book, all of them where no number is given, the newest first."""
    with desk.open() as book:
        names = {member.id: member.name for member in reading.members(book)}
        rows = log.blocks(book)
        first = 0 if last is None else max(0, len(rows) - last)
        keys: dict[str, str] = {}
        told = [_told(book, row, names, keys, shown=row.number >= first) for row in rows]
    return tuple(one for one in reversed(told) if one is not None)


def _told(book: BookFile, row: BlockRow, names: dict[str, str], keys: dict[str, str], *, shown: bool) -> Told | None:
    """What a block did; of one that is not shown only the `keys` of members are taken, for those that come after."""
    stored = StoredLog(book)
    data = b"" if row.records == row.entries else stored.batch(stored.batch_of(row.number)) or b""
    records = tuple(batches.read(data).records) if data and (shown or _MEMBER in data) else ()
    members = [_member(one, keys) for one in records if isinstance(one, record.Member)]
    if not shown:
        return None
    numbers = spans_of(posted.block(book, row.number)[1].numbers) if row.entries else ()
    founded = [sentence("the book stated")] if any(isinstance(one, record.Book) for one in records) else []
    acts = [*_entries(row), *_periods(records), *founded, *members, *_counts(records)]
    return Told(row, names.get(row.author, row.author), head_code(row.number, row.hash), numbers, tuple(acts))


def _entries(row: BlockRow) -> list[Sentence]:
    return [counted("{n} entry", "{n} entries", row.entries)] if row.entries else []


def _periods(records: tuple[record.AnyRecord, ...]) -> list[Sentence]:
    acts = []
    for one in records:
        if isinstance(one, record.Close):
            acts.append(sentence("{month} closed", month=one.period))
        elif isinstance(one, record.Reopen):
            acts.append(sentence("{month} reopened: {reason}", month=one.period, reason=one.reason))
    return acts


def _member(one: record.Member, keys: dict[str, str]) -> Sentence:
    """What became of a member; `keys` holds the key that each had before, and is brought up to date."""
    before, keys[one.id] = keys.get(one.id), one.key
    if one.revoked:
        return sentence("member {name} revoked", name=one.name)
    if before is None:
        return sentence("member {name} added", name=one.name)
    if before != one.key:
        return sentence("member {name} takes another key", name=one.name)
    return sentence("member {name} stated anew", name=one.name)


def _counts(records: tuple[record.AnyRecord, ...]) -> list[Sentence]:
    """How many there are of the kinds that are only counted, in a fixed order."""
    of = Counter(type(one) for one in records)
    said = (
        (record.Commodity, counted("{n} commodity", "{n} commodities", of[record.Commodity])),
        (record.Account, counted("{n} account", "{n} accounts", of[record.Account])),
        (record.Party, counted("{n} party", "{n} parties", of[record.Party])),
        (record.Rules, counted("{n} text of rules", "{n} texts of rules", of[record.Rules])),
        (record.Statement, counted("{n} statement", "{n} statements", of[record.Statement])),
        (record.Price, counted("{n} price", "{n} prices", of[record.Price])),
        (record.Note, counted("{n} note", "{n} notes", of[record.Note])),
    )
    return [words for kind, words in said if of[kind]]
