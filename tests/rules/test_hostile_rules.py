"""Rule files that mean harm are refused when they are read, with a place; slow patterns are not slow."""

from __future__ import annotations

import sys
from datetime import date

import pytest

from cloudbooks.rules.applying import Decider, first_match
from cloudbooks.rules.explaining import explain
from cloudbooks.rules.linting import lint
from cloudbooks.rules.reading import RulesRefused, read_rules
from cloudbooks.rules.subject import Subject


def rule(when: str = "{}", then: str = "{account: a}", name: str = "r") -> str:
    """A file of one rule."""
    return f"rules:\n- name: {name}\n  when: {when}\n  then: {then}\n"


def regex(pattern: str) -> str:
    """A file of one rule with a pattern."""
    return rule(f"{{text: {{regex: '{pattern}'}}}}")


REFUSED = {
    # Code and objects.
    "python object": "rules: !!python/object/apply:os.system ['true']",
    "python module": "rules: !!python/module:os",
    "python name": rule(then="!!python/name:os.system {}"),
    "python tuple": rule("!!python/tuple []"),
    "binary": rule("{text: {contains: !!binary aGk=}}"),
    "set": "rules: !!set {a}",
    "local tag": rule("!include /etc/passwd"),
    "environment tag": rule("{text: {contains: !ENV HOME}}"),
    "verbatim tag": rule("!<tag:yaml.org,2002:python/name:os.system> x"),
    "tag handle": "%TAG ! tag:yaml.org,2002:python/\n---\n" + rule("!name:os.system x"),
    "code as key": rule("{__import__: os}"),
    "class as key": rule("{__class__: {__mro__: x}}"),
    "expression as condition": rule('{expr: "().__class__.__bases__[0].__subclasses__()"}'),
    "power as amount": rule("{amount: {above: 9**9**9}}"),
    "product as amount": rule("{amount: {above: \"'a'*10**9\"}}"),
    "call as amount": rule("{amount: {equals: int(1)}}"),
    "attribute in a placeholder": rule(then="{account: a, summary: '{text.__class__}'}"),
    "index in a placeholder": rule(then="{account: a, summary: '{text[0]}'}"),
    "conversion in a placeholder": rule(then="{account: a, summary: '{text!r}'}"),
    "width in a placeholder": rule(then="{account: a, summary: '{text:>999999999}'}"),
    "number as placeholder": rule(then="{account: a, summary: '{0}'}"),
    "empty placeholder": rule(then="{account: a, summary: '{}'}"),
    "account in a placeholder": rule(then="{account: a, party: '{account}'}"),
    "file to read": rule(then="{account: a, include: /etc/passwd}"),
    "command to run": rule(then="{account: a, run: 'rm -rf /'}"),
    "address to fetch": rule("{url: 'http://localhost'}"),
    "clock": rule("{date: {above: today}}"),
    "clock, relative": rule("{date: {above: now-30d}}"),
    # YAML that hides.
    "anchor": "rules: &a []",
    "bomb of aliases": "a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nrules: *c",
    "loop of aliases": "rules: &a [*a]",
    "merge": rule("{<<: {text: {contains: a}}}"),
    "duplicate key": "rules:\n- {name: a, when: {}, when: {}, then: {account: a}}",
    "duplicate condition": rule("{text: {contains: a}, text: {contains: b}}"),
    "duplicate rules": "rules: []\nrules: []",
    "second document": rule() + "---\n" + rule(),
    "end and another": rule() + "...\n" + rule(),
    "deep brackets": "rules: " + "[" * 3_000,
    "deep conditions": rule("{not: " * 30 + "{text: {contains: a}}" + "}" * 30),
    "deep blocks": "rules:\n" + "".join(f"{' ' * depth}- a:\n" for depth in range(1, 60)),
    "more than 1 MiB": "# " + "x" * (1 << 20),
    "5001 rules": "rules: [" + "{name: r, when: {}, then: {account: a}}," * 5_001 + "]",
    "long pattern": regex("a" * 501),
    "long name": rule(name="n" * 501),
    "right to left": rule(name='"a\\u202egnp.exe"'),
    "zero width": rule(then='{account: "56\\u200b02"}'),
    "escape sequence": rule(name='"\\e[31mred"'),
    "line break in a name": rule(name='"a\\nerror[chain-broken]: b"'),
    "control character": "rules: []\x1b",
    "null character": "rules: []\x00",
    "half of a character": rule(name='"\\ud83d"'),
    # Patterns that are no RE2.
    "look-ahead": regex("(?=a)b"),
    "look-behind": regex("(?<!a)b"),
    "backreference": regex(r"(a)\1"),
    "atomic group": regex("(?>a+)b"),
    "recursion": regex("(?R)"),
    "condition": regex("(a)?(?(1)b|c)"),
    "code in a pattern": regex("(?{system})"),
    "repeat above 1000": regex("a{1001}"),
    "repeats of repeats": regex("((a{100}){100}){100}"),
    "too large a pattern": regex(r"(\p{L}{50}\p{N}{50}\p{P}{50}){6}" * 12),
    # Numbers that are none.
    "not a number": rule("{amount: NaN}"),
    "infinite": rule("{amount: {below: Infinity}}"),
    "exponent": rule("{amount: {above: 1e999999999}}"),
    "full-width digits": rule("{amount: {above: １００}}"),
    "hexadecimal": rule("{amount: {above: 0xFF}}"),
    "4000 digits": rule("{amount: {above: %s}}" % ("9" * 400)),
    "19 digits": rule("{amount: {above: 1000000000000000000}}"),
    "13 decimals": rule("{amount: {above: 0.0000000000001}}"),
    "30 February": rule("{date: 2026-02-30}"),
    "year 0": rule("{date: 0000-01-01}"),
    "share above 100": rule(then="{splits: [{account: a, share: 101}, {account: b}]}"),
    "share below 0": rule(then="{splits: [{account: a, share: -1}, {account: b}]}"),
}

SLOW_ELSEWHERE = [
    "(a+)+$",
    "([a-zA-Z]+)*$",
    "(a|aa)+$",
    "(a|a?)+$",
    "(.*a){20}$",
    "^(([a-z])+.)+[A-Z]([a-z])+$",
    "(x+x+)+y",
    "((a+)+)+$",
    "(a*)*b",
    "(a*)*$",
    "(.*)*(.*)*(.*)*x",
    "(?:a?){30}a{30}",
    "(?:a{0,5}){20}b",
    r"(\w+\s?)*$",
    r"(\d+)*x",
    r"^(\s|a)*$",
    "(a|b|ab)*c",
    "(aa|aab?)*$",
    "(?i)(a+)+b",
    ".*.*.*.*.*.*x",
    "(a?b?c?)*z",
    "^(a?){25}a{25}$",
    r"(?:\D+|<\d+>)*[!?]",
    r"(\p{L}+)+1",
    "(.|a)*x",
    "(a.?)*y",
    r"\S*\S*\S*\S*z",
    "(?:(?:a+)+)+b",
    "[a-z]*[a-z]*[a-z]*1",
    "(a{1,30}){1,30}b",
]


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_a_hostile_file_is_refused_when_it_is_read(text: str) -> None:
    """Each is refused by rule-syntax, with findings that have a place; no rule of it is used."""
    with pytest.raises(RulesRefused) as refused:
        read_rules(text.encode(), "r.yaml")
    assert refused.value.findings
    assert all(found.where.startswith("r.yaml") and found.code == "rule-syntax" for found in refused.value.findings)


def test_there_are_sixty_of_them() -> None:
    """The table keeps its size: sixty escapes and thirty slow patterns, as RELIABILITY counts them."""
    assert (len(REFUSED) >= 60, len(SLOW_ELSEWHERE) >= 30) == (True, True)


@pytest.mark.parametrize("pattern", SLOW_ELSEWHERE)
def test_a_pattern_that_hangs_other_engines_answers_here(pattern: str) -> None:
    """On a long line made for it each pattern answers, alone, by index and in an explanation, and all agree."""
    rules = read_rules(regex(pattern).encode(), "r.yaml")
    line = Subject("a" * 2_000 + "!", "", 0, 2, date(2026, 1, 1), "1002")
    (tried,) = explain(rules, line)
    assert (Decider(rules).decide(line).rule is not None) == (first_match(rules, line) is not None) == tried.holds


def test_a_file_of_huge_patterns_is_refused_before_it_takes_all_memory() -> None:
    """Patterns that are allowed alone are refused where all of them together are too large."""
    items = ", ".join(f"'(?:a?b?c?{n}){{900}}'" for n in range(2_000))
    with pytest.raises(RulesRefused) as refused:
        read_rules(rule(f"{{text: {{regex: [{items}]}}}}").encode(), "r.yaml")
    assert str(refused.value) == "the patterns up to here take too much memory together."


def test_what_re2_dislikes_is_not_printed(capfd: pytest.CaptureFixture[str]) -> None:
    """RE2 writes of itself to stderr unless it is told not to."""
    for pattern in ("(", "a{1001}", "((a{100}){100}){100}"):
        with pytest.raises(RulesRefused):
            read_rules(regex(pattern).encode(), "r.yaml")
    assert capfd.readouterr() == ("", "")


def test_linting_a_tangle_of_alternatives_ends() -> None:
    """Alternatives of alternatives, 10 to the power of 40 combinations, are given up on and nothing is claimed."""
    forks = ", ".join(
        f"{{any: [{', '.join(f'{{text: {{contains: w{fork}x{choice}}}}}' for choice in range(10))}]}}"
        for fork in range(40)
    )
    text = f"rules:\n- {{name: a, when: {{all: [{forks}, {{any: []}}]}}, then: {{account: a}}}}\n"
    findings = lint(read_rules(text.encode(), "r.yaml"), lambda _word: None)
    assert "rule-empty" in {found.code for found in findings}


def test_as_many_rules_as_may_be_are_read_and_applied() -> None:
    """5 000 rules are read, indexed and applied; the last is found."""
    text = "rules:\n" + "".join(
        f"- {{name: r{n}, when: {{text: {{contains: word {n}.}}}}, then: {{account: a}}}}\n" for n in range(5_000)
    )
    rules = read_rules(text.encode(), "r.yaml")
    decided = Decider(rules).decide(Subject("the word 4999.", "", 1, 2, date(2026, 1, 1), "1002"))
    assert decided.rule is rules.rules[-1]


def test_nothing_dangerous_is_loaded() -> None:
    """The room of rules opens no file, socket or process: it does not even import what could."""
    rooms = [name for name in sys.modules if name.startswith("cloudbooks.rules")]
    doors = {"os", "pathlib", "socket", "subprocess", "time", "random", "secrets", "importlib"}
    assert rooms
    assert not [name for name in rooms if doors & set(vars(sys.modules[name]))]
