"""The grid itself: what is typed, the caret, and which key does what in a cell."""

from __future__ import annotations

import unicodedata
from typing import Final

from textual import events
from textual.geometry import Offset
from textual.message import Message

from cloudbooks.core.chart import AccountAmbiguous, AccountUnknown
from cloudbooks.errors import CloudBooksError
from cloudbooks.tui.keymap import plain_key
from cloudbooks.tui.screens.voucher.cells import balanced, cell_text, chosen, put
from cloudbooks.tui.screens.voucher.painting import PaintedVoucher
from cloudbooks.tui.screens.voucher.sheet import AMOUNTS, Cell, Sheet
from cloudbooks.tui.showing import Voice, Words

_TEXT_MAX: Final = 200


def _character(event: events.Key) -> str | None:
    """What a key press types; some wide signs arrive by their names alone."""
    if event.character is not None or "_" not in event.key:
        return event.character
    named = plain_key(event.key, None)
    return named if len(named) == 1 else None


_STEPS: Final = {
    "enter": Sheet.after,
    "tab": Sheet.after,
    "shift+tab": Sheet.before,
    "up": Sheet.above,
    "down": Sheet.below,
}


class VoucherGrid(PaintedVoucher):
    """A voucher that is typed into. `typing` tells the app that characters are text here."""

    typing = True

    class Changed(Message):
        """The sheet says something else now: it is to be kept."""

    class Wanted(Message):
        """A look-up is wanted for what was typed in the cell of an account."""

        def __init__(self, word: str) -> None:
            super().__init__()
            self.word = word

    def __init__(self, sheet: Sheet, voice: Voice) -> None:
        super().__init__(sheet, voice)
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

    def warn(self, words: Words) -> None:
        """Say something under the rows until it is taken back."""
        self.warning = words
        self.refresh()

    def change(self, sheet: Sheet, *, keep: bool = True) -> None:
        """Another sheet by a key that is no typing: rows put in or taken out, an entry copied.

        With `keep` false it is what stands in the book already.
        """
        if keep:
            self._change(sheet)
        self.go_to(sheet)

    def go_to(self, sheet: Sheet) -> None:
        """Put the cursor where it stands in this sheet, which is otherwise the one that is shown."""
        self.sheet = sheet
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
        self.fit_rows()
        self.refresh()
        self.call_after_refresh(self._place_cursor)

    # Keys

    def on_key(self, event: events.Key) -> None:
        """A key in a cell; what is not for the grid goes on to the page."""
        self.said = ""
        if self._moved(event.key) or self._edited(event.key) or self._typed(_character(event)):
            event.stop()
            event.prevent_default()
            self.refresh()
            self._place_cursor()

    def _moved(self, key: str) -> bool:
        if key in _STEPS:
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

    def _place_cursor(self) -> None:
        """The terminal's own cursor follows the caret: an input method draws its candidates there."""
        if self.has_focus and self.is_mounted:
            x, y, _, _ = self.content_region
            self.app.cursor_position = Offset(x, y) + self.cursor_offset()

    def on_focus(self) -> None:
        """The cursor is here now."""
        self._place_cursor()
