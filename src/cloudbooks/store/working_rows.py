"""Rows of the working state: how they are read and written, with their digests and the tallies of their tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from cloudbooks.errors import Sentence, sentence
from cloudbooks.store.kept_digest import DIGEST_BYTES
from cloudbooks.store.row_text import Cell, Encode, Row, WorkingRowDamaged, digest, encoder, plain
from cloudbooks.store.sqlite import Connection

SHARE_BITS = 20
"""Keys made of two numbers leave so many bits to the second: the line of a statement, the step of an operation."""

KEY_MAX = (1 << 63) - 1
"""The largest number that a row can have."""

SPAN_MAX = 1000
"""Rows that are taken at once, and rows in one image of undo, so that large statements need little memory."""

_MODULUS = 1 << (8 * DIGEST_BYTES)


@dataclass(frozen=True, slots=True)
class WorkingTable:
    """A table of the working state: its columns, the key first and the digest last, and the statements on it.

    `blobs` are the places of columns of bytes, but for the digest.
    """

    name: str
    columns: tuple[str, ...]
    blobs: tuple[int, ...]
    every: str
    one: str
    span: str
    insert: str
    remove: str


def _table(name: str, *columns: str, blobs: tuple[int, ...] = ()) -> WorkingTable:
    # Names come from the constants below and from nowhere else; values are always parameters.
    key, listed = columns[0], ", ".join((*columns, "digest"))
    marks = ", ".join("?" for _ in range(len(columns) + 1))
    return WorkingTable(
        name=name,
        columns=(*columns, "digest"),
        blobs=blobs,
        every=f"SELECT {listed} FROM {name} NOT INDEXED",  # noqa: S608 - see above
        one=f"SELECT {listed} FROM {name} WHERE {key} = ?",  # noqa: S608 - see above
        span=f"SELECT {listed} FROM {name} WHERE {key} BETWEEN ? AND ? ORDER BY {key}",  # noqa: S608 - see above
        insert=f"INSERT INTO {name} ({listed}) VALUES ({marks})",  # noqa: S608 - see above
        remove=f"DELETE FROM {name} WHERE {key} = ?",  # noqa: S608 - see above
    )


DRAFT = _table("draft", "number", "state", "day", "sure", "settles", "body")
STATEMENT = _table("staged_statement", "number", "id", "account", "state", "body")
LINE = _table(
    "staged_line",
    *("key", "day", "amount", "fate", "holds", "fingerprint", "reference", "draft", "entry", "reason", "body"),
    blobs=(5,),
)
PENDING = _table("pending", "id", "place", "type", "body")
SETTING = _table("setting", "key", "value")
REMEMBERED = _table("remembered", "key", "result")
COUNTER = _table("counter", "name", "last")
OPERATION = _table("operation", "number", "kind", "target", "at", "member", "verb", "summary", "block", "voucher")
IMAGE = _table("operation_image", "key", "kept", "first", "last", "image")
TALLY = _table("working_tally", "name", "rows", "sum", blobs=(2,))

STATE_TABLES = (DRAFT, STATEMENT, LINE, PENDING, SETTING, REMEMBERED, COUNTER)
"""What undo restores."""
TABLES = {table.name: table for table in (*STATE_TABLES, OPERATION, IMAGE, TALLY)}


def what(table: WorkingTable, key: Cell) -> Sentence:
    """A row in the user's words: D-118, S-7 line 12."""
    if isinstance(key, int):
        share, rest = divmod(key, 1 << SHARE_BITS)
        numbered = {
            DRAFT.name: sentence("draft D-{number}", number=key),
            STATEMENT.name: sentence("statement S-{number}", number=key),
            LINE.name: sentence("line {line} of statement S-{statement}", line=rest, statement=share),
            OPERATION.name: sentence("operation {operation}", operation=key),
            IMAGE.name: sentence("what undo keeps of operation {operation}", operation=share),
        }
        if table.name in numbered:
            return numbered[table.name]
    named = {
        PENDING.name: sentence("the waiting record {id}", id=str(key)),
        SETTING.name: sentence('the setting "{key}"', key=str(key)),
        REMEMBERED.name: sentence('the result kept for the key "{key}"', key=str(key)),
        COUNTER.name: sentence('the counter "{name}"', name=str(key)),
        TALLY.name: sentence('the tally of the table "{name}"', name=str(key)),
    }
    return named.get(table.name, sentence('a row of the table "{name}"', name=table.name))


def sealed(table: WorkingTable, values: Row, encode: Encode = plain) -> Row:
    """The row with its digest."""
    return (*values, digest(table.name, values, encode, table.blobs))


def agrees(table: WorkingTable, row: Row, encode: Encode = plain) -> bool:
    """Whether a row's digest agrees with its other cells."""
    try:
        return digest(table.name, row[:-1], encode, table.blobs) == row[-1]
    except TypeError:
        # Bytes stand where STRICT lets none stand: the file was damaged below SQL.
        return False


def checked(table: WorkingTable, row: Row, encode: Encode = plain) -> Row:
    """The row, whose digest agrees; raises `WorkingRowDamaged`."""
    if not agrees(table, row, encode):
        raise WorkingRowDamaged(what(table, row[0]))
    return row


def read_one(connection: Connection, table: WorkingTable, key: Cell) -> Row | None:
    """The row of a key, or `None`; raises `WorkingRowDamaged`."""
    if isinstance(key, int) and abs(key) > KEY_MAX:
        return None
    row: Row | None = connection.execute(table.one, (key,)).fetchone()
    return None if row is None else checked(table, row)


def read_span(connection: Connection, table: WorkingTable, first: Cell, last: Cell) -> list[Row]:
    """The rows from one key to another, both included, by key; raises `WorkingRowDamaged`."""
    rows = connection.execute(table.span, (first, last)).fetchall()
    encode = encoder(len(rows))
    return [checked(table, row, encode) for row in rows]


def digest_sum(rows: Iterable[Row]) -> int:
    """The sum of the digests that the rows carry."""
    return sum(int.from_bytes(cell) for row in rows if isinstance(cell := row[-1], bytes)) % _MODULUS


class WorkingRows:
    """Reads and writes of one transaction. Nothing else writes the working state, so tallies cannot go astray.

    `finish` writes the tallies and must be called once, before the commit.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.changed = False
        self._tallies: dict[str, tuple[int, int]] = {}

    def insert(self, table: WorkingTable, rows: Sequence[Row]) -> None:
        """Add sealed rows whose keys are free."""
        self.connection.executemany(table.insert, rows)
        self._count(table, len(rows), digest_sum(rows))

    def remove(self, table: WorkingTable, rows: Sequence[Row]) -> None:
        """Take away rows that are there exactly so."""
        self.connection.executemany(table.remove, [(row[0],) for row in rows])
        self._count(table, -len(rows), -digest_sum(rows))

    def stored(self, table: WorkingTable, keys: Iterable[Cell]) -> dict[Cell, Row]:
        """The rows that there are of these keys, whether their digests agree or not."""
        execute = self.connection.execute
        found = (execute(table.span, (run[0], run[-1])).fetchall() for run in runs(keys))
        return {row[0]: row for rows in found for row in rows}

    def existing(self, table: WorkingTable, keys: Iterable[Cell], encode: Encode = plain) -> dict[Cell, Row]:
        """The rows that there are of these keys; raises `WorkingRowDamaged`."""
        return {key: checked(table, row, encode) for key, row in self.stored(table, keys).items()}

    def clear_images(self) -> None:
        """Forget what undo keeps, of all operations."""
        self.connection.execute("DELETE FROM operation_image")
        self._set_tally(IMAGE, 0, 0)

    def recount(self, table: WorkingTable) -> None:
        """Take a table's rows as they stand for what it should hold."""
        self.changed = True
        rows, total = 0, 0
        for chunk in chunks(self.connection.execute(table.every)):
            rows, total = rows + len(chunk), total + digest_sum(chunk)
        self._set_tally(table, rows, total)

    def finish(self) -> None:
        """Write the tallies of the tables that changed."""
        counted, self._tallies = self._tallies, {}
        for name, (rows, total) in counted.items():
            kept = read_one(self.connection, TALLY, name)
            before = tally_of(kept)
            self._set_tally(TABLES[name], before[0] + rows, before[1] + total)

    def _count(self, table: WorkingTable, rows: int, total: int) -> None:
        if rows:
            self.changed = True
            before = self._tallies.get(table.name, (0, 0))
            self._tallies[table.name] = (before[0] + rows, before[1] + total)

    def _set_tally(self, table: WorkingTable, rows: int, total: int) -> None:
        self._tallies.pop(table.name, None)
        self.connection.execute(TALLY.remove, (table.name,))
        if rows or total % _MODULUS:
            cells = (table.name, rows, (total % _MODULUS).to_bytes(DIGEST_BYTES))
            self.connection.execute(TALLY.insert, sealed(TALLY, cells))


def tally_of(row: Row | None) -> tuple[int, int]:
    """Rows and sum of digests that a row of `working_tally` states; none says that the table is empty."""
    if row is None or not isinstance(row[1], int) or not isinstance(row[2], bytes):
        return 0, 0
    return row[1], int.from_bytes(row[2])


def runs(keys: Iterable[Cell]) -> Iterator[list[Cell]]:
    """Keys that follow one another, in lists of at most `SPAN_MAX`; a key that is a text stands alone.

    Numbers that no row can have are left out.
    """
    texts: list[Cell] = []
    numbers: list[int] = []
    for key in keys:
        if not isinstance(key, int):
            texts.append(key)
        elif abs(key) <= KEY_MAX:
            numbers.append(key)
    run: list[Cell] = []
    last = 0
    for number in sorted(numbers):
        if run and (number != last + 1 or len(run) == SPAN_MAX):
            yield run
            run = []
        run.append(number)
        last = number
    if run:
        yield run
    yield from ([key] for key in texts)


def chunks(rows: Iterable[Row], size: int = SPAN_MAX) -> Iterator[list[Row]]:
    """Lists of at most `size` rows."""
    chunk: list[Row] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
