"""The schema as a whole: its version, its exact digest, and how a new file is given it.

Reading a book needs the digest alone; the migrations, and sqlite-utils with them, are imported where a book is made
or migrated (`migrations.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final

from blake3 import blake3

from cloudbooks.store import sqlite
from cloudbooks.store.schema_posted import GUARDED_FIRST, META, POSTED, SECOND
from cloudbooks.store.schema_working import WORKING_TABLES

APPLICATION_ID: Final = 0x43424B31
"""`CBK1`: what makes a SQLite file a book."""

VERSION: Final = 2
"""The schema version that this program writes, kept as `user_version`."""

STATEMENTS: Final[tuple[str, ...]] = tuple(text.strip() for text in (*META, *POSTED, *WORKING_TABLES))

ADDED: Final = {2: SECOND}
"""What each version has more than the one before it: no version takes anything away."""

_MADE = re.compile(r"CREATE (?:UNIQUE )?(TABLE|INDEX|TRIGGER) (\w+)(?:.*? ON (\w+))?", re.ASCII | re.DOTALL)


def statements(version: int = VERSION) -> tuple[str, ...]:
    """The statements that make a whole schema of a version, in order."""
    later = {text for since, texts in ADDED.items() if since > version for text in texts}
    return tuple(text for text in STATEMENTS if text not in later)


def later_tables(version: int) -> tuple[str, ...]:
    """The statements of the tables that a book of a version lacks."""
    own = statements(version)
    return tuple(text for text in STATEMENTS if text not in own and text.startswith("CREATE TABLE"))


@cache
def expected_digest(version: int = VERSION) -> bytes:
    """The digest of a whole schema of a version."""
    return _digest(row for statement in statements(version) for row in _made(statement))


@cache
def _known(version: int) -> frozenset[bytes]:
    """The digests of all schemas that books of a version may have."""
    if version != 1:
        return frozenset({expected_digest(version)})
    guarded = (*statements(1), *GUARDED_FIRST)
    return frozenset({expected_digest(1), _digest(row for statement in guarded for row in _made(statement))})


def is_whole(connection: sqlite.Connection, version: int) -> bool:
    """Whether the schema in a file is, to the byte, one that this program or an earlier one gave books of a version."""
    return version >= 1 and stored_digest(connection) in _known(version)


def stored_digest(connection: sqlite.Connection) -> bytes:
    """The digest of the schema in a file: each object's type, name, table and exact text."""
    rows = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema").fetchall()
    return _digest((str(type_), str(name), str(table), str(sql)) for type_, name, table, sql in rows)


def _made(statement: str) -> Iterator[tuple[str, str, str, str]]:
    """The rows of the schema table that a statement makes."""
    found = _MADE.match(statement)
    assert found is not None, statement
    kind, name, table = found[1].lower(), found[2], found[3]
    yield kind, name, name if kind == "table" else table, statement
    # A UNIQUE column of a table with rowids makes an index that has a name of SQLite's and no text.
    for number in range(1, statement.count(" UNIQUE") + 1 if kind == "table" else 1):
        yield "index", f"sqlite_autoindex_{name}_{number}", name, "None"


def _digest(rows: Iterable[tuple[str, str, str, str]]) -> bytes:
    return blake3("\x1e".join("\x1f".join(row) for row in sorted(rows)).encode()).digest()
