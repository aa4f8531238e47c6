"""Screen 5: left what is not posted and why, right the batch; `P` asks once, and what a post did stays to be read."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from cloudbooks.books import approving, drafting, planning, posting
from cloudbooks.books.draft_balances import debit_total
from cloudbooks.books.planning import Batch
from cloudbooks.books.posting import Posted
from cloudbooks.core.draft import Draft, DraftState
from cloudbooks.core.money import grouped
from cloudbooks.core.period import Month
from cloudbooks.errors import Fact, Sentence, counted, joined, sentence
from cloudbooks.reports.table import Amount
from cloudbooks.tui.page import Page
from cloudbooks.tui.prompt import Prompt
from cloudbooks.tui.rows import draft_state
from cloudbooks.tui.showing import Words
from cloudbooks.tui.table import HouseTable
from cloudbooks.tui.table_layout import Column, amount
from cloudbooks.tui.table_window import Row, Tone


class PostButton(Static, can_focus=True):
    """The sum of the batch; Enter on it asks as `P` does, for those whose letters go to an input method."""

    DEFAULT_CSS = """
    PostButton { height: auto; padding: 0 1; }
    PostButton:focus { background: $primary; color: $background; }
    """


class Post(Page):
    """The desk before a post."""

    title = sentence("Post")
    offers: ClassVar[tuple[str, ...]] = ("yes", "next", "edit", "post", "turn-down", "help")
    with_period: ClassVar[bool] = False
    DEFAULT_CSS = """
    Post Horizontal { height: 1fr; }
    Post .pane { width: 1fr; height: 1fr; border: round $secondary; border-title-color: $foreground; }
    Post .pane:focus-within { border: round $primary; }
    Post.-ascii .pane, Post.-ascii #result { border: ascii $secondary; }
    Post #why { height: auto; max-height: 4; padding: 0 1; color: $secondary; }
    Post #result { height: auto; padding: 0 1; display: none; border: round $primary; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.desk: Batch | None = None
        self.posted: Posted | None = None
        self.reasons: dict[str, Sentence] = {}
        self._wants_post = False

    def compose(self) -> ComposeResult:
        """Drafts that are left, the batch, its sum, and what the last post did."""
        self.set_class(self.voice.ascii_only, "-ascii")
        self.left = HouseTable(_left_columns(), id="left")
        self.right = HouseTable(_right_columns(), id="right")
        self.sum = PostButton("", markup=False, id="sum")
        self.why = Static("", markup=False, id="why")
        self.result = Static("", markup=False, id="result")
        with Horizontal():
            with Vertical(classes="pane", id="left-pane"):
                yield self.left
                yield self.why
            with Vertical(classes="pane", id="right-pane"):
                yield self.right
                yield self.sum
        yield self.result

    def focus_first(self) -> None:
        """The batch, or what is left where there is no batch."""
        (self.right if len(self.right.window) or not len(self.left.window) else self.left).focus()

    # Reading

    def read(self) -> None:
        """Ask for the batch as it stands."""
        self.ask("batch", lambda browser: planning.batch_in(browser.book), self._show)

    def _show(self, batch: Batch) -> None:
        self.desk = batch
        self.left.change_columns(_left_columns())
        self.right.change_columns(_right_columns())
        self.left.show_rows([self._left_row(one.draft, one.reason, batch) for one in batch.left])
        self.right.show_rows([self._right_row(one.draft, one.voucher, batch) for one in batch.drafts])
        self._entitle(batch)
        if self._wants_post:
            self._wants_post = False
            self.act_post(0)
        elif self.house.page is self and self.house.focused in {self.left, self.right, None}:
            self._keep_focus_on_rows()
        row = self.left.current
        self.why.update(self.voice.text(self.reasons[row.id]) if row is not None else "")
        self.house.draw_frame()

    def _keep_focus_on_rows(self) -> None:
        focused = self.house.focused
        if not isinstance(focused, HouseTable) or not len(focused.window):
            self.focus_first()

    def _entitle(self, batch: Batch) -> None:
        say = self.voice.say
        left = counted("{n} draft left, Space takes it in", "{n} drafts left, Space takes in", len(batch.left))
        right = counted("Batch: {n} entry, P posts", "Batch: {n} entries, P posts", len(batch.drafts))
        self.query_one("#left-pane").border_title = Text(say(left))
        self.query_one("#right-pane").border_title = Text(say(right))
        total = grouped(batch.debit, batch.base_scale)
        lines: list[Words] = [sentence("debit = credit {sum} {base}", sum=total, base=batch.base)]
        if batch.drafts:
            lines.append(sentence("takes {numbers}, as block {block}", numbers=_numbers(batch), block=batch.block))
        elif batch.waiting_records:
            lines.append(_records(batch.waiting_records))
        self.sum.update(Text("\n").join(self.voice.text(line) for line in lines))

    def _left_row(self, draft: Draft, reason: Sentence, batch: Batch) -> Row:
        cells = (draft.name, draft.summary, _total(draft, batch), draft_state(draft))
        tone = Tone.ALERT if draft.state is DraftState.INCOMPLETE else Tone.PLAIN
        self.reasons[draft.name] = reason
        return Row(draft.name, cells, draft.number, tone, about=draft)

    def _right_row(self, draft: Draft, voucher: str, batch: Batch) -> Row:
        cells = (voucher, draft.name, draft.summary, _total(draft, batch))
        return Row(draft.name, cells, draft.number, Tone.RED if draft.reverses else Tone.PLAIN, about=draft)

    def on_house_table_moved(self, message: HouseTable.Moved) -> None:
        """Say why the draft under the cursor is left."""
        if message.table is self.left:
            # The cursor may have gone on since the message was sent, and the rows be others.
            row = self.left.current
            reason = self.reasons.get(row.id) if row is not None else None
            self.why.update(self.voice.text(reason) if reason is not None else "")

    def tally(self) -> Words:
        """How much waits for the post."""
        if self.desk is None:
            return ""
        return sentence("{n} to post, {left} left", n=len(self.desk.drafts), left=len(self.desk.left))

    # Acting

    @property
    def _table(self) -> HouseTable:
        return self.left if self.left.has_focus else self.right

    def _chosen(self) -> list[Draft]:
        return [row.about for row in self._table.chosen if isinstance(row.about, Draft)]

    def why_not(self, action: str) -> Sentence | None:
        """A post needs a batch; answers need a draft."""
        if action == "post" and self.desk is not None and not self._postable(self.desk):
            return sentence("Nothing is ready: Space on the left takes a draft in.")
        if action in {"yes", "edit", "turn-down"} and not self._chosen():
            return sentence("There is no draft under the cursor.")
        if action == "edit" and any(draft.reverses for draft in self._chosen()):
            return sentence("A reversal is what it reverses; d discards it.")
        return super().why_not(action)

    @staticmethod
    def _postable(batch: Batch) -> bool:
        return bool(batch.drafts or batch.waiting_records)

    def act_yes(self, _step: int) -> None:
        """Take drafts in from the left, approving those that wait for it, or hold them back from the right."""
        chosen = self._chosen()
        numbers = [draft.number for draft in chosen]
        if self._table is self.left and all(draft.state is DraftState.WAITING for draft in chosen):
            self.do(lambda desk: approving.approve(desk, numbers), lambda _: self._said_approved(len(numbers)))
            return
        if self._table is self.left:
            self.do(lambda desk: drafting.accept(desk, numbers, sure=False), lambda _: self._said_taken(len(numbers)))
            return

        def held(reason: str | None) -> None:
            if reason:
                self.do(lambda desk: drafting.hold(desk, numbers, reason), lambda _: self._said_held(len(numbers)))

        asked = sentence("Hold back, for which reason?")
        prompt = Prompt(self.voice, (asked,), sentence("hold"), value=self.voice.say(sentence("later")))
        self.house.show_over(prompt, held)

    def _said_taken(self, count: int) -> None:
        self.left.marked.clear()
        self.house.tell(counted("{n} draft taken in. u undoes it.", "{n} drafts taken in. u undoes it.", count))

    def _said_approved(self, count: int) -> None:
        self.left.marked.clear()
        self.house.tell(counted("{n} draft approved. u undoes it.", "{n} drafts approved. u undoes it.", count))

    def _said_held(self, count: int) -> None:
        self.right.marked.clear()
        self.house.tell(counted("{n} draft held back. u undoes it.", "{n} drafts held back. u undoes it.", count))

    def act_turn_down(self, _step: int) -> None:
        """Discard drafts."""
        numbers = [draft.number for draft in self._chosen()]
        self.do(
            lambda desk: drafting.discard(desk, numbers),
            lambda _: self.house.tell(
                counted("{n} draft discarded. u undoes it.", "{n} drafts discarded. u undoes it.", len(numbers))
            ),
        )

    async def act_edit(self, _step: int) -> None:
        """Change the draft under the cursor."""
        await self.house.voucher(self._chosen()[0].number)

    async def row_opened(self, row: Row) -> None:
        """Into the draft."""
        if isinstance(row.about, Draft) and not row.about.reverses:
            await self.house.voucher(row.about.number)

    def act_range(self, _step: int) -> None:
        """Begin or end a range of rows."""
        self._table.toggle_range()

    def act_all(self, _step: int) -> None:
        """Mark all rows of this side, or none."""
        self._table.mark_all()

    def act_open(self, _step: int) -> None:
        """Enter: on the sum as P, on a draft into it."""
        if self.sum.has_focus:
            self.act_post(0)
        elif self.house.focused in {self.left, self.right}:
            self._table.open_current()

    def act_post(self, _step: int) -> None:
        """Ask whether the batch is to be posted."""
        batch = self.desk
        if batch is None:
            self._wants_post = True
            self.opening.add("batch")
            return
        if not self._postable(batch):
            self.house.tell(sentence("Nothing is ready: Space on the left takes a draft in."))
            return
        self._put_result_away()
        numbers = [one.draft.number for one in batch.drafts]
        self.house.question(
            self._question_lines(batch),
            sentence("post"),
            lambda: self.do(lambda desk: posting.post(desk, numbers, everything=False), self._done),
        )

    def _question_lines(self, batch: Batch) -> tuple[Words, ...]:
        if not batch.drafts:
            return (_records(batch.waiting_records),)
        return (
            counted(
                "Post {n} entry, {sum} {base}, as block {block}?",
                "Post {n} entries, {sum} {base}, as block {block}?",
                len(batch.drafts),
                sum=grouped(batch.debit, batch.base_scale),
                base=batch.base,
                block=batch.block,
            ),
            sentence("It takes {numbers}.", numbers=_numbers(batch)),
            sentence("From then on they are corrected, not changed."),
        )

    # What a post did

    def _done(self, posted: Posted) -> None:
        self.posted = posted
        lines = [self.voice.text(block.said) for block in posted.blocks]
        lines += [self.voice.text(finding.message) for finding in posted.findings]
        lines.append(
            self.voice.text(sentence("S sends it to the peers; c on an entry corrects it. Esc closes this."), "dim")
        )
        self.result.update(Text("\n").join(lines))
        self.result.display = True

    def _put_result_away(self) -> None:
        self.result.display = False

    async def act_back(self, step: int) -> None:
        """Out of a range or marks, then the result away, then back."""
        if self._table.in_range:
            self._table.toggle_range()
        elif self._table.marked:
            self._table.marked.clear()
            self._table.refresh()
        elif self.result.display:
            self._put_result_away()
        else:
            await self.house.act_back(step)


def _left_columns() -> tuple[Column, ...]:
    return (
        Column("draft", sentence("Draft"), least=5, most=8),
        Column("summary", sentence("Summary"), least=8, most=40, grows=True),
        amount("amount", sentence("Amount")),
        Column("state", sentence("State"), least=10, most=20),
    )


def _right_columns() -> tuple[Column, ...]:
    return (
        Column("number", sentence("Voucher no."), least=7, most=12),
        Column("draft", sentence("Draft"), least=5, most=8, priority=1),
        Column("summary", sentence("Summary"), least=8, most=40, grows=True),
        amount("amount", sentence("Amount")),
    )


def _total(draft: Draft, batch: Batch) -> Amount:
    return Amount(debit_total(draft, batch.base), batch.base_scale, batch.base)


def _records(count: int) -> Sentence:
    return counted("Post {n} record without an entry?", "Post {n} records without an entry?", count)


def _numbers(batch: Batch) -> Fact:
    """The voucher numbers that a batch takes: a span for each month and series, with its month if there are several."""
    spans: dict[tuple[str, str], list[str]] = {}
    for one in batch.drafts:
        month = str(Month.of(one.draft.date)) if one.draft.date is not None else ""
        spans.setdefault((month, one.draft.series), []).append(one.voucher)
    several = len({month for month, _ in spans}) > 1
    return joined([_span(f"{month}/" if several else "", given) for (month, _), given in spans.items()])


def _span(month: str, given: list[str]) -> Sentence | str:
    first = month + given[0]
    return first if len(given) == 1 else sentence("{first} to {last}", first=first, last=given[-1])
