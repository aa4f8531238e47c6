"""Rows of single records, and the small keys by which rows refer to each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final, Self

from cloudbooks.chain.record import (
    Account,
    AnyRecord,
    Book,
    Close,
    Commodity,
    Member,
    Note,
    Party,
    Price,
    Record,
    Reopen,
    Rules,
    Statement,
)
from cloudbooks.store import sqlite, tables
from cloudbooks.store.ids import packed
from cloudbooks.store.tables import KIND, Row, Table


@lru_cache(maxsize=4096)
def day(text: str) -> int:
    """A date as one number, 20261031."""
    return int(text.replace("-", ""))


def month(text: str) -> int:
    """A period as one number, 202610."""
    return int(text.replace("-", ""))


_NAMED: Final = (*tables.STATES, tables.STATEMENT)
"""Tables whose rows are referred to by the rows of others."""


class Keys:
    """The small keys of records, given in log order from 1 for each table; those of earlier blocks are looked up."""

    def __init__(self, connection: sqlite.Connection, *, resumed: bool) -> None:
        self._connection = connection
        self._resumed = resumed
        self._known: dict[tuple[str, str], int] = {}
        self._commodities: dict[str, int] = {}
        self._member_keys: set[bytes] = set()
        self.counts = dict.fromkeys((table.name for table in (*tables.STATES, *tables.EVENTS)), 0)
        if resumed:
            self.counts = {name: self.last(name) for name in self.counts}
            self._commodities = dict(connection.execute("SELECT code, key FROM commodity").fetchall())
            self._member_keys = {row[0] for row in connection.execute("SELECT key_id FROM member_key").fetchall()}

    @classmethod
    def at(cls, connection: sqlite.Connection, standing: sqlite.Connection, counts: Mapping[str, int]) -> Self:
        """The keys at an earlier block: `counts` are the last ones given then, `standing` holds the state rows."""
        keys = cls(standing, resumed=True)
        keys._connection = connection
        keys.counts = {name: counts[name] for name in keys.counts}
        return keys

    def last(self, table: str) -> int:
        """The last key that a table holds, 0 for an empty one."""
        row = self._connection.execute(f"SELECT coalesce(max(key), 0) FROM {table}").fetchone()  # noqa: S608 - ours
        return int(row[0])

    def give(self, table: Table, id_: str) -> tuple[int, bool]:
        """The key of a record that is being stated, and whether it is new; an event always is."""
        known = self.find(table.name, id_) if table in tables.STATES else None
        if known is not None:
            return known, False
        key = self.counts[table.name] = self.counts[table.name] + 1
        if table in _NAMED:
            self._known[table.name, id_] = key
        return key, True

    def find(self, table: str, id_: str) -> int | None:
        """The key of a record by its id, `None` where there is none."""
        key = self._known.get((table, id_))
        # Whoever folds from the first block knows all but the entries, which are too many to be remembered.
        if key is None and (self._resumed or table == "entry"):
            row = self._connection.execute(
                "SELECT key FROM identity WHERE id = ? AND kind = ?", (packed(id_), KIND[table])
            ).fetchone()
            key = None if row is None else int(row[0])
            if key is not None and key > self.counts.get(table, key):
                # Whoever folds from the middle of the log finds rows, too, of records that are still to come.
                key = None
            if key is not None and table != "entry":
                self._known[table, id_] = key
        return key

    def of(self, table: str, id_: str) -> int:
        """The key of a record that the laws say is there; 0 where the tables have lost it."""
        return self._known.get((table, id_)) or self.find(table, id_) or 0

    def target(self, account: str, commodity: str) -> tuple[int, int]:
        """The keys of an account id and a commodity code."""
        return self.of("account", account), self.commodity(commodity)

    def commodity(self, code: str) -> int:
        """The key of a commodity by its code."""
        return self._commodities.get(code, 0)

    def name_commodity(self, record: AnyRecord, key: int) -> None:
        """Know a commodity by its code."""
        assert isinstance(record, Commodity)
        self._commodities[record.code] = key

    def has_member_key(self, key_id: bytes) -> bool:
        """Whether a member had the key of this id before; it has from now on."""
        known = key_id in self._member_keys
        self._member_keys.add(key_id)
        return known


def _book(one: Book, _: Keys) -> Row:
    return (
        *(bytes.fromhex(one.salt), one.name, one.base, one.created_at, bytes.fromhex(one.blind)),
        *(one.fiscal_year_start, one.jurisdiction, one.chart, one.tax_id, int(one.separate_duties)),
    )


def _member(one: Member, _: Keys) -> Row:
    return bytes.fromhex(one.salt), one.name, one.key, "\n".join(one.rights), one.next_key, int(one.revoked)


def _commodity(one: Commodity, _: Keys) -> Row:
    return bytes.fromhex(one.salt), one.code, one.scale, one.name


def _account(one: Account, _: Keys) -> Row:
    return (
        *(bytes.fromhex(one.salt), one.code, one.name, one.kind, one.klass, one.parent, one.commodity),
        *("\n".join(one.dimensions), int(one.closed)),
    )


def _party(one: Party, _: Keys) -> Row:
    return bytes.fromhex(one.salt), one.name, "\n".join(one.kinds), one.tax_id, int(one.closed)


def _rules(one: Rules, _: Keys) -> Row:
    return one.name, bytes.fromhex(one.digest[3:]), one.bytes


def _statement(one: Statement, keys: Keys) -> Row:
    return keys.of("account", one.account), keys.commodity(one.commodity), day(one.first), day(one.last), one.lines


def _price(one: Price, keys: Keys) -> Row:
    return day(one.date), keys.commodity(one.commodity), keys.commodity(one.base), one.rate


def _note(one: Note, _: Keys) -> Row:
    return one.at, one.text, one.about


def _close(one: Close | Reopen, _: Keys) -> Row:
    return int(isinstance(one, Close)), month(one.period)


BUILDERS: Final[dict[type[Record], tuple[Table, Callable[[Any, Keys], Row]]]] = {
    Book: (tables.BOOK, _book),
    Member: (tables.MEMBER, _member),
    Commodity: (tables.COMMODITY, _commodity),
    Account: (tables.ACCOUNT, _account),
    Party: (tables.PARTY, _party),
    Rules: (tables.RULES, _rules),
    Statement: (tables.STATEMENT, _statement),
    Price: (tables.PRICE, _price),
    Note: (tables.NOTE, _note),
    Close: (tables.LOCK, _close),
    Reopen: (tables.LOCK, _close),
}
"""The table of each type of record but entries, and the cells between its id and its place."""
