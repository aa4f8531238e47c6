"""The page of a voucher: it keeps what is typed at once, looks accounts up, and makes the draft ready."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.widgets import Static

from cloudbooks.books import inspecting, vouchers
from cloudbooks.books.browsing import Browser
from cloudbooks.books.templates import Template, save, templates_in
from cloudbooks.books.vouchers import Voucher, VoucherFacts
from cloudbooks.core.draft import Draft, DraftLine, DraftState
from cloudbooks.core.entry import PostedEntry
from cloudbooks.core.initials import initials
from cloudbooks.core.money import grouped
from cloudbooks.errors import CloudBooksError, Sentence, sentence
from cloudbooks.tui.choosing import Choice, Chooser
from cloudbooks.tui.prompt import Prompt
from cloudbooks.tui.screens.voucher.grid import VoucherGrid
from cloudbooks.tui.screens.voucher.keeping import CHANGED, GONE, KeptVoucher
from cloudbooks.tui.screens.voucher.lookup import Lookup
from cloudbooks.tui.screens.voucher.sheet import Cell, Sheet
from cloudbooks.tui.showing import Words

_RED_ROWS = 6
KEEP = "keep"
KEEP_WORDS = ("keep", "save", "template", "存", "cwcy", "存为常用凭证")
"""What the choice that keeps a voucher as a template is found by."""


class VoucherPage(KeptVoucher):
    """A new voucher, or a draft to be changed. `split` begins in a new row, since one line is to become several.

    `saved` is called with the draft when it was saved, before the page is left.
    """

    title = sentence("Voucher")
    offers: ClassVar[tuple[str, ...]] = ("next", "save", "lookup", "insert-row", "back")
    with_period: ClassVar[bool] = False
    DEFAULT_CSS = """
    VoucherPage #red { height: auto; max-height: 8; color: $error; border-bottom: solid $secondary; display: none; }
    """

    def __init__(self, number: int = 0, *, split: bool = False, saved: Callable[[Draft], Any] | None = None) -> None:
        super().__init__(number)
        self.split = split
        self.saved = saved

    def compose(self) -> ComposeResult:
        """The red reversal, where there is one; the grid comes when the book has answered."""
        self.red = Static("", markup=False, id="red")
        yield self.red

    def crumbs(self) -> tuple[Words, ...]:
        """The draft's name."""
        kept = self.kept
        return (self.title, kept.name) if kept is not None and kept.number else (self.title,)

    # Reading

    def read(self) -> None:
        """Ask for accounts, parties, numbers, and for the draft, when it is first shown."""
        number, known = self.number_kept, self.kept

        def question(browser: Browser) -> tuple[VoucherFacts, Voucher | CloudBooksError | None]:
            facts = vouchers.facts_in(browser.book, browser.desk)
            try:
                return facts, vouchers.voucher_in(browser.book, number) if number else None
            except CloudBooksError as error:
                # While it is typed, a draft that is gone is said in its place, and what was typed stays.
                if self.grid is None:
                    raise
                return facts, error

        self.ask("voucher", question, lambda found: self._arrived(found, known), opens=self.grid is None)

    async def _arrived(self, found: tuple[VoucherFacts, Voucher | CloudBooksError | None], known: Draft | None) -> None:
        facts, voucher = found
        if self.grid is not None:
            self.grid.absorb(replace(self.grid.sheet, facts=facts))
            if voucher is not None:
                self.meanwhile(voucher, known)
            return
        if isinstance(voucher, CloudBooksError):
            return
        sheet = Sheet.new(facts, KeptVoucher.last_day) if voucher is None else Sheet.of(voucher.draft, facts)
        if self.split:
            sheet = sheet.appended()
        self.kept = None if voucher is None else voucher.draft
        self.grid = VoucherGrid(sheet, self.voice)
        await self.mount(self.grid)
        self.foretell(sheet.draft)
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

    # Leaving

    async def act_back(self, step: int) -> None:
        """Leave; what was typed is kept, unless another program changed the draft and that is to stay."""
        if self.changed is not None:
            lines = (self.changed.message, sentence("What was typed here since then is dropped."))
            self.house.question(lines, sentence("leave"), lambda: self.house.act_back(step))
            return
        await self.settle()
        if not self.untouched:
            self.house.book_changed()
        await self.house.act_back(step)

    async def act_quit(self, step: int) -> None:
        """Leave the program; what was typed is kept."""
        await self.settle()
        await self.house.act_quit(step)

    async def act_save(self, _step: int) -> None:
        """Make the draft ready, and leave; one that lacks something stays here and says what."""
        if await self._saved():
            name = self.kept.name if self.kept is not None else ""
            await self.house.act_back(0)
            self.house.tell(sentence("{name} is ready; 5 posts it.", name=name))

    async def act_save_next(self, _step: int) -> None:
        """Make the draft ready, and begin the next."""
        if await self._saved() and self.grid is not None:
            name = self.kept.name if self.kept is not None else ""
            self.kept, self.operation, self.number = None, 0, 0
            self.red.display = False
            self.grid.show(Sheet.new(self.grid.sheet.facts, KeptVoucher.last_day))
            self.grid.say(sentence("{name} is ready; here begins the next.", name=name))

    async def _saved(self) -> bool:
        grid = self.grid
        if grid is None or not grid.finish_cell() or self._demands(grid):
            return False
        try:
            if self.changed is not None:
                await self.take_over()
            await self.settle()
            kept = await self.keep_once(DraftState.READY)
        except CloudBooksError as error:
            if error.code in {CHANGED, GONE}:
                self.ask_whose(error)
            else:
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

    @staticmethod
    def _demands(grid: VoucherGrid) -> bool:
        """Whether an account still demands something: then the cursor stands there, and it is said."""
        place = grid.sheet.unanswered_demand()
        if place is None:
            return False
        row, strip, name = place
        grid.go_to(grid.sheet.at(row, Cell.STRIP, strip))
        grid.say(sentence("{account} demands: {name}.", account=str(grid.sheet.account(grid.sheet.line)), name=name))
        return True

    # Keys of the grid

    def why_not(self, action: str) -> Sentence | None:
        """What was typed into a cell can always be taken back."""
        if action == "undo":
            return None
        return super().why_not(action)

    def act_lookup(self, _step: int) -> None:
        """Look an account up."""
        grid = self.grid
        if grid is None:
            return
        if grid.sheet.cell is not Cell.ACCOUNT:
            # What was typed elsewhere is no word for an account: it is taken where it stands.
            if not grid.finish_cell():
                return
            grid.go_to(grid.sheet.at(grid.sheet.row, Cell.ACCOUNT))
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

        self.house.show_over(Lookup(self.voice, facts.names.chart, facts.used, facts.aliases, word=word), chosen)

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

        def question(browser: Browser, word: str) -> PostedEntry | CloudBooksError:
            try:
                return inspecting.entry(browser.desk, word).entry
            except CloudBooksError as error:
                return error

        def found(answer: PostedEntry | CloudBooksError) -> None:
            if isinstance(answer, CloudBooksError):
                # What is typed stays where it is, so this is no error of the page.
                self.house.refused(answer)
            else:
                self._copy(answer)

        def copied(word: str | None) -> None:
            if word:
                self.ask("copy", lambda browser: question(browser, word), found)

        self.house.show_over(
            Prompt(
                self.voice, (sentence("Which entry? Its voucher number, such as 2026-10/记-12."),), sentence("copy")
            ),
            copied,
        )

    def _copy(self, entry: PostedEntry) -> None:
        self._begin_from(entry.summary, tuple(replace(DraftLine.of(one), settles=()) for one in entry.postings))

    def _begin_from(self, summary: str, lines: tuple[DraftLine, ...]) -> None:
        """Other lines in the place of those that stand here; the date stays, and undo brings back what stood here."""
        grid = self.grid
        if grid is not None:
            before = grid.sheet
            copy = Sheet.of(replace(before.draft, summary=summary, lines=lines), before.facts)
            grid.change(replace(copy, draft=before.draft, date=before.date).at(0, Cell.SUMMARY))

    def act_template(self, _step: int) -> None:
        """Begin from a template, or keep what stands here as one."""
        grid = self.grid
        if grid is not None and grid.finish_cell():
            self.ask("templates", lambda browser: templates_in(browser.book), self._choose_template, opens=True)

    def _choose_template(self, found: tuple[Template, ...]) -> None:
        grid = self.grid
        if grid is None:
            return
        draft = grid.current().to_draft(DraftState.READY)
        keeps = any(line.account for line in draft.lines)
        if not found and not keeps:
            grid.say(sentence("No templates yet: F4 on a voucher with accounts keeps it as one."))
            return
        choices = [template_choice(one, str(place)) for place, one in enumerate(found)]
        if keeps:
            choices.append(Choice(KEEP, sentence("Keep this voucher as a template"), "", KEEP_WORDS))

        def chosen(answer: str | None) -> None:
            if answer == KEEP:
                self._keep_as_template(draft)
            elif answer is not None:
                template = found[int(answer)]
                self._begin_from(template.draft.summary, template.draft.lines)
                grid.say(sentence('Begun from "{name}"; Ctrl+Z brings back what was here.', name=template.name))

        self.house.show_over(Chooser(self.voice, sentence("Templates"), choices), chosen)

    def _keep_as_template(self, draft: Draft) -> None:
        grid = self.grid

        def said(template: Template) -> None:
            if grid is not None:
                words = sentence('Kept as template "{name}".', name=template.name)
                if template.replaced:
                    words = sentence('Kept as template "{name}", in the place of the one before.', name=template.name)
                grid.say(words)

        def named(name: str | None) -> None:
            if name:
                self.do(lambda desk: save(desk, name, draft), said)

        asked = (sentence("Keep it as a template, under which name?"),)
        prompt = Prompt(self.voice, asked, sentence("keep"), value=draft.summary)
        self.house.show_over(prompt, named)


def template_choice(template: Template, id_: str) -> Choice:
    """A template to be chosen, found by its name, its summary and their pinyin initials."""
    words = (template.name, template.draft.summary)
    found_by = tuple(word.casefold() for word in (*words, *(initials(one) for one in words)) if word)
    return Choice(id_, template.name, template.draft.summary, found_by)
