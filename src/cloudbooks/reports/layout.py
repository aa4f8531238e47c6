"""Tables as lines of text: aligned by terminal cells, columns dropped and text wrapped where room is short."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import NamedTuple

from cloudbooks.core.text import cells, cut, pad, pad_left
from cloudbooks.reports.table import Align, Amount, Cell, Column, Only, Row, RowKind, Say, Table, say_english

GAP = 2
"""Blank cells between two columns."""

INDENT = 2
"""Blank cells for each level of a row."""

TEXT_MIN = 2
"""A column of text is never narrower than one wide character."""

TEXT_READABLE = 8
"""Long text is not made narrower than this while short text can still give way."""

COMFORT = 16
"""A column of text that has this much room asks for no other column to be dropped."""


def lay_out(table: Table, width: int | None = None, *, ascii_only: bool = False, say: Say = say_english) -> list[str]:
    """The table as lines of text, head first, all equally many cells wide; the title is left to the caller.

    With a `width` columns are dropped by priority and then text is wrapped until every line fits. An amount is never
    cut or wrapped: a table whose amounts alone are wider than `width` stays wider.
    """
    fitted = fit(table, width, say)
    grid = _Grid.of(fitted, say)
    widths = _widths(grid, fitted.columns, width)
    lines = list(_row_lines(grid.head, fitted.columns, widths))
    rule = ("-" if ascii_only else "─") * _total(widths)
    lines.append(rule)
    before = RowKind.PLAIN
    for row, block in zip(fitted.rows, grid.rows, strict=True):
        if row.kind is RowKind.TOTAL and before is RowKind.PLAIN and row.level == 0 and row is not fitted.rows[0]:
            lines.append(rule)
        before = row.kind
        lines.extend(_row_lines(block, fitted.columns, widths))
    return lines


def fit(table: Table, width: int | None, say: Say = say_english) -> Table:
    """The table with the columns that `lay_out` shows.

    Those for CSV go, those that may be dropped and have nothing in them, and what `width` has no room for.
    """
    shown = [
        place
        for place, column in enumerate(table.columns)
        if column.only is not Only.CSV and (column.priority == 0 or any(row.cells[place] for row in table.rows))
    ]
    if len(shown) < len(table.columns):
        table = table.only(shown)
    if width is None:
        return table
    asked = _Grid.of(table, say).comfortable(table.columns)
    kept = list(range(len(table.columns)))
    while _total([asked[place] for place in kept]) > width:
        least = _least_important([table.columns[place] for place in kept])
        if least is None:
            break
        del kept[least]
    return table.only(kept) if len(kept) < len(asked) else table


def dropped(table: Table, fitted: Table) -> tuple[Column, ...]:
    """The columns that `fit` took away for lack of room, so that a face can say which."""
    kept = {column.key for column in fitted.columns}
    return tuple(column for column in fit(table, None).columns if column.key not in kept)


def wrapped(text: str, width: int) -> list[str]:
    """`text` in lines of at most `width` cells, broken at blanks and beside wide characters where that is possible."""
    if cells(text) <= width:
        return [text]
    lines: list[str] = []
    rest = text.strip(" ")
    while cells(rest) > width:
        end = _line_end(rest, len(cut(rest, width, "")) or 1)
        lines.append(rest[:end].rstrip(" "))
        rest = rest[end:].lstrip(" ")
    return [*lines, rest]


def _line_end(text: str, most: int) -> int:
    """Where the first line of `text` ends: at most after `most` characters, inside a narrow word only if it must."""
    ends = (
        end
        for end in range(min(most, len(text) - 1), 0, -1)
        if text[end] == " " or cells(text[end - 1]) * cells(text[end]) > 1
    )
    blank = text.rfind(" ", 0, most)
    end = max(next(ends, 0), blank + 1)
    return end or most


def _least_important(columns: Sequence[Column]) -> int | None:
    places = [place for place, column in enumerate(columns) if column.priority > 0]
    return max(places, key=lambda place: (columns[place].priority, place), default=None)


class _Piece(NamedTuple):
    """A cell in words: its lines, which may be wrapped unless they are `whole`, moved right by `indent` cells."""

    lines: tuple[str, ...]
    whole: bool
    indent: int = 0

    def width(self) -> int:
        return self.indent + max(map(cells, self.lines), default=0)

    def floor(self) -> int:
        return self.width() if self.whole else self.indent + TEXT_MIN

    def within(self, width: int) -> list[str]:
        """The lines in `width` cells; blanks in front keep the indentation of a wrapped text."""
        if self.whole:
            return list(self.lines)
        room = max(width - self.indent, TEXT_MIN)
        return [" " * self.indent + line for text in self.lines for line in wrapped(text, room)]


class _Grid(NamedTuple):
    head: tuple[_Piece, ...]
    rows: tuple[tuple[_Piece, ...], ...]

    @classmethod
    def of(cls, table: Table, say: Say) -> _Grid:
        head = tuple(_Piece((say(column.name),), whole=False) for column in table.columns)
        return cls(head, tuple(_pieces(row, table.columns, say) for row in table.rows))

    def _columns(self) -> Iterator[tuple[_Piece, ...]]:
        return zip(self.head, *self.rows, strict=True)

    def natural(self) -> list[int]:
        return [max(piece.width() for piece in column) for column in self._columns()]

    def floors(self) -> list[int]:
        return [max(piece.floor() for piece in column) for column in self._columns()]

    def comfortable(self, columns: Sequence[Column]) -> list[int]:
        """The widths that are pleasant to read: what is short as it is, longer text in a few lines."""
        return [
            max(floor, min(natural, natural if column.short else COMFORT))
            for natural, floor, column in zip(self.natural(), self.floors(), columns, strict=True)
        ]


def _pieces(row: Row, columns: Sequence[Column], say: Say) -> tuple[_Piece, ...]:
    return tuple(
        _piece("" if row.continues and column.once else cell, row.level * INDENT if column.indents else 0, say)
        for cell, column in zip(row.cells, columns, strict=True)
    )


def _piece(cell: Cell, indent: int, say: Say) -> _Piece:
    if isinstance(cell, Amount):
        return _Piece((cell.shown(),), whole=True)
    if isinstance(cell, tuple):
        return _Piece(tuple(amount.shown() for amount in cell), whole=True)
    return _Piece((say(cell),), whole=False, indent=indent)


def _widths(grid: _Grid, columns: Sequence[Column], width: int | None) -> list[int]:
    """The widths of the columns: natural ones, and if they do not fit, long text narrowed first, then any text."""
    widths = grid.natural()
    if width is None:
        return widths
    floors = grid.floors()
    readable = [
        natural if column.short else min(natural, max(floor, TEXT_READABLE))
        for natural, floor, column in zip(widths, floors, columns, strict=True)
    ]
    for least in (readable, floors):
        _narrow(widths, least, width)
    return widths


def _narrow(widths: list[int], least: Sequence[int], width: int) -> None:
    """Take cells from the widest column (of equal ones the last) until the sum fits or all have their least."""
    while _total(widths) > width:
        places = [place for place in reversed(range(len(widths))) if widths[place] > least[place]]
        if not places:
            return
        widths[max(places, key=lambda place: widths[place])] -= 1


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + GAP * max(0, len(widths) - 1)


def _row_lines(block: Sequence[_Piece], columns: Sequence[Column], widths: Sequence[int]) -> Iterator[str]:
    stacks = [piece.within(width) for piece, width in zip(block, widths, strict=True)]
    for line in zip_longest(*stacks, fillvalue=""):
        placed = (
            pad_left(text, width) if column.align is Align.RIGHT else pad(text, width)
            for text, column, width in zip(line, columns, widths, strict=True)
        )
        yield (" " * GAP).join(placed)
