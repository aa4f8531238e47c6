"""The one SQLite library of the process, and connections that are safe before they touch a book.

Nothing else imports a SQLite library: two of them in one process break each other's file locks. The newest bundled
library is taken where its wheel exists, else the standard library's; the floor for SQL is SQLite 3.37 (STRICT tables).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from cloudbooks.errors import Refusal, sentence

if TYPE_CHECKING:
    import sqlite3 as sqlite  # noqa: TID251 - this module is the one door; pysqlite3 ships no types
else:
    try:
        from pysqlite3 import dbapi2 as sqlite  # noqa: TID251 - this module is the one door
    except ImportError:
        import sqlite3 as sqlite  # noqa: TID251 - where no wheel exists, the standard library's stands in

Connection = sqlite.Connection
Cursor = sqlite.Cursor
Error = sqlite.Error
DatabaseError = sqlite.DatabaseError
OperationalError = sqlite.OperationalError
IntegrityError = sqlite.IntegrityError

BUSY_SECONDS: Final = 10.0
FLOOR: Final = (3, 37, 0)

BUSY: Final = 5
LOCKED: Final = 6
READONLY: Final = 8
INTERRUPT: Final = 9
IOERR: Final = 10
CORRUPT: Final = 11
FULL: Final = 13
CANTOPEN: Final = 14
AUTH: Final = 23
NOTADB: Final = 26

# Copying a database raises errors without their code; these texts are SQLite's own for them.
_CODES: Final = {
    "attempt to write a readonly database": READONLY,
    "database disk image is malformed": CORRUPT,
    "database is locked": BUSY,
    "database or disk is full": FULL,
    "disk I/O error": IOERR,
    "file is not a database": NOTADB,
    "unable to open database file": CANTOPEN,
}

_WATCHED_STEPS: Final = 100_000
"""Steps of SQLite's machine between two looks; it does some 20 million a second."""

_OPEN_READONLY = 0x1
_OPEN_READWRITE = 0x2
_OPEN_URI = 0x40
_OPEN_NOFOLLOW = 0x01000000
_ATTACH, _DETACH, _PRAGMA, _OK, _DENY = 24, 25, 19, 0, 1
_FORBIDDEN_PRAGMAS = frozenset({"writable_schema", "trusted_schema"})

# None of these reads the file, so they are set before the first statement that does.
_BLIND = (
    ("trusted_schema", "OFF", 0),
    ("cell_size_check", "ON", 1),
    ("foreign_keys", "ON", 1),
    ("temp_store", "MEMORY", 2),
    ("mmap_size", "0", 0),
)
# These read the header or the schema: a book's own journal has been seen to before they run.
_SEEING = (
    ("synchronous", "EXTRA", 3),
    ("secure_delete", "ON", 1),
    # In KiB: with less, checking indexes reads pages again and again; with more, it gets no faster.
    ("cache_size", "-4096", -4096),
)


class LibraryTooOld(Refusal):
    """The SQLite library found is older than the program needs."""

    code = "sqlite-too-old"

    def __init__(self, version: str) -> None:
        super().__init__(
            sentence("SQLite {version} is loaded; version 3.37 or later is needed.", version=version),
            hint=sentence("pip install pysqlite3, or a newer Python"),
        )


class SettingRefused(Refusal):
    """SQLite did not take a setting that a book's safety rests on."""

    code = "sqlite-setting"

    def __init__(self, pragma: str, wanted: object, got: object) -> None:
        super().__init__(
            sentence("SQLite answered {got} for {pragma}, not {wanted}.", pragma=pragma, wanted=wanted, got=got),
            hint=sentence("cloudbooks doctor"),
        )


def code_of(error: Error) -> int:
    """The base result code of an error (`BUSY`, `FULL`…), or 0 where the library tells none."""
    code = getattr(error, "sqlite_errorcode", None)
    return code & 0xFF if isinstance(code, int) else _CODES.get(str(error), 0)


def version() -> str:
    """Library and version, as `doctor` prints them."""
    return f"{sqlite.__name__.partition('.')[0]} {sqlite.sqlite_version}"


def connect(path: Path, *, writable: bool = True, immutable: bool = False) -> Connection:
    """A connection that has not touched the file yet; `settle` must follow before the first use.

    `path` names an existing file with no symbolic link in it. `writable=False` is for media that cannot be written:
    elsewhere a read-only connection could not recover a hot journal. `immutable` ignores locks and journals.
    """
    if sqlite.sqlite_version_info < FLOOR:
        raise LibraryTooOld(sqlite.sqlite_version)
    uri = f"file:{quote(os.fsencode(path))}?mode={'rw' if writable else 'ro'}{'&immutable=1' if immutable else ''}"
    connection = _connect(uri, writable=writable)
    connection.set_authorizer(_authorize)
    _apply(connection, _BLIND)
    return connection


def memory() -> Connection:
    """A connection to an empty database in memory, under the same authorizer and settings."""
    connection = sqlite.connect(":memory:", isolation_level=None)
    connection.set_authorizer(_authorize)
    _apply(connection, _BLIND)
    return connection


def _connect(uri: str, *, writable: bool) -> Connection:
    options = {"timeout": BUSY_SECONDS, "isolation_level": None, "uri": True, "cached_statements": 256}
    if sqlite.__name__.startswith("pysqlite3"):
        # The standard library takes no flags; there lstat before and fstat after the opening stand in for NOFOLLOW.
        mode = _OPEN_READWRITE if writable else _OPEN_READONLY
        options["flags"] = mode | _OPEN_URI | _OPEN_NOFOLLOW
    opened: Connection = sqlite.connect(uri, **options)  # type: ignore[call-overload] # one keyword is pysqlite3's own
    return opened


def settle(connection: Connection) -> str:
    """Set and read back what reads the file; gives the journal mode found, which the caller judges."""
    # Waiting comes first: what reads the file meets writers in the middle of their commit.
    wait(connection)
    _apply(connection, _SEEING)
    return str(connection.execute("PRAGMA journal_mode").fetchone()[0])


def wait(connection: Connection) -> None:
    """Let a connection wait for the locks of others, at most `BUSY_SECONDS`."""
    _apply(connection, (("busy_timeout", str(int(BUSY_SECONDS * 1000)), int(BUSY_SECONDS * 1000)),))


def let_write(connection: Connection) -> None:
    """Let this connection write, with room in memory for a transaction of some ten thousand entries."""
    _apply(connection, (("query_only", "OFF", 0), ("cache_size", "-16384", -16384)))


def read_only(connection: Connection) -> None:
    """Refuse every write on this connection until `let_write`; it may still recover a hot journal."""
    _apply(connection, (("query_only", "ON", 1),))


def watched(connection: Connection, stopped: Callable[[], bool]) -> None:
    """Have a connection ask `stopped` every few milliseconds; once it says so, what is read ends as `INTERRUPT`."""
    connection.set_progress_handler(lambda: int(stopped()), _WATCHED_STEPS)


def is_read_only(connection: Connection) -> bool:
    """Whether `read_only` holds for a connection."""
    return bool(connection.execute("PRAGMA query_only").fetchone() == (1,))


def _apply(connection: Connection, pragmas: tuple[tuple[str, str, int], ...]) -> None:
    # The authorizer denies trusted_schema to everything that comes later, so the first call goes around it.
    for pragma, setting, wanted in pragmas:
        if pragma in _FORBIDDEN_PRAGMAS:
            connection.set_authorizer(None)
        connection.execute(f"PRAGMA {pragma}={setting}").fetchall()
        got = connection.execute(f"PRAGMA {pragma}").fetchone()
        if pragma in _FORBIDDEN_PRAGMAS:
            connection.set_authorizer(_authorize)
        # A library built without memory mapping answers nothing at all, which is the zero that is wanted.
        if got is not None and got[0] != wanted:
            raise SettingRefused(pragma, wanted, got[0])
        if got is None and pragma != "mmap_size":
            raise SettingRefused(pragma, wanted, "nothing")


def _authorize(action: int, first: str | None, second: str | None, *_: object) -> int:
    if action in {_ATTACH, _DETACH}:
        return _DENY
    if action == _PRAGMA and second is not None and (first or "").lower() in _FORBIDDEN_PRAGMAS:
        return _DENY
    return _OK
