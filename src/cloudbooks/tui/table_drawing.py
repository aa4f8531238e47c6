"""One line of a table, from texts to what the terminal gets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from cloudbooks.reports.table import Amount
from cloudbooks.tui.showing import Marked, fitted
from cloudbooks.tui.table_layout import GAP, Column
from cloudbooks.tui.table_window import Row

MARKER = 2
"""Cells in front of every row, for the cursor and a mark."""


RIGHT_MARGIN = 1
"""Cells behind every row, so that no amount touches the edge."""


class Line(NamedTuple):
    """What a line is made of; `reds` are the places of negative amounts, which are drawn in `red`."""

    marker: str
    texts: Sequence[str]
    columns: Sequence[Column]
    widths: Sequence[int]
    cut_mark: str
    style: Style
    red: Style
    reds: frozenset[int] = frozenset()


def strip(line: Line, width: int) -> Strip:
    """The line in exactly `width` cells; a column of width -1 is left out."""
    segments = [Segment(fitted(line.marker, MARKER), line.style)]
    for place, (column, room, text) in enumerate(zip(line.columns, line.widths, line.texts, strict=False)):
        if room < 0:
            continue
        if len(segments) > 1:
            segments.append(Segment(" " * GAP, line.style))
        style = line.red if place in line.reds else line.style
        segments.append(Segment(fitted(text, room, right=column.right, mark=line.cut_mark), style))
    return Strip(segments).adjust_cell_length(width, line.style)


def negatives(row: Row) -> frozenset[int]:
    """The places of negative amounts in a row."""
    found = set()
    for place, value in enumerate(row.cells):
        amount = value.amount if isinstance(value, Marked) else value
        if isinstance(amount, Amount) and amount.minor < 0:
            found.add(place)
    return frozenset(found)
