"""`rule new`: a rule made from what a person decided about one line, written into rules.yaml and applied at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from cloudbooks.books.desk import Desk
from cloudbooks.books.importing import proposer_for
from cloudbooks.books.next_batch import chart_of, parties_of
from cloudbooks.books.parties import NamedParties
from cloudbooks.books.proposing import Proposer
from cloudbooks.books.rule_writing import extended, free_name, rule_text, stands, words_of
from cloudbooks.books.ruling import RULES_NAME, read_rules_file, rules_bytes, rules_for, rules_path, write_rules
from cloudbooks.core.draft import Draft, DraftLine, DraftState
from cloudbooks.core.statement import Fate
from cloudbooks.errors import Refusal, sentence
from cloudbooks.rules.applying import Decider
from cloudbooks.rules.reading import read_rules
from cloudbooks.rules.rule import RuleSet
from cloudbooks.store import working
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.unit import operation
from cloudbooks.store.working import StagedLine, StagedStatement


class RuleNeedsLine(Refusal):
    """A rule can be made only from a draft of a statement line of which the bank says something."""

    code = "rule-from-no-line"

    def __init__(self, draft: Draft, *, mute: bool = False) -> None:
        message = sentence("{name} was made from no statement line, so there are no words for a rule.", name=draft.name)
        if mute:
            message = sentence("the bank says nothing of the line of {name}, so there are no words for a rule.",
                               name=draft.name)  # fmt: skip
        super().__init__(
            message,
            hint=sentence("cloudbooks rule check shows the rules; write one by hand"),
        )


class RuleNeedsAccount(Refusal):
    """The draft goes to no account yet, or to several, so that no rule follows from it."""

    code = "rule-from-no-account"

    def __init__(self, draft: Draft, accounts: int) -> None:
        message = sentence("{name} has no account yet that a rule could give.", name=draft.name)
        if accounts > 1:
            message = sentence("{name} is split over {n} accounts; a rule from it would have to know the shares.",
                               name=draft.name, n=accounts)  # fmt: skip
        super().__init__(message, hint=sentence("cloudbooks draft edit {name} --account ACCOUNT", name=draft.name))


class RuleNotApplied(Refusal):
    """A rule was written to its file; that it takes open lines could not be written to the book."""

    code = "rule-not-applied"

    def __init__(self, name: str, path: Path, draft: Draft) -> None:
        super().__init__(
            sentence('the rule "{name}" stands in {file}; it was not applied to open lines.', name=name,
                     file=path.name),
            hint=sentence("once there is room: cloudbooks rule new --from {name}", name=draft.name),
        )  # fmt: skip


class RulesChanged(Refusal):
    """The rules were changed by another program since they were read."""

    code = "rules-changed"

    def __init__(self, path: Path) -> None:
        super().__init__(
            sentence("{file} was changed by another program since it was read; nothing was written.", file=path.name),
            hint=sentence("copy what you typed, and open the rules again"),
        )


@dataclass(frozen=True, slots=True)
class NewRule:
    """A rule that was made, or would be: its name and text, where it stands, and which lines it takes.

    `open` are the lines (statement, place) that waited for a person, `past` counts those decided or posted before.
    """

    name: str
    text: str
    path: Path
    place: str
    open: tuple[tuple[int, int], ...]
    past: int
    drafts: tuple[Draft, ...] = ()


def new_rule(desk: Desk, number: int, *, dry_run: bool = False) -> NewRule:
    """Make a rule from the words of a draft's line and the account it goes to; re-apply the rules to open lines.

    It is put at the end of rules.yaml, or before the first rule that would take the line, unless that is this very rule
    already. Open drafts that it takes
    are made anew and stay proposals; what a person decided is left alone. Writing the file is not undone by `undo`,
    the change of the drafts is. Raises `RuleNeedsLine`, `RuleNeedsAccount`, `RulesNotExtended`, `FileNotWritten`;
    `RuleNotApplied` where only the file took it.
    """
    with desk.open() as book:
        draft = working.draft(book, number)
        line, statement = _line_of(book, draft)
        if not words_of(line.line):
            raise RuleNeedsLine(draft, mute=True)
        path = rules_path(desk, None) or desk.book.parent / RULES_NAME
        before = read_rules_file(path) if path.exists() else RuleSet(path.name, b"", ())
        target = _target(draft, statement)
        party = parties_of(book).get(target.party)
        facts = line.line, chart_of(book)[target.account].code, party.name if party else "", draft.summary
        readers = _Readers(desk, book)
        taker = Decider(before).decide(readers.of(statement).subject(line.line)).rule
        name = free_name(before, words_of(line.line))
        if taker is not None and stands(before, taker, rule_text(taker.name, *facts)):
            # It was made before, by a command that was stopped after that, or by hand: one is enough.
            name, rules, place = taker.name, before, taker.place
        else:
            rules, place = extended(before, rule_text(name, *facts), taker, path)
        decider = Decider(rules)
        mine = [
            (one, staged, kept)
            for one, staged, kept in _lines(book)
            if (rule := decider.decide(readers.of(one).subject(staged.line)).rule) is not None and rule.name == name
        ]
        open_lines = tuple((one.number, staged.place) for one, staged, kept in mine if _is_open(staged, kept))
        past = sum(1 for _, staged, kept in mine if not _is_open(staged, kept))
        found = NewRule(name, rule_text(name, *facts), path, place, open_lines, past)
        if dry_run:
            return found
        if rules is not before:
            write_rules(path, rules.text)
        try:
            return replace(found, drafts=_applied(desk, book, path, [one for one in mine if _is_open(one[1], one[2])]))
        except Refusal as refusal:
            raise RuleNotApplied(name, path, draft) from refusal


def _line_of(book: BookFile, draft: Draft) -> tuple[StagedLine, StagedStatement]:
    names = [name for line in draft.lines for name in line.settles] or [draft.source.ref]
    statements = {one.id: one for one in working.statements(book)}
    for name in names:
        id_, _, place = name.rpartition("/")
        if id_ in statements and place.isdigit():
            return working.line(book, statements[id_].number, int(place)), statements[id_]
    raise RuleNeedsLine(draft)


def _target(draft: Draft, statement: StagedStatement) -> DraftLine:
    others = [line for line in draft.lines if line.account and line.account != statement.account]
    if len(others) != 1:
        raise RuleNeedsAccount(draft, len(others))
    return others[0]


_Line = tuple[StagedStatement, StagedLine, Draft | None]


def _lines(book: BookFile) -> Iterator[_Line]:
    """Every line of every statement that stands, with its draft."""
    drafts = {draft.number: draft for draft in working.drafts(book)}
    for statement in working.statements(book):
        if statement.state != "withdrawn":
            for staged in working.lines(book, statement.number):
                if staged.fate not in {Fate.SEEN, Fate.UNREADABLE}:
                    yield statement, staged, drafts.get(staged.draft)


class _Readers:
    """What makes subjects of lines, one for each account and layout."""

    def __init__(self, desk: Desk, book: BookFile) -> None:
        self._desk, self._book = desk, book
        self._chart = chart_of(book)
        self._known: dict[tuple[str, str], Proposer] = {}

    def of(self, statement: StagedStatement) -> Proposer:
        """The one for a statement."""
        key = (statement.account, statement.profile)
        if key not in self._known:
            account = self._chart[statement.account]
            self._known[key] = proposer_for(self._desk, self._book, account, statement.profile)
        return self._known[key]


def _is_open(staged: StagedLine, draft: Draft | None) -> bool:
    if staged.entry or draft is None:
        return False
    return draft.state in {DraftState.INCOMPLETE, DraftState.PROPOSED} and not draft.sure


def _applied(desk: Desk, book: BookFile, path: Path, taken: list[_Line]) -> tuple[Draft, ...]:
    rules = rules_for(desk, book, path, chart_of(book))
    parties = NamedParties.of(desk, book)
    readers = _Readers(desk, book)
    made: list[Draft] = []
    for statement, staged, draft in taken:
        proposer = replace(readers.of(statement), decider=rules.decider, rules=rules.record_id, party_id=parties.id_of)
        fresh = proposer.draft(staged.line, f"{statement.id}/{staged.place}", proposer.decide(staged.line))
        made.append(replace(fresh, number=draft.number if draft else 0))
    summary = sentence("apply the rules of {file} to {n} lines", file=path.name, n=len(made))
    with operation(book, verb="rule new", summary=summary, by=desk.who(book).id) as unit:
        if made:
            rules.keep(unit)
            parties.keep(unit)
        return tuple(unit.keep_drafts(made))


def save_rules(desk: Desk, text: str, over: bytes) -> tuple[Path, RuleSet]:
    """Write the rules as they were edited.

    Raises what `read_rules` refuses, `RulesChanged` over another text, `RulesMissing` and `FileNotWritten`.
    """
    path = rules_path(desk, None) or desk.book.parent / RULES_NAME
    rules = read_rules(text.encode(), path.name)
    if rules_bytes(path) != over:
        raise RulesChanged(path)
    write_rules(path, rules.text)
    return path, rules
