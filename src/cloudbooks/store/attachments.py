"""Files that records name: kept by their hash, deflated, once."""

from __future__ import annotations

from blake3 import blake3

from cloudbooks.store import log_bytes, sqlite
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.kept_digest import kept_digest


def keep(connection: sqlite.Connection, data: bytes) -> str:
    """Keep a file in the caller's transaction; gives its name, `b3:…`."""
    name = blake3(data).digest()
    if connection.execute("SELECT 1 FROM attachment WHERE b3 = ?", (name,)).fetchone() is None:
        stored = log_bytes.deflated(data)
        connection.execute(
            "INSERT INTO attachment (b3, size, digest, bytes) VALUES (?, ?, ?, ?)",
            (name, len(data), kept_digest(stored), stored),
        )
    return f"b3:{name.hex()}"


def read(connection: sqlite.Connection, b3: str) -> bytes | None:
    """A kept file by its name; raises `BytesDamaged` where it is not what was kept."""
    try:
        name = bytes.fromhex(b3.removeprefix("b3:"))
    except ValueError:
        return None
    row = connection.execute("SELECT size, digest, bytes FROM attachment WHERE b3 = ?", (name,)).fetchone()
    if row is None:
        return None
    data = log_bytes.inflated(row[2], row[0], row[1])
    if blake3(data).digest() != name:
        raise log_bytes.BytesDamaged
    return data


def attachment(book: BookFile, b3: str) -> bytes | None:
    """A kept file by its name (`b3:…`); raises `BytesDamaged`."""
    return read(book.connection, b3)
