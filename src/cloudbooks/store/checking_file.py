"""What a book's file holds beside its log and the rows made from it: files, signatures, what it knows of itself."""

from __future__ import annotations

from collections.abc import Iterator

from blake3 import blake3

from cloudbooks.errors import Finding, sentence
from cloudbooks.store import attachments, log_bytes, meta, schema, sqlite
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.kept_digest import kept_digest
from cloudbooks.store.log import cosignature_digest, timestamp_digest, timestamp_rows

_RESTORE = sentence("cp COPY BOOK puts a good copy of the book back")
_REBUILD = sentence("cloudbooks book rebuild")
_SQLITE_FINDINGS_MAX = 20


def check_contents(book: BookFile, read_well: set[str]) -> Iterator[Finding]:
    """Every fault that SQLite does not find; `read_well` names the files (`b3:…`) that were read and hashed already."""
    yield from _attachments(book.connection, read_well)
    yield from check_kept(book)


def check_kept(book: BookFile) -> Iterator[Finding]:
    """Every fault of the schema, of what the file knows of itself, and of signatures: what does not grow with it."""
    yield from _schema(book)
    yield from _meta(book)
    yield from _digests(book.connection)


def check_pages(connection: sqlite.Connection) -> Iterator[Finding]:
    """Every fault that SQLite finds in its own file."""
    rows = connection.execute(f"PRAGMA integrity_check({_SQLITE_FINDINGS_MAX})").fetchall()
    for (said,) in rows:
        if said != "ok":
            yield Finding("file-damaged", "file", sentence("SQLite says: {said}.", said=str(said)), _RESTORE)
    for table, row, *_ in connection.execute("PRAGMA foreign_key_check").fetchall():
        message = sentence('row {row} of the table "{table}" refers to nothing.', row=row, table=table)
        yield Finding("file-damaged", f"table {table}", message, _REBUILD)


def _schema(book: BookFile) -> Iterator[Finding]:
    if not schema.is_whole(book.connection, book.version):
        yield Finding("schema-changed", "file", sentence("another program changed the tables of this book."), _RESTORE)


def _meta(book: BookFile) -> Iterator[Finding]:
    connection = book.connection
    for key in meta.KEYS:
        try:
            meta.read(connection, key)
        except meta.MetaDamaged as fault:
            yield Finding(fault.code, "table meta", fault.message, fault.hint)
    for (key,) in connection.execute("SELECT key FROM meta").fetchall():
        if key not in meta.KEYS:
            message = sentence('"{key}" is nothing that this program keeps of a file.', key=str(key))
            yield Finding("meta-damaged", "table meta", message, _REBUILD)
    if meta.migrations_digest(connection) != meta.read(connection, meta.MIGRATIONS):
        message = sentence("the list of the steps that made the tables was changed.")
        yield Finding("meta-damaged", "table _sqlite_migrations", message, _REBUILD)
    expected, counted = int(meta.read(connection, meta.COUNTER)), book.header.change_counter()
    if expected != counted:
        message = sentence(
            "another program wrote to the file: SQLite counts {counted} changes, this program {expected}.",
            counted=counted, expected=expected,
        )  # fmt: skip
        yield Finding("file-touched", "file", message, sentence("cloudbooks doctor"), warning=True)


def _attachments(connection: sqlite.Connection, read_well: set[str]) -> Iterator[Finding]:
    """Files that no record names yet are kept by their hash all the same."""
    for (name,) in connection.execute("SELECT b3 FROM attachment ORDER BY b3").fetchall():
        b3 = f"b3:{name.hex()}"
        if b3 in read_well:
            continue
        try:
            whole = attachments.read(connection, b3) is not None and len(name) == blake3().digest_size
        except log_bytes.BytesDamaged:
            whole = False
        if not whole:
            message = sentence("the file kept as {b3} is not what was kept.", b3=b3)
            yield Finding("attachment-damaged", "table attachment", message, _RESTORE)


def _digests(connection: sqlite.Connection) -> Iterator[Finding]:
    bad: list[tuple[str, object]] = []
    for one, size, text, digest in connection.execute("SELECT one, size, text, digest FROM checkpoint").fetchall():
        # SQLite does not look whether the key of a row fits what the schema demands of it.
        if one != 1 or kept_digest(text) != digest or text.split(b"\n", 2)[1] != str(size).encode():
            bad.append(("checkpoint", size))
    for size, key_id, line, digest in connection.execute(
        "SELECT size, key_id, line, digest FROM cosignature"
    ).fetchall():
        if cosignature_digest(size, key_id, line) != digest:
            bad.append(("cosignature", size))
    for size, token, digest in timestamp_rows(connection):
        if timestamp_digest(size, token) != digest:
            bad.append(("timestamp", size))
    for table, size in bad:
        message = sentence("the {table} of size {size} is not what was kept.", table=table, size=size)
        yield Finding("signature-damaged", f"table {table}", message, _RESTORE)
