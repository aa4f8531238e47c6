"""The review of one statement: the answers of a person to what the bank says, and what follows from them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from cloudbooks.books import drafting, reviewing, rule_making, statements, vouchers
from cloudbooks.books.browsing import Browser
from cloudbooks.books.desk import Desk
from cloudbooks.books.reviewing import Answered, ReviewLine
from cloudbooks.books.rule_making import NewRule
from cloudbooks.books.statements import Explained
from cloudbooks.core.chart import Chart
from cloudbooks.errors import CloudBooksError, Sentence, counted, sentence
from cloudbooks.tui.prompt import Prompt
from cloudbooks.tui.question import Dialog
from cloudbooks.tui.screens.importing.accepting import summary_in
from cloudbooks.tui.screens.importing.listing import StatementLines
from cloudbooks.tui.screens.voucher.lookup import Lookup
from cloudbooks.tui.showing import Words
from cloudbooks.tui.table_window import Row

_ANSWERS = frozenset({"yes", "edit", "add", "transfer", "split", "ignore", "turn-down", "why", "rule", "repeat"})

Answer = Callable[[Desk, Sequence[int]], Any]


class Review(StatementLines):
    """A statement under review."""

    title = sentence("Review")
    offers: ClassVar[tuple[str, ...]] = ("yes", "edit", "add", "accept-all", "rule", "help")

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.last: tuple[Sentence, Answer] | None = None
        self.answered = 0

    # What an answer is about

    def _rows(self) -> tuple[Row, ...]:
        return self.table.chosen

    def _places(self) -> list[int]:
        return [row.about.staged.place for row in self._rows()]

    def _drafts(self) -> list[int]:
        return [row.about.draft.number for row in self._rows() if row.about.draft is not None]

    def why_not(self, action: str) -> Sentence | None:
        """Answers need a line that can be answered; matching comes later."""
        if action == "match":
            return sentence("Matching a line to what is there already comes with its own command; x pairs a transfer.")
        if action in _ANSWERS and not self._rows():
            return sentence("There is no line under the cursor.")
        if action == "repeat" and self.last is None:
            return sentence("There was no answer yet that could be given again.")
        if action == "rule" and not self._rule_from():
            return sentence("This line goes to no account yet, so no rule follows from it.")
        if action == "accept-all" and self.reviewed is not None and not self.reviewed.counts.sure:
            return sentence("No line is sure and open.")
        return super().why_not(action)

    def _answer(self, said: Sentence, answer: Answer, *, again: bool = True) -> None:
        """Give an answer to the chosen lines; then the cursor goes to the next one that wants one."""
        places = self._places()
        if again:
            self.last = (said, answer)

        def done(result: Any) -> None:
            self.table.marked.clear()
            if self.table.in_range:
                self.table.toggle_range()
                self.table.marked.clear()
            told = said
            self.answered = result.drafts[0].number if isinstance(result, Answered) and result.drafts else 0
            if isinstance(result, Answered) and result.paired:
                told = sentence("Paired with {n} line of the other account.", n=len(result.paired))
            self._go_on({str(place) for place in places}, told)

        self.do(lambda desk: answer(desk, places), done)

    def _go_on(self, answered: set[str], said: Sentence) -> None:
        rows = self.table.window.rows
        around = [*rows[self.table.at :], *(rows[: self.table.at] if self.in_groups else ())]
        later = [row for row in around if row.about.open and row.id not in answered]
        if later:
            self.table.go_to(later[0].id)
        elif not self.in_groups:
            self.seek(back=False)
        self.house.tell(sentence("{said} u undoes it.", said=said))

    # Answers

    def act_yes(self, _step: int) -> None:
        """Accept what is proposed; what is ready becomes a proposal again; what is ignored is taken up."""
        lines: list[ReviewLine] = [row.about for row in self._rows()]
        number = self.number
        if all(line.draft is None for line in lines):
            self._answer(sentence("Taken up again."), lambda desk, places: reviewing.take_up(desk, number, places))
        elif len(lines) == 1 and not lines[0].others:
            self.house.tell(sentence("No account is proposed: e chooses one, a writes the voucher, x a transfer."))
        else:
            self._answer(sentence("Answered."), lambda desk, places: reviewing.answer(desk, number, places))

    def act_edit(self, _step: int) -> None:
        """Choose the account that the chosen lines go to."""
        bank = self.reviewed.account.id if self.reviewed is not None else ""
        self._choose(lambda browser: _accounts(browser, bank), transfer=False)

    def act_transfer(self, _step: int) -> None:
        """Choose the own account that the other side of a transfer is on."""
        account = self.reviewed.account.id if self.reviewed is not None else ""
        self._choose(lambda browser: _own(browser, account), transfer=True)

    def _choose(self, question: Callable[[Browser], tuple[Chart, Sequence[str], Any]], *, transfer: bool) -> None:
        number = self.number

        def listed(found: tuple[Chart, Sequence[str], Any]) -> None:
            chart, used, aliases = found
            if transfer and not used:
                self.house.tell(sentence("There is no other own account; `: account add` opens one beside this bank."))
                return

            def chosen(account: str | None) -> None:
                if not account:
                    return
                code = chart[account].code
                act = reviewing.transfer if transfer else reviewing.decide
                self._answer(
                    sentence("Booked to {account}.", account=str(chart[account])),
                    lambda desk, places: act(desk, number, places, code),
                )

            self.house.show_over(Lookup(self.voice, chart, used, aliases), chosen)

        self.ask("accounts", question, listed, opens=True)

    async def act_add(self, _step: int) -> None:
        """The line's draft as a voucher."""
        await self._open_voucher(split=False)

    async def act_split(self, _step: int) -> None:
        """The line's draft as a voucher, with a row for another account."""
        await self._open_voucher(split=True)

    async def row_opened(self, _row: Row) -> None:
        """Enter: the line's draft as a voucher, or its story where there is nothing to change."""
        row = self.table.current
        if row is not None and (row.about.staged.entry or row.about.draft is None):
            self.act_why(0)
        else:
            await self._open_voucher(split=False)

    async def _open_voucher(self, *, split: bool) -> None:
        line: ReviewLine = self._rows()[0].about
        number, place = self.number, line.staged.place

        async def opened(answered: Answered) -> None:
            await self.house.voucher(answered.drafts[0].number, split=split, saved=saved)

        def saved(_draft: Any) -> None:
            self._go_on({str(place)}, sentence("Saved."))

        if line.draft is not None:
            await self.house.voucher(line.draft.number, split=split, saved=saved)
        else:
            self.do(lambda desk: reviewing.take_up(desk, number, [place]), opened, opens=True)

    def act_ignore(self, _step: int) -> None:
        """Book nothing for the chosen lines; the reason is asked."""
        number = self.number

        def given(reason: str | None) -> None:
            if reason:
                self._answer(
                    sentence("Ignored: {reason}", reason=reason),
                    lambda desk, places: reviewing.ignore(desk, number, places, reason),
                )

        self.house.show_over(Prompt(self.voice, (sentence("Ignore, for which reason?"),), sentence("ignore")), given)

    def act_turn_down(self, _step: int) -> None:
        """Discard the drafts of the chosen lines; the lines are open then."""
        drafts = self._drafts()
        if drafts:
            self.do(
                lambda desk: drafting.discard(desk, drafts),
                lambda _: self.house.tell(sentence("{n} discarded. u undoes it.", n=len(drafts))),
            )

    def act_repeat(self, _step: int) -> None:
        """The last answer again, on the chosen lines."""
        if self.last is not None:
            self._answer(*self.last)

    def act_why(self, _step: int) -> None:
        """The story of the line: the bank's own row, what made its draft, and what the rules of today say."""
        row = self.table.current
        if row is None:
            return
        number, place = self.number, row.about.staged.place
        self.ask("why", lambda browser: statements.explain(browser.desk, number, place), self._tell_why, opens=True)

    def _tell_why(self, found: Explained) -> None:
        line = found.line.line
        lines: list[Words] = [sentence("line {row} of {file}:", row=line.row, file=found.statement.file.name)]
        # Where columns end with tabs, a code in the place of each would stand in the way of what is read.
        lines.append(line.raw.replace("\t", " "))
        if found.draft is not None and found.draft.trace:
            lines += [sentence("{name} was made by:", name=found.draft.name), *found.draft.trace]
        if found.decision.trace:
            lines += [sentence("The rules of today say:"), *found.decision.trace]
        else:
            lines.append(sentence("No rule of today takes it."))
        shown = tuple(self.voice.text(one) for one in lines if one)
        self.house.show_over(Dialog(self.voice, shown, (("escape", sentence("back")), ("enter", sentence("back")))))

    def act_accept_all(self, _step: int) -> None:
        """Accept every sure line, after a summary of what goes where."""
        number = self.number

        def ask(found: tuple[tuple[Words, ...], tuple[int, ...]]) -> None:
            lines, drafts = found
            self.house.question(
                lines,
                sentence("accept"),
                lambda: self.do(
                    lambda desk: drafting.accept(desk, drafts, sure=False), lambda _: accepted(len(drafts))
                ),
            )

        def accepted(count: int) -> None:
            self.house.tell(counted("{n} line accepted. u undoes it.", "{n} lines accepted. u undoes it.", count))
            self.seek_from_start()

        self.ask("sure", lambda browser: summary_in(browser, number), ask, opens=True)

    def _rule_from(self) -> int:
        """The draft that a rule is made from: that of this line, or of the line answered last if this one is open."""
        row = self.table.current
        line: ReviewLine | None = row.about if row is not None else None
        if line is not None and line.draft is not None and line.others:
            return line.draft.number
        return self.answered

    def act_rule(self, _step: int) -> None:
        """A rule from this line: what it would be and take is shown first."""
        draft = self._rule_from()

        def ask(rule: NewRule) -> None:
            self.house.question(
                _rule_lines(rule),
                sentence("write the rule"),
                lambda: self.do(lambda desk: rule_making.new_rule(desk, draft), made),
            )

        def made(rule: NewRule) -> None:
            self.seek_from_start()
            self.house.tell(
                sentence('{place}: the rule "{name}" took {n} open lines.', place=rule.place, name=rule.name,
                         n=len(rule.drafts))
            )  # fmt: skip

        def question(browser: Browser) -> NewRule | CloudBooksError:
            try:
                return rule_making.new_rule(browser.desk, draft, dry_run=True)
            except CloudBooksError as error:
                return error

        def found(answer: NewRule | CloudBooksError) -> None:
            if isinstance(answer, CloudBooksError):
                # What no rule can be made of is no error of the list, which stays.
                self.house.refused(answer)
            else:
                ask(answer)

        self.ask("rule", question, found, opens=True)


def _accounts(browser: Browser, bank: str) -> tuple[Chart, Sequence[str], Any]:
    facts = vouchers.facts_in(browser.book, browser.desk)
    return Chart(one for one in facts.names.chart if one.id != bank), facts.used, facts.aliases


def _own(browser: Browser, account: str) -> tuple[Chart, Sequence[str], Any]:
    own = reviewing.own_accounts_in(browser.book, account)
    return Chart(own), [one.id for one in own], {}


def _rule_lines(rule: NewRule) -> tuple[Words, ...]:
    return (
        sentence("A rule in {file}, at {place}:", file=rule.path.name, place=rule.place),
        *rule.text.splitlines(),
        sentence("It takes {open} more open lines, and {past} that were decided before.", open=len(rule.open),
                 past=rule.past),
        sentence("u takes the drafts back, not the rule."),
    )  # fmt: skip
