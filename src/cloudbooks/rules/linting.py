"""Linting: what is well written in a rule file and still cannot be meant."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from cloudbooks.errors import Finding, joined, sentence
from cloudbooks.notation import strict_yaml
from cloudbooks.notation.strict_yaml import Document, Path
from cloudbooks.rules.condition import AccountTest, All, AnyOf, Condition, Not, PatternTest, WordTest
from cloudbooks.rules.implying import can_fit, implies
from cloudbooks.rules.indexing import Index
from cloudbooks.rules.rule import Rule, RuleSet

KnownAccount = Callable[[str], tuple[str, ...] | None]
"""Asked of a code or name: `None` where it means one account, else the names that are near, if any."""

COMPARED_MAX = 200
"""Earlier rules that each rule is compared with: the first and the nearest of those that may have its words."""

_WORD_CLASS = re.compile(r"(?<!\\)(?:\\\\)*\\[wW]")
_WORD_END = re.compile(r"(?<!\\)(?:\\\\)*\\[bB]")


def lint(ruleset: RuleSet, known_account: KnownAccount) -> tuple[Finding, ...]:
    r"""What a rule file says that cannot be meant, in order of place.

    `rule-account`: a code or name that the chart does not hold. `rule-dead`: conditions that no line can fit.
    `rule-shadowed`: a rule whose lines an earlier one takes all. `rule-empty` (a warning): an `all` or `any` without
    conditions. `rule-ascii` (a warning): `\w`, or `\b` beside Chinese: in RE2 both know ASCII letters only.
    """
    document = strict_yaml.read(ruleset.text, ruleset.name)
    findings = [
        *_unknown_accounts(document, known_account),
        *_slips(document),
        *_unreached(document, ruleset),
    ]
    return tuple(sorted(findings, key=_order))


def unknown_accounts(ruleset: RuleSet, known_account: KnownAccount) -> tuple[Finding, ...]:
    """The findings `rule-account` of `lint` alone, at no cost where all are known: what an import must know."""
    if all(known_account(word) is None for rule in ruleset.rules for word in _accounts(rule)):
        return ()
    document = strict_yaml.read(ruleset.text, ruleset.name)
    return tuple(_unknown_accounts(document, known_account))


def _accounts(rule: Rule) -> Iterator[str]:
    for test in _tests(rule.when):
        if isinstance(test, AccountTest):
            yield from test.codes
    if rule.action.account:
        yield rule.action.account
    for split in rule.action.splits:
        yield split.account


def _order(finding: Finding) -> tuple[int, int]:
    line, column = finding.where.rsplit(":", 2)[1:]
    return int(line), int(column)


def _unknown_accounts(document: Document, known_account: KnownAccount) -> Iterator[Finding]:
    for path, value in _walk(document.value, ()):
        if isinstance(value, str) and "account" in path[-3:]:
            near = known_account(value.strip())
            if near is not None:
                yield _account_unknown(document, path, value, near)


def _slips(document: Document) -> Iterator[Finding]:
    """Warnings that single values show: empty lists, patterns that know ASCII only."""
    for path, value in _walk(document.value, ()):
        if path and path[-1] in {"all", "any"} and value == []:
            yield _empty(document, path)
        if isinstance(value, str) and "regex" in path[-2:] and _knows_ascii_only(value):
            message = sentence("\\w and \\b know ASCII letters only; Chinese and accents are none of them.")
            hint = sentence("write [\\p{{L}}\\p{{N}}_] for \\w, \\p{{Han}} for Chinese")
            yield _warning(document.finding("rule-ascii", path, message, hint))


def _knows_ascii_only(pattern: str) -> bool:
    r"""Whether a pattern asks for letters by `\w`, or for ends of words by `\b` beside letters that are not ASCII."""
    return bool(_WORD_CLASS.search(pattern) or (_WORD_END.search(pattern) and not pattern.isascii()))


def _walk(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    yield path, value
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from _walk(item, (*path, key))


def _empty(document: Document, path: Path) -> Finding:
    if path[-1] == "all":
        message = sentence("an empty all holds for every line.")
        return _warning(document.finding("rule-empty", path, message, sentence("when: {{}} says the same openly")))
    message = sentence("an empty any holds for no line.")
    return _warning(document.finding("rule-empty", path, message, sentence("write at least one condition")))


def _warning(finding: Finding) -> Finding:
    return Finding(finding.code, finding.where, finding.message, finding.hint, finding.excerpt, warning=True)


def _account_unknown(document: Document, path: Path, word: str, near: tuple[str, ...]) -> Finding:
    hint = sentence("cloudbooks account list")
    if near:
        hint = sentence("did you mean {names}? cloudbooks account list", names=joined(near))
    return document.finding("rule-account", path, sentence('no account matches "{word}".', word=word), hint)


def _unreached(document: Document, ruleset: RuleSet) -> Iterator[Finding]:
    """Rules that no line can fit, and rules whose lines all go to an earlier one."""
    index = Index(ruleset.rules)
    for rule in ruleset.rules:
        if not can_fit(rule.when):
            message = sentence('no line can fit "{name}": its conditions exclude each other.', name=rule.name)
            yield document.finding("rule-dead", ("rules", rule.number, "when"), message)
            continue
        earlier = _shadow(ruleset, index, rule)
        if earlier is not None:
            message = sentence(
                '"{name}" is never reached: "{earlier}" at {place} takes all of its lines.',
                name=rule.name,
                earlier=earlier.name,
                place=earlier.place,
            )
            hint = sentence('move it above "{earlier}", or take it out', earlier=earlier.name)
            yield document.finding("rule-shadowed", ("rules", rule.number, "name"), message, hint)


def _shadow(ruleset: RuleSet, index: Index, rule: Rule) -> Rule | None:
    """The first earlier rule that takes every line that `rule` would."""
    tests = list(_tests(rule.when))
    words = "\n".join(word.zeroed for test in tests if isinstance(test, WordTest) for word in test.words)
    patterns = {one for test in tests if isinstance(test, PatternTest) for one in test.patterns}
    found = {*index.by_words(words), *index.by_signs(patterns), *index.unsigned}
    earlier = sorted(number for number in found if number < rule.number)
    if len(earlier) > COMPARED_MAX:
        earlier = earlier[: COMPARED_MAX // 2] + earlier[-COMPARED_MAX // 2 :]
    for number in earlier:
        if implies(rule.when, ruleset.rules[number].when):
            return ruleset.rules[number]
    return None


def _tests(condition: Condition) -> Iterator[Condition]:
    if isinstance(condition, All | AnyOf):
        for one in condition.conditions:
            yield from _tests(one)
    elif isinstance(condition, Not):
        yield from _tests(condition.condition)
    else:
        yield condition
