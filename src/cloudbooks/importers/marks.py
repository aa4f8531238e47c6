"""Facts beside the table: account, currency, opening and closing balance, the number of rows, behind their labels."""

from __future__ import annotations

import re
from collections.abc import Iterable

from cloudbooks.importers.cells import words
from cloudbooks.importers.layout import Layout, Mark
from cloudbooks.importers.table import cells_of

_NUMBER = re.compile(r"\d+", re.ASCII)
_AROUND = " :：=[]"


def marks_in(lines: Iterable[str], layout: Layout) -> dict[Mark, str]:
    """What stands behind the layout's labels in these lines, as written; the first of each counts.

    A value stands in the cell of its label, or alone in the next one. Of a count only the number is kept.
    """
    found: dict[Mark, str] = {}
    if not layout.marks:
        return found
    for line in lines:
        cells = [words(cell) for cell in cells_of(line, layout.delimiter)]
        for place, cell in enumerate(cells):
            for mark, label in layout.marks:
                if mark not in found and cell.startswith(label):
                    value = _value(mark, cell.removeprefix(label), cells[place + 1 : place + 2])
                    if value:
                        found[mark] = value
    return found


def _value(mark: Mark, rest: str, after: list[str]) -> str:
    if mark is Mark.COUNT:
        number = _NUMBER.search(rest)
        return number[0] if number else ""
    own = rest.strip(_AROUND)
    return own or (after[0].strip(_AROUND) if after else "")
