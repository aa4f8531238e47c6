"""A rule as text, and where it is put into a file of rules so that everything else there stays as it was."""

from __future__ import annotations

import re
from pathlib import Path

from cloudbooks.core.statement import StatementLine
from cloudbooks.core.text import show
from cloudbooks.errors import Refusal, sentence
from cloudbooks.notation import strict_yaml
from cloudbooks.rules.reading import read_rules
from cloudbooks.rules.rule import Rule, RuleSet

WORDS_MAX = 60
"""Characters of a bank's text that a rule asks for."""

_HAS_DIGIT = re.compile(r"\d")


class RulesNotExtended(Refusal):
    """The rules are written in a way that a rule cannot be put among them without changing what is there."""

    code = "rules-not-extended"

    def __init__(self, path: Path, rule: str) -> None:
        super().__init__(
            sentence("{file} is not written as a list with one rule under the other; nothing was changed.",
                     file=path.name),
            hint=sentence("put it in by hand: {rule}", rule=" ".join(rule.split())),
        )  # fmt: skip


def words_of(line: StatementLine) -> str:
    """What is told of a line by its rule: the party, else the longest words of the text without digits."""
    if line.party.strip():
        return " ".join(line.party.split())[:WORDS_MAX]
    runs: list[list[str]] = [[]]
    for word in f"{line.kind} {line.text}".split():
        if _HAS_DIGIT.search(word):
            runs.append([])
        else:
            runs[-1].append(word)
    longest = max((" ".join(run) for run in runs), key=len)
    return (longest or " ".join(line.text.split()))[:WORDS_MAX].strip()


def free_name(rules: RuleSet, wanted: str) -> str:
    """A name that no rule has yet."""
    taken = {rule.name for rule in rules.rules}
    names = (wanted if count == 1 else f"{wanted} {count}" for count in range(1, len(taken) + 2))
    return next(name for name in names if name not in taken)


def rule_text(name: str, line: StatementLine, account: str, party: str, summary: str) -> str:
    """A rule that takes lines of the same party, or else of the same words, in the same direction.

    The summary is the rule's own only where a person wrote another than the bank's words.
    """
    words = quoted(words_of(line))
    when = f"party: {words}" if line.party.strip() else f"text: {{contains: {words}}}"
    side = "below" if line.amount < 0 else "above"
    then = f"account: {quoted(account)}"
    if party:
        then += f", party: {quoted(_plain(party))}"
    if summary and summary not in " ".join(f"{line.kind} {line.party} {line.text}".split()):
        then += f", summary: {quoted(_plain(summary))}"
    return f"- name: {quoted(name)}\n  when: {{{when}, amount: {{{side}: 0}}}}\n  then: {{{then}}}\n"


def _plain(words: str) -> str:
    """A text without braces, which would be placeholders in a rule."""
    return words.replace("{", "(").replace("}", ")")


def quoted(words: str) -> str:
    """A text as a YAML scalar in double quotes, on one line; what cannot be seen is written as its code."""
    plain = words.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(map(show, plain)) + '"'


def extended(before: RuleSet, text: str, taker: Rule | None, path: Path) -> tuple[RuleSet, str]:
    """The rules with a new one, and its place: before the rule that takes the line now, else at the end.

    Raises `RulesNotExtended` where the file is written otherwise than as a list of one rule under the other.
    """
    source = before.text.decode("utf-8-sig")
    after = read_rules(_put_in(before, source, text, taker, path).encode(), path.name)
    kept = [rule.name for rule in before.rules]
    fresh = [rule for rule in after.rules if rule.name not in kept]
    if len(fresh) != 1 or [rule.name for rule in after.rules if rule is not fresh[0]] != kept:
        raise RulesNotExtended(path, text)
    return after, fresh[0].place


def stands(rules: RuleSet, rule: Rule, text: str) -> bool:
    """Whether a rule stands in its file as this very text, and nothing more of it below."""
    row, wanted = int(rule.place.rsplit(":", 2)[1]) - 1, [line.strip() for line in text.splitlines()]
    there = [line.strip() for line in rules.text.decode("utf-8-sig").splitlines()[row:]]
    rest = there[len(wanted) :]
    return there[: len(wanted)] == wanted and (not rest or rest[0][:2] in ("", "- ") or rest[0].startswith("#"))


def _put_in(before: RuleSet, source: str, text: str, taker: Rule | None, path: Path) -> str:
    if not before.rules:
        if source.strip() and strict_yaml.read(before.text, path.name).value != {"rules": None}:
            raise RulesNotExtended(path, text)
        return (source if source.strip() else "rules:\n").rstrip("\n") + "\n" + text
    lines = source.splitlines(keepends=True)
    rows = [int(rule.place.rsplit(":", 2)[1]) - 1 for rule in before.rules]
    indent = lines[rows[0]][: len(lines[rows[0]]) - len(lines[rows[0]].lstrip(" "))]
    if any(not lines[row].startswith(f"{indent}- ") for row in rows):
        raise RulesNotExtended(path, text)
    item = "".join(f"{indent}{line}" for line in text.splitlines(keepends=True))
    if taker is None:
        return source.rstrip("\n") + "\n" + item
    row = rows[taker.number]
    while row > 0 and lines[row - 1].lstrip().startswith("#"):
        row -= 1
    return "".join([*lines[:row], item, *lines[row:]])
