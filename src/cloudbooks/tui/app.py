"""The app of `cloudbooks tui`: what the keys do on every screen."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from textual.screen import ModalScreen

from cloudbooks.books.desk import Desk
from cloudbooks.core.draft import Draft
from cloudbooks.core.period import Month, Period
from cloudbooks.errors import Sentence, sentence
from cloudbooks.system.locale import locale
from cloudbooks.tui import jumping, periods
from cloudbooks.tui.beginning import Start
from cloudbooks.tui.command_line import CommandLine, Output
from cloudbooks.tui.frame import Alarm
from cloudbooks.tui.house import House
from cloudbooks.tui.table import HouseTable
from cloudbooks.tui.themes import THEMES

if TYPE_CHECKING:
    from cloudbooks.books.correcting import Correction

__all__ = ["BooksApp", "Start"]


class BooksApp(House):
    """The screens of one book, with the actions of the table of keys that need no page of their own."""

    async def act_screen(self, step: int) -> None:
        """The screen of a digit."""
        await self.switch("1234567890"[step])

    async def act_back(self, _step: int) -> None:
        """One level up."""
        if len(self.stacks.get(self.number, ())) > 1:
            await self.pop()
        else:
            self.tell(sentence("This is the outermost page; a digit goes to another, q leaves."))

    def act_next(self, _step: int) -> None:
        """The next pane."""
        self.screen.focus_next()

    def act_previous(self, _step: int) -> None:
        """The pane before."""
        self.screen.focus_previous()

    async def act_open(self, _step: int) -> None:
        """Open the row of the table that has the focus; on the red bar, what is wrong."""
        if isinstance(self.focused, Alarm):
            await self.open_alarm()
            return
        if isinstance(self.focused, HouseTable) and self.focused.current is not None:
            self.focused.open_current()
        else:
            self.tell(sentence("There is no row under the cursor."))

    async def open_alarm(self) -> None:
        """What is wrong with the book: the entry of the first finding that has one, above the list of all."""
        from cloudbooks.tui.screens.chain import Chain  # noqa: PLC0415 - the first frame needs no chain

        await self.switch("9")
        first = next((one for one in self.findings if one.block is not None and one.record is not None), None)
        if isinstance(self.page, Chain) and first is not None:
            self.page.open_finding(first)

    async def on_alarm_clicked(self, _message: Alarm.Clicked) -> None:
        """The red bar was clicked."""
        await self.guarded(self.open_alarm())

    async def act_quit(self, _step: int) -> None:
        """Leave."""
        self.exit()

    def act_period(self, step: int) -> None:
        """Another period."""
        with suppress(ValueError):
            if (other := periods.stepped(self.period, step, self._months())) != self.period:
                self.change_period(other)
                return
        self.tell(sentence("There is no other period in that direction."))

    def _months(self) -> tuple[Month, ...]:
        return self.standing.months if self.standing is not None else ()

    def act_jump(self, _step: int) -> None:
        """Letters on the rows in sight; the next key jumps."""
        if self.page is not None:
            tables = [table for table in self.page.query(HouseTable) if table.display and table.region.area]
            self.jumps = jumping.label(tables)
            found = sentence("A letter jumps to its row, Esc leaves.")
            self.tell(found if self.jumps else sentence("There are no rows here."))

    def act_palette(self, _step: int) -> None:
        """Every action by its name."""
        from cloudbooks.tui import palette  # noqa: PLC0415 - loaded when it is asked for
        from cloudbooks.tui.choosing import Chooser  # noqa: PLC0415 - the same

        async def chosen(answer: str | None) -> None:
            if answer is not None:
                action, _, number = answer.partition("/")
                await self.act(action, int(number))

        listed = palette.choices(self.keymap, self.voice, self._why_not)
        self.show_over(Chooser(self.voice, sentence("All actions"), listed), chosen)

    def _why_not(self, action: str) -> Sentence | None:
        return self.page.why_not(action) if self.page is not None else None

    def act_help(self, _step: int) -> None:
        """The keys of this screen."""
        from cloudbooks.tui.helping import Help  # noqa: PLC0415 - loaded when it is asked for

        in_cell = bool(getattr(self.focused, "typing", False))
        self.show_over(Help(self.voice, self.keymap, self._why_not, in_cell=in_cell))

    def aim(self) -> None:
        """While the line of `:` is shown, keys are its own, whatever took the focus meanwhile."""
        if not isinstance(self.screen, ModalScreen):
            line = self.query(CommandLine).first()
            if line.display:
                self.screen.set_focus(line.field)

    def act_command(self, _step: int) -> None:
        """A command of the command line."""
        self.command("")

    def command(self, words: str) -> None:
        """Show the `:` line with some words, which Enter runs."""
        self.query_one(CommandLine).begin(words)

    async def on_command_line_run(self, message: CommandLine.Run) -> None:
        """Run a command in a page of its own."""
        self.query_one(CommandLine).display = False
        await self.guarded(self.push(Output(message.words)))

    def on_command_line_left(self, _message: CommandLine.Left) -> None:
        """Back to the page."""
        self.query_one(CommandLine).display = False
        if self.page is not None:
            self.page.focus_first()

    def act_export(self, _step: int) -> None:
        """This view to a file: the command that writes it, to be looked at and run."""
        words = getattr(self.page, "export_words", None)
        self.command(words() if words is not None else "book export hledger -o book.journal")

    def act_sync(self, _step: int) -> None:
        """Pull, then push: the command, to be looked at and run."""
        self.command("sync")

    async def act_post(self, _step: int) -> None:
        """The batch, with its question."""
        await self.switch("5")
        if self.page is not None and (handler := self.page.handler("post")) is not None:
            handler(0)

    async def act_add(self, _step: int) -> None:
        """A new voucher."""
        await self.voucher()

    async def act_edit(self, _step: int) -> None:
        """The draft under the cursor as a voucher."""
        row = self.focused.current if isinstance(self.focused, HouseTable) else None
        about = row.about if row is not None else getattr(self.page, "about", None)
        if isinstance(about, Draft):
            await self.voucher(about.number)
        else:
            self.tell(sentence("Only a draft is changed; c corrects what is posted."))

    async def voucher(
        self, number: int = 0, *, split: bool = False, saved: Callable[[Draft], Any] | None = None
    ) -> None:
        """Show a draft as a voucher to be typed into; without a number a new one. A reversal is what it reverses."""
        from cloudbooks.tui.screens.voucher.page import VoucherPage  # noqa: PLC0415 - loaded when one is typed

        await self.push(VoucherPage(number, split=split, saved=saved))

    async def act_close(self, _step: int) -> None:
        """The checklist of the period."""
        await self.switch("C")

    async def act_verify(self, _step: int) -> None:
        """Verify on the screen of the chain."""
        await self.switch("9")
        if self.page is not None and (handler := self.page.handler("verify")) is not None:
            handler(0)

    async def act_log(self, _step: int) -> None:
        """Who did what: on the screen of the chain."""
        await self.switch("9")

    def act_today(self, _step: int) -> None:
        """The current month."""
        month = Month.of(self.desk.today)
        self.change_period(Period(month, month))

    def change_period(self, period: Period) -> None:
        """Have every page show another period."""
        self.period = period
        for stack in self.stacks.values():
            for page in stack:
                if page.with_period:
                    page.period_changed()
        self.draw_frame()

    def act_drafts(self, _step: int) -> None:
        """Numbers with or without drafts."""
        self.with_drafts = not self.with_drafts
        self.read_again()

    def act_reload(self, _step: int) -> None:
        """Read again."""
        self.book_changed()

    def act_undo(self, _step: int) -> None:
        """Take back the last operation."""
        from cloudbooks.books import undoing  # noqa: PLC0415 - the first frame comes before what takes it back

        self._undone(undoing.undo, "undo")

    def act_redo(self, _step: int) -> None:
        """Do again what was undone."""
        from cloudbooks.books import undoing  # noqa: PLC0415 - the same

        self._undone(undoing.redo, "redo")

    def _undone(self, operation: Callable[[Desk], Any], verb: str) -> None:
        said = {"undo": sentence("Undone: {what}"), "redo": sentence("Done again: {what}")}[verb]

        def then(done: Any) -> None:
            self.tell(replace(said, facts={"what": done.summary}))

        if self.page is not None:
            self.page.do(operation, then)

    def correct(self, entry: str) -> None:
        """Draft the reversal and the replacement of a posted entry (an id)."""
        from cloudbooks.books import correcting  # noqa: PLC0415 - the first frame comes before what it shows wrong

        async def then(done: Correction) -> None:
            self.with_drafts = True
            if done.replacement is not None:
                await self.voucher(done.replacement.number)
            self.tell(
                sentence("{red} takes it back, {black} is its replacement; both are drafts. u undoes it.",
                         red=done.reversal.name, black=done.replacement.name if done.replacement else "-")
            )  # fmt: skip

        if self.page is not None:
            self.page.do(lambda desk: correcting.correct(desk, entry, None), then, opens=True)

    def act_language(self, _step: int) -> None:
        """The other language, at once."""
        other = "en" if self.voice.chinese else "zh"
        self.voice = replace(self.voice, locale=locale(other))
        for stack in self.stacks.values():
            for page in stack:
                page.voice_changed()
        self.draw_frame()

    def act_theme(self, _step: int) -> None:
        """The next theme."""
        names = list(THEMES)
        self.theme = names[(names.index(self.theme) + 1) % len(names)]
