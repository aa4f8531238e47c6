"""What this machine's whole verifications of a book attest, kept where the book does not choose it.

A verification of what came later believes one of these instead of reading the log from its beginning. Each is one
canonical line and a second with its `b3:` hash, in `verified/<book id>` of the state folder, named by the last block
that was read and by the file. Like the receipt it is not signed: whoever forges it together with the book is the
witnesses' affair.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from blake3 import blake3

from cloudbooks.store import log_bytes, meta, schema, sqlite, tables
from cloudbooks.store.tables import Cell, Row
from cloudbooks.system import files
from cloudbooks.system.clock import instant

if TYPE_CHECKING:
    from cloudbooks.chain.verdict import Verdict
    from cloudbooks.store.book_file import BookFile

KEPT: Final = 4
"""How many verifications of a file are kept, the newest."""

TABLES: Final = (*tables.STATES, tables.MEMBER_KEY, tables.LOCK, *tables.SUMS)
"""What is kept of a book: rows that grow with its accounts, parties and months, not with its entries."""

COUNTER_END: Final = 1 << 32
"""Where the change counter of a SQLite file begins anew."""

_COUNTED: Final = (*tables.STATES, *tables.EVENTS, tables.ENTRY)
_BYTES_MAX: Final = 256 << 20
_SHOWN: Final = 16


@dataclass(frozen=True, slots=True)
class Attested:
    """A whole verification that found the book `valid`, up to block `number`, in the file `path`, at `verified_at`.

    `root` is that of the log's tree then (hex). `counter` is the file's change counter, `drift` how far that was from
    what this program knew of, and `schema` the digest of the tables' definitions (hex). `first_key` is the first
    member's verifier key, `checkpoint` the hash of the checkpoint that signed the log ("b3:…"; empty for none).
    `counts` are the last keys given in tables whose rows have keys, `rows` those of `TABLES`, each compared with the
    log then.
    """

    book: str
    number: int
    hash: str
    root: str
    path: str
    counter: int
    drift: int
    verified_at: str
    first_key: str
    checkpoint: str
    schema: str
    counts: Mapping[str, int]
    rows: Mapping[str, list[Row]]


class Unreadable(Exception):
    """What is kept of a verification does not hold what its second line says, or is none."""


def rows_of(connection: sqlite.Connection) -> dict[str, list[Row]]:
    """The rows of `TABLES`, to be read in the transaction in which they were compared."""
    return {table.name: connection.execute(table.every).fetchall() for table in TABLES}


def counts_of(connection: sqlite.Connection) -> dict[str, int]:
    """The last keys given, to be read in the same transaction."""
    greatest = "SELECT coalesce(max(key), 0) FROM"
    return {table.name: int(connection.execute(f"{greatest} {table.name}").fetchone()[0]) for table in _COUNTED}


def of(book: BookFile, verdict: Verdict, checkpoint: bytes | None, counter: int) -> Attested:
    """What a verdict over the whole book attests, in the transaction in which the rows were compared."""
    head = verdict.blocks - 1
    return Attested(
        book=book.id,
        number=head,
        hash=verdict.head,
        root=verdict.root.removeprefix("s256:"),
        path=str(book.path),
        counter=counter,
        drift=drift_of(book, counter),
        verified_at=instant(book.clock.now()),
        first_key=verdict.first_key,
        checkpoint=f"b3:{blake3(checkpoint).hexdigest()}" if checkpoint and verdict.signed else "",
        schema=schema.expected_digest().hex(),
        counts=counts_of(book.connection),
        rows=rows_of(book.connection),
    )


def drift_of(book: BookFile, counter: int) -> int:
    """How many changes of the file were not this program's, as far as its counter tells; raises `MetaDamaged`."""
    return (counter - int(meta.read(book.connection, meta.COUNTER))) % COUNTER_END


def keep(state: Path, attested: Attested) -> None:
    """Keep a verification durably, and drop the oldest of the same file; raises `OSError` and refusals of `files`."""
    folder = _folder(state, attested.book)
    files.private_folder(folder.parent)
    files.private_folder(folder)
    with files.locked(folder.with_name("verified.lock")):
        files.replace_whole(folder / _name(attested.number, attested.path), _text(attested))
        for number in _numbers(folder, attested.path)[KEPT:]:
            files.unlink(folder / _name(number, attested.path))


def known(state: Path, book: str, path: Path) -> list[int]:
    """The blocks with which verifications of a file ended that are kept, the last first."""
    return _numbers(_folder(state, book), str(path))


def read(state: Path, book: str, path: Path, number: int) -> Attested | None:
    """The verification of a file that ended with a block, `None` if none is kept; raises `Unreadable`."""
    try:
        data = files.read_regular(_folder(state, book) / _name(number, str(path)), _BYTES_MAX)
    except FileNotFoundError:
        return None
    except (OSError, files.FileUnfit) as error:
        raise Unreadable from error
    attested = _parsed(data)
    expected = (book, number, str(path), schema.expected_digest().hex())
    if (attested.book, attested.number, attested.path, attested.schema) != expected:
        raise Unreadable
    return attested


def forget_moved(book: BookFile) -> None:
    """Drop the verifications of a file that ended with a block which has lost its place since, as it may."""
    folder = _folder(book.state, book.id)
    for number in known(book.state, book.id, book.path):
        with suppress(Unreadable, OSError):
            kept = read(book.state, book.id, book.path, number)
            data = log_bytes.block_bytes(book.connection, number) or b""
            if kept is not None and kept.hash != f"b3:{blake3(data).hexdigest()}":
                files.unlink(folder / _name(number, str(book.path)))


def _folder(state: Path, book: str) -> Path:
    return state / "verified" / book


def _name(number: int, path: str) -> str:
    return f"{number:08d}.{_of_path(path)}"


def _of_path(path: str) -> str:
    return blake3(path.encode(errors="surrogateescape")).hexdigest()[:_SHOWN]


def _numbers(folder: Path, path: str) -> list[int]:
    found = [one.stem for one in folder.glob(f"*.{_of_path(path)}")]
    return sorted((int(stem) for stem in found if stem.isdecimal()), reverse=True)


def _text(attested: Attested) -> bytes:
    facts = {field.name: getattr(attested, field.name) for field in fields(attested)}
    # Escapes keep a path that is not UTF-8, which Python holds as halves of characters.
    line = json.dumps(facts, sort_keys=True, separators=(",", ":"), default=_written).encode() + b"\n"
    return line + f"b3:{blake3(line).hexdigest()}\n".encode()


def _written(cell: bytes) -> list[str]:
    """A cell of bytes; JSON has all others as they are."""
    return [cell.hex()]


def _read(cell: Any) -> Cell:
    read: Cell = bytes.fromhex(cell[0]) if isinstance(cell, list) else cell
    return read


def _parsed(data: bytes) -> Attested:
    line, end, digest = data.partition(b"\n")
    if digest != f"b3:{blake3(line + end).hexdigest()}\n".encode():
        raise Unreadable
    try:
        facts = json.loads(line)
        rows = {name: [tuple(map(_read, row)) for row in some] for name, some in facts.pop("rows").items()}
        return Attested(**facts, rows=rows)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise Unreadable from error
