"""Screen 1: what waits, each line one Enter away from where it is done; the banks, and how the months went."""

from __future__ import annotations

from dataclasses import dataclass

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from cloudbooks.books.home import BankRow, Sums, Waiting, sums, waiting
from cloudbooks.core.draft import DraftState
from cloudbooks.core.period import Month
from cloudbooks.errors import Sentence, counted, sentence
from cloudbooks.reports.table import Amount, Bar
from cloudbooks.tui.page import Page
from cloudbooks.tui.showing import Value, Words
from cloudbooks.tui.table import HouseTable
from cloudbooks.tui.table_layout import Column, amount
from cloudbooks.tui.table_window import Row, Tone

NARROW = 76


@dataclass(frozen=True, slots=True)
class Lead:
    """Where a line leads: a screen, and the filter that it opens with; or an account's register."""

    screen: str = ""
    filter: str = ""
    account: str = ""


class Home(Page):
    """What waits, and where the firm stands."""

    title = sentence("Home")
    offers = ("open", "period", "drafts", "command", "help")
    with_drafts = True
    DEFAULT_CSS = """
    Home #columns { height: 1fr; }
    Home #left { width: 1fr; }
    Home #right { width: 38; border-left: solid $secondary; padding: 0 1; }
    Home HouseTable { height: auto; min-height: 4; }
    Home #todo { height: 1fr; }
    Home #banks { height: 9; }
    Home .title { height: 1; color: $primary; text-style: bold; padding: 0 1; }
    """

    def compose(self) -> ComposeResult:
        """To do and banks at the left, charts at the right."""
        self.todo = HouseTable(_todo_columns(), id="todo", head=False)
        self.banks = HouseTable(_bank_columns(), id="banks")
        self.todo_title = Static("", markup=False, classes="title")
        self.banks_title = Static("", markup=False, classes="title")
        self.charts = Static("", markup=False)
        with Horizontal(id="columns"):
            with Vertical(id="left"):
                yield self.todo_title
                yield self.todo
                yield self.banks_title
                yield self.banks
            with Vertical(id="right"):
                yield self.charts

    def read(self) -> None:
        """Ask what waits, and then how the banks agree and how the months went: nothing waits for a sum."""
        period, drafts = self.house.period, self.house.with_drafts
        self.ask("waiting", waiting, self._show_waiting)
        self.ask("sums", lambda browser: sums(browser, period, drafts=drafts), self._show_sums)

    def _show_waiting(self, found: Waiting) -> None:
        self.todo_title.update(self.voice.text(sentence("To do")))
        self.todo.change_columns(_todo_columns())
        self.todo.show_rows(_todo(found))

    def _show_sums(self, found: Sums) -> None:
        self.found = found
        self.banks_title.update(self.voice.text(sentence("Bank and book")))
        self.banks.change_columns(_bank_columns())
        self.banks.show_rows([_bank(row) for row in found.banks])
        self.banks_title.display = self.banks.display = bool(found.banks)
        self._draw_charts()

    def _draw_charts(self) -> None:
        found: Sums | None = getattr(self, "found", None)
        right = self.query_one("#right")
        right.display = found is not None and self.size.width >= NARROW
        if found is None or not right.display:
            return
        marked = sentence("Net by month, with drafts") if self.house.with_drafts else sentence("Net by month")
        parts: list[Text] = []
        for title, months in ((marked, found.net), (sentence("In the bank at the end of each month"), found.cash)):
            if any(number.minor for _, number in months):
                parts += [self.voice.text(title, "bold"), *self._bars(months), Text("")]
        self.charts.update(Text("\n").join(parts))

    def _bars(self, months: tuple[tuple[Month, Amount], ...]) -> list[Text]:
        from cloudbooks.reports.bars import lay_bars  # noqa: PLC0415 - charts come after what waits

        bars = [Bar(str(month), number) for month, number in months]
        lines = lay_bars(bars, 34, ascii_only=self.voice.ascii_only, say=self.voice.say)
        return [Text(line) for line in lines]

    def needs(self, row: Row) -> bool:
        """What waits needs somebody, and a bank that differs from the book."""
        return row.id.startswith("todo-") or super().needs(row)

    def on_resize(self, _event: events.Resize) -> None:
        """Charts stand beside where there is room."""
        self._draw_charts()

    def focus_first(self) -> None:
        """What waits comes first."""
        self.todo.focus()

    async def row_opened(self, row: Row) -> None:
        """Where the line leads."""
        lead = row.about
        if isinstance(lead, Lead) and lead.account:
            from cloudbooks.tui.screens.register import Register  # noqa: PLC0415 - only where one is opened

            await self.house.push(Register(lead.account))
        elif isinstance(lead, Lead):
            await self.house.go(lead.screen, lead.filter)


def _todo_columns() -> tuple[Column, ...]:
    return (
        Column("what", "", least=20, most=60, grows=True),
        Column("key", "", least=1, most=3, right=True),
    )


def _todo(found: Waiting) -> list[Row]:
    ready = found.counts.get(DraftState.READY, 0)
    returned = found.counts.get(DraftState.RETURNED, 0)
    waiting = found.counts.get(DraftState.WAITING, 0)
    held = found.counts.get(DraftState.HELD, 0)
    lines: list[tuple[int, Sentence, Lead]] = [
        (found.decide, counted("{n} line to decide", "{n} lines to decide", found.decide), Lead("4")),
        (found.sure, counted("{n} sure proposal to accept", "{n} sure proposals to accept", found.sure), Lead("4")),
        (ready, counted("{n} draft ready to post", "{n} drafts ready to post", ready), Lead("5")),
        (waiting, counted("{n} draft waits for approval", "{n} drafts wait for approval", waiting), Lead("5")),
        (returned, counted("{n} draft was returned", "{n} drafts were returned", returned), Lead("5")),
        (held, counted("{n} draft is held back", "{n} drafts are held back", held), Lead("5")),
        (
            found.waiting_records,
            counted("{n} change waits for the next post", "{n} changes wait for the next post", found.waiting_records),
            Lead("5"),
        ),
    ]
    rows = [
        Row(f"todo-{place}", (words, lead.screen), about=lead)
        for place, (count, words, lead) in enumerate(lines)
        if count > 0
    ]
    if not rows:
        words = sentence("Nothing waits.") if found.entries > 1 else sentence("No entries yet. 4 imports a statement.")
        rows = [Row("none", (words, ""), tone=Tone.DIM)]
    return rows


def _bank_columns() -> tuple[Column, ...]:
    return (
        Column("account", "", least=10, most=24, grows=True),
        amount("said", sentence("Bank"), 1),
        amount("booked", sentence("Book")),
        Column("state", sentence("Statement"), least=4, most=20, right=True),
    )


def _bank(row: BankRow) -> Row:
    difference = row.difference
    state: Words = sentence("{days} d ago", days=row.days)
    tone = Tone.PLAIN
    if difference is not None and difference.minor:
        state, tone = sentence("diff {amount}", amount=difference.shown()), Tone.ALERT
    elif difference is not None:
        state = sentence("agrees, {days} d ago", days=row.days)
    said: Value = row.said if row.said is not None else ""
    return Row(
        row.account.id, (str(row.account), said, row.booked, state), tone=tone, about=Lead(account=row.account.id)
    )
