"""The derived tables as statements: how rows go in, and how they are read again to be compared.

Names come from the constants below and from nowhere else; values are always parameters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

Cell = int | str | bytes | None
Row = tuple[Cell, ...]

KINDS: Final = (
    *("batch", "book", "member", "commodity", "account", "party", "rules", "statement", "entry", "price", "note"),
    "lock",
)
"""What an id may name; `identity.kind` is the place here."""

KIND: Final = {name: place for place, name in enumerate(KINDS)}

ENTRY_KINDS: Final = ("", "closing", "opening", "revaluation")
"""Kinds of entries; `entry.kind` is the place here."""


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A derived table: its columns, the first `keys` of which are its key, and the statements on it."""

    name: str
    columns: tuple[str, ...]
    keys: int
    insert: str
    restate: str
    span: str
    one: str
    every: str


def _table(name: str, *columns: str, keys: int = 1) -> Table:
    listed, marks = ", ".join(columns), ", ".join("?" * len(columns))
    key = columns[0]
    ordered = ", ".join(columns[:keys])
    fresh = ", ".join(f"{column} = excluded.{column}" for column in columns[keys:])
    where = " AND ".join(f"{column} = ?" for column in columns[:keys])
    insert = f"INSERT INTO {name} ({listed}) VALUES ({marks})"  # noqa: S608 - names of tables and columns are the program's own
    return Table(
        name=name,
        columns=columns,
        keys=keys,
        insert=insert,
        restate=f"{insert} ON CONFLICT ({ordered}) DO UPDATE SET {fresh}",
        span=f"SELECT {listed} FROM {name} WHERE {key} BETWEEN ?1 AND ?2 ORDER BY {ordered}",  # noqa: S608 - the same
        one=f"SELECT {listed} FROM {name} WHERE {where}",  # noqa: S608 - the same
        every=f"SELECT {listed} FROM {name} NOT INDEXED ORDER BY {ordered}",  # noqa: S608 - the same
    )


_PLACE = ("block", "record")

BOOK = _table(
    "book",
    *("key", "id", "salt", "name", "base", "created_at", "blind", "fiscal_year_start", "jurisdiction", "chart"),
    *("tax_id", "separate_duties", *_PLACE),
)
MEMBER = _table("member", "key", "id", "salt", "name", "vkey", "rights", "next_key", "revoked", *_PLACE)
COMMODITY = _table("commodity", "key", "id", "salt", "code", "scale", "name", *_PLACE)
ACCOUNT = _table(
    "account",
    *("key", "id", "salt", "code", "name", "kind", "class", "parent", "commodity", "dimensions", "closed", *_PLACE),
)
PARTY = _table("party", "key", "id", "salt", "name", "kinds", "tax_id", "closed", *_PLACE)

BLOCK = _table(
    "block",
    *("number", "hash", "batch", "batch_hash", "author", "made_at", "committed_at", "size", "records", "entries"),
    "last_entry",
)
NODE = _table("node", "level", "place", "hash", keys=2)
MEMBER_KEY = _table("member_key", "key_id", "member")
IDENTITY = _table("identity", "id", "kind", "key")
SALT = _table("salt", "salt", "block")
RULES = _table("rules", "key", "id", "name", "digest", "bytes", *_PLACE)
STATEMENT = _table("statement", "key", "id", "account", "commodity", "first", "last", "lines", *_PLACE)
PRICE = _table("price", "key", "id", "date", "commodity", "base", "rate", *_PLACE)
NOTE = _table("note", "key", "id", "at", "text", "about", *_PLACE)
LOCK = _table("lock", "key", "id", "closes", "month", "through", "reason", *_PLACE)

ENTRY = _table(
    "entry",
    *("key", "id", "date", "series", "number", "summary", "block", "record", "kind", "made_by", "reverses", "replaces"),
    "more",
)
POSTING = _table("posting", "entry", "line", "account", "date", "commodity", "amount", "value", "red", "party", keys=2)
SETTLED = _table("settled", "statement", "place", "entry", keys=3)

_TOTALS = ("debit", "credit", "debit_value", "credit_value", "postings")
BALANCE = _table("balance", "account", "commodity", "month", "closing", *_TOTALS, keys=4)
LEAF = _table("leaf", "account", "commodity", *_TOTALS, "block", keys=2)
LAST_NUMBER = _table("last_number", "series", "month", "number", keys=2)

STATES: Final = (BOOK, MEMBER, COMMODITY, ACCOUNT, PARTY)
"""Rows that a later record replaces."""

EVENTS: Final = (RULES, STATEMENT, PRICE, NOTE, LOCK)
"""Rows with a place in the log that stay as they are."""

SUMS: Final = (BALANCE, LEAF, LAST_NUMBER)
"""Rows that later blocks add to."""

ALL: Final = (*STATES, BLOCK, NODE, MEMBER_KEY, IDENTITY, SALT, *EVENTS, ENTRY, POSTING, SETTLED, *SUMS)
