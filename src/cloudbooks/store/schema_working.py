"""The tables of the working state: drafts, staged statements, waiting records, settings, and the log of operations.

They stand outside the chain. Each row keeps a 16-byte digest over its table's name and its other columns
(`row_text`), and `working_tally` keeps, for each table, how many rows it has and the sum of their digests, so that a
row that was lost, or replaced by an older copy of itself, is found as surely as one that was changed.

Every table has a key of one column, so that `journal` can restore any span of rows by one mechanism. The key of
`staged_line` is the number of its statement times 2**20 plus its place there, that of `operation_image` the number of
its operation times 2**20 plus its step. Days are yyyymmdd, 0 where there is none.
"""

from __future__ import annotations

WORKING_TABLES = (
    """
    CREATE TABLE draft (
        number INTEGER PRIMARY KEY,
        state TEXT NOT NULL,
        day INTEGER NOT NULL,
        sure INTEGER NOT NULL,
        settles TEXT NOT NULL,
        body TEXT NOT NULL,
        digest BLOB NOT NULL
    ) STRICT
    """,
    "CREATE INDEX draft_by_day ON draft (day, number, state, sure)",
    """
    CREATE TABLE staged_statement (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        account TEXT NOT NULL,
        state TEXT NOT NULL,
        body TEXT NOT NULL,
        digest BLOB NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE staged_line (
        key INTEGER PRIMARY KEY,
        day INTEGER NOT NULL,
        amount INTEGER NOT NULL,
        fate TEXT NOT NULL,
        holds INTEGER NOT NULL,
        fingerprint BLOB NOT NULL,
        reference TEXT NOT NULL,
        draft INTEGER NOT NULL,
        entry TEXT NOT NULL,
        reason TEXT NOT NULL,
        body TEXT NOT NULL,
        digest BLOB NOT NULL
    ) STRICT
    """,
    "CREATE INDEX staged_line_by_fingerprint ON staged_line (fingerprint) WHERE holds = 1",
    "CREATE INDEX staged_line_by_reference ON staged_line (reference) WHERE holds = 1 AND reference <> ''",
    """
    CREATE TABLE pending (
        id TEXT PRIMARY KEY,
        place INTEGER NOT NULL,
        type TEXT NOT NULL,
        body TEXT NOT NULL,
        digest BLOB NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE setting (
        key TEXT PRIMARY KEY,
        value TEXT NOT NULL,
        digest BLOB NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE remembered (
        key TEXT PRIMARY KEY,
        result TEXT NOT NULL,
        digest BLOB NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE counter (
        name TEXT PRIMARY KEY,
        last INTEGER NOT NULL,
        digest BLOB NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE operation (
        number INTEGER PRIMARY KEY,
        kind TEXT NOT NULL,
        target INTEGER NOT NULL,
        at TEXT NOT NULL,
        member TEXT NOT NULL,
        verb TEXT NOT NULL,
        summary TEXT NOT NULL,
        block INTEGER,
        voucher TEXT NOT NULL,
        digest BLOB NOT NULL
    ) STRICT
    """,
    "CREATE INDEX operation_by_target ON operation (target) WHERE target > 0",
    """
    CREATE TRIGGER operation_not_changed BEFORE UPDATE ON operation
    BEGIN SELECT RAISE(ABORT, 'the log of operations only grows'); END
    """,
    """
    CREATE TRIGGER operation_not_removed BEFORE DELETE ON operation
    BEGIN SELECT RAISE(ABORT, 'the log of operations only grows'); END
    """,
    """
    CREATE TABLE operation_image (
        key INTEGER PRIMARY KEY,
        kept TEXT NOT NULL,
        first ANY NOT NULL,
        last ANY NOT NULL,
        image TEXT NOT NULL,
        digest BLOB NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE working_tally (
        name TEXT PRIMARY KEY,
        rows INTEGER NOT NULL,
        sum BLOB NOT NULL,
        digest BLOB NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
)
"""The statements that make the working state, in order; the migration of the store executes them."""
