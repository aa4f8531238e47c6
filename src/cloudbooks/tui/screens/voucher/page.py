"""The page of a voucher: it keeps what is typed at once, looks accounts up, and makes the draft ready."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.widgets import Static

from cloudbooks.books import drafting, inspecting, vouchers
from cloudbooks.books.browsing import Browser
from cloudbooks.books.drafting import Kept
from cloudbooks.books.vouchers import Voucher, VoucherFacts
from cloudbooks.core.draft import Draft, DraftLine, DraftState
from cloudbooks.core.entry import PostedEntry
from cloudbooks.core.money import grouped
from cloudbooks.errors import CloudBooksError, Sentence, sentence
from cloudbooks.tui.page import Page
from cloudbooks.tui.prompt import Prompt
from cloudbooks.tui.screens.voucher.grid import VoucherGrid
from cloudbooks.tui.screens.voucher.lookup import Lookup
from cloudbooks.tui.screens.voucher.sheet import HEAD, Cell, Sheet
from cloudbooks.tui.showing import Words

CHANGED = "draft-changed"
"""The refusal that says that another program changed the draft."""

_RED_ROWS = 6


class VoucherPage(Page):
    """A new voucher, or a draft to be changed. `split` begins in a new row, since one line is to become several.

    `saved` is called with the draft when it was saved, before the page is left.
    """

    title = sentence("Voucher")
    offers: ClassVar[tuple[str, ...]] = ("next", "save", "lookup", "insert-row", "back")
    with_period: ClassVar[bool] = False
    DEFAULT_CSS = """
    VoucherPage #red { height: auto; max-height: 8; color: $error; border-bottom: solid $secondary; display: none; }
    """
    last_day: ClassVar[dt.date | None] = None

    def __init__(self, number: int = 0, *, split: bool = False, saved: Callable[[Draft], Any] | None = None) -> None:
        super().__init__()
        self.number = number
        self.split = split
        self.saved = saved
        self.grid: VoucherGrid | None = None
        self.operation = 0
        self._kept: Draft | None = None
        self._keeping = False
        self._again = False
        self._untouched = True
        self.changed: CloudBooksError | None = None

    def compose(self) -> ComposeResult:
        """The red reversal, where there is one; the grid comes when the book has answered."""
        self.red = Static("", markup=False, id="red")
        yield self.red

    def crumbs(self) -> tuple[Words, ...]:
        """The draft's name."""
        kept = self._kept
        return (self.title, kept.name) if kept is not None and kept.number else (self.title,)

    # Reading

    def read(self) -> None:
        """Ask for accounts, parties, numbers, and for the draft, when it is first shown."""
        number = self.number if self.grid is None else 0

        def question(browser: Browser) -> tuple[VoucherFacts, Voucher | None]:
            facts = vouchers.facts_in(browser.book, browser.desk)
            return facts, vouchers.voucher_in(browser.book, number) if number else None

        self.ask("voucher", question, self._arrived)

    async def _arrived(self, found: tuple[VoucherFacts, Voucher | None]) -> None:
        facts, voucher = found
        if self.grid is not None:
            self.grid.absorb(replace(self.grid.sheet, facts=facts))
            return
        sheet = Sheet.new(facts, VoucherPage.last_day) if voucher is None else Sheet.of(voucher.draft, facts)
        if self.split:
            sheet = sheet.appended()
        self._kept = None if voucher is None else voucher.draft
        self.grid = VoucherGrid(sheet, self.voice)
        self.grid.forecast = vouchers_forecast(voucher)
        await self.mount(self.grid)
        if voucher is not None and voucher.reversal is not None:
            self._show_red(voucher.reversal, voucher.replaced, sheet)
        self.focus_first()
        self.house.draw_frame()

    def _show_red(self, reversal: Draft, replaced: PostedEntry | None, sheet: Sheet) -> None:
        """The red draft that takes the posted entry back, above its replacement."""
        scale, names = sheet.facts.base_scale, sheet.facts.names
        entry = replaced.voucher if replaced is not None else ""
        lines = [sentence("{red} takes {entry} back; below stands its replacement.", red=reversal.name, entry=entry)]
        said = [self.voice.text(lines[0], "bold")]
        for line in reversal.lines[:_RED_ROWS]:
            account = str(names.chart[line.account]) if line.account in names.chart else "?"
            side = sentence("Dr") if ((line.amount or 0) >= 0) != line.red else sentence("Cr")
            amount = line.amount or 0
            shown = grouped(-abs(amount) if line.red else abs(amount), scale)
            said.append(self.voice.text(f"  {self.voice.say(side)} {account}  {shown}"))
        self.red.update(Text("\n").join(said))
        self.red.display = True

    def focus_first(self) -> None:
        """The grid is where the work is."""
        if self.grid is not None:
            self.grid.focus()

    def voice_changed(self) -> None:
        """Draw in the other language."""
        if self.grid is not None:
            self.grid.voice_ = self.voice
            self.grid.refresh()

    # Keeping

    def on_voucher_grid_changed(self, event: VoucherGrid.Changed) -> None:
        """Something else stands in the sheet: keep it at once."""
        event.stop()
        self._untouched = False
        self.keep()

    def keep(self) -> None:
        """Keep the draft; while one keeping goes on, the next waits and takes what stands there then."""
        if self._keeping:
            self._again = True
            return
        if self.changed is not None:
            return
        self._keeping = True
        self.run_worker(self._keep(), group="keeping", exit_on_error=True)

    async def _keep(self) -> None:
        try:
            self._again = True
            while self._again:
                self._again = False
                await self._keep_once(DraftState.PROPOSED)
        except CloudBooksError as error:
            if error.code == CHANGED:
                self._say_whose(error)
            elif self.grid is not None:
                self.grid.say(sentence("Not saved: {why}", why=error.message))
        finally:
            self._keeping = False

    async def _keep_once(self, state: DraftState) -> Kept | None:
        grid = self.grid
        if grid is None:
            return None
        if (fault := self.house.fault) is not None:
            raise fault
        draft, over, operation = grid.current().to_draft(state), self._kept, self.operation
        if over is None and not draft.lines and not draft.summary:
            return None
        draft = replace(draft, number=over.number if over else 0)
        kept: Kept = await self.house.clerk.do(lambda desk: drafting.keep(desk, draft, over=over, continuing=operation))
        fresh = over is None
        self._kept, self.operation = kept.draft, kept.operation
        grid.absorb(grid.sheet.absorbed(kept.draft))
        VoucherPage.last_day = kept.draft.date
        if fresh:
            self.house.draw_frame()
        return kept

    def _say_whose(self, error: CloudBooksError) -> None:
        """Another program changed the draft: nothing is kept over it until a person has said so."""
        self.changed = error
        if self.grid is not None:
            self.grid.warn(sentence("{why} F2 keeps what stands here, Esc what stands there.", why=error.message))

    async def _take_over(self) -> None:
        """Let what stands here take the place of what another program wrote."""
        number = self.number_kept
        other = await self.house.clerk.read(lambda browser: vouchers.voucher_in(browser.book, number))
        self._kept, self.changed = other.draft, None
        if self.grid is not None:
            self.grid.warn("")

    @property
    def number_kept(self) -> int:
        """The number of the draft, 0 before it is kept."""
        return self._kept.number if self._kept is not None else self.number

    # Leaving

    async def act_back(self, step: int) -> None:
        """Leave; what was typed is kept, unless another program changed the draft and that is to stay."""
        if self.changed is not None:
            lines = (self.changed.message, sentence("What was typed here since then is dropped."))
            self.house.question(lines, sentence("leave"), lambda: self.house.act_back(step))
            return
        await self._settle()
        if not self._untouched:
            self.house.book_changed()
        await self.house.act_back(step)

    async def act_quit(self, step: int) -> None:
        """Leave the program; what was typed is kept."""
        await self._settle()
        await self.house.act_quit(step)

    async def _settle(self) -> None:
        """Wait until what stands here is kept."""
        if self._untouched or self.changed is not None:
            return
        while self._keeping:
            await self.workers.wait_for_complete([one for one in self.workers if one.group == "keeping"])
        try:
            if self.grid is not None and self.grid.touched:
                await self._keep_once(DraftState.PROPOSED)
        except CloudBooksError as error:
            self.house.refused(error)

    async def act_save(self, _step: int) -> None:
        """Make the draft ready, and leave; one that lacks something stays here and says what."""
        if await self._saved():
            name = self._kept.name if self._kept is not None else ""
            await self.house.act_back(0)
            self.house.tell(sentence("{name} is ready; 5 posts it.", name=name))

    async def act_save_next(self, _step: int) -> None:
        """Make the draft ready, and begin the next."""
        if await self._saved() and self.grid is not None:
            name = self._kept.name if self._kept is not None else ""
            self._kept, self.operation, self.number = None, 0, 0
            self.red.display = False
            self.grid.show(Sheet.new(self.grid.sheet.facts, VoucherPage.last_day))
            self.grid.say(sentence("{name} is ready; here begins the next.", name=name))

    async def _saved(self) -> bool:
        grid = self.grid
        if grid is None or not grid.finish_cell():
            return False
        try:
            if self.changed is not None:
                await self._take_over()
            await self._settle()
            kept = await self._keep_once(DraftState.READY)
        except CloudBooksError as error:
            self.house.refused(error)
            return False
        if kept is None:
            return False
        lacks = kept.draft.lacks(grid.sheet.base, grid.sheet.facts.base_scale)
        if lacks:
            grid.say(sentence("{name} is kept as a draft: {lack}", name=kept.draft.name, lack=lacks[0]))
            return False
        self.house.book_changed()
        if self.saved is not None:
            self.saved(kept.draft)
        return True

    # Keys of the grid

    def why_not(self, action: str) -> Sentence | None:
        """Templates come later; a red reversal is what it reverses."""
        if action == "template":
            return sentence("Templates come with their own command; F8 copies an entry.")
        if action == "undo":
            return None
        return super().why_not(action)

    def act_lookup(self, _step: int) -> None:
        """Look an account up."""
        grid = self.grid
        if grid is not None and grid.sheet.cell not in HEAD:
            grid.sheet = grid.sheet.at(grid.sheet.row, Cell.ACCOUNT)
            self._look_up(grid.text if grid.touched else "")

    def on_voucher_grid_wanted(self, event: VoucherGrid.Wanted) -> None:
        """What was typed means no account, or several."""
        event.stop()
        self._look_up(event.word)

    def _look_up(self, word: str) -> None:
        grid = self.grid
        if grid is None:
            return
        facts = grid.sheet.facts

        def chosen(account: str | None) -> None:
            if account:
                grid.choose(account)

        self.house.push_screen(Lookup(self.voice, facts.names.chart, facts.used, facts.aliases, word=word), chosen)

    def act_insert_row(self, _step: int) -> None:
        """A row above."""
        self._with_rows(Sheet.inserted)

    def act_delete_row(self, _step: int) -> None:
        """Without this row."""
        self._with_rows(Sheet.removed)

    def _with_rows(self, change: Callable[[Sheet], Sheet]) -> None:
        if self.grid is not None and self.grid.finish_cell():
            self.grid.change(change(self.grid.sheet))

    def act_undo(self, _step: int) -> None:
        """Take back the last change of a cell."""
        if self.grid is not None and not self.grid.undo():
            self.grid.say(sentence("Nothing was changed here; u in a list takes back what was done before."))

    def act_copy_entry(self, _step: int) -> None:
        """Copy a posted entry into this voucher."""

        def copied(word: str | None) -> None:
            if word:
                self.ask("copy", lambda browser: inspecting.entry(browser.desk, word).entry, self._copy)

        self.house.push_screen(
            Prompt(
                self.voice, (sentence("Which entry? Its voucher number, such as 2026-10/记-12."),), sentence("copy")
            ),
            copied,
        )

    def _copy(self, entry: PostedEntry) -> None:
        grid = self.grid
        if grid is None:
            return
        lines = tuple(
            DraftLine(one.account, one.commodity, one.amount, one.value, one.party, one.text, one.tax, one.dimensions,
                      red=one.red)
            for one in entry.postings
        )  # fmt: skip
        before = grid.sheet
        copy = Sheet.of(replace(before.draft, summary=entry.summary, lines=lines), before.facts)
        grid.change(replace(copy, draft=before.draft, date=before.date).at(0, Cell.SUMMARY))


def vouchers_forecast(voucher: Voucher | None) -> str:
    """The number that a voucher would get; nothing for one that is not kept yet."""
    return voucher.forecast if voucher is not None else ""
