"""A writer of bank files: lines of our own in any layout, as the bank would write them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from hypothesis import strategies as st

from cloudbooks.core.money import canonical, grouped
from cloudbooks.importers.layout import DateOrder, Layout, Role

TOTALS = "合计"

# No blanks at the ends or twice, nothing that a spreadsheet's quoting or a placeholder would take off.
WORDS = st.lists(
    st.text(st.sampled_from('abcXYZ中文工行，,;"（）1290.:*|'), min_size=1, max_size=6).map(lambda text: f"a{text}b"),
    min_size=1,
    max_size=3,
).map(" ".join)


@dataclass(frozen=True, slots=True)
class Moved:
    """One movement of our own."""

    day: date
    amount: int
    text: str
    party: str
    marked: bool

    @property
    def figure(self) -> str:
        """The amount without a sign, with thousands marks on some rows."""
        return grouped(abs(self.amount), 2) if self.marked else canonical(abs(self.amount), 2)


MOVED = st.lists(
    st.builds(
        Moved,
        st.dates(date(1990, 1, 1), date(2100, 12, 31)),
        st.integers(-(10**12), 10**12),
        WORDS,
        WORDS,
        st.booleans(),
    ),
    min_size=1,
    max_size=12,
)


def written(layout: Layout, rows: Iterable[Moved], preamble: int = 0) -> str:
    """The file that a bank of this layout would write, with `preamble` lines above its header."""
    text = io.StringIO(newline="")
    text.write("导出信息：自己的\n" * (0 if layout.shape else preamble))
    writer = csv.writer(text, delimiter=layout.delimiter, lineterminator="\n")
    if not layout.shape:
        writer.writerow(layout.header)
    for moved in rows:
        writer.writerow(_cells(layout, moved))
    if layout.footer:
        writer.writerow([TOTALS])
    return text.getvalue()


def _cells(layout: Layout, moved: Moved) -> list[str]:
    cells = [""] * len(layout.header)
    for column in layout.columns:
        cells[column.place] = _cell(layout, moved, column.role)
    return cells


def _cell(layout: Layout, moved: Moved, role: Role) -> str:
    inward = moved.amount >= 0
    directed = layout.column(Role.DIRECTION) is not None
    words = layout.directions.inward if inward else layout.directions.outward
    cells = {
        Role.DATE: _day(layout, moved.day),
        Role.TEXT: moved.text,
        Role.PARTY: moved.party,
        Role.AMOUNT: moved.figure if directed or inward else f"-{moved.figure}",
        Role.IN: moved.figure if inward else "",
        Role.OUT: "" if inward else moved.figure,
        Role.DIRECTION: min(words, default=""),
        Role.CURRENCY: layout.commodity or "CNY",
        Role.BALANCE: "0.00" if layout.shape else "",
    }
    return cells.get(role, "")


def _day(layout: Layout, day: date) -> str:
    match layout.date_order:
        case DateOrder.YMD:
            return day.isoformat()
        case DateOrder.DMY:
            return f"{day.day:02}/{day.month:02}/{day.year}"
        case DateOrder.MDY:
            return f"{day.month:02}/{day.day:02}/{day.year}"
