"""The grid itself: what is typed, the caret, and which key does what in a cell."""

from __future__ import annotations

import unicodedata
from typing import ClassVar, Final

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Offset
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from cloudbooks.core.chart import AccountAmbiguous, AccountUnknown
from cloudbooks.core.lookup import look_up
from cloudbooks.errors import CloudBooksError
from cloudbooks.tui.screens.voucher import drawing
from cloudbooks.tui.screens.voucher.cells import balanced, cell_text, chosen, plain, put
from cloudbooks.tui.screens.voucher.sheet import AMOUNTS, HEAD, Cell, Sheet
from cloudbooks.tui.showing import Voice, Words, cells, fitted

_ROWS_FROM: Final = 2
_TEXT_MAX: Final = 200


_STEPS: Final = {
    "enter": Sheet.after,
    "tab": Sheet.after,
    "shift+tab": Sheet.before,
    "up": Sheet.above,
    "down": Sheet.below,
}


class VoucherGrid(Widget, can_focus=True):
    """A voucher that is typed into. `typing` tells the app that characters are text here."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "grid--head",
        "grid--row",
        "grid--cell",
        "grid--grey",
        "grid--red",
        "grid--said",
    }
    DEFAULT_CSS = """
    VoucherGrid { height: 1fr; background: $background; }
    VoucherGrid .grid--head { color: $secondary; text-style: bold; }
    VoucherGrid .grid--row { color: $foreground; }
    VoucherGrid .grid--cell { background: $primary; color: $background; }
    VoucherGrid .grid--grey { color: $secondary; }
    VoucherGrid .grid--red { color: $error; }
    VoucherGrid .grid--said { color: $warning; text-style: bold; }
    """
    typing = True

    class Changed(Message):
        """The sheet says something else now: it is to be kept."""

    class Wanted(Message):
        """A look-up is wanted for what was typed in the cell of an account."""

        def __init__(self, word: str) -> None:
            super().__init__()
            self.word = word

    def __init__(self, sheet: Sheet, voice: Voice) -> None:
        super().__init__(id="grid")
        self.sheet = sheet
        self.voice_ = voice
        self.forecast = ""
        self.said: Words = ""
        self.text = ""
        self.caret = 0
        self.touched = False
        self.top = 0
        self.history: list[Sheet] = []

    def on_mount(self) -> None:
        """Begin in the first cell."""
        self._enter_cell()

    # The sheet

    def show(self, sheet: Sheet) -> None:
        """Show another sheet from its beginning."""
        self.history.clear()
        self.sheet = sheet
        self._enter_cell()

    def absorb(self, sheet: Sheet) -> None:
        """Take what keeping the draft has found out; the cursor and what is being typed stay."""
        self.sheet = sheet
        self.refresh()

    def current(self) -> Sheet:
        """The sheet with what is being typed, as far as it can be read."""
        if not self.touched:
            return self.sheet
        try:
            return put(self.sheet, self.text).at(self.sheet.row, self.sheet.cell, self.sheet.strip)
        except CloudBooksError:
            return self.sheet

    def finish_cell(self) -> bool:
        """Take what is being typed; says why it cannot be taken, and tells whether it was."""
        if not self.touched:
            return True
        try:
            self._change(put(self.sheet, self.text))
        except (AccountUnknown, AccountAmbiguous):
            self.post_message(self.Wanted(self.text))
            return False
        except CloudBooksError as error:
            self.say(error.message)
            return False
        self._enter_cell()
        return True

    def choose(self, account: str) -> None:
        """Put an account in, and go on as Enter does."""
        self._change(chosen(self.sheet, account).after())
        self._enter_cell()

    def say(self, words: Words) -> None:
        """Say something under the rows until the next key."""
        self.said = words
        self.refresh()

    def change(self, sheet: Sheet) -> None:
        """Another sheet by a key that is no typing: rows put in or taken out, an entry copied."""
        self._change(sheet)
        self._enter_cell()

    def _change(self, sheet: Sheet) -> None:
        if (sheet.rows, sheet.date, sheet.series) != (self.sheet.rows, self.sheet.date, self.sheet.series):
            self.history.append(self.sheet)
            self.sheet = sheet
            self.post_message(self.Changed())
        self.sheet = sheet

    def undo(self) -> bool:
        """One change back; false where there is none."""
        if self.touched:
            self._enter_cell()
            self.post_message(self.Changed())
            return True
        if not self.history:
            return False
        before = self.history.pop()
        self.sheet = before.absorbed(self.sheet.draft)
        self._enter_cell()
        self.post_message(self.Changed())
        return True

    def _enter_cell(self) -> None:
        self.text = cell_text(self.sheet)
        self.caret = len(self.text)
        self.touched = False
        self.said = ""
        room = max(1, self.size.height - _ROWS_FROM - 2)
        self.top = max(0, min(self.top, self.sheet.row), self.sheet.row - room + 1)
        self.refresh()
        self.call_after_refresh(self._place_cursor)

    # Keys

    def on_key(self, event: events.Key) -> None:
        """A key in a cell; what is not for the grid goes on to the page."""
        self.said = ""
        if self._moved(event.key) or self._edited(event.key) or self._typed(event.character):
            event.stop()
            event.prevent_default()
            self.refresh()
            self._place_cursor()

    def _moved(self, key: str) -> bool:
        steps = {
            "enter": Sheet.after,
            "tab": Sheet.after,
            "shift+tab": Sheet.before,
            "up": Sheet.above,
            "down": Sheet.below,
        }
        if key in steps:
            empty_summary = self.sheet.cell is Cell.SUMMARY and not self.text.strip() and key in {"enter", "tab"}
            self.touched = self.touched or (empty_summary and self.sheet.row > 0)
            if self.finish_cell():
                self.sheet = _STEPS[key](self.sheet)
                self._enter_cell()
            return True
        return False

    def _edited(self, key: str) -> bool:
        if key in {"left", "right", "home", "end"}:
            return self._moved_caret(key)
        if key in {"backspace", "delete"}:
            if not self.touched and key == "delete":
                self.text, self.caret = "", 0
            elif key == "backspace":
                self.text = self.text[: max(0, self.caret - 1)] + self.text[self.caret :]
                self.caret = max(0, self.caret - 1)
            else:
                self.text = self.text[: self.caret] + self.text[self.caret + 1 :]
            self._now_touched()
            return True
        return False

    def _moved_caret(self, key: str) -> bool:
        """Arrows move in the text, and leave the cell at its edge."""
        aim = {"left": self.caret - 1, "right": self.caret + 1, "home": 0, "end": len(self.text)}[key]
        if 0 <= aim <= len(self.text):
            self.caret = aim
        elif self.finish_cell():
            self.sheet = self.sheet.before() if key == "left" else self.sheet.after()
            self._enter_cell()
        return True

    def _typed(self, character: str | None) -> bool:
        if character is None or not character.isprintable():
            return False
        sign = unicodedata.normalize("NFKC", character)
        if self.sheet.cell in AMOUNTS and sign in {"=", " "}:
            self._balance() if sign == "=" else self._swap()
            return True
        if not self.touched:
            # What stands in a cell is replaced by what is typed, as in every grid; F2 of others is Right or End here.
            begins = self.caret == len(self.text)
            self.text, self.caret = ("", 0) if begins else (self.text, self.caret)
        if len(self.text) < _TEXT_MAX:
            self.text = self.text[: self.caret] + character + self.text[self.caret :]
            self.caret += len(character)
        self._now_touched()
        return True

    def on_paste(self, event: events.Paste) -> None:
        """Pasted text is text: its line breaks are blanks, never Enter."""
        event.stop()
        words = " ".join(event.text.split())
        if not self.touched:
            self.text, self.caret = "", 0
        self.text = (self.text[: self.caret] + words + self.text[self.caret :])[:_TEXT_MAX]
        self.caret = min(self.caret + len(words), len(self.text))
        self._now_touched()
        self.refresh()

    def _now_touched(self) -> None:
        self.touched = True
        self.post_message(self.Changed())

    def _balance(self) -> None:
        try:
            self._change(balanced(self.sheet))
        except CloudBooksError as error:
            self.say(error.message)
            return
        self._enter_cell()

    def _swap(self) -> None:
        if self.finish_cell():
            self._change(self.sheet.swapped())
            self._enter_cell()

    # Drawing

    def render_line(self, y: int) -> Strip:
        """One line of the voucher."""
        width = self.size.width
        columns = drawing.widths(self.sheet, width)
        body = self.size.height - _ROWS_FROM - 2
        if y == 0:
            return self._title(width)
        if y == 1:
            return self._line([Segment(drawing.heads(columns, self.voice_), self._style("head"))], width)
        if y < _ROWS_FROM + body:
            place = self.top + y - _ROWS_FROM
            return (
                self._row(place, columns, width)
                if place < len(self.sheet.rows)
                else Strip.blank(width, self.rich_style)
            )
        if y == _ROWS_FROM + body:
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
            if here and cell is self.sheet.cell:
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
        words = self.voice_.say(self.said or drawing.balance(sheet))
        style = self._style("said" if self.said or not sheet.balanced else "row")
        return self._line(
            [Segment(fitted(words, width - 1, right=not self.said, mark=self.voice_.cut_mark), style)], width
        )

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
        return Offset(columns.start(cell) + caret, _ROWS_FROM + self.sheet.row - self.top)

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

    def _place_cursor(self) -> None:
        """The terminal's own cursor follows the caret: an input method draws its candidates there."""
        if self.has_focus and self.is_mounted:
            x, y, _, _ = self.content_region
            self.app.cursor_position = Offset(x, y) + self.cursor_offset()

    def on_focus(self) -> None:
        """The cursor is here now."""
        self._place_cursor()
