"""Text as a table: rows with the number of their first line in the file, kept as they came."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from cloudbooks.core.text import shell_word
from cloudbooks.errors import Refusal, counted, sentence

ROWS_MAX = 1_000_000
"""Rows that a statement may have."""

CELL_MAX = 10 * 1024
"""Characters that a cell may have."""

LINE_MAX = 128 * 1024
"""Characters that a line may have, and a cell that stands on several lines."""

DELIMITERS = (",", "\t", ";", "|")

# No row of a file can be this one, because a file that holds the character is refused before.
_END = "\x00"


class RowsTooMany(Refusal):
    """A file has more rows than a statement may have."""

    code = "rows-too-many"

    def __init__(self, name: str, rows: int) -> None:
        super().__init__(
            counted(
                "{name} has {n} row, a statement at most {most}.",
                "{name} has {n} rows, a statement at most {most}.",
                rows,
                name=name,
                most=ROWS_MAX,
            ),
            hint=sentence("fetch it from the bank in shorter spans; overlap is safe"),
        )


class QuoteOpen(Refusal):
    """A quotation mark is opened and never closed, so that the rest of the file would be one cell."""

    code = "quote-open"

    def __init__(self, name: str, row: int) -> None:
        super().__init__(
            sentence("the quotation mark opened in row {row} is never closed.", row=row),
            hint=sentence("the file may be cut off, or a quotation mark of a text is not doubled: fetch it again"),
            place=f"{name}:{row}",
        )


class RowTooLong(Refusal):
    """A row is longer than any bank writes, so that it is no row of a statement."""

    code = "row-too-long"

    def __init__(self, name: str, row: int) -> None:
        super().__init__(
            sentence("row {row} is longer than {most} KB.", row=row, most=LINE_MAX // 1024),
            hint=sentence("cloudbooks statement sniff {name}", name=shell_word(name)),
            place=f"{name}:{row}",
        )


@dataclass(frozen=True, slots=True)
class Table:
    """The lines of a file with their ends, and what parts the cells of a row."""

    name: str
    lines: tuple[str, ...]
    delimiter: str = ","

    @classmethod
    def of(cls, text: str, name: str) -> Table:
        """The lines of a text; raises `RowsTooMany` and `RowTooLong`."""
        lines = tuple(io.StringIO(text, newline=""))
        if len(lines) > ROWS_MAX:
            raise RowsTooMany(name, len(lines))
        for number, line in enumerate(lines, start=1):
            if len(line) > LINE_MAX:
                raise RowTooLong(name, number)
        return cls(name, lines)

    @property
    def cut_off(self) -> bool:
        """Whether the last line does not end as a line does."""
        return bool(self.lines) and not self.lines[-1].endswith(("\n", "\r"))

    def rows(self, first: int) -> Iterator[tuple[int, int, list[str]]]:
        """Each row from line `first` on: its first line, its last line, its cells.

        Raises `QuoteOpen` at the end of a file in the middle of a cell, and `RowTooLong`.
        """
        reader = csv.reader(_ended(self.lines, first - 1), delimiter=self.delimiter)
        number, last, end = first - 1, first - 1, len(self.lines)
        try:
            for cells in reader:
                number, last = last + 1, first - 1 + reader.line_num
                if last > end:
                    break
                yield number, last, cells
        except csv.Error:
            raise RowTooLong(self.name, last + 1) from None
        if cells != [_END]:
            raise QuoteOpen(self.name, number)

    def raw(self, number: int, last: int) -> str:
        """The lines of a row as they came, without the last line's end."""
        if number == last:
            return self.lines[number - 1].rstrip("\r\n")
        return "".join(self.lines[number - 1 : last]).rstrip("\r\n")


def _ended(lines: tuple[str, ...], skipped: int) -> Iterator[str]:
    yield from islice(lines, skipped, None)
    yield _END


def cells_of(line: str, delimiter: str) -> list[str]:
    """The cells of one line taken alone; none where it cannot be read alone."""
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []
