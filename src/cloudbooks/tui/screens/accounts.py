"""Screen 3: the chart as a tree, which is the trial balance too."""

from __future__ import annotations

from collections.abc import Callable

from cloudbooks.books.browsing import Browser
from cloudbooks.books.reporting import Question
from cloudbooks.core.filter import Field, Filter, Negated, Term, Tree, parse
from cloudbooks.core.listing import Ask
from cloudbooks.core.period import Period
from cloudbooks.errors import Sentence, sentence
from cloudbooks.reports.movement import Movement, MovementRow
from cloudbooks.reports.names import Names
from cloudbooks.reports.trial_balance import TrialBalance
from cloudbooks.tui.rows import base_amount
from cloudbooks.tui.screens.register import Register
from cloudbooks.tui.showing import Marked, Sided, Value, Words
from cloudbooks.tui.table_layout import Column, amount
from cloudbooks.tui.table_page import TablePage
from cloudbooks.tui.table_window import Row, Rows, Tone

DEPTH_MAX = 9
_BALANCES = (0, 3)
"""Of opening, debit, credit and closing those that stand on a side."""


class Accounts(TablePage):
    """Accounts with what they had, moved and have in the period."""

    title = sentence("Accounts")
    offers = ("open", "period", "depth", "zero", "drafts", "filter", "help")
    counted = False
    with_drafts = True

    def __init__(self) -> None:
        super().__init__()
        self.depth = DEPTH_MAX
        self.zero = False
        self.folded: frozenset[str] = frozenset()
        self.parents: frozenset[str] = frozenset()
        self.shown = 0
        self.whole = 0

    def columns(self) -> tuple[Column, ...]:
        """Code, name, opening, debit, credit, closing."""
        return (
            Column("code", sentence("Code"), least=4, most=14),
            Column("name", sentence("Account"), least=14, most=50, grows=True, indents=True),
            amount("opening", sentence("Opening"), 2),
            amount("debit", sentence("Debit"), 1),
            amount("credit", sentence("Credit"), 1),
            amount("closing", sentence("Closing")),
        )

    def source(self) -> Callable[[Browser, Ask], Rows]:
        """All accounts that have something, as a tree, and the total."""
        period, drafts, zero = self.house.period, self.house.with_drafts, self.zero
        marks = {folds: self.voice.glyph("closed" if folds else "opened") + " " for folds in (True, False)}
        tree, depth, folded = self.filter.tree, self.depth, self.folded

        def page(browser: Browser, _ask: Ask) -> Rows:
            report = _report(browser, period, drafts=drafts, zero=zero)
            plain = _report(browser, period, drafts=False, zero=zero) if drafts else None
            posted = {row.account.id: row.movement for row in plain.rows} if plain else {}
            kept = [
                row
                for row in report.rows
                if row.level <= depth and not _below(row, folded, browser.names) and _passes(tree, row)
            ]
            self.shown, self.whole = len(kept), len(report.rows)
            parents = self.parents = frozenset(row.account.parent for row in report.rows if row.account.parent)
            rows = []
            for row in kept:
                sign = "" if row.account.id not in parents else marks[row.account.id in folded]
                before = posted.get(row.account.id, Movement()) if plain else None
                rows.append(_row(row, sign + row.account.name, _numbers(row.movement, before, browser.names)))
            total = _numbers(report.total, plain.total if plain else None, browser.names)
            return Rows((*rows, Row("total", ("", sentence("Total"), *total), tone=Tone.TOTAL)) if rows else ())

        return page

    def on_house_table_filled(self, message: object) -> None:
        """The count is that of the rows."""
        del message
        self._say_if_empty()
        self.house.draw_frame()

    def empty(self) -> tuple[Words, ...]:
        """Nothing has a balance yet."""
        return (
            sentence("No account has a balance in {period}. z shows those of zero.", period=str(self.house.period)),
        )

    def chips(self) -> tuple[Words, ...]:
        """The depth, too, narrows what is seen."""
        depth = () if self.depth == DEPTH_MAX else (sentence("depth {depth}", depth=self.depth),)
        return (*depth, *super().chips())

    def tally(self) -> Words:
        """How many accounts of how many."""
        if self.shown == self.whole:
            return sentence("{n} in all", n=self.whole)
        return sentence("{shown} of {whole}", shown=self.shown, whole=self.whole)

    def set_filter(self, text: str) -> None:
        """Words, codes and names narrow accounts; other fields say that they do not."""
        wrong = next((term for term in _terms(_tree(text)) if term.field not in {Field.ANY, Field.ACCOUNT}), None)
        if wrong is not None:
            self.house.tell(
                sentence("Accounts are narrowed by words and acct:, not by {field}:", field=wrong.field.value)
            )
            return
        super().set_filter(text)

    async def row_opened(self, row: Row) -> None:
        """Into the register."""
        if row.about:
            await self.house.push(Register(row.about))

    def act_depth(self, step: int) -> None:
        """Deeper, or less deep."""
        deepest = 3 if self.depth == DEPTH_MAX else self.depth
        depth = min(DEPTH_MAX, self.depth + 1) if step == 0 else max(1, deepest - 1)
        if depth == self.depth:
            self.house.tell(sentence("All levels are shown.") if step == 0 else sentence("One level is the least."))
        self.depth = depth
        self.read()

    def act_zero(self, _step: int) -> None:
        """Hide or show accounts of zero."""
        self.zero = not self.zero
        self.read()

    def act_fold(self, step: int) -> None:
        """Close the branch under the cursor, or open it."""
        row = self.table.current
        if row is None or row.about not in self.parents:
            self.house.tell(sentence("There is no branch under the cursor."))
        else:
            self.folded = self.folded | {row.about} if step == 0 else self.folded - {row.about}
            self.read()

    def why_not(self, action: str) -> Sentence | None:
        """A chart has one order, and every one of its rows is another account."""
        if action == "sort":
            return sentence("A chart stands in the order of its codes.")
        if action == "counts":
            return sentence("Every row is another account; there is nothing to count.")
        return super().why_not(action)

    def export_words(self) -> str:
        """The command that writes this table."""
        return f"report trial-balance --tree -p {self.house.period} -o trial-balance.csv"


def _report(browser: Browser, period: Period, *, drafts: bool, zero: bool) -> TrialBalance:
    answer = browser.report("trial-balance", Question(period=str(period), tree=True, zero=zero, drafts=drafts))
    assert isinstance(answer.report, TrialBalance)
    return answer.report


def _row(row: MovementRow, name: str, numbers: tuple[Value, ...]) -> Row:
    return Row(row.account.id, (row.account.code, name, *numbers), level=row.level - 1, about=row.account.id)


def _numbers(move: Movement, posted: Movement | None, names: Names) -> tuple[Value, ...]:
    """Opening, debit, credit and closing; where drafts are counted, each that differs from what is posted is marked."""
    before = posted or move
    pairs = (
        (move.opening, before.opening),
        (move.debit, before.debit),
        (move.credit, before.credit),
        (move.closing, before.closing),
    )
    found: list[Value] = []
    for place, (number, was) in enumerate(pairs):
        mark = None if posted is None else number != was
        amount_ = base_amount(number, names)
        if place in _BALANCES:
            found.append(Sided(amount_, mark))
        else:
            found.append(amount_ if mark is None else Marked(amount_, mark))
    return tuple(found)


def _below(row: MovementRow, folded: frozenset[str], names: Names) -> bool:
    return any(above.id in folded for above in names.chart.above(row.account))


def _tree(text: str) -> Tree:
    from cloudbooks.errors import CloudBooksError  # noqa: PLC0415 - the page says what is wrong with it

    try:
        return parse(text).tree
    except CloudBooksError:
        return Filter().tree


def _terms(tree: Tree) -> list[Term]:
    if isinstance(tree, Term):
        return [tree]
    if isinstance(tree, Negated):
        return _terms(tree.part)
    return [term for part in tree.parts for term in _terms(part)]


def _passes(tree: Tree, row: MovementRow) -> bool:
    if isinstance(tree, Term):
        return tree.value.casefold() in str(row.account).casefold()
    if isinstance(tree, Negated):
        return not _passes(tree.part, row)
    test = all if type(tree).__name__ == "Every" else any
    return test(_passes(part, row) for part in tree.parts)
