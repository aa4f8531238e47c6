"""The journal: every entry of a period with all its postings, day by day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cloudbooks.core.entry import PostedEntry, Posting
from cloudbooks.errors import sentence
from cloudbooks.reports.frame import Frame
from cloudbooks.reports.names import Names, in_order
from cloudbooks.reports.table import Align, Amount, Bar, Cell, Column, Only, Row, RowKind, Say, Table, say_english


@dataclass(frozen=True, slots=True)
class Journal:
    """Entries in order of day and voucher; `debit` and `credit` sum what the frame measures, and are equal in base."""

    frame: Frame
    names: Names
    entries: tuple[PostedEntry, ...]
    debit: int
    credit: int

    def data(self, _say: Say = say_english) -> dict[str, object]:
        """The report as JSON has it (CLI.md)."""
        return {"period": self.frame.span(), "entries": [self.names.entry_data(entry) for entry in self.entries]}

    def table(self) -> Table:
        """The report as a table: a row for each posting."""
        columns = (
            Column("date", sentence("Date"), once=True, short=True),
            Column("number", sentence("Voucher no."), once=True, short=True),
            Column("summary", sentence("Summary"), once=True),
            Column("text", only=Only.CSV),
            Column("code", sentence("Code"), short=True),
            Column("account", sentence("Account"), priority=2),
            Column("party", sentence("Party"), priority=4),
            Column("foreign", sentence("Amount (currency)"), Align.RIGHT, priority=3, only=Only.TEXT),
            Column("amount", only=Only.CSV),
            Column("amount_commodity", only=Only.CSV),
            Column("debit", sentence("Debit"), Align.RIGHT),
            Column("credit", sentence("Credit"), Align.RIGHT),
            Column("commodity", only=Only.CSV),
        )
        amount = self.frame.measure.amount
        sums = (amount(self.debit), amount(self.credit), self.frame.measure.commodity.code)
        last = Row(("", "", sentence("Total"), *[""] * 7, *sums), 0, RowKind.TOTAL)
        return Table(sentence("Journal"), columns, (*self._rows(), last))

    def chart(self) -> tuple[Bar, ...]:
        """A journal has no bars: its numbers are no quantities to compare."""
        return ()

    def _rows(self) -> Iterator[Row]:
        for entry in self.entries:
            for place, posting in enumerate(entry.postings):
                cells: tuple[Cell, ...] = (
                    entry.date.isoformat(),
                    entry.voucher,
                    entry.summary,
                    posting.text,
                    self.names.chart[posting.account].code,
                    self.names.chart[posting.account].name,
                    self.names.party(posting),
                    self.names.foreign(posting),
                    self.names.amount(posting),
                    posting.commodity,
                    *self._sides(posting),
                    self.frame.measure.commodity.code,
                )
                yield Row(cells, continues=place > 0)

    def _sides(self, posting: Posting) -> tuple[Amount | str, Amount | str]:
        """The number on its side, the other side empty; both empty where the measure does not count the posting."""
        if not self.frame.measure.counts(posting):
            return "", ""
        debit, credit = map(self.frame.measure.amount, self.frame.measure.sides_of(posting))
        return (debit, "") if posting.debit_side else ("", credit)


def journal(entries: Iterable[PostedEntry], names: Names, frame: Frame) -> Journal:
    """The journal of a frame from the entries of its period; others may be among them."""
    kept = tuple(sorted((entry for entry in entries if entry.date in frame.period), key=in_order))
    sides = [frame.measure.sides_of(posting) for entry in kept for posting in entry.postings]
    return Journal(frame, names, kept, sum(debit for debit, _ in sides), sum(credit for _, credit in sides))
