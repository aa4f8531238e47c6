"""Screen 7: the reports, each with its chart, and from every line of an account into its postings."""

from __future__ import annotations

from itertools import zip_longest

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from cloudbooks.books.browsing import Browser
from cloudbooks.books.reporting import Answer, Question
from cloudbooks.errors import Sentence, counted, sentence
from cloudbooks.reports import table as reporting
from cloudbooks.reports.bars import lay_bars
from cloudbooks.reports.columns import By
from cloudbooks.reports.layout import fit
from cloudbooks.reports.table import Align, Amount, Cell, RowKind
from cloudbooks.tui.page import Page
from cloudbooks.tui.screens.register import Register
from cloudbooks.tui.showing import Marked, Value, Words
from cloudbooks.tui.table import HouseTable
from cloudbooks.tui.table_layout import Column
from cloudbooks.tui.table_window import Row, Tone

TITLES: dict[str, Sentence] = {
    "income": sentence("Income statement"),
    "balance-sheet": sentence("Balance sheet"),
    "trial-balance": sentence("Trial balance"),
    "balance": sentence("Balances"),
}
TREES = frozenset({"trial-balance", "balance"})
"""Reports that are shown with the accounts below their parents."""
BESIDE = 100
"""From this many columns on the list stands beside the report."""
BARS_MAX = 8
DEPTH_MAX = 9
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
        self.posted: Answer | None = None

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
        return (self.title, TITLES[self.chosen]) if self.reading else (self.title,)

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
            tree=name in TREES,
            drafts=self.house.with_drafts,
        )

        def both(browser: Browser) -> tuple[Answer, Answer | None]:
            posted = browser.report(name, question._replace(drafts=False)) if question.drafts else None
            return browser.report(name, question), posted

        self.ask("report", both, self._show)
        self._arrange()

    def _show(self, found: tuple[Answer, Answer | None]) -> None:
        self.answer, self.posted = found
        answer = found[0]
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
        whole = answer.report.table()
        marked = None if self.posted is None else with_drafts(whole, self.posted.report.table())
        shown = fit(whole, room if marked is None else room - len(whole.columns), self.voice.say)
        self.table.change_columns(tuple(_column(column) for column in shown.columns))
        code = next((place for place, one in enumerate(whole.columns) if one.key == "code"), None)
        codes = [row.cells[code] if code is not None else "" for row in whole.rows]
        rows = []
        for number, row in enumerate(shown.rows):
            marks = None if marked is None else [column.key in marked[number] for column in shown.columns]
            rows.append(_row(number, row, codes[number], marks))
        self.table.show_rows(rows)

    def _arrange(self) -> None:
        """Below a width one pane at a time."""
        wide = self.size.width >= BESIDE
        self.list.display = wide or not self.reading
        self.query_one("#report").display = wide or self.reading
        self.list.styles.width = 24 if wide else "1fr"

    def on_resize(self, _event: events.Resize) -> None:
        """One pane or two, and the way to here as it is then."""
        self._arrange()
        self.house.draw_frame()

    def on_house_table_sized(self, message: HouseTable.Sized) -> None:
        """Fit the report anew; an answer can be quicker than the layout of the pane that it is for."""
        if message.table is self.table:
            self._draw()

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
        before = self.depth or (DEPTH_MAX if step == 0 else 3)
        depth = min(DEPTH_MAX, before + 1) if step == 0 else max(1, before - 1)
        if depth == before:
            self.house.tell(sentence("All levels are shown.") if step == 0 else sentence("One level is the least."))
        self.depth = None if depth == DEPTH_MAX else depth
        self.read()

    def act_zero(self, _step: int) -> None:
        """Hide or show lines of zero."""
        self.zero = not self.zero
        self.read()

    def export_words(self) -> str:
        """The command that writes this report."""
        flags = f" --by {self.by.value}" if self.by and self.chosen != "trial-balance" else ""
        flags += f" --depth {self.depth}" if self.depth else ""
        flags += " --zero" if self.zero else ""
        flags += " --tree" if self.chosen in TREES else ""
        return f"report {self.chosen} -p {self.house.period}{flags} -o {self.chosen}.csv"


def _column(column: reporting.Column) -> Column:
    right = column.align is Align.RIGHT
    return Column(
        column.key, column.name, least=8, most=60, right=right, whole=right,
        grows=column.key in {"label", "name"}, indents=column.indents,
    )  # fmt: skip


def with_drafts(table: reporting.Table, posted: reporting.Table) -> list[frozenset[str]]:
    """For each row of a report with drafts the keys of the columns whose numbers are not those that are posted."""
    before: dict[tuple[str, ...], list[reporting.Row]] = {}
    for row in posted.rows:
        before.setdefault(_named(row), []).append(row)
    found = []
    for row in table.rows:
        was = before.get(_named(row), [])
        other = was.pop(0).cells if was else ()
        pairs = zip_longest(table.columns, row.cells, other)
        found.append(frozenset(column.key for column, cell, then in pairs if column is not None and cell != then))
    return found


def _named(row: reporting.Row) -> tuple[str, ...]:
    """What a row is called, whatever its numbers are."""
    return (row.kind, *(str(cell) for cell in row.cells if isinstance(cell, str | Sentence)))


def _row(number: int, row: reporting.Row, code: Cell, marks: list[bool] | None = None) -> Row:
    tone = Tone.TOTAL if row.kind is RowKind.TOTAL else Tone.PLAIN
    cells = tuple(_value(cell, marks[place] if marks else None) for place, cell in enumerate(row.cells))
    about = code if tone is Tone.PLAIN and isinstance(code, str) else ""
    return Row(f"line-{number}", cells, tone=tone, level=row.level, about=about)


def _value(cell: Cell, mark: bool | None) -> Value:  # noqa: FBT001 - one of three
    """What a cell shows; an amount carries the mark of drafts, or a blank where others may carry one."""
    if isinstance(cell, Amount) and mark is not None:
        return Marked(cell, mark)
    if isinstance(cell, tuple):
        return ", ".join(one.shown() for one in cell)
    return cell
