"""The ledger of one account: its postings with the balance after each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from cloudbooks.core.account import Account
from cloudbooks.core.balance import NOTHING_OPENED, MonthlyBalance, Opened
from cloudbooks.core.entry import PostedEntry, Posting
from cloudbooks.core.period import Month
from cloudbooks.errors import sentence
from cloudbooks.reports.frame import Frame
from cloudbooks.reports.movement import Movement, movements, total
from cloudbooks.reports.names import Names, in_order
from cloudbooks.reports.table import Align, Amount, Bar, Column, Only, Row, RowKind, Say, Table, say_english


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One posting with its sides and the balance after it, debit positive; `counter` are the accounts against it."""

    entry: PostedEntry
    posting: Posting
    debit: int
    credit: int
    balance: int
    counter: tuple[Account, ...]


@dataclass(frozen=True, slots=True)
class Ledger:
    """The postings on an account and those below it, in order of day and voucher, from an opening balance."""

    frame: Frame
    names: Names
    account: Account
    opening: int
    lines: tuple[LedgerLine, ...]

    @property
    def moved(self) -> Movement:
        """Opening, debit and credit of the period; its closing is the balance after the last line."""
        return Movement(self.opening, sum(line.debit for line in self.lines), sum(line.credit for line in self.lines))

    def data(self, _say: Say = say_english) -> dict[str, object]:
        """The report as JSON has it (CLI.md): entries with their postings on this account and the balance after them.

        `counter` lists the codes of the accounts on the other side.
        """
        amount = self.frame.measure.amount
        return {
            "period": self.frame.span(),
            "account": {"id": self.account.id, "code": self.account.code, "name": self.account.name},
            "opening": amount(self.opening).json(),
            "entries": [self._entry(list(lines)) for _, lines in groupby(self.lines, lambda line: line.entry.id)],
            "closing": amount(self.moved.closing).json(),
        }

    def _entry(self, lines: list[LedgerLine]) -> dict[str, object]:
        found = self.names.entry_data(lines[0].entry, tuple(line.posting for line in lines))
        counter = dict.fromkeys(account.code for line in lines for account in line.counter)
        return found | {"balance": self.frame.measure.amount(lines[-1].balance).json(), "counter": list(counter)}

    def table(self) -> Table:
        """The report as a table, from the opening balance to the total of the period."""
        columns_ = (
            Column("date", sentence("Date"), short=True),
            Column("number", sentence("Voucher no."), priority=1, short=True),
            Column("summary", sentence("Summary")),
            Column("code", sentence("Code"), priority=2, only=None if self._several() else Only.CSV, short=True),
            Column("counter", sentence("Counter-account"), priority=3),
            Column("party", sentence("Party"), priority=4),
            Column("foreign", sentence("Amount (currency)"), Align.RIGHT, priority=2, only=Only.TEXT),
            Column("amount", only=Only.CSV),
            Column("amount_commodity", only=Only.CSV),
            Column("debit", sentence("Debit"), Align.RIGHT),
            Column("credit", sentence("Credit"), Align.RIGHT),
            Column("balance", sentence("Balance"), Align.RIGHT),
            Column("commodity", only=Only.CSV),
        )
        amount, unit = self.frame.measure.amount, self.frame.measure.commodity.code
        moved = self.moved
        first = Row(("", "", sentence("Opening balance"), *[""] * 8, amount(self.opening), unit))
        sums = (amount(moved.debit), amount(moved.credit), amount(moved.closing))
        last = Row(("", "", sentence("Period total"), *[""] * 6, *sums, unit), 0, RowKind.TOTAL)
        return Table(
            sentence("Account ledger: {account}", account=str(self.account)), columns_, (first, *self._rows(), last)
        )

    def _several(self) -> bool:
        """Whether there are postings on accounts below this one."""
        return any(line.posting.account != self.account.id for line in self.lines)

    def _rows(self) -> Iterator[Row]:
        amount = self.frame.measure.amount
        for line in self.lines:
            debit: Amount | str = amount(line.debit) if line.posting.debit_side else ""
            credit: Amount | str = "" if line.posting.debit_side else amount(line.credit)
            yield Row(
                (
                    line.entry.date.isoformat(),
                    line.entry.voucher,
                    line.posting.text or line.entry.summary,
                    self.names.chart[line.posting.account].code,
                    ", ".join(account.code for account in line.counter),
                    self.names.party(line.posting),
                    self.names.foreign(line.posting),
                    self.names.amount(line.posting),
                    line.posting.commodity,
                    debit,
                    credit,
                    amount(line.balance),
                    self.frame.measure.commodity.code,
                )
            )

    def chart(self) -> tuple[Bar, ...]:
        """Bars: the balance at the end of each month of the period."""
        ends = {Month.of(line.entry.date): line.balance for line in self.lines}
        bars: list[Bar] = []
        balance = self.opening
        for month in self.frame.period.months():
            balance = ends.get(month, balance)
            bars.append(Bar(str(month), self.frame.measure.amount(balance)))
        return tuple(bars)


def ledger(
    entries: Iterable[PostedEntry],
    balances: Iterable[MonthlyBalance],
    names: Names,
    account: Account,
    frame: Frame,
    opened: Opened = NOTHING_OPENED,
) -> Ledger:
    """The ledger of an account and those below it.

    `entries` are those of the period that touch the account, whole, `balances` its monthly balances up to the end of
    the period; others may be among both. What `opened` the book is the opening balance, and no line.
    """
    asked = {one.id for one in names.chart.below(account)}
    kept = [balance for balance in balances if balance.account in asked]
    opening = total(movements(kept, frame.period, frame.measure, opened.only(asked)).values()).opening
    moving = [entry for entry in entries if entry.id not in opened.entries]
    return Ledger(frame, names, account, opening, tuple(_lines(moving, names, asked, frame, opening)))


def _lines(
    entries: Iterable[PostedEntry], names: Names, asked: set[str], frame: Frame, opening: int
) -> Iterator[LedgerLine]:
    balance = opening
    for entry in sorted((entry for entry in entries if entry.date in frame.period), key=in_order):
        for posting in entry.postings:
            if posting.account not in asked or not frame.measure.counts(posting):
                continue
            debit, credit = frame.measure.sides_of(posting)
            balance += debit - credit
            yield LedgerLine(entry, posting, debit, credit, balance, _counter(entry, posting, names))


def _counter(entry: PostedEntry, posting: Posting, names: Names) -> tuple[Account, ...]:
    """The accounts on the other side of an entry; where all lines stand on one side, the other lines' accounts."""
    others = [one for one in entry.postings if one is not posting]
    against = [one for one in others if (one.value > 0) != (posting.value > 0)] or others
    return tuple(dict.fromkeys(names.chart[one.account] for one in against))
