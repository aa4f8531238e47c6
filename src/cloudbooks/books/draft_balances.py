"""What drafts would add to the balances if they were posted as they are."""

from __future__ import annotations

from cloudbooks.core.balance import MonthlyBalance, Totals, side
from cloudbooks.core.draft import Draft, DraftLine
from cloudbooks.core.entry import EntryKind, Posting
from cloudbooks.reports.names import Names
from cloudbooks.store import working
from cloudbooks.store.book_file import BookFile


def draft_balances(book: BookFile, names: Names) -> list[MonthlyBalance]:
    """The monthly balances of all drafts with a date, from their lines whose account and value are known."""
    found: list[MonthlyBalance] = []
    for draft in working.each_draft(book):
        if draft.date is not None:
            month = draft.date.year * 100 + draft.date.month
            closing = draft.kind is EntryKind.CLOSING
            found += [
                MonthlyBalance(line.account, line.commodity, month, closing, totals)
                for line in draft.lines
                if line.account in names.chart and (totals := known(line, names.base)) is not None
            ]
    return found


def known(line: DraftLine, base: str) -> Totals | None:
    """A line as totals; `None` where its amount or value is not known yet."""
    value = line.amount if line.commodity == base else line.value
    if line.amount is None or value is None:
        return None
    return side(Posting(line.account, line.commodity, line.amount, value, red=line.red))


def debit_total(draft: Draft, base: str) -> int:
    """What the lines of a draft debit in the base, as far as it is known."""
    return sum(totals.debit_value for line in draft.lines if (totals := known(line, base)) is not None)
