"""`statement list|show|explain|withdraw`: what the bank said, and what became of each line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from cloudbooks.books.correcting import open_day, reversal_of
from cloudbooks.books.desk import Desk
from cloudbooks.books.importing import proposer_for
from cloudbooks.books.next_batch import all_commodities, chart_of
from cloudbooks.core.account import Account
from cloudbooks.core.draft import Draft
from cloudbooks.core.entry import PostedEntry
from cloudbooks.core.statement import StatementLine
from cloudbooks.errors import Refusal, counted, sentence
from cloudbooks.rules.applying import Decision
from cloudbooks.store import reading, working
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.reading_entries import vouchers
from cloudbooks.store.unit import operation
from cloudbooks.store.working import StagedLine, StagedStatement


class StatementWithdrawn(Refusal):
    """A statement was withdrawn before."""

    code = "statement-withdrawn-before"

    def __init__(self, statement: StagedStatement) -> None:
        super().__init__(
            sentence("S-{number} ({file}) was withdrawn before.", number=statement.number, file=statement.file.name),
            hint=sentence("cloudbooks statement list"),
        )


@dataclass(frozen=True, slots=True)
class Shown:
    """A statement with its account and lines; `vouchers` are the numbers, with month, of entries by id."""

    statement: StagedStatement
    account: Account
    lines: tuple[StagedLine, ...]
    scale: int
    vouchers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Explained:
    """One line: what the bank said, what the rules say to it now, and what became of it."""

    statement: StagedStatement
    line: StagedLine
    decision: Decision
    draft: Draft | None
    entry: PostedEntry | None


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What a withdrawal did: drafts dropped, and the numbers of the reversals that wait to be posted."""

    statement: StagedStatement
    discarded: int
    reversals: tuple[Draft, ...]


def statements(desk: Desk) -> tuple[tuple[StagedStatement, Account, int], ...]:
    """All statements with their account and the scale of their commodity, by number."""
    with desk.open() as book:
        chart = chart_of(book)
        scales = _scales(book)
        return tuple((one, chart[one.account], scales[one.commodity]) for one in working.statements(book))


def show(desk: Desk, number: int) -> Shown:
    """One statement with its lines; raises `StatementUnknown`."""
    with desk.open() as book:
        statement = working.statement(book, number)
        chart = chart_of(book)
        lines = tuple(working.lines(book, number))
        return Shown(
            statement,
            chart[statement.account],
            lines,
            _scales(book)[statement.commodity],
            vouchers(book, dict.fromkeys(line.entry for line in lines if line.entry)),
        )


def explain(desk: Desk, number: int, line: int) -> Explained:
    """What became of line `line` of a statement, and what the rules of today say to it, step by step."""
    with desk.open() as book:
        statement = working.statement(book, number)
        staged = working.line(book, number, line)
        account = chart_of(book)[statement.account]
        decision = proposer_for(desk, book, account, statement.profile).decide(staged.line)
        draft = working.draft(book, staged.draft) if staged.draft else None
        entry = reading.entry(book, staged.entry) if staged.entry else None
        return Explained(statement, staged, decision, draft, entry)


def withdraw(desk: Desk, number: int) -> Withdrawn:
    """Take a statement back: its drafts go, what it posted gets reversals as drafts, its lines are free again."""
    with desk.open() as book:
        statement = working.statement(book, number)
        if statement.state == "withdrawn":
            raise StatementWithdrawn(statement)
        lines = working.lines(book, number)
        by = desk.who(book).id
        zh = reading.facts(book).jurisdiction == "CN"
        when = open_day(book, desk.today)
        waiting = {draft.reverses for draft in working.drafts(book) if draft.reverses}
        drafts = [line.draft for line in lines if line.draft]
        entries = {line.entry: reading.entry(book, line.entry) for line in lines if line.entry}
        standing = [one for one in entries.values() if one and not one.reversed_by and one.id not in waiting]
        summary = counted(
            "withdraw {file}: {n} draft", "withdraw {file}: {n} drafts", len(drafts), file=statement.file.name
        )
        with operation(book, verb="statement withdraw", summary=summary, by=by) as unit:
            unit.withdraw(number)
            reversals = tuple(unit.keep_drafts([reversal_of(one, when, by, zh=zh) for one in standing]))
        return Withdrawn(replace(statement, state="withdrawn"), len(drafts), reversals)


def line_text(line: StatementLine) -> str:
    """The words of a line as people read them."""
    return " ".join(part for part in (line.kind, line.party, line.text) if part)


def _scales(book: BookFile) -> dict[str, int]:
    return {code: commodity.scale for code, commodity in all_commodities(book).items()}
