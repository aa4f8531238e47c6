"""The checklist of a period: what must be done, what should be, and what is, before it is closed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from cloudbooks.books.next_batch import all_commodities, chart_of
from cloudbooks.core.account import AccountKind
from cloudbooks.core.chart import Chart
from cloudbooks.core.draft import Draft, DraftState
from cloudbooks.core.money import grouped
from cloudbooks.core.period import Month
from cloudbooks.errors import Finding, Sentence, counted, joined, sentence
from cloudbooks.store import locks, reading, reviewing, working
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.staged import StagedStatement

NAMED_MAX = 5
"""How many accounts, drafts or lines a check names; it counts the others."""


_NOT_TO_BE_POSTED = (DraftState.INCOMPLETE, DraftState.WAITING, DraftState.RETURNED, DraftState.HELD)
"""Drafts that a post leaves where they are."""


class CheckState(StrEnum):
    """How a check stands: `bars` forbids closing, `blocks` asks for a reason, `warns` only says so."""

    DONE = "done"
    WARNS = "warns"
    BLOCKS = "blocks"
    BARS = "bars"


@dataclass(frozen=True, slots=True)
class Check:
    """One point of the list, under a stable name; `leads` names a draft (`D-7`) or statement (`S-2`) to begin with."""

    name: str
    state: CheckState
    said: Sentence
    hint: Sentence | None = None
    leads: str = ""

    def finding(self, month: Month) -> Finding:
        """The check as a finding; one that only warns leaves the exit status 0."""
        return Finding(f"close-{self.name}", str(month), self.said, self.hint, warning=self.state is CheckState.WARNS)


def checks(book: BookFile, month: Month, today: date) -> tuple[Check, ...]:
    """What stands between a month, with all open ones before it, and its close, in the order of work."""
    return (
        _over(month, today),
        _lines(book, month),
        *_banks(book, month),
        _drafts(book, month),
        _negative(book, month),
        *_carried(book, month),
        _entries(book, month),
    )


def _over(month: Month, today: date) -> Check:
    if today > month.last:
        return Check("month-over", CheckState.DONE, sentence("{month} is over.", month=str(month)))
    message = sentence("{month} lasts until {day}.", month=str(month), day=month.last.isoformat())
    return Check("month-over", CheckState.BLOCKS, message)


def _lines(book: BookFile, month: Month) -> Check:
    """Every line of a statement is answered: by an entry, a draft, or a reason."""
    places = reviewing.unanswered_until(book, month.last)
    if not places:
        return Check("lines", CheckState.DONE, sentence("Every statement line has its answer."))
    statement = f"S-{places[0][0]}"
    message = counted("{n} statement line has no answer.", "{n} statement lines have no answer.", len(places))
    hint = sentence("cloudbooks statement show {statement}", statement=statement)
    return Check("lines", CheckState.BLOCKS, message, hint, statement)


def _banks(book: BookFile, month: Month) -> Iterator[Check]:
    """Each account with statements has one in the month, and agrees with what the last one says."""
    latest: dict[tuple[str, str], StagedStatement] = {}
    for one in working.statements(book):
        key = (one.account, one.commodity)
        if one.state != "withdrawn" and one.last <= month.last and (key not in latest or latest[key].last <= one.last):
            latest[key] = one
    chart, scales = chart_of(book), {code: one.scale for code, one in all_commodities(book).items()}
    for (account, commodity), last in latest.items():
        yield _bank(book, month, last, str(chart[account]), scales[commodity])


def _bank(book: BookFile, month: Month, last: StagedStatement, account: str, scale: int) -> Check:
    if last.last < month.first:
        message = sentence("{account}: the last statement ends on {day}.", account=account, day=last.last.isoformat())
        hint = sentence("cloudbooks import FILE --account {code}", code=account.partition(" ")[0])
        return Check("statements", CheckState.WARNS, message, hint, last.name)
    if last.closing is None:
        message = sentence("{account}: statement {name} states no balance.", account=account, name=last.name)
        return Check("bank", CheckState.WARNS, message, leads=last.name)
    held = locks.balance_on(book, last.account, last.commodity, last.last)
    facts = {
        "account": account,
        "day": last.last.isoformat(),
        "bank": grouped(last.closing, scale),
        "book": grouped(held, scale),
        "commodity": last.commodity,
    }
    if held == last.closing:
        said = sentence("{account}: bank and book agree on {day}, {bank} {commodity}.", **facts)
        return Check("bank", CheckState.DONE, said)
    message = sentence("{account}: on {day} the bank has {bank} {commodity}, the book {book}.", **facts)
    hint = sentence("cloudbooks statement show {name}", name=last.name)
    return Check("bank", CheckState.BLOCKS, message, hint, last.name)


def _drafts(book: BookFile, month: Month) -> Check:
    """Nothing waits that could not be posted once the month is closed."""
    drafts = working.drafts(book)
    early = [one for one in drafts if one.date is not None and Month.of(one.date) <= month]
    if early:
        message = counted(
            "{n} draft is dated in the period or before it: {names}.",
            "{n} drafts are dated in the period or before it: {names}.",
            len(early),
            names=_named(early),
        )
        day = month.shifted(1).first.isoformat()
        hint = sentence("cloudbooks post --all, or give it a later date: cloudbooks draft edit {name} --date {day}",
                        name=early[0].name, day=day)  # fmt: skip
        unready = next((one for one in early if one.state in _NOT_TO_BE_POSTED), None)
        if unready is not None:
            hint = sentence(
                "cloudbooks draft show {name}, or give it a later date: cloudbooks draft edit {name} --date {day}",
                name=unready.name, day=day,
            )  # fmt: skip
        return Check("drafts", CheckState.BARS, message, hint, (unready or early[0]).name)
    undated = [one for one in drafts if one.date is None]
    if undated:
        message = counted(
            "{n} draft has no date: {names}.", "{n} drafts have no date: {names}.", len(undated), names=_named(undated)
        )
        return Check("drafts", CheckState.BLOCKS, message, undated[0].remedy(""), undated[0].name)
    return Check("drafts", CheckState.DONE, sentence("No draft is left in the period."))


def _named(drafts: Sequence[Draft]) -> object:
    names = [one.name for one in drafts[:NAMED_MAX]]
    return joined([*names, "..."] if len(drafts) > NAMED_MAX else names)


def _sums(book: BookFile, month: Month) -> dict[str, int]:
    """What each account holds at the end of the month, in the base, by id; debit positive."""
    sums: dict[str, int] = {}
    for row in reading.standing(book, month.shifted(1).key):
        sums[row.account] = sums.get(row.account, 0) + row.totals.debit_value - row.totals.credit_value
    return sums


def _negative(book: BookFile, month: Month) -> Check:
    """No cash, bank or stock below zero."""
    chart = Chart(reading.accounts(book))
    below = [
        str(chart[one])
        for one, held in _sums(book, month).items()
        if held < 0 and chart[one].kind is AccountKind.ASSET and chart[one].klass != "contra"
    ]
    if not below:
        return Check("negative", CheckState.DONE, sentence("No asset is below zero."))
    message = counted(
        "{n} asset account is below zero: {names}.",
        "{n} asset accounts are below zero: {names}.",
        len(below),
        names=joined(sorted(below)[:NAMED_MAX]),
    )
    return Check("negative", CheckState.WARNS, message)


def _carried(book: BookFile, month: Month) -> Iterator[Check]:
    """Where it is the custom, income and expenses are transferred to profit at the end of each month."""
    if reading.facts(book).jurisdiction != "CN":
        return
    chart = Chart(reading.accounts(book))
    left = [
        one
        for one, held in _sums(book, month).items()
        if held and chart[one].kind in (AccountKind.INCOME, AccountKind.EXPENSE) and chart[one].klass != "cost"
    ]
    if left:
        message = counted(
            "{n} income or expense account is not transferred to profit.",
            "{n} income and expense accounts are not transferred to profit.",
            len(left),
        )
        yield Check("profit", CheckState.WARNS, message)
    else:
        yield Check("profit", CheckState.DONE, sentence("Income and expenses are transferred to profit."))


def _entries(book: BookFile, month: Month) -> Check:
    count = reading.entries_by_month(book).get(month.key, 0)
    if not count:
        return Check("entries", CheckState.WARNS, sentence("{month} has no entry.", month=str(month)))
    return Check(
        "entries",
        CheckState.DONE,
        counted(
            "{n} entry is posted, its number without a gap.",
            "{n} entries are posted, their numbers without a gap.",
            count,
        ),
    )
