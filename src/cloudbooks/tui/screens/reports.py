"""Screen 7: the reports, each with its chart, and from every line of an account into its postings."""

from __future__ import annotations

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from cloudbooks.books.reporting import Answer, Question
from cloudbooks.errors import Sentence, counted, sentence
from cloudbooks.reports import table as reporting
from cloudbooks.reports.bars import lay_bars
from cloudbooks.reports.columns import By
from cloudbooks.reports.layout import fit
from cloudbooks.reports.table import Align, Cell, RowKind
from cloudbooks.tui.page import Page
from cloudbooks.tui.screens.register import Register
from cloudbooks.tui.showing import Value, Words
from cloudbooks.tui.table import HouseTable
from cloudbooks.tui.table_layout import Column
from cloudbooks.tui.table_window import Row, Tone

TITLES: dict[str, Sentence] = {
    "income": sentence("Income statement"),
    "balance-sheet": sentence("Balance sheet"),
    "trial-balance": sentence("Trial balance"),
    "balance": sentence("Balances"),
}
BESIDE = 100
"""From this many columns on the list stands beside the report."""
BARS_MAX = 8
_LIST = (Column("name", "", least=10, most=24, grows=True),)
TALL = 20


class Reports(Page):
    """The list of reports, and the one that was chosen."""

    title = sentence("Reports")
    offers = ("open", "period", "group", "depth", "drafts", "back", "help")
    with_drafts = True
    DEFAULT_CSS = """
    Reports #reports { width: 24; }
    Reports #report { width: 1fr; }
    Reports .head { height: auto; padding: 0 1; }
    Reports #bars { height: auto; padding: 0 1; color: $primary; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.chosen = "income"
        self.reading = False
        self.by: By | None = None
        self.depth: int | None = None
        self.zero = False
        self.answer: Answer | None = None

    def compose(self) -> ComposeResult:
        """List left, report right."""
        self.list = HouseTable(_LIST, id="reports", head=False)
        self.table = HouseTable((), id="lines")
        self.head = Static("", markup=False, classes="head")
        self.bars = Static("", markup=False, id="bars")
        with Horizontal():
            yield self.list
            with Vertical(id="report"):
                yield self.head
                yield self.bars
                yield self.table

    def crumbs(self) -> tuple[Words, ...]:
        """The report, once one is read."""
        return (self.title, TITLES[self.chosen]) if self.reading or self.size.width >= BESIDE else (self.title,)

    def chips(self) -> tuple[Words, ...]:
        """How it is split."""
        words = {By.MONTH: sentence("by month"), By.QUARTER: sentence("by quarter"), By.YEAR: sentence("by year")}
        depth = (sentence("depth {depth}", depth=self.depth),) if self.depth else ()
        zero = (sentence("with zeros"),) if self.zero else ()
        return (*((words[self.by],) if self.by else ()), *depth, *zero)

    def read(self) -> None:
        """Ask for the report that was chosen."""
        rows = [Row(name, (title,), about=name) for name, title in TITLES.items()]
        self.list.show_rows(rows, cursor=self.chosen)
        name = self.chosen
        question = Question(
            period=str(self.house.period),
            by=self.by if name != "trial-balance" else None,
            depth=self.depth,
            zero=self.zero,
            tree=name in {"trial-balance", "balance"},
            drafts=self.house.with_drafts,
        )
        self.ask("report", lambda browser: browser.report(name, question), self._show)
        self._arrange()

    def _show(self, answer: Answer) -> None:
        self.answer = answer
        self.head.update(self._title(answer))
        self._draw()
        self.house.draw_frame()

    def _title(self, answer: Answer) -> Text:
        left_out = counted("{n} draft left out", "{n} drafts left out", answer.drafts_left)
        if self.house.with_drafts:
            left_out = counted("with {n} draft ~", "with {n} drafts ~", answer.drafts_left)
        block = answer.head.number if answer.head else 0
        line = sentence("{period}, up to block {block}", period=str(answer.period), block=block)
        text = self.voice.text(TITLES[self.chosen], "bold")
        text.append(f"   {self.voice.say(line)}")
        if answer.drafts_left:
            text.append(f"   {self.voice.say(left_out)}")
        return text

    def _draw(self) -> None:
        answer = self.answer
        room = self.table.size.width - 2
        if answer is None or room < 1:
            return
        bars = answer.report.chart()
        self.bars.display = bool(bars) and len(bars) <= BARS_MAX and self.size.height >= TALL
        if self.bars.display:
            lines = lay_bars(bars, min(room, 72), ascii_only=self.voice.ascii_only, say=self.voice.say)
            self.bars.update(Text("\n".join(lines)))
        shown = fit(answer.report.table(), room, self.voice.say)
        self.table.change_columns(tuple(_column(column) for column in shown.columns))
        code = next((place for place, one in enumerate(answer.report.table().columns) if one.key == "code"), None)
        codes = [row.cells[code] if code is not None else "" for row in answer.report.table().rows]
        self.table.show_rows([_row(number, row, codes[number]) for number, row in enumerate(shown.rows)])

    def _arrange(self) -> None:
        """Below a width one pane at a time."""
        wide = self.size.width >= BESIDE
        self.list.display = wide or not self.reading
        self.query_one("#report").display = wide or self.reading
        self.list.styles.width = 24 if wide else "1fr"

    def on_resize(self, _event: events.Resize) -> None:
        """Fit the report anew."""
        self._arrange()
        self.call_after_refresh(self._draw)

    def focus_first(self) -> None:
        """The report if one is read, else the list."""
        (self.table if self.reading else self.list).focus()

    def on_house_table_moved(self, message: HouseTable.Moved) -> None:
        """Beside the list, the report under the cursor is shown at once.

        The cursor may have gone on since the message was sent; where it stands now is what counts.
        """
        row = self.list.current
        if message.table is self.list and row is not None and row.id != self.chosen:
            self.chosen = row.id
            self.table.forget()
            self.read()

    async def row_opened(self, row: Row) -> None:
        """Into the report; in it, into the postings of the line's account."""
        if row.about in TITLES:
            self.reading = True
            self._arrange()
            self.table.focus()
            self.call_after_refresh(self._draw)
        elif isinstance(row.about, str) and row.about:
            code = row.about
            self.ask("account", lambda browser: browser.names.chart.find(code).id, self._open_register)
        else:
            self.house.tell(sentence("This line sums others; Enter opens the line of an account."))

    async def _open_register(self, account: str) -> None:
        await self.house.push(Register(account))

    async def act_back(self, step: int) -> None:
        """From the report to the list."""
        if self.reading:
            self.reading = False
            self._arrange()
            self.list.focus()
        else:
            await self.house.act_back(step)

    def act_group(self, _step: int) -> None:
        """One column, or one a month, a quarter, a year."""
        order = [None, By.MONTH, By.QUARTER, By.YEAR]
        self.by = order[(order.index(self.by) + 1) % len(order)]
        self.table.forget()
        self.read()

    def act_depth(self, step: int) -> None:
        """Deeper, or less deep."""
        before = self.depth or (9 if step == 0 else 3)
        self.depth = min(9, before + 1) if step == 0 else max(1, before - 1)
        if self.depth == before:
            self.house.tell(sentence("All levels are shown.") if step == 0 else sentence("One level is the least."))
        self.read()

    def act_zero(self, _step: int) -> None:
        """Hide or show lines of zero."""
        self.zero = not self.zero
        self.read()

    def export_words(self) -> str:
        """The command that writes this report."""
        by = f" --by {self.by.value}" if self.by and self.chosen != "trial-balance" else ""
        return f"report {self.chosen} -p {self.house.period}{by} -o {self.chosen}.csv"


def _column(column: reporting.Column) -> Column:
    right = column.align is Align.RIGHT
    return Column(
        column.key, column.name, least=8, most=60, right=right, whole=right,
        grows=column.key in {"label", "name"}, indents=column.indents,
    )  # fmt: skip


def _row(number: int, row: reporting.Row, code: Cell) -> Row:
    tone = Tone.TOTAL if row.kind is RowKind.TOTAL else Tone.PLAIN
    about = code if tone is Tone.PLAIN and isinstance(code, str) else ""
    return Row(f"line-{number}", tuple(map(_value, row.cells)), tone=tone, level=row.level, about=about)


def _value(cell: Cell) -> Value:
    if isinstance(cell, tuple):
        return ", ".join(one.shown() for one in cell)
    return cell
