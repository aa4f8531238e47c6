"""How a voucher is painted: each line of the screen from the sheet and the text that is being typed."""

from __future__ import annotations

from typing import ClassVar, Final

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Offset
from textual.strip import Strip
from textual.widget import Widget

from cloudbooks.core.lookup import look_up
from cloudbooks.errors import CloudBooksError
from cloudbooks.tui.screens.voucher import drawing
from cloudbooks.tui.screens.voucher.cells import plain, put
from cloudbooks.tui.screens.voucher.sheet import AMOUNTS, HEAD, Cell, Sheet
from cloudbooks.tui.showing import Voice, Words, cells, fitted

ROWS_FROM: Final = 2
"""Lines of the screen above the rows: the head, and the heads of the columns."""


class PaintedVoucher(Widget, can_focus=True):
    """A voucher as it is seen: the sheet, and in its current cell `text` with the caret."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "grid--head",
        "grid--row",
        "grid--cell",
        "grid--grey",
        "grid--ghost",
        "grid--red",
        "grid--said",
    }
    DEFAULT_CSS = """
    PaintedVoucher { height: 1fr; background: $background; }
    PaintedVoucher .grid--head { color: $secondary; text-style: bold; }
    PaintedVoucher .grid--row { color: $foreground; }
    PaintedVoucher .grid--cell { background: $primary; color: $background; }
    PaintedVoucher .grid--ghost { background: $primary; color: $background; text-style: italic; }
    PaintedVoucher .grid--grey { color: $secondary; }
    PaintedVoucher .grid--red { color: $error; }
    PaintedVoucher .grid--said { color: $warning; text-style: bold; }
    """

    def __init__(self, sheet: Sheet, voice: Voice) -> None:
        super().__init__(id="grid")
        self.sheet = sheet
        self.voice_ = voice
        self.forecast = ""
        self.said: Words = ""
        self.warning: Words = ""
        self.text = ""
        self.caret = 0
        self.touched = False
        self.top = 0

    def current(self) -> Sheet:
        """The sheet with what is being typed, as far as it can be read."""
        if not self.touched:
            return self.sheet
        try:
            return put(self.sheet, self.text).at(self.sheet.row, self.sheet.cell, self.sheet.strip)
        except CloudBooksError:
            return self.sheet

    def on_resize(self) -> None:
        """Show as many rows as there is room for, the one under the cursor among them."""
        self.fit_rows()
        self.refresh()

    def fit_rows(self) -> None:
        """Put the first row in sight where no room is left empty and the cursor's row is seen."""
        room = max(1, self.size.height - ROWS_FROM - 2)
        row = self.sheet.row
        self.top = max(0, row - room + 1, min(self.top, row, len(self.sheet.rows) - room))

    def render_line(self, y: int) -> Strip:
        """One line of the voucher."""
        width = self.size.width
        columns = drawing.widths(self.sheet, width)
        body = self.size.height - ROWS_FROM - 2
        if y == 0:
            return self._title(width)
        if y == 1:
            return self._line([Segment(drawing.heads(columns, self.voice_), self._style("head"))], width)
        if y < ROWS_FROM + body:
            place = self.top + y - ROWS_FROM
            return (
                self._row(place, columns, width)
                if place < len(self.sheet.rows)
                else Strip.blank(width, self.rich_style)
            )
        if y == ROWS_FROM + body:
            return self._strip_line(width)
        return self._below(width)

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"grid--{name}")

    def _line(self, segments: list[Segment], width: int) -> Strip:
        return Strip(segments).adjust_cell_length(width, self.rich_style)

    def _title(self, width: int) -> Strip:
        segments = []
        for cell, words in drawing.title(self.sheet, self.forecast, self.voice_):
            here = cell is not None and cell is self.sheet.cell
            shown = self.voice_.say(self.text) + " " if here else words
            segments += [Segment(shown, self._style("cell" if here else "head")), Segment("   ", self._style("head"))]
        return self._line(segments, width)

    def _row(self, place: int, columns: drawing.Widths, width: int) -> Strip:
        here = place == self.sheet.row and self.sheet.cell not in HEAD
        segments = [Segment(drawing.number_words(place, here=here), self._style("row"))]
        red = (self.sheet.rows[place].amount or 0) < 0
        for cell, words, grey in drawing.row_cells(self.sheet, place, columns, self.voice_):
            segments.append(Segment(" ", self._style("row")))
            if here and cell is self.sheet.cell and cell is Cell.SUMMARY and not self.touched and not self.text:
                segments.append(Segment(words, self._style("ghost")))
            elif here and cell is self.sheet.cell:
                shown, _ = self._window(columns.room(cell), right=cell in AMOUNTS)
                segments.append(Segment(shown, self._style("cell")))
            else:
                name = "grey" if grey else "red" if red and cell in AMOUNTS else "row"
                segments.append(Segment(words, self._style(name)))
        return self._line(segments, width)

    def _window(self, room: int, *, right: bool) -> tuple[str, int]:
        """What is seen of the text being typed, and the cell of the caret in it: its end is always in sight."""
        before = self.voice_.say(self.text[: self.caret])
        after = self.voice_.say(self.text[self.caret :])
        while cells(before) > room - 1:
            before = before[1:]
        words = before + after
        if right and cells(words) < room:
            blanks = room - 1 - cells(words)
            return " " * blanks + words + " ", blanks + cells(before)
        return fitted(words, room, mark=""), cells(before)

    def _strip_line(self, width: int) -> Strip:
        segments: list[Segment] = []
        for place, name, value in drawing.strip(self.sheet, self.voice_):
            here = self.sheet.cell is Cell.STRIP and place == self.sheet.strip
            segments += [
                Segment(f"     {name} ", self._style("head")),
                Segment(
                    self.voice_.say(self.text) + " " if here else value or "-", self._style("cell" if here else "row")
                ),
            ]
        if not segments and self.sheet.cell is Cell.ACCOUNT and self.touched and plain(self.text):
            segments = [Segment("     " + self._fitting(), self._style("grey"))]
        return self._line(segments, width)

    def _fitting(self) -> str:
        facts = self.sheet.facts
        found = look_up(facts.names.chart, self.text, facts.used, facts.aliases)[:3]
        return "   ".join(self.voice_.say(str(one)) for one in found)

    def _below(self, width: int) -> Strip:
        sheet = self.current()
        said = self.said or self.warning
        shown = fitted(
            self.voice_.say(said or drawing.balance(sheet)), width - 1, right=not said, mark=self.voice_.cut_mark
        )
        style = self._style("said" if said or not sheet.balanced else "row")
        return self._line([Segment(shown, style)], width)

    def cursor_offset(self) -> Offset:
        """Where the caret stands in this widget."""
        columns = drawing.widths(self.sheet, self.size.width)
        cell = self.sheet.cell
        if cell in HEAD:
            return Offset(self._title_offset(cell) + cells(self.voice_.say(self.text[: self.caret])), 0)
        if cell is Cell.STRIP:
            place = self._strip_offset() + cells(self.voice_.say(self.text[: self.caret]))
            return Offset(place, self.size.height - 2)
        _, caret = self._window(columns.room(cell), right=cell in AMOUNTS)
        return Offset(columns.start(cell) + caret, ROWS_FROM + self.sheet.row - self.top)

    def _title_offset(self, wanted: Cell) -> int:
        place = 0
        for cell, words in drawing.title(self.sheet, self.forecast, self.voice_):
            if cell is wanted:
                return place
            place += cells(words) + 3
        return place

    def _strip_offset(self) -> int:
        place = 0
        for number, name, value in drawing.strip(self.sheet, self.voice_):
            place += 6 + cells(name)
            if number == self.sheet.strip:
                break
            place += cells(value or "-")
        return place
