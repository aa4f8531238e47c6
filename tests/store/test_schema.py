"""The schema: exact, strict, and the same on every library."""

from __future__ import annotations

import subprocess
import sys

import pytest

from cloudbooks.store import meta, migrations, schema, sqlite
from cloudbooks.store.schema_posted import DERIVED, DERIVED_TABLES

GOLDEN = {
    1: "37f8981debb6a4a9b772fa467cd880d63e701470f0be7e74102bf3c0f41720d4",
    2: "2ce49f9061dd0de5210680dce76c601f771fd31bc16ff6fa073605ddb3c47ae5",
}
"""The digest of the schema of each version. A released one never changes: what changes it is a migration."""


STEPS = ("0001_first", "0002_timestamps_and_closed_periods")


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


@pytest.mark.parametrize("version", range(1, schema.VERSION + 1))
def test_the_schema_is_the_one_of_its_version(version: int) -> None:
    """Whoever changes a statement of a released schema learns here that books in the world have another."""
    assert schema.expected_digest(version).hex() == GOLDEN[version]


def test_every_version_is_a_step() -> None:
    """No statement that a version adds is left out of the whole, and no version is passed over."""
    assert sorted(schema.ADDED) == list(range(2, schema.VERSION + 1))
    for version, added in schema.ADDED.items():
        assert set(schema.statements(version)) == {*schema.statements(version - 1), *added}
        assert added


def test_a_migrated_book_has_nothing_left_to_do() -> None:
    """Applying the steps again changes nothing, and the list of steps is covered by its digest."""
    connection = made()
    before = meta.migrations_digest(connection)
    connection.execute("BEGIN IMMEDIATE")
    assert migrations.migrate(connection) == STEPS
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
