"""What a book file knows of itself beside its records: few named values, each with its digest."""

from __future__ import annotations

from typing import Final

from cloudbooks.errors import ChainFault, sentence
from cloudbooks.store import sqlite
from cloudbooks.store.kept_digest import kept_digest

COUNTER: Final = "change_counter"
"""The file's change counter as this program's last commit left it."""

UNVERIFIED: Final = "unverified"
"""Why the whole book must be verified before anything is written; empty where it need not."""

MIGRATIONS: Final = "migrations"
"""The digest of the table of applied migrations."""

LAST_WRITE: Final = "last_write"
"""A mark of the last write transaction, by which one is known again whose outcome nobody told."""

KEYS: Final = (COUNTER, UNVERIFIED, MIGRATIONS, LAST_WRITE)


class MetaDamaged(ChainFault):
    """A value that a book file keeps of itself is gone, or is not what this program wrote."""

    code = "meta-damaged"

    def __init__(self, key: str) -> None:
        super().__init__(
            sentence('what the file keeps of itself as "{key}" was changed outside this program.', key=key),
            hint=sentence("cloudbooks book rebuild"),
        )


def digest(key: str, value: str) -> bytes:
    """The digest that is kept with a value."""
    return kept_digest(f"{key}\x1f{value}".encode())


def read(connection: sqlite.Connection, key: str) -> str:
    """The value of a key; raises `MetaDamaged`."""
    row = connection.execute("SELECT value, digest FROM meta WHERE key = ?", (key,)).fetchone()
    if row is None or digest(key, row[0]) != row[1]:
        raise MetaDamaged(key)
    return str(row[0])


def write(connection: sqlite.Connection, key: str, value: str) -> None:
    """Set the value of a key, in the caller's transaction."""
    connection.execute(
        "INSERT INTO meta (key, value, digest) VALUES (?, ?, ?)"
        " ON CONFLICT (key) DO UPDATE SET value = excluded.value, digest = excluded.digest",
        (key, value, digest(key, value)),
    )


def migrations_digest(connection: sqlite.Connection) -> str:
    """The digest of the table of applied migrations as it stands."""
    rows = connection.execute(
        "SELECT id, migration_set, name, applied_at FROM _sqlite_migrations ORDER BY id"
    ).fetchall()
    return kept_digest(repr(rows).encode()).hex()
