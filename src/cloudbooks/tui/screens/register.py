"""The register of one account: its postings with the balance after each."""

from __future__ import annotations

from collections.abc import Callable

from rich.text import Text

from cloudbooks.books import listing
from cloudbooks.books.browsing import Browser
from cloudbooks.books.listing import Tally, View
from cloudbooks.core.listing import Ask, PostingRow
from cloudbooks.errors import Sentence, sentence
from cloudbooks.reports.names import Names
from cloudbooks.reports.table import Amount
from cloudbooks.tui.rows import accounts_words, day_words
from cloudbooks.tui.screens.entry import EntryPage, beside
from cloudbooks.tui.showing import Sided, Value, Voice, Words
from cloudbooks.tui.table_layout import Column, amount
from cloudbooks.tui.table_page import TablePage
from cloudbooks.tui.table_window import Row, Rows, Tone


class Register(TablePage):
    """Postings of an account and of those below it."""

    title = sentence("Register")
    offers = ("open", "period", "filter", "correct", "back", "help")

    def __init__(self, account: str) -> None:
        super().__init__()
        self.account = account

    def columns(self) -> tuple[Column, ...]:
        """State, day, number, summary, the other side, what it moves, the balance."""
        return (
            Column("state", "", least=1, most=2),
            Column("date", sentence("Date"), least=5, most=10),
            Column("number", sentence("Voucher no."), least=7, most=12),
            Column("summary", sentence("Summary"), least=10, most=60, grows=True),
            Column("party", sentence("Party"), least=6, most=18, priority=2),
            Column("other", sentence("Counter-account"), least=9, most=24, priority=1),
            amount("amount", sentence("Amount")),
            amount("balance", sentence("Balance")),
        )

    def crumbs(self) -> tuple[Words, ...]:
        """The account."""
        return (self.title, self.account_name) if self.account_name else (self.title,)

    account_name = ""

    def chips(self) -> tuple[Words, ...]:
        """What narrows it; where other screens count drafts in, that this one does not."""
        posted = (sentence("posted only"),) if self.house.with_drafts else ()
        return (*super().chips(), *posted)

    def read(self) -> None:
        """Ask what the account is called, then for its postings."""
        self.ask("name", lambda browser: str(browser.names.chart[self.account]), self._named)
        super().read()

    def _named(self, name: str) -> None:
        self.account_name = name
        self.house.draw_frame()

    def source(self) -> Callable[[Browser, Ask], Rows]:
        """Pages of its postings."""
        view, voice, account = self.view(), self.voice, self.account
        short = view.period is not None and view.period.first.year == view.period.last.year

        def page(browser: Browser, ask: Ask) -> Rows:
            names = browser.names
            unit = browser.register_unit(account)
            scale = names.commodities[unit].scale
            found = listing.register(browser, ask, account, view)
            rows = tuple(_row(one, names, voice, unit, scale, short=short) for one in found.rows)
            return Rows(rows, found.more_before, found.more_after, found.at)

        return page

    def count(self) -> Callable[[Browser], Tally]:
        """How many entries touch it."""
        view, account = self.view(), self.account
        return lambda browser: listing.register_tally(browser, account, view)

    def empty(self) -> tuple[Words, ...]:
        """Nothing was posted there."""
        period = str(self.house.period)
        return (sentence("Nothing is posted on this account in {period}. ] and [ go to others.", period=period),)

    def detail(self, row: Row) -> Callable[[Browser], list[Text]] | None:
        """The whole entry."""
        voice = self.voice
        return lambda browser: beside(browser, row.about, voice)

    async def row_opened(self, row: Row) -> None:
        """Into the entry."""
        await self.house.push(EntryPage(row.about))

    def act_correct(self, _step: int) -> None:
        """Draft the reversal and the replacement of the entry."""
        if self.table.current is not None:
            self.house.correct(self.table.current.about.id)

    def export_words(self) -> str:
        """The command that writes this register."""
        code = self.account_name.partition(" ")[0]
        return f"report ledger {code} -p {self.house.period} -o {code}.csv"

    def why_not(self, action: str) -> Sentence | None:
        """A register holds posted entries only."""
        if action == "drafts":
            return sentence("A register shows what is posted; 2 and ~ show drafts, 3 and ~ their balances.")
        if action in {"next-open", "previous-open"}:
            return sentence("What is posted needs nobody.")
        if action in {"edit", "turn-down", "yes"}:
            return sentence("What is posted does not change; c corrects it.")
        if action == "correct" and self.table.current is None:
            return sentence("There is no row under the cursor.")
        return super().why_not(action)

    def view(self) -> View:
        """The register is always in order of time, and of what is posted."""
        return View(self.house.period, self.filter)

    def act_sort(self, step: int) -> None:
        """A running balance has one order: `>` goes to its end, `<` to its beginning."""
        from cloudbooks.core.listing import Toward  # noqa: PLC0415 - one use

        self.table.forget()
        self.table.fill(self, self.source(), Ask(Toward.LAST if step else Toward.FIRST))


def _row(one: PostingRow, names: Names, voice: Voice, unit: str, scale: int, *, short: bool) -> Row:
    entry = one.entry
    party = names.parties.get(one.party)
    cells: tuple[Value, ...] = (
        voice.glyph("reversed" if entry.reversed else "posted"),
        day_words(entry.date, short=short),
        entry.voucher,
        entry.summary,
        party.name if party else "",
        accounts_words(one.others, names) if one.others else "",
        Amount(one.amount, scale, unit),
        Sided(Amount(one.balance, scale, unit)),
    )
    tone = Tone.RED if entry.reverses else Tone.DIM if entry.reversed else Tone.PLAIN
    return Row(f"{entry.id}/{one.place[2]}", cells, one.place, tone, about=entry)
