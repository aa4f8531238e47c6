"""The register of one account: its postings with the balance after each, the drafts among them where asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from rich.text import Text

from cloudbooks.books import listing
from cloudbooks.books.browsing import Browser
from cloudbooks.books.listing import Tally, View
from cloudbooks.core.listing import Ask, DraftedRow, PostingRow
from cloudbooks.errors import sentence
from cloudbooks.reports.names import Names
from cloudbooks.reports.table import Amount
from cloudbooks.tui.rows import accounts_words, day_words, draft_tone
from cloudbooks.tui.screens.entry import beside
from cloudbooks.tui.screens.with_drafts import WithDrafts
from cloudbooks.tui.showing import Sided, Value, Voice, Words
from cloudbooks.tui.table_layout import Column, amount
from cloudbooks.tui.table_window import Row, Rows, Tone


class Register(WithDrafts):
    """Postings of an account and of those below it.

    With drafts, their lines stand behind what is posted on their day. Every balance then counts the drafts up to it,
    and is marked where it is another than that of what is posted.
    """

    title = sentence("Register")
    offers = ("open", "period", "filter", "drafts", "correct", "help")

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
            counted = Amount(0, names.commodities[unit].scale, unit)
            found = listing.register(browser, ask, account, view)
            rows = tuple(_row(one, names, voice, counted, drafts=view.drafts, short=short) for one in found.rows)
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

    def export_words(self) -> str:
        """The command that writes this register."""
        code = self.account_name.partition(" ")[0]
        return f"report ledger {code} -p {self.house.period} -o {code}.csv"

    def view(self) -> View:
        """The register is always in order of time."""
        return replace(super().view(), backward=False)

    def act_sort(self, step: int) -> None:
        """A running balance has one order: `>` goes to its end, `<` to its beginning."""
        from cloudbooks.core.listing import Toward  # noqa: PLC0415 - one use

        self.table.forget()
        self.table.fill(self, self.source(), Ask(Toward.LAST if step else Toward.FIRST))


def _row(
    one: PostingRow | DraftedRow, names: Names, voice: Voice, counted: Amount, *, drafts: bool, short: bool
) -> Row:
    """A row; `counted` is an amount of nothing in what the register counts, `drafts` whether its numbers hold them."""
    if isinstance(one, DraftedRow):
        return _drafted(one, names, voice, counted, short=short)
    entry = one.entry
    balance = replace(counted, minor=one.balance + one.drafted)
    cells: tuple[Value, ...] = (
        voice.glyph("reversed" if entry.reversed else "posted"),
        day_words(entry.date, short=short),
        entry.voucher,
        entry.summary,
        _party(one, names),
        accounts_words(one.others, names) if one.others else "",
        replace(counted, minor=one.amount),
        Sided(balance, one.drafted != 0 if drafts else None),
    )
    tone = Tone.RED if entry.reverses else Tone.DIM if entry.reversed else Tone.PLAIN
    return Row(f"{entry.id}/{one.place[2]}", cells, one.place, tone, about=entry)


def _drafted(one: DraftedRow, names: Names, voice: Voice, counted: Amount, *, short: bool) -> Row:
    draft = one.draft
    cells: tuple[Value, ...] = (
        voice.glyph("draft"),
        day_words(draft.date, short=short),
        draft.name,
        draft.summary,
        _party(one, names),
        accounts_words(one.others, names) if one.others else "",
        "?" if one.amount is None else replace(counted, minor=one.amount),
        "" if one.balance is None else Sided(replace(counted, minor=one.balance), with_drafts=True),
    )
    return Row(f"{draft.name}/{one.place[2]}", cells, one.place, draft_tone(draft), about=draft)


def _party(one: PostingRow | DraftedRow, names: Names) -> str:
    party = names.parties.get(one.party)
    return party.name if party else ""
