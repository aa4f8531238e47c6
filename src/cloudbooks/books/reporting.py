"""`report …` and `balance`: balances and postings in, a report out, with the head that it was computed at."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from cloudbooks.books.desk import Desk
from cloudbooks.core.account import Account
from cloudbooks.core.balance import MonthlyBalance
from cloudbooks.core.chart import Chart
from cloudbooks.core.commodity import Commodity
from cloudbooks.core.period import Month, Period
from cloudbooks.errors import Refusal, joined, sentence
from cloudbooks.reports.columns import By
from cloudbooks.reports.frame import Frame
from cloudbooks.reports.measure import Measure
from cloudbooks.reports.names import Names
from cloudbooks.reports.table import Report
from cloudbooks.store import reading
from cloudbooks.store.book_file import BookFile, Head

if TYPE_CHECKING:
    from cloudbooks.core.entry import PostedEntry

REPORTS = ("balance", "trial-balance", "income", "balance-sheet", "ledger", "journal")


class ReportCommodityUnknown(Refusal):
    """A report was asked in a commodity that the book does not have."""

    code = "report-commodity-unknown"

    def __init__(self, code: str, known: tuple[str, ...]) -> None:
        super().__init__(
            sentence('this book has no commodity "{code}"; it has {known}.', code=code, known=joined(known)),
            hint=sentence("leave --commodity out for values in the base"),
        )


class Question(NamedTuple):
    """What is asked of a report. Empty `period` means the year of the last entry, up to its month; `account` is a word.

    Without `commodity` a report counts values in the base; with it, amounts of that commodity. `drafts` counts drafts
    too, as far as their lines are known, in every report made of balances.
    """

    period: str = ""
    by: By | None = None
    compare: bool = False
    depth: int | None = None
    zero: bool = False
    tree: bool = False
    commodity: str = ""
    account: str = ""
    drafts: bool = False


class Answer(NamedTuple):
    """A report with what it stands on: the book, its head, its period, and how many drafts it leaves out."""

    report: Report
    book: str
    book_name: str
    head: Head | None
    period: Period
    drafts_left: int


def answer(desk: Desk, name: str, question: Question) -> Answer:
    """Compute the report called `name` (one of `REPORTS`) from posted entries only."""
    with desk.open() as book:
        return answer_of(desk, book, name, question)


def answer_of(desk: Desk, book: BookFile, name: str, question: Question) -> Answer:
    """The same, of a book that is open."""
    facts = reading.facts(book)
    commodities = reading.commodities(book)
    period = period_of(desk, book, question.period)
    frame = Frame(
        period=period,
        measure=_measure(commodities, facts.base, question.commodity),
        by=question.by,
        compare=question.compare,
        depth=question.depth,
        zero=question.zero,
        tree=question.tree,
        year_start=facts.fiscal_year_start,
    )
    names = Names(facts.base, Chart(reading.accounts(book)), commodities, reading.parties(book))
    report = _report(book, name, question, frame, names)
    return Answer(report, book.id, facts.name, book.head, period, reading.drafts_left(book))


def period_of(desk: Desk, book: BookFile, text: str) -> Period:
    """The period meant by a text; for none, the year of the last entry up to its month, so that it shows something."""
    if text:
        return Period.parse(text, desk.today)
    months = reading.months(book)
    last = Month.from_key(months[-1]) if months else Month.of(desk.today)
    return Period(Month(last.year, 1), last)


def _measure(commodities: dict[str, Commodity], base: str, asked: str) -> Measure:
    if not asked:
        return Measure(commodities[base])
    code = asked.upper()
    if code not in commodities:
        raise ReportCommodityUnknown(asked, tuple(commodities))
    return Measure(commodities[code], in_base=False)


def _report(book: BookFile, name: str, question: Question, frame: Frame, names: Names) -> Report:
    """One import a report: a command loads the one that it prints."""
    drafts = names if question.drafts else None
    match name:
        case "balance":
            from cloudbooks.reports.balance import account_balances  # noqa: PLC0415 - see above

            asked = None
            if question.account:
                asked = {one.id for one in names.chart.below(names.chart.find(question.account))}
            return account_balances(
                _balances(book, frame, drafts), names.chart, frame, names.commodities, asked, reading.opened(book)
            )
        case "trial-balance":
            from cloudbooks.reports.trial_balance import trial_balance  # noqa: PLC0415 - see above

            return trial_balance(_balances(book, frame, drafts), names.chart, frame, reading.opened(book))
        case "income":
            from cloudbooks.reports.income import income_statement  # noqa: PLC0415 - see above

            return income_statement(_balances(book, frame, drafts), names.chart, frame)
        case "balance-sheet":
            from cloudbooks.reports.balance_sheet import balance_sheet  # noqa: PLC0415 - see above

            return balance_sheet(_balances(book, frame, drafts), names.chart, frame)
        case "ledger":
            from cloudbooks.reports.ledger import ledger  # noqa: PLC0415 - see above

            account = names.chart.find(question.account)
            entries = _entries_of(book, names.chart.below(account), frame.period)
            return ledger(entries, _balances(book, frame, drafts), names, account, frame, reading.opened(book))
        case _:
            from cloudbooks.reports.journal import journal  # noqa: PLC0415 - see above

            return journal(entries_in(book, frame.period), names, frame)


def _balances(book: BookFile, frame: Frame, drafts: Names | None) -> list[MonthlyBalance]:
    """Every balance up to the frame's end, summed as far as its columns allow: before them, and between their edges.

    With `drafts`, the names by which their lines are known, what they would add stands among them.
    """
    edges = {edge for one in (*frame.columns, *frame.compared) for edge in (one.first, one.last.shifted(1))}
    starts = sorted(edges)
    spans = [(first.key, after.shifted(-1).key) for first, after in pairwise(starts)]
    posted = [*reading.standing(book, starts[0].key), *reading.stretches(book, spans)]
    if drafts is None:
        return posted
    from cloudbooks.books.draft_balances import draft_balances  # noqa: PLC0415 - most reports leave drafts out

    return [*posted, *draft_balances(book, drafts)]


def entries_in(book: BookFile, period: Period) -> list[PostedEntry]:
    """The entries of a period, by date and number."""
    return reading.entries(book, first=_first(period), last=_last(period))


def _entries_of(book: BookFile, accounts: tuple[Account, ...], period: Period) -> list[PostedEntry]:
    """The entries of a period that touch any of the accounts, each once."""
    found: dict[str, PostedEntry] = {}
    for account in accounts:
        entries = reading.entries(book, first=_first(period), last=_last(period), account=account.id)
        found |= {entry.id: entry for entry in entries}
    return list(found.values())


def _first(period: Period) -> int:
    return period.first.key * 100 + 1


def _last(period: Period) -> int:
    return period.last.key * 100 + 31
