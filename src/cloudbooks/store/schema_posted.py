"""The posted tables: the log's bytes, and everything that is derived from them.

Ids are 16 bytes, hashes 32, dates yyyymmdd, months yyyymm, money minor units. What grows with entries refers by small
integer keys, which are given in log order from 1. What may be absent is an empty text. Rows that grow with entries
declare no foreign keys: each of them is compared with the log, and looking its keys up twice more would cost a tenth of
every post.
"""

from __future__ import annotations

from typing import Final


def statements(script: str) -> tuple[str, ...]:
    """The statements of a script, which blank lines part; `--` begins a line that is not part of any."""
    parts = ("\n".join(line for line in part.splitlines() if line[:2] != "--") for part in script.split("\n\n"))
    return tuple(part.strip() for part in parts if part.strip())


META: Final = statements("""
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL, digest BLOB NOT NULL) STRICT, WITHOUT ROWID

-- The table of sqlite-utils, made with its own columns before it can make it, so that its text is ours.
CREATE TABLE _sqlite_migrations (id INTEGER PRIMARY KEY, migration_set TEXT, name TEXT, applied_at TEXT) STRICT

CREATE UNIQUE INDEX migration_once ON _sqlite_migrations (migration_set, name)
""")

LOG: Final = statements("""
CREATE TABLE log_block (number INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT

-- A batch is kept deflated in parts of whole lines; `first` is the line (0 is the header) that a part begins with,
-- `size` the bytes before deflation, `digest` covers the deflated ones, whose last bits inflation does not look at.
CREATE TABLE log_batch (
    block INTEGER NOT NULL REFERENCES log_block (number), part INTEGER NOT NULL, first INTEGER NOT NULL,
    size INTEGER NOT NULL, digest BLOB NOT NULL, bytes BLOB NOT NULL,
    PRIMARY KEY (block, part)
) STRICT, WITHOUT ROWID

CREATE TABLE attachment (
    b3 BLOB PRIMARY KEY, size INTEGER NOT NULL, digest BLOB NOT NULL, bytes BLOB NOT NULL
) STRICT, WITHOUT ROWID

-- The only posted row that is replaced: a checkpoint of a larger log stands for all smaller ones.
CREATE TABLE checkpoint (
    one INTEGER PRIMARY KEY CHECK (one = 1), size INTEGER NOT NULL, text BLOB NOT NULL, digest BLOB NOT NULL
) STRICT

CREATE TABLE cosignature (
    size INTEGER NOT NULL, key_id BLOB NOT NULL, line BLOB NOT NULL, digest BLOB NOT NULL,
    PRIMARY KEY (size, key_id)
) STRICT, WITHOUT ROWID

-- The tokens of RFC 3161, of which one stands over a checkpoint of `size` blocks.
CREATE TABLE timestamp (size INTEGER PRIMARY KEY, token BLOB NOT NULL, digest BLOB NOT NULL) STRICT
""")

_STATES: Final = statements("""
CREATE TABLE book (
    key INTEGER PRIMARY KEY CHECK (key = 1), id BLOB NOT NULL, salt BLOB NOT NULL, name TEXT NOT NULL,
    base TEXT NOT NULL, created_at TEXT NOT NULL, blind BLOB NOT NULL, fiscal_year_start INTEGER NOT NULL,
    jurisdiction TEXT NOT NULL, chart TEXT NOT NULL, tax_id TEXT NOT NULL, separate_duties INTEGER NOT NULL,
    block INTEGER NOT NULL, record INTEGER NOT NULL
) STRICT

CREATE TABLE member (
    key INTEGER PRIMARY KEY, id BLOB NOT NULL, salt BLOB NOT NULL, name TEXT NOT NULL, vkey TEXT NOT NULL,
    rights TEXT NOT NULL, next_key TEXT NOT NULL, revoked INTEGER NOT NULL,
    block INTEGER NOT NULL, record INTEGER NOT NULL
) STRICT

CREATE TABLE commodity (
    key INTEGER PRIMARY KEY, id BLOB NOT NULL, salt BLOB NOT NULL, code TEXT NOT NULL, scale INTEGER NOT NULL,
    name TEXT NOT NULL, block INTEGER NOT NULL, record INTEGER NOT NULL
) STRICT

CREATE TABLE account (
    key INTEGER PRIMARY KEY, id BLOB NOT NULL, salt BLOB NOT NULL, code TEXT NOT NULL, name TEXT NOT NULL,
    kind TEXT NOT NULL, class TEXT NOT NULL, parent TEXT NOT NULL, commodity TEXT NOT NULL, dimensions TEXT NOT NULL,
    closed INTEGER NOT NULL, block INTEGER NOT NULL, record INTEGER NOT NULL
) STRICT

CREATE TABLE party (
    key INTEGER PRIMARY KEY, id BLOB NOT NULL, salt BLOB NOT NULL, name TEXT NOT NULL, kinds TEXT NOT NULL,
    tax_id TEXT NOT NULL, closed INTEGER NOT NULL, block INTEGER NOT NULL, record INTEGER NOT NULL
) STRICT
""")

_EVENTS: Final = statements("""
-- What a block and its batch say; `last_entry` is the key of the last entry up to it.
CREATE TABLE block (
    number INTEGER PRIMARY KEY, hash BLOB NOT NULL, batch BLOB NOT NULL, batch_hash BLOB NOT NULL,
    author INTEGER NOT NULL REFERENCES member (key), made_at TEXT NOT NULL, committed_at TEXT NOT NULL,
    size INTEGER NOT NULL, records INTEGER NOT NULL, entries INTEGER NOT NULL, last_entry INTEGER NOT NULL
) STRICT

CREATE UNIQUE INDEX block_of_batch ON block (batch_hash)

-- The log's Merkle tree: the roots of all full subtrees, `place` counting those of 2**level blocks from 0.
CREATE TABLE node (
    level INTEGER NOT NULL, place INTEGER NOT NULL, hash BLOB NOT NULL,
    PRIMARY KEY (level, place)
) STRICT, WITHOUT ROWID

-- Every key that a member has or had, by the four bytes that signatures name it with.
CREATE TABLE member_key (
    key_id BLOB PRIMARY KEY, member INTEGER NOT NULL REFERENCES member (key)
) STRICT, WITHOUT ROWID

-- All ids share one namespace; `kind` is the place of the type in `tables.KINDS`, `key` the row's key in its table.
CREATE TABLE identity (id BLOB PRIMARY KEY, kind INTEGER NOT NULL, key INTEGER NOT NULL) STRICT, WITHOUT ROWID

CREATE TABLE salt (salt BLOB PRIMARY KEY, block INTEGER NOT NULL) STRICT, WITHOUT ROWID

CREATE TABLE rules (
    key INTEGER PRIMARY KEY, id BLOB NOT NULL, name TEXT NOT NULL, digest BLOB NOT NULL, bytes INTEGER NOT NULL,
    block INTEGER NOT NULL, record INTEGER NOT NULL
) STRICT

CREATE TABLE statement (
    key INTEGER PRIMARY KEY, id BLOB NOT NULL, account INTEGER NOT NULL REFERENCES account (key),
    commodity INTEGER NOT NULL REFERENCES commodity (key), first INTEGER NOT NULL, last INTEGER NOT NULL,
    lines INTEGER NOT NULL, block INTEGER NOT NULL, record INTEGER NOT NULL
) STRICT

CREATE TABLE price (
    key INTEGER PRIMARY KEY, id BLOB NOT NULL, date INTEGER NOT NULL,
    commodity INTEGER NOT NULL REFERENCES commodity (key), base INTEGER NOT NULL REFERENCES commodity (key),
    rate TEXT NOT NULL, block INTEGER NOT NULL, record INTEGER NOT NULL
) STRICT

CREATE INDEX price_of_day ON price (commodity, date)

CREATE TABLE note (
    key INTEGER PRIMARY KEY, id BLOB NOT NULL, at TEXT NOT NULL, text TEXT NOT NULL, about TEXT NOT NULL,
    block INTEGER NOT NULL, record INTEGER NOT NULL
) STRICT

-- Closes (`closes` is 1) and reopens (0) in log order; `through` is the last closed month after it, 0 if none is.
CREATE TABLE lock (
    key INTEGER PRIMARY KEY, id BLOB NOT NULL, closes INTEGER NOT NULL, month INTEGER NOT NULL,
    through INTEGER NOT NULL, reason TEXT NOT NULL, block INTEGER NOT NULL, record INTEGER NOT NULL
) STRICT
""")

_ENTRIES: Final = statements("""
-- `more` says that the record's text holds what no column does; `kind` is its place in `tables.ENTRY_KINDS`.
CREATE TABLE entry (
    key INTEGER PRIMARY KEY, id BLOB NOT NULL, date INTEGER NOT NULL, series TEXT NOT NULL, number INTEGER NOT NULL,
    summary TEXT NOT NULL, block INTEGER NOT NULL, record INTEGER NOT NULL, kind INTEGER NOT NULL,
    made_by INTEGER NOT NULL, reverses INTEGER, replaces INTEGER, more INTEGER NOT NULL
) STRICT

CREATE INDEX entry_of_day ON entry (date)

CREATE UNIQUE INDEX entry_reversed_once ON entry (reverses) WHERE reverses IS NOT NULL

CREATE TABLE posting (
    entry INTEGER NOT NULL, line INTEGER NOT NULL, account INTEGER NOT NULL, date INTEGER NOT NULL,
    commodity INTEGER NOT NULL, amount INTEGER NOT NULL, value INTEGER NOT NULL, red INTEGER NOT NULL, party INTEGER,
    PRIMARY KEY (entry, line)
) STRICT, WITHOUT ROWID

CREATE INDEX posting_of_account ON posting (account, date)

-- Every line of a statement that an entry ever settled; it is settled now unless that entry is reversed.
CREATE TABLE settled (
    statement INTEGER NOT NULL, place INTEGER NOT NULL, entry INTEGER NOT NULL,
    PRIMARY KEY (statement, place, entry)
) STRICT, WITHOUT ROWID
""")

_SUMS: Final = statements("""
-- By side, credits as positive numbers; `closing` keeps the entries of that kind apart.
CREATE TABLE balance (
    account INTEGER NOT NULL REFERENCES account (key), commodity INTEGER NOT NULL REFERENCES commodity (key),
    month INTEGER NOT NULL, closing INTEGER NOT NULL,
    debit INTEGER NOT NULL, credit INTEGER NOT NULL, debit_value INTEGER NOT NULL, credit_value INTEGER NOT NULL,
    postings INTEGER NOT NULL,
    PRIMARY KEY (account, commodity, month, closing)
) STRICT, WITHOUT ROWID

-- Totals since the beginning, as `balances_root` has them; `block` is the last that posted to the leaf.
CREATE TABLE leaf (
    account INTEGER NOT NULL REFERENCES account (key), commodity INTEGER NOT NULL REFERENCES commodity (key),
    debit INTEGER NOT NULL, credit INTEGER NOT NULL,
    debit_value INTEGER NOT NULL, credit_value INTEGER NOT NULL, postings INTEGER NOT NULL, block INTEGER NOT NULL,
    PRIMARY KEY (account, commodity)
) STRICT, WITHOUT ROWID

CREATE TABLE last_number (
    series TEXT NOT NULL, month INTEGER NOT NULL, number INTEGER NOT NULL,
    PRIMARY KEY (series, month)
) STRICT, WITHOUT ROWID
""")

_STATE_TABLES: Final = ("book", "member", "commodity", "account", "party")
_SUM_TABLES: Final = ("balance", "leaf", "last_number")
_EVENT_TABLES: Final = (
    *("block", "node", "member_key", "identity", "salt", "rules", "statement", "price", "note", "lock"),
)
_ENTRY_TABLES: Final = ("entry", "posting", "settled")
_LOG_TABLES: Final = ("log_block", "log_batch", "attachment", "cosignature", "timestamp")
_KEPT_TABLES: Final = (*_LOG_TABLES, *_EVENT_TABLES, *_ENTRY_TABLES)

DERIVED_TABLES: Final = (*_STATE_TABLES, *_EVENT_TABLES, *_ENTRY_TABLES, *_SUM_TABLES)
"""What a rebuild drops and makes anew from the log."""


def _kept(table: str, act: str) -> str:
    """Posted is posted: the database itself refuses the act on this table."""
    return (
        f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} BEGIN"
        f" SELECT RAISE(ABORT, 'what is posted does not change: {table}'); END"
    )


def _forward(table: str) -> str:
    """A state may only be stated again by a later record, under the same id."""
    return (
        f"CREATE TRIGGER {table}_forward BEFORE UPDATE ON {table}"
        " WHEN NEW.id IS NOT OLD.id OR NEW.key IS NOT OLD.key OR (NEW.block, NEW.record) <= (OLD.block, OLD.record)"
        f" BEGIN SELECT RAISE(ABORT, 'a state is only stated again by a later record: {table}'); END"
    )


_CHECKPOINT_GROWS: Final = (
    "CREATE TRIGGER checkpoint_grows BEFORE UPDATE ON checkpoint WHEN NEW.size < OLD.size"
    " BEGIN SELECT RAISE(ABORT, 'a checkpoint is only replaced by one of a larger log'); END"
)

# A lock stands before the entries of its own block here, so its place in the log says whether it came earlier.
_ENTRY_IN_OPEN_PERIOD: Final = (
    "CREATE TRIGGER entry_in_open_period BEFORE INSERT ON entry WHEN NEW.date / 100 <= ("
    "SELECT through FROM lock WHERE (block, record) < (NEW.block, NEW.record) ORDER BY key DESC LIMIT 1)"
    " BEGIN SELECT RAISE(ABORT, 'no entry is dated in a closed period'); END"
)

TRIGGERS: Final = (
    *(_kept(table, act) for table in _KEPT_TABLES for act in ("UPDATE", "DELETE")),
    *(_kept(table, "DELETE") for table in (*_STATE_TABLES, *_SUM_TABLES, "checkpoint")),
    *(_forward(table) for table in _STATE_TABLES),
    _CHECKPOINT_GROWS,
    _ENTRY_IN_OPEN_PERIOD,
)

DERIVED: Final = (*_STATES, *_EVENTS, *_ENTRIES, *_SUMS)
POSTED: Final = (*LOG, *DERIVED, *TRIGGERS)

_SINCE_SECOND: Final = frozenset(
    {"timestamp", "timestamp_no_update", "timestamp_no_delete", "entry_in_open_period"},
)

GUARDED_FIRST: Final = (_ENTRY_IN_OPEN_PERIOD,)
"""What some books of version 1 have already, which were made after closed periods came and before version 2 did."""

SECOND: Final = tuple(statement for statement in POSTED if statement.split()[2] in _SINCE_SECOND)
"""What version 2 of the schema has more than version 1."""
