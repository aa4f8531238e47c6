"""The schema: exact, strict, and the same on every library."""

from __future__ import annotations

import subprocess
import sys

from cloudbooks.store import meta, migrations, schema, sqlite
from cloudbooks.store.schema_posted import DERIVED, DERIVED_TABLES

GOLDEN = {1: "eb7554eee45babf9869be55ae5b3eafda54addf553398346ed74ec821686820e"}
"""The digest of the schema of each version. A released one never changes: what changes it is a migration."""


def made() -> sqlite.Connection:
    """A database in memory that was given the schema by its migrations."""
    connection = sqlite.memory()
    connection.execute("BEGIN IMMEDIATE")
    migrations.migrate(connection)
    connection.execute("COMMIT")
    return connection


def test_migrations_make_exactly_the_expected_schema() -> None:
    """What the steps make has the digest that opening compares with, computed from the texts alone."""
    connection = made()
    assert schema.stored_digest(connection) == schema.expected_digest()
    assert connection.execute("PRAGMA application_id").fetchone() == (int.from_bytes(b"CBK1", "big"),)
    assert connection.execute("PRAGMA user_version").fetchone() == (schema.VERSION,)


def test_the_schema_is_the_one_of_its_version() -> None:
    """Whoever changes a statement of a released schema learns here that books in the world have another."""
    assert schema.expected_digest().hex() == GOLDEN[schema.VERSION]


def test_a_migrated_book_has_nothing_left_to_do() -> None:
    """Applying the steps again changes nothing, and the list of steps is covered by its digest."""
    connection = made()
    before = meta.migrations_digest(connection)
    connection.execute("BEGIN IMMEDIATE")
    assert migrations.migrate(connection) == ("0001_first",)
    connection.execute("COMMIT")
    assert meta.migrations_digest(connection) == before


def test_a_step_that_fails_leaves_nothing() -> None:
    """The steps are part of the caller's transaction."""
    connection = sqlite.memory()
    connection.execute("BEGIN IMMEDIATE")
    migrations.migrate(connection)
    connection.execute("ROLLBACK")
    assert connection.execute("SELECT count(*) FROM sqlite_schema").fetchone() == (0,)


def test_every_table_is_strict() -> None:
    """No column takes a value of another kind than its own, and no table counts by itself."""
    for statement in schema.STATEMENTS:
        if statement.startswith("CREATE TABLE"):
            assert "STRICT" in statement.rpartition(")")[2]
            assert "AUTOINCREMENT" not in statement


def test_derived_tables_are_all_named() -> None:
    """What a rebuild drops is exactly what the derived statements make."""
    made_tables = {text.split()[2] for text in DERIVED if text.startswith("CREATE TABLE")}
    assert made_tables == set(DERIVED_TABLES)


def test_reading_loads_neither_the_chain_nor_what_it_needs() -> None:
    """What `balance` loads of the store pulls in none of the slow libraries, whether the book is opened or read."""
    script = (
        "import sys; import cloudbooks.store.book_file, cloudbooks.store.reading;"
        "print(*sorted({name.partition('.')[0] if not name.startswith('cloudbooks') else '.'.join(name.split('.')[:2])"
        " for name in sys.modules}))"
    )
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    slow = {"cloudbooks.chain", "sqlite_utils", "msgspec", "cryptography", "yaml", "rich", "typer", "platformdirs"}
    assert not slow & set(loaded)
    assert "cloudbooks.store" in loaded
