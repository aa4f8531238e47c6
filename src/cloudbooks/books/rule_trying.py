"""A text of rules while it is edited: its faults, and what it would say to a line. Nothing is written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cloudbooks.books.desk import Desk
from cloudbooks.books.importing import proposer_for
from cloudbooks.books.next_batch import chart_of
from cloudbooks.books.ruling import RULES_NAME, findings_of, rules_bytes, rules_path
from cloudbooks.core.statement import Fate, StatementLine
from cloudbooks.errors import CloudBooksError, Finding
from cloudbooks.rules.applying import Decider
from cloudbooks.rules.explaining import Tried, explain
from cloudbooks.rules.reading import read_rules
from cloudbooks.rules.rule import RuleSet
from cloudbooks.store import working
from cloudbooks.store.book_file import BookFile

LINES_MAX = 200
"""Lines that a trial shows."""


@dataclass(frozen=True, slots=True)
class RulesText:
    """The rules of a book as a text: their file, and its bytes, none where there is no file yet."""

    path: Path
    data: bytes


@dataclass(frozen=True, slots=True)
class TriedLine:
    """A line and the rule that would decide it; `rule` is empty where none takes it."""

    statement: int
    place: int
    line: StatementLine
    rule: str
    account: str


@dataclass(frozen=True, slots=True)
class Trial:
    """What is to be said of a text: its faults in order of place, how many rules it has, and what they say to lines.

    `rules` is `None` where the text cannot be read as rules.
    """

    findings: tuple[Finding, ...]
    rules: RuleSet | None
    lines: tuple[TriedLine, ...] = ()


def rules_text(desk: Desk) -> RulesText:
    """The rules beside the book; raises `RulesMissing` where they cannot be read."""
    path = rules_path(desk, None) or desk.book.parent / RULES_NAME
    return RulesText(path, rules_bytes(path))


def trial_in(book: BookFile, desk: Desk, text: str, name: str) -> Trial:
    """Read a text as rules, lint it, and try it on the newest lines of the statements."""
    try:
        rules = read_rules(text.encode(), name)
    except CloudBooksError as refused:
        found = refused.findings or (
            Finding(refused.code, refused.place, refused.message, refused.hint, refused.excerpt),
        )
        return Trial(found, None)
    return Trial(findings_of(rules, chart_of(book)), rules, _tried(book, desk, rules))


def _tried(book: BookFile, desk: Desk, rules: RuleSet) -> tuple[TriedLine, ...]:
    decider = Decider(rules)
    chart = chart_of(book)
    found: list[TriedLine] = []
    for statement in reversed(working.statements(book)):
        if statement.state == "withdrawn" or len(found) >= LINES_MAX:
            continue
        reader = proposer_for(desk, book, chart[statement.account], statement.profile)
        for staged in working.lines(book, statement.number, last=LINES_MAX):
            if staged.fate is Fate.SEEN:
                continue
            rule = decider.decide(reader.subject(staged.line)).rule
            name, account = (rule.name, rule.action.account) if rule else ("", "")
            found.append(TriedLine(statement.number, staged.place, staged.line, name, account))
    return tuple(found[:LINES_MAX])


def explained_in(book: BookFile, desk: Desk, rules: RuleSet, statement: int, place: int) -> tuple[Tried, ...]:
    """Every rule with every condition, asked of one line."""
    found = working.statement(book, statement)
    staged = working.line(book, statement, place)
    reader = proposer_for(desk, book, chart_of(book)[found.account], found.profile)
    return explain(rules, reader.subject(staged.line))
