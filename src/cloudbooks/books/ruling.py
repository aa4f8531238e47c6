"""`rule check|list|explain`, and the rule set that an import uses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cloudbooks.books.desk import Desk
from cloudbooks.books.next_batch import chart_of
from cloudbooks.books.packs import rule_pack
from cloudbooks.chain import record
from cloudbooks.chain.canonical import b3
from cloudbooks.core.chart import Chart
from cloudbooks.errors import CloudBooksError, Finding, Refusal, counted, sentence
from cloudbooks.rules.applying import Decider
from cloudbooks.rules.linting import lint, unknown_accounts
from cloudbooks.rules.reading import read_rules
from cloudbooks.rules.rule import RuleSet
from cloudbooks.store import reading, working
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.unit import Unit
from cloudbooks.system import files
from cloudbooks.system.chance import new_id

RULES_NAME = "rules.yaml"
_PUBLIC = 0o644


class RulesMissing(Refusal):
    """The file of rules that was named is not there, or cannot be read."""

    code = "rules-missing"

    def __init__(self, path: Path) -> None:
        super().__init__(
            sentence('there is no rules file "{path}" that can be read.', path=str(path)),
            hint=sentence("cloudbooks rule new writes a starter rules.yaml beside the book"),
        )


class RulesName(Refusal):
    """Rules name accounts that the book does not have."""

    code = "rule-account"

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(
            counted(
                "{n} place in the rules names an account that this book does not have.",
                "{n} places in the rules name accounts that this book does not have.",
                len(findings),
            ),
            hint=sentence("cloudbooks rule check"),
            findings=tuple(findings),
        )


@dataclass(frozen=True, slots=True)
class RulesFile:
    """The rule set of an import: its decider and the record that names it in the chain.

    `decider` is `None` where the book has no rules; then `record` is empty and nothing is kept.
    """

    decider: Decider | None
    record_id: str
    record: record.Rules | None
    text: bytes
    known: bool

    def keep(self, unit: Unit) -> None:
        """Let the rule set wait for the next batch, its text kept like an attachment; nothing if it is known."""
        if self.record is None or self.known:
            return
        unit.attach(self.text)
        unit.put_pending(self.record)


def rules_path(desk: Desk, named: Path | None) -> Path | None:
    """The rules file that counts: the one named, else `rules.yaml` beside the book if it is there."""
    beside = desk.book.parent / RULES_NAME
    return named or (beside if beside.is_file() else None)


def read_rules_file(path: Path) -> RuleSet:
    """The rule set of a file; raises `RulesMissing` or what `read_rules` refuses."""
    try:
        data = path.read_bytes()
    except OSError:
        raise RulesMissing(path) from None
    return read_rules(data, path.name)


def rules_bytes(path: Path) -> bytes:
    """The bytes of a rules file, none where there is no file; raises `RulesMissing` for one that cannot be read."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError:
        raise RulesMissing(path) from None


def write_rules(path: Path, text: bytes) -> None:
    """Put a text in the place of a rules file, with its mode; raises `FileNotWritten`."""
    try:
        files.replace_shared(path, text, path.stat().st_mode & 0o777 if path.exists() else _PUBLIC)
    except OSError as error:
        raise files.FileNotWritten(path, error) from error


def rules_for(desk: Desk, book: BookFile, named: Path | None, chart: Chart) -> RulesFile:
    """The rules that an import applies; refuses a set that names unknown accounts, before any line is read by it."""
    path = rules_path(desk, named)
    if path is None:
        return RulesFile(None, "", None, b"", known=True)
    rules = read_rules_file(path)
    unknown = unknown_accounts(rules, _knowing(chart))
    if unknown:
        raise RulesName(unknown)
    digest = b3(rules.text)
    known = _known(book, digest, rules.name)
    if known:
        return RulesFile(Decider(rules), known, None, rules.text, known=True)
    stated = record.Rules(new_id(desk.clock), rules.name, digest, len(rules.text))
    return RulesFile(Decider(rules), stated.id, stated, rules.text, known=False)


def _known(book: BookFile, digest: str, name: str) -> str:
    """The id of the record of the same text under the same name, posted or waiting; empty if there is none."""
    for one in working.pending(book):
        if isinstance(one, record.Rules) and (one.digest, one.name) == (digest, name):
            return one.id
    return reading.rules_record(book, digest, name) or ""


def findings_of(rules: RuleSet, chart: Chart) -> tuple[Finding, ...]:
    """Everything that lint has to say of a rule set in a book with this chart."""
    return tuple(lint(rules, _knowing(chart)))


def _knowing(chart: Chart) -> Callable[[str], tuple[str, ...] | None]:
    """What lint asks of a chart: `None` for a word that means an account, else the near ones."""

    def suggestions(word: str) -> tuple[str, ...] | None:
        try:
            chart.find(word)
        except CloudBooksError:
            return tuple(str(account) for account in chart.near(word))
        return None

    return suggestions


@dataclass(frozen=True, slots=True)
class Checked:
    """A rule set read without fault, and what lint found in it."""

    path: Path
    rules: RuleSet
    findings: tuple[Finding, ...]


def check(desk: Desk, named: Path | None) -> Checked:
    """Lint the rules of a book; a text that cannot be read at all raises its refusal with every finding."""
    path = rules_path(desk, named)
    if path is None:
        raise RulesMissing(desk.book.parent / RULES_NAME)
    rules = read_rules_file(path)
    with desk.open() as book:
        chart = chart_of(book)
    return Checked(path, rules, findings_of(rules, chart))


def put_starter(path: Path, chart: str, *, force: bool = False) -> None:
    """Write the starter pack of rules for a chart, whole, to a file that is new, or with `force` to any.

    Raises `FileExistsError`, `FileNotWritten`, and `ChartUnknown`; then nothing was written.
    """
    pack = rule_pack(chart)
    try:
        (files.replace_whole if force else files.create)(path, pack)
    except FileExistsError:
        raise
    except OSError as error:
        raise files.FileNotWritten(path, error) from error
