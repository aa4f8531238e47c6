"""How a file gets its schema: numbered steps of sqlite-utils, each in one transaction. Never imported to read."""

from __future__ import annotations

from sqlite_utils import Database, Migrations

from cloudbooks.store import sqlite
from cloudbooks.store.schema import ADDED, APPLICATION_ID, VERSION, statements
from cloudbooks.store.schema_posted import META

SET = "cloudbooks"

steps = Migrations(SET)


@steps(name="0001_first")
def _first(database: Database) -> None:
    for statement in statements(1)[len(META) :]:
        database.conn.execute(statement)


@steps(name="0002_timestamps_and_closed_periods")
def _second(database: Database) -> None:
    there = {name for (name,) in database.conn.execute("SELECT name FROM sqlite_schema").fetchall()}
    for statement in ADDED[2]:
        if statement.split()[2] not in there:
            database.conn.execute(statement)


def migrate(connection: sqlite.Connection) -> tuple[str, ...]:
    """Apply every step that is not applied yet, inside the caller's transaction; gives the names of all applied.

    The table of applied steps is made here first, with the columns that sqlite-utils gives it, so that its text does
    not depend on the version of that library.
    """
    assert connection.in_transaction
    if not connection.execute("SELECT 1 FROM sqlite_schema WHERE name = '_sqlite_migrations'").fetchone():
        for statement in META:
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
    database = Database(connection, recursive_triggers=False, strict=True, execute_plugins=False)
    steps.apply(database)
    connection.execute(f"PRAGMA user_version={VERSION}")
    return tuple(step.name for step in steps.applied(database))
