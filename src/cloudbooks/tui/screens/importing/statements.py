"""Screen 4: the statements of the book, each with what its lines still want, and the import of another file."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult

from cloudbooks.books import reviewing, statements
from cloudbooks.books.browsing import Browser
from cloudbooks.books.importing import Imported
from cloudbooks.books.statements import Withdrawn
from cloudbooks.core.statement import Fate
from cloudbooks.errors import Sentence, counted, sentence
from cloudbooks.tui.notice import Notice
from cloudbooks.tui.page import Page
from cloudbooks.tui.path_prompt import PathPrompt
from cloudbooks.tui.screens.importing.preview import ImportPreview
from cloudbooks.tui.screens.importing.review import Review
from cloudbooks.tui.showing import Words
from cloudbooks.tui.table import HouseTable
from cloudbooks.tui.table_layout import Column
from cloudbooks.tui.table_window import Row, Tone


class Statements(Page):
    """The list of statements, the newest first; a statement that wants answers is opened at once."""

    title = sentence("Import")
    offers: ClassVar[tuple[str, ...]] = ("open", "add", "turn-down", "help")
    with_period: ClassVar[bool] = False

    def __init__(self) -> None:
        super().__init__()
        self._opened = False
        self._path = ""

    def compose(self) -> ComposeResult:
        """The list, or what to do where there is none."""
        self.table = HouseTable(_columns())
        self.blank = Notice()
        self.put_away(self.blank, away=True)
        yield self.table
        yield self.blank

    def focus_first(self) -> None:
        """The list is where the work is."""
        self.table.focus()

    def read(self) -> None:
        """Ask for the statements and their counts."""
        self.ask("statements", _statements, self._show)

    async def _show(self, rows: list[Row]) -> None:
        self.table.change_columns(_columns())
        self.table.show_rows(rows)
        self.blank.show_words(
            sentence(
                "No statements yet. Press a to import a file, or: cloudbooks import FILE. To try: cloudbooks demo."
            )
        )
        self.put_away(self.blank, away=bool(rows))
        self.put_away(self.table, away=not rows)
        working = next((row for row in rows if row.about[1]), None)
        if working is not None and not self._opened and self.house.page is self:
            await self.house.push(Review(working.about[0]))
        self._opened = True

    async def row_opened(self, row: Row) -> None:
        """Into the review of a statement."""
        await self.house.push(Review(row.about[0]))

    def why_not(self, action: str) -> Sentence | None:
        """A statement must be there to be withdrawn."""
        row = self.table.current
        if action in {"turn-down", "open"} and row is None:
            return sentence("There is no statement; a imports one.")
        if action == "turn-down" and row is not None and row.about[2] == "withdrawn":
            return sentence("This statement was withdrawn before.")
        return super().why_not(action)

    def act_turn_down(self, _step: int) -> None:
        """Withdraw the statement under the cursor, after a question."""
        row = self.table.current
        if row is None:
            return
        number, name = row.about[0], row.cells[1]
        self.house.question(
            (
                sentence("Withdraw S-{number} ({file})?", number=number, file=str(name)),
                sentence("Its drafts are discarded; what it posted gets reversals, which wait to be posted."),
            ),
            sentence("withdraw"),
            lambda: self.do(lambda desk: statements.withdraw(desk, number), self._withdrawn),
        )

    def _withdrawn(self, done: Withdrawn) -> None:
        self.house.tell(
            sentence("{discarded} drafts discarded, {reversals} reversals wait. u undoes it.",
                     discarded=done.discarded, reversals=len(done.reversals))
        )  # fmt: skip

    # Importing

    def act_add(self, _step: int) -> None:
        """Import a file: its path is asked, then it is shown what the file seems to be."""

        async def named(answer: str | None) -> None:
            if answer:
                self._path = answer
                await self.house.push(ImportPreview(Path(answer), self._imported))

        asked = (sentence("Import which file? Its path:"),)
        self.house.show_over(PathPrompt(self.voice, asked, sentence("look at it"), value=self._path), named)

    async def _imported(self, done: Imported) -> None:
        fates = done.fates
        said = sentence(
            "{file}: new {new}, seen {seen}, twins {twins}, changed {changed}; sure {sure}, to decide {open}.",
            file=done.file.name,
            new=fates.get(Fate.NEW, 0),
            seen=fates.get(Fate.SEEN, 0),
            twins=fates.get(Fate.TWIN, 0),
            changed=fates.get(Fate.CHANGED, 0),
            sure=done.sure,
            open=done.to_decide,
        )
        numbers = [one.number for one in done.statements if one.number]
        if numbers:
            self._opened = True
            await self.house.push(Review(numbers[0]))
        self.house.tell(said)


def _statements(browser: Browser) -> list[Row]:
    rows = []
    for statement, account, _ in reversed(statements.statements(browser.desk)):
        counts = reviewing.reviewed_in(browser.book, statement.number).counts
        withdrawn = statement.state == "withdrawn"
        waits = 0 if withdrawn else counts.open + counts.sure
        state: Words = _STATES[statement.state]
        if waits:
            state = counted("{n} to decide", "{n} to decide", counts.open)
        cells = (
            statement.name,
            statement.file.name,
            str(account),
            "..".join(dict.fromkeys(day.isoformat()[5:] for day in (statement.first, statement.last))),
            str(counts.lines),
            str(counts.sure) if waits else "",
            state,
        )
        tone = Tone.DIM if withdrawn else Tone.ALERT if waits else Tone.PLAIN
        rows.append(
            Row(statement.name, cells, statement.number, tone, about=(statement.number, waits, statement.state))
        )
    return rows


_STATES = {"staged": sentence("imported"), "posted": sentence("posted"), "withdrawn": sentence("withdrawn")}


def _columns() -> tuple[Column, ...]:
    return (
        Column("number", sentence("Statement"), least=4, most=9),
        Column("file", sentence("File"), least=8, most=40, grows=True),
        Column("account", sentence("Account"), least=7, most=30, priority=2),
        Column("days", sentence("Days"), least=12, most=12, priority=1),
        Column("lines", sentence("Lines"), right=True),
        Column("sure", sentence("Sure"), right=True),
        Column("state", sentence("State"), least=6, most=16),
    )
