"""A file before it is imported: its first lines with what the import knows of them, and how far an import has come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.timer import Timer
from textual.widgets import Static

from cloudbooks.books import importing, previewing, vouchers
from cloudbooks.books.browsing import Browser
from cloudbooks.books.importing import Imported, ImportRequest
from cloudbooks.books.previewing import Preview
from cloudbooks.books.reviewing import ReviewLine
from cloudbooks.core.draft import DraftState
from cloudbooks.core.statement import Fate, StatementLine
from cloudbooks.errors import CloudBooksError, Sentence, counted, sentence
from cloudbooks.importers.layout import DateOrder
from cloudbooks.importers.options import Options
from cloudbooks.reports.table import Amount
from cloudbooks.tui.page import Page
from cloudbooks.tui.prompt import Prompt
from cloudbooks.tui.screens.importing.lines import columns, row_of
from cloudbooks.tui.screens.voucher.lookup import Lookup
from cloudbooks.tui.showing import Voice, Words
from cloudbooks.tui.table import HouseTable
from cloudbooks.tui.table_window import Row

if TYPE_CHECKING:
    from cloudbooks.books.desk import Desk

_COLUMN_DOUBTS = frozenset({"column-unsure", "amount-unknown"})
"""Refusals that the name of the amount's column answers."""

_DATES = "date-ambiguous"
_REDRAW_SECONDS = 0.1


class ImportEnded(Exception):
    """Ends an import from within its progress."""


@dataclass
class Progress:
    """How far an import has come; told in the thread that imports, read in the thread of the screen."""

    began: float
    done: int = 0
    total: int | None = None
    stop: bool = False

    def tell(self, done: int, total: int | None) -> None:
        """Keep how far it is; raises `ImportEnded` once it is to stop."""
        self.done, self.total = done, total
        if self.stop:
            raise ImportEnded

    def said(self, now: float) -> Sentence:
        """What is done, of how much, and how many lines a second."""
        rate = round(self.done / max(now - self.began, _REDRAW_SECONDS))
        if self.total is None:
            return sentence("{n} lines read, {rate} a second. Esc stops it.", n=self.done, rate=rate)
        if self.done < self.total:
            return sentence("{n} of {total} lines decided. Esc stops it.", n=self.done, total=self.total)
        return sentence("{n} lines are written.", n=self.total)


class ImportPreview(Page):
    """A file that may be imported. Enter imports it, once it is known into which account."""

    title = sentence("Import")
    offers: ClassVar[tuple[str, ...]] = ("edit", "back", "command", "help")
    with_period: ClassVar[bool] = False
    DEFAULT_CSS = """
    ImportPreview #about { height: auto; max-height: 8; padding: 0 1; }
    ImportPreview #progress { height: 1; padding: 0 1; color: $warning; text-style: bold; }
    """

    def __init__(self, path: Path, done: Callable[[Imported], object]) -> None:
        super().__init__()
        self.path = path
        self.done = done
        self.options = Options(name=path.name)
        self.preview: Preview | None = None
        self.account = ""
        self.lines: tuple[ReviewLine, ...] = ()
        self.progress: Progress | None = None
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """What the file is, its first lines, and how far the import has come."""
        self.about = Static("", markup=False, id="about")
        self.table = HouseTable(columns())
        self.telling = Static("", markup=False, id="progress")
        yield self.about
        yield self.table
        yield self.telling

    def crumbs(self) -> tuple[Words, ...]:
        """The file's name."""
        return (self.path.name,)

    def focus_first(self) -> None:
        """The lines are what is looked at."""
        self.table.focus()

    # Reading

    def read(self) -> None:
        """Look at the file; what is wrong with it stands in the place of its lines."""
        path, options = self.path, self.options

        def question(browser: Browser) -> Preview | CloudBooksError:
            try:
                return previewing.preview_in(browser.book, path, options)
            except CloudBooksError as error:
                if error.code in {*_COLUMN_DOUBTS, _DATES}:
                    return error
                raise

        def found(answer: Preview | CloudBooksError) -> None:
            if isinstance(answer, CloudBooksError):
                self._doubt(answer)
            else:
                self._arrived(answer)

        if self.progress is None:
            self.ask("preview", question, found, opens=self.preview is None)

    def _arrived(self, preview: Preview) -> None:
        first = self.preview is None
        self.preview = preview
        self.account = self.account or preview.sure
        if self.account:
            self._judge()
        else:
            self._show(())
            if first:
                self._ask_account(then_import=False)

    def _judge(self) -> None:
        preview, account = self.preview, self.account
        if preview is not None:
            self.ask("lines", lambda browser: previewing.lines_in(browser.book, browser.desk, preview, account),
                     self._show)  # fmt: skip

    def _show(self, lines: tuple[ReviewLine, ...]) -> None:
        preview = self.preview
        if preview is None:
            return
        self.lines = lines
        self.table.change_columns(columns())
        rows = [_known(line, preview, self.voice) for line in lines]
        self.table.show_rows(rows or [_bare(place, line, preview) for place, line in enumerate(_first(preview))])
        self.about.update(Text("\n").join(self.voice.text(one) for one in self._about(preview)))
        self.house.draw_frame()

    def _about(self, preview: Preview) -> list[Words]:
        said: list[Words] = [_file_words(preview)]
        said += preview.sniffed.doubts if preview.whole else preview.reading.doubts
        last = max((line.row for one in preview.reading.statements.values() for line in one.lines), default=0)
        unread = [row for row in preview.reading.unreadable if preview.whole or row.row < last]
        if unread:
            said.append(counted("{n} row cannot be read.", "{n} rows cannot be read.", len(unread)))
        if self.lines:
            said.append(_known_words(self.lines))
        if self.account:
            account = str(preview.chart[self.account])
            said.append(sentence("Enter imports into {account}; e chooses another.", account=account))
        else:
            said.append(sentence("Enter asks into which account, and imports."))
        return said

    def _doubt(self, error: CloudBooksError) -> None:
        """What a person can say where the file does not: which column, or which order of dates."""
        lines: list[Words] = [error.message]
        if error.code == _DATES:
            lines.append(sentence("Which order do its dates have: dmy or mdy?"))
        else:
            lines.append(sentence("Which column is the amount? -NAME where money out is positive."))

        def said(answer: str | None) -> None:
            if not answer:
                self.show_trouble(error, self.read)
                return
            if error.code == _DATES:
                order = DateOrder(answer) if answer in set(DateOrder) else None
                self.options = replace(self.options, date_order=order)
            else:
                self.options = replace(self.options, amount_column=answer)
            self.read()

        self.house.show_over(Prompt(self.voice, lines, sentence("go on")), said)

    # The account

    def act_edit(self, _step: int) -> None:
        """Choose the account."""
        self._ask_account(then_import=False)

    def _ask_account(self, *, then_import: bool) -> None:
        preview = self.preview
        if preview is None:
            return

        def chosen(account: str | None) -> None:
            if not account:
                return
            self.account = account
            if then_import:
                self._import()
            else:
                self._judge()

        def listed(aliases: dict[str, tuple[str, ...]]) -> None:
            asked = sentence("{file}: {n} rows. Into which account?", file=preview.path.name, n=preview.rows)
            self.house.show_over(Lookup(self.voice, preview.chart, preview.accounts, aliases, asked=asked), chosen)

        self.ask(
            "aliases", lambda browser: dict(vouchers.facts_in(browser.book, browser.desk).aliases), listed, opens=True
        )

    # The import

    def why_not(self, action: str) -> Sentence | None:
        """While it is read or imported there is nothing to choose, nor where it was refused."""
        if action in {"edit", "open"} and self.trouble is not None:
            return sentence("This file was not read: r tries again, Esc goes back to its name.")
        if action in {"edit", "open"} and (self.progress is not None or self.preview is None):
            return sentence("The file is being read.")
        return super().why_not(action)

    async def row_opened(self, _row: Row) -> None:
        """Enter: import the file."""
        if self.progress is None:
            if self.account:
                self._import()
            else:
                self._ask_account(then_import=True)

    def _import(self) -> None:
        preview = self.preview
        if preview is None or self.progress is not None:
            return
        if (fault := self.house.fault) is not None:
            self.house.refused(fault)
            return
        request = ImportRequest(preview.data, preview.path.name, preview.chart[self.account].code, self.options)
        self.progress = Progress(monotonic())
        self._timer = self.set_interval(_REDRAW_SECONDS, self._tell)
        self._tell()
        # The page goes when the import has come to its end, so what waits for that end is none of its own workers.
        self.house.run_worker(self._imported(request, self.progress), group="importing", exit_on_error=True)

    async def _imported(self, request: ImportRequest, progress: Progress) -> None:
        def work(desk: Desk) -> Imported:
            return importing.import_statement(desk, request, progress=progress.tell)

        try:
            done = await self.house.clerk.do(work)
        except ImportEnded:
            self._end()
            self.house.tell(sentence("Stopped. {n} lines were read, nothing was written.", n=progress.done))
            return
        except CloudBooksError as error:
            self._end()
            self.show_trouble(error, self.read)
            return
        self._end()
        await self.house.pop()
        said = self.done(done)
        if hasattr(said, "__await__"):
            await said
        self.house.book_changed()

    def _tell(self) -> None:
        if self.progress is not None:
            self.telling.update(self.voice.text(self.progress.said(monotonic())))

    def _end(self) -> None:
        self.progress = None
        if self._timer is not None:
            self._timer.stop()
        self.telling.update("")
        self.house.draw_frame()

    async def act_back(self, step: int) -> None:
        """Stop the import if one goes on; else leave the file as it is."""
        if self.progress is not None:
            self.progress.stop = True
        else:
            await self.house.act_back(step)


def _first(preview: Preview) -> list[StatementLine]:
    lines = [line for one in preview.reading.statements.values() for line in one.lines]
    return lines[: previewing.LINES_SHOWN]


def _bare(place: int, line: StatementLine, preview: Preview) -> Row:
    """A line of which nothing is known yet, since the account is not."""
    text = " ".join(part for part in (line.party, line.kind, line.text) if part)
    amount = Amount(line.amount, preview.scale[line.commodity], line.commodity)
    return Row(str(place + 1), (line.date.isoformat()[5:], text, amount, "", "", ""), place + 1, about=line)


def _known(line: ReviewLine, preview: Preview, voice: Voice) -> Row:
    """A line with what the import would make of it; what a person would have to decide is not asked here."""
    row = row_of(line, preview.scale[line.staged.line.commodity], voice)
    if line.draft is not None and line.draft.state is DraftState.INCOMPLETE and not line.draft.reason:
        return replace(row, cells=(*row.cells[:-1], ""))
    return row


def _file_words(preview: Preview) -> Sentence:
    sniffed = preview.sniffed
    facts = {"rows": preview.rows, "encoding": sniffed.encoding.upper(), "profile": sniffed.layout.profile}
    if preview.whole:
        return sentence(
            "{rows} rows, {encoding}, layout {profile}: {n} lines, {days}.",
            n=sniffed.lines, days=_span(sniffed.first.isoformat(), sniffed.last.isoformat()), **facts,
        )  # fmt: skip
    return sentence("{rows} rows, {encoding}, layout {profile}: these are the first {n} lines.",
                    n=len(_first(preview)), **facts)  # fmt: skip


def _span(first: str, last: str) -> Sentence | str:
    return first if first == last else sentence("{first} to {last}", first=first, last=last)


def _known_words(lines: tuple[ReviewLine, ...]) -> Sentence:
    fates = Counter(line.staged.fate for line in lines)
    return sentence(
        "Of these: new {new}, seen {seen}, twins {twins}, changed {changed}; sure {sure}, to decide {open}.",
        new=fates[Fate.NEW],
        seen=fates[Fate.SEEN],
        twins=fates[Fate.TWIN],
        changed=fates[Fate.CHANGED],
        sure=sum(line.sure for line in lines),
        open=sum(line.open for line in lines),
    )
