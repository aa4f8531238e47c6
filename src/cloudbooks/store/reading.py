"""Reading what is posted, for reports and lists: plain rows into values, without the chain.

Nothing here imports the chain, sqlite-utils or msgspec: this is what `cloudbooks balance` loads.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from cloudbooks.core.account import Account, AccountKind
from cloudbooks.core.balance import MonthlyBalance, Opened, Totals, on_side
from cloudbooks.core.commodity import Commodity
from cloudbooks.core.money import Rate
from cloudbooks.core.party import Party
from cloudbooks.store.ids import packed, unpacked
from cloudbooks.store.reads import reads

if TYPE_CHECKING:
    from cloudbooks.core.entry import PostedEntry
    from cloudbooks.store.book_file import BookFile


class BookFacts(NamedTuple):
    """What a book says of itself; `base_scale` are the decimals of its base."""

    id: str
    name: str
    base: str
    base_scale: int
    created_at: str
    chart: str
    jurisdiction: str
    fiscal_year_start: int
    separate_duties: bool


class MemberRow(NamedTuple):
    """A member as last stated; `key` is the verifier key, `next_key` the digest of the promised one, empty for none."""

    id: str
    name: str
    key: str
    rights: tuple[str, ...]
    revoked: bool
    next_key: str = ""


@reads
def facts(book: BookFile) -> BookFacts:
    """What the book says of itself."""
    row = book.connection.execute(
        "SELECT book.id, book.name, base, commodity.scale, created_at, chart, jurisdiction, fiscal_year_start,"
        " separate_duties FROM book JOIN commodity ON commodity.code = book.base"
    ).fetchone()
    id_, name, base, scale, created_at, chart, jurisdiction, year_start, separate = row
    return BookFacts(unpacked(id_), name, base, scale, created_at, chart, jurisdiction, year_start, bool(separate))


@reads
def accounts(book: BookFile) -> list[Account]:
    """All accounts as last posted, in the order in which they were first stated."""
    rows = book.connection.execute(
        "SELECT id, code, name, kind, class, parent, commodity, dimensions, closed FROM account ORDER BY key"
    ).fetchall()
    return [
        Account(
            unpacked(id_), code, name, AccountKind(kind), klass, parent, commodity, _words(dimensions), bool(closed)
        )
        for id_, code, name, kind, klass, parent, commodity, dimensions, closed in rows
    ]


@reads
def commodities(book: BookFile) -> dict[str, Commodity]:
    """All commodities by code."""
    rows = book.connection.execute("SELECT code, scale, name FROM commodity ORDER BY key").fetchall()
    return {code: Commodity(code, scale, name) for code, scale, name in rows}


@reads
def parties(book: BookFile) -> dict[str, Party]:
    """All parties by id."""
    rows = book.connection.execute("SELECT id, name, kinds, tax_id, closed FROM party ORDER BY key").fetchall()
    return {
        unpacked(id_): Party(unpacked(id_), name, _words(kinds), tax_id, bool(closed))
        for id_, name, kinds, tax_id, closed in rows
    }


@reads
def members(book: BookFile) -> list[MemberRow]:
    """All members as last stated, revoked ones included."""
    rows = book.connection.execute("SELECT id, name, vkey, rights, revoked, next_key FROM member ORDER BY key")
    return [
        MemberRow(unpacked(id_), name, vkey, _words(rights), bool(revoked), next_key)
        for id_, name, vkey, rights, revoked, next_key in rows.fetchall()
    ]


@reads
def stated_keys(book: BookFile) -> frozenset[bytes]:
    """The ids of all keys that a member ever had; a key that was replaced is among them."""
    rows = book.connection.execute("SELECT key_id FROM member_key")
    return frozenset(key_id for (key_id,) in rows.fetchall())


@reads
def key_holder(book: BookFile, key_id: bytes) -> MemberRow | None:
    """The member who has a key, or had it once; `None` for a key that no member ever had."""
    row = book.connection.execute(
        "SELECT member.id FROM member_key JOIN member ON member.key = member_key.member WHERE key_id = ?", (key_id,)
    ).fetchone()
    return None if row is None else next(one for one in members(book) if one.id == unpacked(row[0]))


@reads
def balances(book: BookFile, first: int | None, last: int | None) -> list[MonthlyBalance]:
    """The monthly balances from month `first` to `last` (yyyymm, both included), all of them for `None`."""
    rows = book.connection.execute(
        "SELECT account.id, commodity.code, month, closing, debit, credit, debit_value, credit_value, postings"
        " FROM balance JOIN account ON account.key = balance.account"
        " JOIN commodity ON commodity.key = balance.commodity WHERE month BETWEEN ? AND ?",
        (first or 0, last or 999912),
    ).fetchall()
    ids = {small: unpacked(small) for small in {row[0] for row in rows}}
    return [MonthlyBalance(ids[row[0]], row[1], row[2], bool(row[3]), Totals(*row[4:])) for row in rows]


@reads
def standing(book: BookFile, month: int) -> list[MonthlyBalance]:
    """What was moved before a month (yyyymm), closing entries included: one row an account and commodity, in month 0.

    It costs the months from there on, however many came before: the totals since the beginning are kept.
    """
    rows = book.connection.execute(_STANDING, (month,)).fetchall()
    return [MonthlyBalance(unpacked(row[0]), row[1], 0, closing=False, totals=Totals(*row[2:])) for row in rows]


@reads
def stretches(book: BookFile, spans: Iterable[tuple[int, int]]) -> list[MonthlyBalance]:
    """The balances of spans of months (yyyymm, both ends included), each summed into one row in its last month."""
    found: list[MonthlyBalance] = []
    for first, last in spans:
        rows = book.connection.execute(_STRETCH, (first, last)).fetchall()
        found += [MonthlyBalance(unpacked(row[0]), row[1], last, bool(row[2]), Totals(*row[3:])) for row in rows]
    return found


@reads
def opened(book: BookFile) -> Opened:
    """What the entries of kind `opening` posted with which the log begins."""
    rows = book.connection.execute(_OPENED, (_OPENING, _OPENING)).fetchall()
    postings = []
    for entry, account, commodity, day, amount, value, red in rows:
        totals = on_side(amount, value, debit=((amount or value) >= 0) != bool(red))
        moved = MonthlyBalance(unpacked(account), commodity, day // 100, closing=False, totals=totals)
        postings.append((unpacked(entry), moved))
    return Opened.of(postings)


_OPENING = 2
"""The place of that kind in `tables.ENTRY_KINDS`."""

# The first entry of another kind is found at once, so this costs no more than the entries that it gives.
_OPENED = (
    "SELECT entry.id, account.id, commodity.code, entry.date, posting.amount, posting.value, posting.red"
    " FROM entry JOIN posting ON posting.entry = entry.key JOIN account ON account.key = posting.account"
    " JOIN commodity ON commodity.key = posting.commodity WHERE entry.kind = ?"
    " AND entry.key < ifnull((SELECT key FROM entry WHERE kind <> ? ORDER BY key LIMIT 1), 9223372036854775807)"
)

_TOTALS = ("debit", "credit", "debit_value", "credit_value", "postings")
# The leaves give the accounts, so that each is found by its key and no month is read that was not asked for.
_OF_LEAF = "balance.account = leaf.account AND balance.commodity = leaf.commodity"
_NAMES = "CROSS JOIN account ON account.key = leaf.account CROSS JOIN commodity ON commodity.key = leaf.commodity"
_STANDING = (
    f"SELECT account.id, commodity.code, {', '.join(f'leaf.{one} - ifnull(sum(balance.{one}), 0)' for one in _TOTALS)}"  # noqa: S608 - constants
    f" FROM leaf LEFT JOIN balance ON {_OF_LEAF} AND month >= ? {_NAMES} GROUP BY leaf.account, leaf.commodity"
    " HAVING leaf.postings > ifnull(sum(balance.postings), 0)"
)
_STRETCH = (
    f"SELECT account.id, commodity.code, closing, {', '.join(f'sum(balance.{one})' for one in _TOTALS)}"  # noqa: S608 - constants
    f" FROM leaf CROSS JOIN balance ON {_OF_LEAF} AND month BETWEEN ? AND ? {_NAMES}"
    " GROUP BY leaf.account, leaf.commodity, closing"
)


IN_ORDER = "entry.date, entry.series, entry.number"
"""The order in which lists of entries stand."""


@reads
def entries(
    book: BookFile, *, first: int | None = None, last: int | None = None, account: str | None = None
) -> list[PostedEntry]:
    """The entries of the days from `first` to `last` (yyyymmdd) that touch an account (an id), by date and number."""
    days = (first or 0, last or 99991231)
    if account is None:
        return _entries(book, f"WHERE entry.date BETWEEN ? AND ? ORDER BY {IN_ORDER}", days)
    return _entries(
        book,
        "WHERE entry.key IN (SELECT entry FROM posting WHERE account ="  # noqa: S608 - constants
        f" (SELECT key FROM account WHERE id = ?) AND date BETWEEN ? AND ?) ORDER BY {IN_ORDER}",
        (packed(account), *days),
    )


@reads
def entry(book: BookFile, id_: str) -> PostedEntry | None:
    """The entry of an id."""
    found = _entries(
        book, "JOIN identity ON identity.key = entry.key AND identity.kind = 8 WHERE identity.id = ?", (packed(id_),)
    )
    return found[0] if found else None


@reads
def entries_numbered(book: BookFile, series: str | None, number: int, month: int | None) -> list[PostedEntry]:
    """The entries with a voucher number, of one series and month (yyyymm) or of any."""
    days = (month * 100, month * 100 + 99) if month else (0, 99999999)
    return _entries(
        book,
        f"WHERE entry.date BETWEEN ? AND ? AND number = ? AND (? IS NULL OR series = ?) ORDER BY {IN_ORDER}",
        (*days, number, series, series),
    )


@reads
def entries_of_block(book: BookFile, number: int) -> list[PostedEntry]:
    """The entries of a block, in the order of its batch."""
    row = book.connection.execute(
        "SELECT last_entry - entries + 1, last_entry FROM block WHERE number = ?", (number,)
    ).fetchone()
    return _entries(book, "WHERE entry.key BETWEEN ? AND ? ORDER BY entry.key", tuple(row or (0, -1)))


def _entries(book: BookFile, condition: str, values: tuple[object, ...]) -> list[PostedEntry]:
    from cloudbooks.store.reading_entries import ENTRY_COLUMNS, entries_of  # noqa: PLC0415 - balances need no entries

    return entries_of(book, f"SELECT {ENTRY_COLUMNS} {condition}", values)


@reads
def entry_count(book: BookFile) -> int:
    """How many entries are posted."""
    row = book.connection.execute("SELECT max(last_entry) FROM block").fetchone()
    return int(row[0] or 0)


@reads
def months(book: BookFile) -> list[int]:
    """The months (yyyymm) that have entries, in order."""
    rows = book.connection.execute("SELECT DISTINCT month FROM last_number ORDER BY month").fetchall()
    return [int(month) for (month,) in rows]


@reads
def entries_by_month(book: BookFile) -> dict[int, int]:
    """How many entries each month has: its last numbers, which have no gaps."""
    rows = book.connection.execute("SELECT month, sum(number) FROM last_number GROUP BY month ORDER BY month")
    return {int(month): int(count) for month, count in rows.fetchall()}


@reads
def recent_accounts(book: BookFile, limit: int) -> list[str]:
    """The accounts of the entries posted last, the last first, at most `limit` of them."""
    rows = book.connection.execute(
        "SELECT account.id FROM (SELECT account, entry, line FROM posting ORDER BY entry DESC, line LIMIT 500) AS late"
        " JOIN account ON account.key = late.account ORDER BY late.entry DESC, late.line"
    ).fetchall()
    return [unpacked(id_) for id_ in dict.fromkeys(id_ for (id_,) in rows)][:limit]


@reads
def last_numbers(book: BookFile) -> dict[tuple[str, int], int]:
    """The last voucher number of each series and month (yyyymm)."""
    rows = book.connection.execute("SELECT series, month, number FROM last_number").fetchall()
    return {(str(series), int(month)): int(number) for series, month, number in rows}


@reads
def closed_through(book: BookFile) -> int | None:
    """The last closed month (yyyymm), or `None`."""
    row = book.connection.execute("SELECT through FROM lock ORDER BY key DESC LIMIT 1").fetchone()
    return int(row[0]) if row and row[0] else None


@reads
def price_on(book: BookFile, commodity: str, day: date) -> tuple[date, Rate] | None:
    """The last price of a commodity on or before a day, with its own day; of one day the one posted last."""
    row = book.connection.execute(
        "SELECT date, rate FROM price WHERE commodity = (SELECT key FROM commodity WHERE code = ?) AND date <= ?"
        " ORDER BY date DESC, key DESC LIMIT 1",
        (commodity, day.year * 10000 + day.month * 100 + day.day),
    ).fetchone()
    return (day_of(row[0]), Rate.parse(row[1])) if row else None


@reads
def prices(book: BookFile) -> list[tuple[date, str, Rate]]:
    """All posted prices: day, commodity and rate, in the order in which they were posted."""
    rows = book.connection.execute(
        "SELECT date, commodity.code, rate FROM price JOIN commodity ON commodity.key = price.commodity"
        " ORDER BY price.key"
    ).fetchall()
    return [(day_of(day), code, Rate.parse(rate)) for day, code, rate in rows]


@reads
def rules_record(book: BookFile, digest: str, name: str) -> str | None:
    """The id of the posted `rules` record of this text (`b3:…`) under this name, the last one."""
    row = book.connection.execute(
        "SELECT id FROM rules WHERE digest = ? AND name = ? ORDER BY key DESC LIMIT 1",
        (bytes.fromhex(digest.removeprefix("b3:")), name),
    ).fetchone()
    return unpacked(row[0]) if row else None


@reads
def drafts_left(book: BookFile) -> int:
    """How many drafts a report of posted entries leaves out."""
    row = book.connection.execute("SELECT count(*) FROM draft").fetchone()
    return int(row[0])


def data_version(book: BookFile) -> int:
    """A number that is another one after another connection has written the book."""
    (version,) = book.connection.execute("PRAGMA data_version").fetchone()
    return int(version)


def day_of(key: int) -> date:
    """The day of a number such as 20261031."""
    return date(key // 10000, key // 100 % 100, key % 100)


def _words(text: str) -> tuple[str, ...]:
    """A list as the tables keep it."""
    return tuple(text.split("\n")) if text else ()
