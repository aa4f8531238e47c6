"""Screen C: the checklist of the first open month; where it is clean, the cursor stands on its close."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.widgets import Static

from cloudbooks.books import closing
from cloudbooks.books.close_checks import Check, CheckState
from cloudbooks.books.closing import Checklist, Locked, Outlook
from cloudbooks.core.period import Month
from cloudbooks.errors import Refusal, Sentence, joined, sentence
from cloudbooks.tui.page import Page
from cloudbooks.tui.prompt import Prompt
from cloudbooks.tui.screens.importing.review import Review
from cloudbooks.tui.showing import Words
from cloudbooks.tui.table import HouseTable
from cloudbooks.tui.table_layout import Column
from cloudbooks.tui.table_window import Row, Tone

CLOSE, REOPEN = "close", "reopen"
STATES = {
    CheckState.DONE: sentence("done"),
    CheckState.WARNS: sentence("look"),
    CheckState.BLOCKS: sentence("to do"),
    CheckState.BARS: sentence("bars"),
}


class PeriodDiffers(Refusal):
    """Another period was typed than the one that is to be reopened."""

    code = "confirm-differs"

    def __init__(self, wanted: str, given: str) -> None:
        super().__init__(
            sentence('"{given}" was typed, "{wanted}" is meant.', given=given, wanted=wanted),
            hint=sentence("type {wanted}", wanted=wanted),
        )


class Close(Page):
    """The checklist, the close below it, and the reopening of what was closed last."""

    title = sentence("Close")
    offers: ClassVar[tuple[str, ...]] = ("open", "close", "screen", "help")
    with_period: ClassVar[bool] = False
    DEFAULT_CSS = """
    Close #month { height: auto; padding: 0 1; text-style: bold; color: $primary; }
    Close #checks { height: 1fr; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.outlook: Outlook | None = None

    def compose(self) -> ComposeResult:
        """Which month it is, then its checks."""
        self.month = Static("", markup=False, id="month")
        self.checks = HouseTable(_columns(), id="checks")
        yield self.month
        yield self.checks

    def focus_first(self) -> None:
        """The list, on what is to be done next."""
        self.checks.focus()

    def read(self) -> None:
        """Ask for the checklist as it stands."""
        self.ask("close", lambda browser: closing.outlook(browser.desk, browser.book), self._show)

    def _show(self, outlook: Outlook) -> None:
        self.outlook = outlook
        found = outlook.checklist
        self.month.update(self.voice.text(_title(found)))
        rows = [_row(place, one) for place, one in enumerate(found.checks)] if found else []
        first = next((row.id for row, one in zip(rows, found.checks if found else (), strict=True) if _stops(one)), "")
        if found is not None:
            rows.append(
                Row(CLOSE, ("", sentence("Close {month}", month=str(found.month))), tone=Tone.TOTAL, about=CLOSE)
            )
        if outlook.last is not None:
            month = str(outlook.last)
            rows.append(Row(REOPEN, ("", sentence("Reopen {month}", month=month)), tone=Tone.DIM, about=REOPEN))
        self.checks.change_columns(_columns(listed=found is not None))
        self.checks.show_rows(rows, cursor=first or (CLOSE if found else REOPEN))
        self.house.draw_frame()

    def tally(self) -> Words:
        """How many of the checks are done."""
        found = self.outlook.checklist if self.outlook else None
        if found is None:
            return ""
        done = sum(one.state is CheckState.DONE for one in found.checks)
        return sentence("{done} of {n} done", done=done, n=len(found.checks))

    async def row_opened(self, row: Row) -> None:
        """Into what a check speaks of; on the last rows, close or reopen."""
        if row.about == CLOSE:
            self.act_close(0)
        elif row.about == REOPEN:
            self._ask_reason()
        elif isinstance(row.about, str) and row.about.startswith("D-"):
            await self.house.voucher(int(row.about[2:]))
        elif isinstance(row.about, str) and row.about.startswith("S-"):
            await self.house.push(Review(int(row.about[2:])))

    # Closing

    def act_close(self, _step: int) -> None:
        """Ask whether the month is to be closed; what is open asks for the reason, and a draft in it bars the way."""
        found = self.outlook.checklist if self.outlook else None
        if found is None:
            self.house.tell(sentence("Every month that has entries is closed."))
        elif found.barred:
            self.house.refused(closing.PeriodNotReady(found))
        elif found.open:
            asked = (*(one.said for one in found.open), sentence("Close all the same, for which reason?"))
            self.house.show_over(
                Prompt(self.voice, asked, sentence("close"), read_first=True),
                lambda why: self._close(found, why) if why else None,
            )
        else:
            lines = (
                sentence("Close {months}?", months=joined([str(one) for one in found.closes])),
                sentence("No entry can be dated there or earlier from then on."),
            )
            self.house.question(lines, sentence("close"), lambda: self._close(found, ""))

    def _close(self, found: Checklist, reason: str) -> None:
        self.do(lambda desk: closing.close(desk, found.month, reason), self._said_closed)

    def _said_closed(self, locked: Locked) -> None:
        number = locked.done.head.number
        self.house.tell(sentence("{month} is closed, block {number}.", month=str(locked.month), number=number))

    # Reopening

    def _ask_reason(self) -> None:
        last = self.outlook.last if self.outlook else None
        if last is None:
            return
        asked = (sentence("Reopen {month}, for which reason?", month=str(last)),)
        self.house.show_over(
            Prompt(self.voice, asked, sentence("go on")), lambda why: self._ask_period(last, why) if why else None
        )

    def _ask_period(self, month: Month, reason: str) -> None:
        def check(typed: str) -> None:
            if typed != str(month):
                raise PeriodDiffers(str(month), typed)

        def reopened(typed: str | None) -> None:
            if typed:
                self.do(lambda desk: closing.reopen(desk, month, reason), self._said_reopened)

        asked = (sentence("Entries can be dated in {month} again. Type the period to reopen it:", month=str(month)),)
        self.house.show_over(Prompt(self.voice, asked, sentence("reopen"), check=check, read_first=True), reopened)

    def _said_reopened(self, locked: Locked) -> None:
        number = locked.done.head.number
        self.house.tell(sentence("{month} is open again, block {number}.", month=str(locked.month), number=number))


def _stops(one: Check) -> bool:
    return one.state in (CheckState.BLOCKS, CheckState.BARS)


def _title(found: Checklist | None) -> Sentence:
    if found is None:
        return sentence("Every month that has entries is closed.")
    others = [str(one) for one in found.closes[:-1]]
    if others:
        return sentence("{month}; its close locks {others} too:", month=str(found.month), others=joined(others))
    return sentence("{month}:", month=str(found.month))


def _columns(*, listed: bool = True) -> tuple[Column, ...]:
    return (
        Column("state", "", least=4, most=6),
        Column("what", sentence("Before it is closed") if listed else "", least=20, most=200, grows=True),
    )


def _row(place: int, one: Check) -> Row:
    tone = Tone.ALERT if _stops(one) else Tone.PLAIN
    return Row(f"check-{place}", (STATES[one.state], one.said), tone=tone, about=one.leads)
