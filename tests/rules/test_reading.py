"""Reading a rule file: every fault at once, with its place, the line, and a word that was meant."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudbooks.errors import Finding
from cloudbooks.rules.action import Fixed, Percent
from cloudbooks.rules.reading import RulesRefused, read_rules

DOCS = Path(__file__).parents[2] / "docs" / "rules.md"


def faults(text: str) -> tuple[Finding, ...]:
    """What is wrong with a rule file."""
    with pytest.raises(RulesRefused) as refused:
        read_rules(text.encode(), "rules.yaml")
    return refused.value.findings


def fault(when: str = "{}", then: str = "{account: a}", more: str = "") -> tuple[str, str]:
    """The message and the hint of the only fault of a rule."""
    (found,) = faults(f"rules:\n- name: r\n  when: {when}\n  then: {then}\n{more}")
    return str(found.message), str(found.hint)


def test_a_typo_is_shown_in_place_with_the_word_that_was_meant() -> None:
    """The refusal of one fault is the fault: place, the line with a mark, the near word."""
    text = "rules:\n- name: staples\n  when: {text: {contain: STAPLES}}\n  then: {account: a}\n"
    with pytest.raises(RulesRefused) as refused:
        read_rules(text.encode(), "icbc.yaml")
    assert (refused.value.code, refused.value.exit_status) == ("rule-syntax", 3)
    assert refused.value.place == "icbc.yaml:3:17"
    assert str(refused.value) == 'unknown condition "contain".'
    assert str(refused.value.hint) == "did you mean contains?"
    assert refused.value.excerpt == ("    3 |   when: {text: {contain: STAPLES}}\n      |                 ^^^^^^^")


def test_all_faults_are_shown_at_once() -> None:
    """Nine faults of three rules are nine findings, in the order of the file."""
    text = """rules:
- name: one
  whn: {}
  then: {acount: a}
- name: one
  when: {amount: {above: "1,000"}, date: 2026-02-30}
  then: {account: a, splits: [{account: b}]}
- when: {any: {}}
  then: [a]
"""
    found = faults(text)
    assert [(one.where.removeprefix("rules.yaml:"), str(one.message)) for one in found] == [
        ("3:3", 'unknown key "whn".'),
        ("2:3", 'this rule has no "when".'),
        ("4:10", 'unknown key "acount".'),
        ("4:9", "the action does not say where the line goes."),
        ("6:26", '"1,000" is not an amount.'),
        ("6:42", '"2026-02-30" is not a date.'),
        ("7:22", "account and splits exclude each other."),
        ("7:30", "splits are two or more."),
        ("8:3", "this rule has no name."),
        ("8:15", "a list is wanted here."),
        ("9:9", "keys and values are wanted here."),
        ("5:9", 'the name "one" is used twice; the first is at rules.yaml:2:3.'),
    ]
    assert {one.code for one in found} == {"rule-syntax"}
    assert all(one.excerpt for one in found)


@pytest.mark.parametrize(
    ("when", "message", "hint"),
    [
        ("{txt: {contains: a}}", 'unknown condition "txt".', "did you mean text?"),
        ("{memo: {contains: a}}", 'unknown condition "memo".', "did you mean text?"),
        ("{or: []}", 'unknown condition "or".', "did you mean any?"),
        ("{amount: {after: 1}}", 'unknown condition "after".', "did you mean above?"),
        ("{text: {Contains: a}}", 'unknown condition "Contains".', "did you mean contains?"),
        ("{account: {contains: '1002'}}", 'unknown condition "contains".', "known here: equals"),
        ("{text: STAPLES}", "how the text is compared is not said.", "write text: {contains: ...}, or starts, equals"),
        ("{text: {}}", "a test is missing here.", "known here: contains, equals, regex, starts"),
        ("{text: {contains: }}", "a text is missing here.", "None"),
        ("{text: {contains: true}}", "true without quotes is a truth value, not a text.", 'write "true" with quotes'),
        ("{text: {contains: []}}", "the list is empty.", "None"),
        ("{text: {contains: [[a]]}}", "one text is wanted here.", "None"),
        ("{text: {contains: ' '}}", "the text is empty.", "None"),
        ('{text: {contains: "a\\u200bb"}}', "the text holds characters that nobody sees: a\u200bb", "write the text"),
        ("{text: {contains: %s}}" % ("x" * 501), "the text has 501 characters; 500 are read.", "None"),
        (
            "{text: {regex: '(a'}}",
            'the regular expression is not read at "(a": a ( is not closed.',
            "regular expressions are RE2",
        ),
        ("{amount: {above: 1e5}}", '"1e5" is not an amount.', "write it like -1234.56"),
        ("{amount: {between: [2, 1]}}", "2 is more than 1: nothing lies between.", "write the smaller one first"),
        ("{amount: {between: 1}}", "two values are wanted here.", "write the first and the last"),
        ("{date: {above: 10/31}}", '"10/31" is not a date.', "write it like 2026-10-31"),
        ("{not: []}", "a condition is wanted here.", "write it like {text:"),
        ("{all: [{}]}", "a condition is wanted here.", "write it like {text:"),
        ("[]", "a condition is wanted here.", "write it like {text:"),
    ],
)
def test_faults_of_conditions(when: str, message: str, hint: str) -> None:
    """Each fault of a condition is named with what to write."""
    said, hinted = fault(when)
    assert said == message
    assert hinted.startswith(hint)


@pytest.mark.parametrize(
    ("then", "message", "hint"),
    [
        ("{}", "the action does not say where the line goes.", "write account, splits, or ignore"),
        ("{account: 5602, ignore: x}", "account and ignore exclude each other.", "keep one of them"),
        ("{ignore: true}", "an ignored line needs its reason.", "write ignore: and the reason"),
        ("{ignore: own transfer, tags: [a]}", "an ignored line has no tags.", "take the key out"),
        ("{account: a, summary: {text}}", "braces without quotes are keys and values", 'write "{text}" with quotes'),
        ("{account: a, summary: '{txt}'}", 'unknown placeholder "txt".', "did you mean text?"),
        ("{account: a, summary: 'a } b'}", "a brace stands alone.", "write {text}"),
        ("{account: a, tags: office}", "a list is wanted here.", "write tags in brackets"),
        ("{account: a, tags: [%s]}" % ("x" * 65), "the tag has 65 characters; 64 are read.", "None"),
        ("{splits: [{account: a, share: 50}, {account: b, share: 60}]}", "the shares are 110 percent in all, not 100.",
         "leave out the last share"),
        ("{splits: [{account: a, share: 100}, {account: b}]}", "the shares are 100 percent in all; nothing is left",
         "None"),
        ("{splits: [{account: a, share: 0}, {account: b}]}", '"0" is not a percentage above 0', "write it like 60"),
        ("{splits: [{account: a, amount: -1}, {account: b}]}", '"-1" is not an amount above 0.', "write it like 12.50"),
        ("{splits: [{account: a}, {account: b}]}", "this split has neither share nor amount.", "only the last split"),
        ("{splits: [{share: 5}, {account: b}]}", "this split has no account.", "None"),
        ("{splits: [{account: a, share: 5}, {account: b, amount: 1}]}", "the last split takes what is left.",
         "take the amount out"),
        ("{splits: [{account: a, share: 5, amount: 1}, {account: b}]}", "share and amount exclude each other.",
         "keep one of them"),
        ("{splits: [{account: a, percent: 5}, {account: b}]}", 'unknown key "percent".', "did you mean share?"),
    ],
)  # fmt: skip
def test_faults_of_actions(then: str, message: str, hint: str) -> None:
    """Each fault of an action is named with what to write."""
    found = faults(f"rules:\n- name: r\n  when: {{}}\n  then: {then}\n")
    assert str(found[0].message).startswith(message)
    assert str(found[0].hint).startswith(hint)


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        (r"\y", r'at "\y": RE2 has no such backslash.'),
        ("[[:a:]]", 'at "[:a:]": RE2 has no such class or range.'),
        ("[b-a]", 'at "b-a": RE2 has no such class or range.'),
        ("x[a", 'at "[a": a [ is not closed.'),
        ("a)", 'at "a)": a ) closes nothing.'),
        ("a\\", 'at "a\\": a backslash stands at the end.'),
        ("*a", 'at "*": nothing stands before the repetition.'),
        ("a{1001}", 'at "{1001}": a repetition is above 1000, or goes backwards.'),
        ("a**", 'at "**": a repetition is repeated.'),
        ("(?=a)", 'at "(?=": RE2 has no look-around and no such group.'),
        ("(?P<a-b>x)", 'at "(?P<a-b>": the name of a group is not one.'),
        (r"\p{L}{999}\p{N}{999}", "the pattern takes too much memory."),
    ],
)
def test_a_pattern_that_re2_does_not_read_is_told_in_our_words(pattern: str, said: str) -> None:
    """The piece that is meant, and what is the matter with it."""
    message, _ = fault(f"{{text: {{regex: '{pattern}'}}}}")
    assert message.startswith("the regular expression is not read at ")
    assert message.endswith(said)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "keys and values are wanted here."),
        ("[]", "keys and values are wanted here."),
        ("rules:", "a list is wanted here."),
        ("rule: []", 'unknown key "rule".'),
        ("rules: [a]", "keys and values are wanted here."),
        ("rules: [" + "{}," * 5_001 + "]", "5001 rules are too many; 5000 are read."),
    ],
)
def test_faults_of_the_file(text: str, message: str) -> None:
    """What is no list of rules is no rule file."""
    assert str(faults(text)[0].message) == message


def test_nothing_is_guessed() -> None:
    """Codes, amounts and words keep every sign that was written: no number, no truth, no date comes of them."""
    text = """
rules:
- name: on
  when: {account: 1002.10, text: {contains: [no, 010, 1_000, 12:30]}, amount: {above: 0.10}, date: 2026-10-01}
  then: {account: 5602.010, summary: Yes, tags: [2026-10, 1e5]}
"""
    rule = read_rules(text.encode(), "r.yaml").rules[0]
    assert (rule.name, rule.action.account, rule.action.summary) == ("on", "5602.010", "Yes")
    assert rule.action.tags == ("2026-10", "1e5")
    assert str(rule.when) == (
        'all of (account equals "1002.10"; text contains "no" or "010" or "1_000" or "12:30"; amount above 0.1; '
        "date equals 2026-10-01)"
    )


def test_the_text_is_kept_as_it_came() -> None:
    """The bytes that the chain keeps are those of the file, remarks and all."""
    data = b"\xef\xbb\xbf# mine\r\nrules: []\r\n"
    assert read_rules(data, "r.yaml").text == data


def test_shares_and_amounts_are_exact() -> None:
    """A share keeps its decimals up to twelve; a percent sign may follow it."""
    text = """
rules:
- {name: r, when: {}, then: {splits: [{account: a, share: 33.333333333333%}, {account: b, amount: 0.10}, {account: c}]}}
"""
    splits = read_rules(text.encode(), "r.yaml").rules[0].action.splits
    assert [split.portion for split in splits] == [Percent(33_333_333_333_333, 12), Fixed(1, 1), None]


def test_every_example_of_the_docs_is_read() -> None:
    """Each YAML block of docs/rules.md is a rule file without a fault."""
    blocks = re.findall(r"```yaml\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) >= 4
    assert all(len(read_rules(block.encode(), "docs.yaml")) for block in blocks)


KEYS = ["all", "any", "not", "text", "amount", "date", "account", "contains", "above", "between", "regex"]
KEYS += ["name", "when", "then", "splits", "share", "summary", "tags", "ignore", "x"]

shapes = st.recursive(
    st.sampled_from(["a", "1", "true", "null", "'*'", "'{text}'", "[]", "{}"]),
    lambda below: st.one_of(
        st.lists(below, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.dictionaries(st.sampled_from(KEYS), below, max_size=4).map(
            lambda items: f"{{{', '.join(f'{key}: {value}' for key, value in items.items())}}}"
        ),
    ),
    max_leaves=12,
)


@given(shapes)
def test_any_shape_is_read_or_refused_with_places(shape: str) -> None:
    """Whatever is put where a rule is wanted, the answer is a rule set or findings with places."""
    for rule in (shape, f"{{name: r, when: {shape}, then: {{account: a}}}}", f"{{name: r, when: {{}}, then: {shape}}}"):
        findings: tuple[Finding, ...] | None = None
        try:
            read_rules(f"rules: [{rule}]".encode(), "r.yaml")
        except RulesRefused as refused:
            findings = refused.findings
        assert findings is None or findings
        assert all(found.where.startswith("r.yaml:") for found in findings or ())
