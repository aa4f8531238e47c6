"""Tables as CSV (RFC 4180) that a spreadsheet opens without running anything."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO

from cloudbooks.reports.table import Amount, Cell, Only, RowKind, Say, Table, say_english

_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def csv_lines(table: Table, say: Say = say_english) -> Iterator[str]:
    """The table as CSV lines without line ends: English keys first, then every row with every column.

    Amounts are plain numbers such as -1234.56. Text that a spreadsheet would take for a formula gets an apostrophe in
    front. Rows of totals are left out where nothing in them tells them from the others (`Table.totals`).
    """
    places = [place for place, column in enumerate(table.columns) if column.only is not Only.TEXT]
    yield _line([table.columns[place].key for place in places])
    for row in table.rows:
        if table.totals or row.kind is RowKind.PLAIN:
            yield _line([csv_cell(row.cells[place], say) for place in places])


def csv_cell(cell: Cell, say: Say = say_english) -> str:
    """One cell as it stands in CSV, before quoting."""
    if isinstance(cell, Amount):
        return cell.plain()
    if isinstance(cell, tuple):
        return "; ".join(f"{amount.commodity} {amount.plain()}" for amount in cell)
    return neutral(cell, say) if isinstance(cell, str) else neutral(say(cell), str)


def neutral(text: str, say: Say = say_english) -> str:
    """Outside text through the output filter, with an apostrophe in front of what would be a formula."""
    shown = say(text)
    return f"'{shown}" if text.lstrip(" ").startswith(_STARTS_FORMULA) else shown


def _line(fields: list[str]) -> str:
    line = StringIO()
    csv.writer(line, lineterminator="").writerow(fields)
    return line.getvalue()
