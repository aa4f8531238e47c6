"""What undo keeps: for each operation, the rows as they stood on the other side of it.

An image is a span of keys of one table and the rows that the span held. While an operation stands, its images are
what was there before it; when it is undone, images and rows change places, so that redo is the same exchange again.
A post ends all this: what led to it is forgotten.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence

from cloudbooks.store.row_text import Cell, Encode, Row, encoder, plain
from cloudbooks.store.sqlite import Connection
from cloudbooks.store.working_rows import (
    IMAGE,
    KEY_MAX,
    SHARE_BITS,
    SPAN_MAX,
    TABLES,
    WorkingRows,
    WorkingTable,
    chunks,
    read_one,
    read_span,
    runs,
    sealed,
)

_SPANS = "SELECT kept, first, last FROM operation_image WHERE key BETWEEN ? AND ? ORDER BY key"


class UndoableRows(WorkingRows):
    """Rows of an operation that keeps images, each key's once; without an operation (a post) it keeps none.

    An operation that is finished already may be added to: what it touched before has its image, and gets no other.
    """

    def __init__(self, connection: Connection, operation: int | None) -> None:
        super().__init__(connection)
        self._step = None if operation is None else _next_step(connection, operation)
        self._touched: dict[str, set[Cell]] = {}
        self._made: dict[str, list[tuple[int, int]]] = {}
        if operation is not None and self._step != operation << SHARE_BITS:
            self._recall(operation)

    def _recall(self, operation: int) -> None:
        """Know what an operation that is added to has touched already."""
        for name, first, last in self.connection.execute(_SPANS, _steps(operation)).fetchall():
            if isinstance(first, int):
                self._made.setdefault(name, []).append((first, last))
            else:
                self._touched.setdefault(name, set()).add(first)
        for spans in self._made.values():
            spans.sort()

    def append(self, table: WorkingTable, rows: Iterable[Row], encode: Encode) -> None:
        """Add rows without digests whose keys are numbers that follow one another, above all that there are."""
        for chunk in chunks(rows, SPAN_MAX):
            first, last = _number(chunk[0]), _number(chunk[-1])
            self._keep(table, first, last, [])
            self._made.setdefault(table.name, []).append((first, last))
            self.insert(table, [sealed(table, row, encode) for row in chunk])

    def put(self, table: WorkingTable, rows: Sequence[Row], encode: Encode = plain) -> dict[Cell, Row]:
        """Write rows without digests over what stands under their keys, which is returned.

        Equal rows are left alone. Raises `WorkingRowDamaged`.
        """
        before = self.existing(table, [row[0] for row in rows], encode)
        self.rewrite(table, before, rows, encode)
        return before

    def rewrite(self, table: WorkingTable, before: Mapping[Cell, Row], rows: Iterable[Row], encode: Encode) -> None:
        """Write rows without digests over those that were read just now; equal rows are left alone."""
        after = [new for row in rows if before.get(row[0]) != (new := sealed(table, row, encode))]
        self.replace(table, [row[0] for row in after], before, after, encode)

    def drop(self, table: WorkingTable, keys: Iterable[Cell]) -> None:
        """Take away what stands under keys. Raises `WorkingRowDamaged`."""
        before = self.existing(table, keys)
        self.replace(table, list(before), before, [])

    def replace(
        self,
        table: WorkingTable,
        keys: Sequence[Cell],
        before: Mapping[Cell, Row],
        after: Sequence[Row],
        encode: Encode = plain,
    ) -> None:
        """Put sealed rows in the place of those that stand under keys."""
        touched = self._touched.setdefault(table.name, set())
        fresh = [key for key in keys if key not in touched and not self._is_made(table, key)]
        touched.update(fresh)
        for run in runs(fresh):
            self._keep(table, run[0], run[-1], [before[key] for key in run if key in before], encode)
        self.remove(table, [before[key] for key in keys if key in before])
        self.insert(table, after)

    def _is_made(self, table: WorkingTable, key: Cell) -> bool:
        """Whether this operation has given the key, so that its image says already that nothing stood there."""
        spans = self._made.get(table.name)
        if not spans or not isinstance(key, int):
            return False
        first, last = spans[bisect_right(spans, (key, KEY_MAX)) - 1]
        return first <= key <= last

    def _keep(self, table: WorkingTable, first: Cell, last: Cell, there: Sequence[Row], encode: Encode = plain) -> None:
        if self._step is not None:
            cells = (self._step, table.name, first, last, _text(there, encode))
            self.insert(IMAGE, [sealed(IMAGE, cells, encode)])
            self._step += 1


def swap(rows: WorkingRows, operation: int) -> None:
    """Exchange the images of an operation with the rows that stand in their spans; raises `WorkingRowDamaged`."""
    for key in _keys(rows, operation):
        image = read_one(rows.connection, IMAGE, key)
        assert image is not None
        _, name, first, last, text, _ = image
        table = TABLES[str(name)]
        there = read_span(rows.connection, table, first, last)
        rows.remove(table, there)
        rows.insert(table, _rows_of(table, str(text)))
        rows.remove(IMAGE, [image])
        text = _text(there, encoder(len(there)))
        rows.insert(IMAGE, [sealed(IMAGE, (key, name, first, last, text))])


def forget(rows: WorkingRows, operation: int) -> None:
    """Drop the images of an operation that cannot be done again."""
    for key in _keys(rows, operation):
        image = read_one(rows.connection, IMAGE, key)
        rows.remove(IMAGE, [] if image is None else [image])


def _keys(rows: WorkingRows, operation: int) -> list[int]:
    found = rows.connection.execute(
        "SELECT key FROM operation_image WHERE key BETWEEN ? AND ? ORDER BY key", _steps(operation)
    )
    return [key for (key,) in found.fetchall()]


def _next_step(connection: Connection, operation: int) -> int:
    query = "SELECT max(key) FROM operation_image WHERE key BETWEEN ? AND ?"
    (last,) = connection.execute(query, _steps(operation)).fetchone()
    return operation << SHARE_BITS if last is None else int(last) + 1


def _steps(operation: int) -> tuple[int, int]:
    return operation << SHARE_BITS, (operation + 1 << SHARE_BITS) - 1


def _number(row: Row) -> int:
    key = row[0]
    assert isinstance(key, int)
    return key


def _text(rows: Iterable[Row], encode: Encode) -> str:
    return encode([[cell.hex() if isinstance(cell, bytes) else cell for cell in row] for row in rows]).decode()


def _rows_of(table: WorkingTable, text: str) -> list[Row]:
    blobs = {*table.blobs, len(table.columns) - 1}
    return [
        tuple(bytes.fromhex(cell) if place in blobs else cell for place, cell in enumerate(cells))
        for cells in json.loads(text)
    ]
