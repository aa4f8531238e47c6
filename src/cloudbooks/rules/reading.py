"""Reading a rule file: strict YAML in, a rule set out, or every fault with its place."""

from __future__ import annotations

from cloudbooks.errors import Finding, Refusal, Sentence, counted, sentence
from cloudbooks.notation import strict_yaml
from cloudbooks.notation.strict_yaml import Path, Value
from cloudbooks.rules.action import Action, Divisible, Fixed
from cloudbooks.rules.condition import All, Condition
from cloudbooks.rules.proofreading import CODE, Proofreader
from cloudbooks.rules.reading_action import read_action
from cloudbooks.rules.reading_condition import read_when
from cloudbooks.rules.rule import Rule, RuleSet

RULES_MAX = 5_000
_KEYS = ("name", "when", "then")


class RulesRefused(Refusal):
    """A rule file has faults; no rule of it is used.

    `findings` holds all of them. A single one is also the message, place, excerpt and hint of the refusal, so a face
    shows the findings only where there are several.
    """

    code = CODE

    def __init__(self, name: str, findings: tuple[Finding, ...]) -> None:
        if len(findings) == 1:
            only = findings[0]
            super().__init__(only.message, hint=only.hint, place=only.where, excerpt=only.excerpt, findings=findings)
            return
        message = counted(
            "{name} has {n} fault; no rule of it is used.",
            "{name} has {n} faults; no rule of it is used.",
            len(findings),
            name=name,
        )
        super().__init__(message, hint=sentence("cloudbooks rule check"), findings=findings)


def read_rules(data: bytes, name: str) -> RuleSet:
    """The rules of a file named `name`; raises `RulesRefused` with all that is wrong with it.

    The file is at most 1 MiB of UTF-8 and holds at most 5 000 rules under the one key `rules`. docs/rules.md is the
    language.
    """
    try:
        document = strict_yaml.read(data, name)
    except strict_yaml.YamlRefused as refused:
        finding = Finding(CODE, refused.place, refused.message, refused.hint, refused.excerpt)
        raise RulesRefused(name, (finding,)) from None
    reader = Proofreader(document)
    rules = _rules(reader, document.value)
    if reader.findings:
        raise RulesRefused(name, tuple(reader.findings))
    return RuleSet(name, data, rules)


def _rules(reader: Proofreader, value: Value) -> tuple[Rule, ...]:
    hint = sentence('write the rules as a list under "rules:"')
    known = reader.mapping(value, (), ("rules",), hint)
    if known is None:
        return ()
    if "rules" not in known:
        reader.fault((), sentence('there is no key "rules".'), hint)
        return ()
    items = reader.items(known["rules"], ("rules",), hint)
    if len(items) > RULES_MAX:
        reader.fault(("rules",), sentence("{n} rules are too many; {most} are read.", n=len(items), most=RULES_MAX))
        return ()
    rules = tuple(_rule(reader, item, number) for number, item in enumerate(items))
    _refuse_doubles(reader, rules)
    return rules


def _rule(reader: Proofreader, value: Value, number: int) -> Rule:
    path: Path = ("rules", number)
    hint = sentence("write it like - name: ..., when: {{...}}, then: {{...}}")
    known = reader.mapping(value, path, _KEYS, hint) or {}
    missing: dict[str, Sentence] = {
        "name": sentence("this rule has no name."),
        "when": sentence('this rule has no "when".'),
        "then": sentence('this rule has no "then".'),
    }
    for key, message in missing.items():
        if key not in known and isinstance(value, dict):
            hint = sentence("when: {{}} takes every line") if key == "when" else sentence("add {key}:", key=key)
            reader.fault(path, message, hint)
    name = reader.text(known["name"], (*path, "name")) if "name" in known else None
    when: Condition = read_when(reader, known["when"], (*path, "when")) if "when" in known else All(())
    action = read_action(reader, known["then"], (*path, "then")) if "then" in known else Action()
    if any(isinstance(split.portion, Fixed) for split in action.splits):
        when = All((when, Divisible(action.splits)))
    return Rule((name or "").strip(), when, action, number, reader.document.where(path))


def _refuse_doubles(reader: Proofreader, rules: tuple[Rule, ...]) -> None:
    """A trace names a rule by its name alone, so no two rules have the same."""
    first: dict[str, Rule] = {}
    for rule in rules:
        earlier = first.setdefault(rule.name, rule)
        if rule.name and earlier is not rule:
            message = sentence(
                'the name "{name}" is used twice; the first is at {place}.', name=rule.name, place=earlier.place
            )
            reader.fault(("rules", rule.number, "name"), message, sentence("give each rule its own name"))
