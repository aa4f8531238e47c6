"""What the keys about rows do wherever a table is read: to the next row that needs somebody, copy, counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from cloudbooks.errors import Sentence, sentence
from cloudbooks.tui.showing import Voice
from cloudbooks.tui.table import HouseTable
from cloudbooks.tui.table_window import Row

if TYPE_CHECKING:
    from cloudbooks.tui.page import Page

Needs = Callable[[Row], bool]


def table_of(page: Page) -> HouseTable | None:
    """The table that has the focus, else the first one that is shown."""
    if isinstance(page.house.focused, HouseTable):
        return page.house.focused
    return next((one for one in page.query(HouseTable) if one.display and one.region.area), None)


def seek(table: HouseTable, needs: Needs, step: int) -> Sentence | None:
    """Put the cursor on the next row, or the one before, that needs somebody; a sentence where there is none."""
    places = range(table.at + 1, len(table.window)) if step > 0 else range(table.at - 1, -1, -1)
    for place in places:
        if needs(table.window.rows[place]):
            table.go_to(table.window.rows[place].id)
            return None
    if table.window.more_after if step > 0 else table.window.more_before:
        return sentence("None of the rows that are read needs you; End and Home read others, / finds them.")
    return sentence("No row below needs you.") if step > 0 else sentence("No row above needs you.")


def copied(rows: Sequence[Row], voice: Voice) -> str:
    """Rows as text for the clipboard: a line each, cells apart by tabs, as a spreadsheet takes them."""
    return "\n".join("\t".join(voice.cell(cell).strip() for cell in row.cells) for row in rows)
