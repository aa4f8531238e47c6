"""Reading conditions: from plain values to what a rule asks of a line."""

from __future__ import annotations

import re
from datetime import date

from cloudbooks.core.money import DIGITS_MAX
from cloudbooks.errors import joined, sentence
from cloudbooks.notation.strict_yaml import Path, Value
from cloudbooks.rules.condition import (
    AccountTest,
    All,
    AnyOf,
    Bounds,
    Condition,
    How,
    Measure,
    Not,
    PatternTest,
    RangeTest,
    Word,
    WordTest,
)
from cloudbooks.rules.pattern import SIZE_MAX, Pattern, PatternFault
from cloudbooks.rules.proofreading import Proofreader, did_you_mean
from cloudbooks.rules.subject import AMOUNT_SCALE, Field, fold

_FIELDS = frozenset(Field)
_MEASURES = frozenset(Measure)
_NAMES = frozenset({"all", "any", "not", "account", *_FIELDS, *_MEASURES})
_WORD_TESTS = frozenset({*How, "regex"})
_RANGE_TESTS = frozenset({"above", "below", "equals", "between"})

FAULTS_COMPILED_MAX = 100
"""Faults of a file after which no further pattern of it is compiled."""

_DECIMAL = re.compile(r"-?[0-9]+(?:\.[0-9]+)?", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def read_when(reader: Proofreader, value: Value, path: Path) -> Condition:
    """The whole condition of a rule: `{}` takes every line."""
    return All(()) if value == {} else read_condition(reader, value, path)


def read_condition(reader: Proofreader, value: Value, path: Path) -> Condition:
    """The condition at `path`; several keys of one mapping must all hold. Faults are noted in `reader`."""
    if not isinstance(value, dict) or not value:
        hint = sentence("write it like {{text: {{contains: STAPLES}}}}; several as {{all: [...]}} or {{any: [...]}}")
        reader.fault(path, sentence("a condition is wanted here."), hint)
        return All(())
    found = tuple(_named(reader, name, item, (*path, name)) for name, item in value.items())
    return found[0] if len(found) == 1 else All(found)


def _named(reader: Proofreader, name: str, value: Value, path: Path) -> Condition:
    if name not in _NAMES:
        reader.fault(path, sentence('unknown condition "{word}".', word=name), did_you_mean(name, _NAMES), key=True)
        return All(())
    if name in {"all", "any"}:
        hint = sentence("write the conditions as a list: {name}: [...]", name=name)
        items = enumerate(reader.items(value, path, hint))
        conditions = tuple(read_condition(reader, item, (*path, number)) for number, item in items)
        return All(conditions) if name == "all" else AnyOf(conditions)
    if name == "not":
        return Not(read_condition(reader, value, path))
    if name == "account":
        return _account(reader, value, path)
    return _tests(reader, name, value, path)


def _account(reader: Proofreader, value: Value, path: Path) -> Condition:
    if isinstance(value, dict):
        tests = _known(reader, value, path, frozenset({"equals"}))
        if "equals" not in tests:
            return All(())
        value, path = tests["equals"], (*path, "equals")
    return AccountTest(tuple(text.strip() for text, _ in reader.texts(value, path)))


def _tests(reader: Proofreader, name: str, value: Value, path: Path) -> Condition:
    if not isinstance(value, dict):
        if name == Field.TEXT:
            hint = sentence("write text: {{contains: ...}}, or starts, equals, regex")
            reader.fault(path, sentence("how the text is compared is not said."), hint)
            return All(())
        return _test(reader, name, "equals", value, path)
    known = _known(reader, value, path, _RANGE_TESTS if name in _MEASURES else _WORD_TESTS)
    found = tuple(_test(reader, name, test, item, (*path, test)) for test, item in known.items())
    return found[0] if len(found) == 1 else All(found)


def _known(reader: Proofreader, value: dict[str, Value], path: Path, tests: frozenset[str]) -> dict[str, Value]:
    if not value:
        hint = sentence("known here: {names}", names=joined(sorted(tests)))
        reader.fault(path, sentence("a test is missing here."), hint)
    for word in value:
        if word not in tests:
            message = sentence('unknown condition "{word}".', word=word)
            reader.fault((*path, word), message, did_you_mean(word, tests), key=True)
    return {word: item for word, item in value.items() if word in tests}


def _test(reader: Proofreader, name: str, test: str, value: Value, path: Path) -> Condition:
    if name in _MEASURES:
        return RangeTest(Measure(name), _ranges(reader, Measure(name), test, value, path))
    texts = reader.texts(value, path)
    if test == "regex":
        patterns = (_pattern(reader, text, place) for text, place in texts)
        return PatternTest(Field(name), tuple(pattern for pattern in patterns if pattern is not None))
    return WordTest(Field(name), How(test), tuple(_word(How(test), text) for text, _ in texts))


def _word(how: How, written: str) -> Word:
    """The word folded; blanks at its ends count where the word may stand inside of a text."""
    folded = fold(written)
    before = " " if how is How.CONTAINS and written[0].isspace() else ""
    after = " " if how is not How.EQUALS and written[-1].isspace() else ""
    return Word(written, f"{before}{folded}{after}")


def _pattern(reader: Proofreader, source: str, path: Path) -> Pattern | None:
    # Compiling costs time, for a pattern that is refused too: a file full of them must not hold up the reader.
    if len(reader.findings) >= FAULTS_COMPILED_MAX or reader.patterns_size > SIZE_MAX:
        return None
    try:
        found = Pattern(source)
    except PatternFault as fault:
        piece = fault.piece or source
        message = sentence(
            'the regular expression is not read at "{piece}": {problem}.', piece=piece, problem=fault.problem
        )
        hint = sentence("regular expressions are RE2: no look-around, no backreferences, counts to 1000")
        reader.fault(path, message, hint)
        return None
    reader.patterns_size += found.size
    if reader.patterns_size > SIZE_MAX:
        reader.fault(path, sentence("the patterns up to here take too much memory together."))
    return found


def _ranges(reader: Proofreader, measure: Measure, test: str, value: Value, path: Path) -> tuple[Bounds, ...]:
    if test == "between":
        return _between(reader, measure, value, path)
    texts = reader.texts(value, path) if test == "equals" else [(reader.text(value, path), path)]
    ranges: list[Bounds] = []
    for text, place in texts:
        found = _value(reader, measure, text, place) if text is not None else None
        if found is not None:
            ranges.append({"above": (found + 1, None), "below": (None, found - 1)}.get(test, (found, found)))
    return tuple(ranges)


def _between(reader: Proofreader, measure: Measure, value: Value, path: Path) -> tuple[Bounds, ...]:
    if not isinstance(value, list) or len(value) != 2:  # noqa: PLR2004 - from and to
        hint = sentence("write the first and the last: between: [100, 200]")
        reader.fault(path, sentence("two values are wanted here."), hint)
        return ()
    texts = [(reader.text(item, (*path, number)), (*path, number)) for number, item in enumerate(value)]
    low, high = (None if text is None else _value(reader, measure, text, place) for text, place in texts)
    if low is None or high is None:
        return ()
    if low > high:
        message = sentence("{low} is more than {high}: nothing lies between.", low=texts[0][0], high=texts[1][0])
        reader.fault(path, message, sentence("write the smaller one first"))
    return ((low, high),)


def _value(reader: Proofreader, measure: Measure, text: str, path: Path) -> int | None:
    if measure is Measure.DATE:
        try:
            return date.fromisoformat(text if _DAY.fullmatch(text) else "").toordinal()
        except ValueError:
            message = sentence('"{text}" is not a date.', text=text)
            reader.fault(path, message, sentence("write it like 2026-10-31"))
            return None
    found = scaled(text)
    if found is None:
        message = sentence('"{text}" is not an amount.', text=text)
        reader.fault(path, message, sentence("write it like -1234.56, without thousands marks"))
    return found


def scaled(text: str) -> int | None:
    """A decimal text in units of 10**-12, exactly; `None` for any other text or too many digits."""
    whole, _, decimals = text.partition(".")
    if not _DECIMAL.fullmatch(text) or len(decimals) > AMOUNT_SCALE or len(whole.lstrip("-0")) > DIGITS_MAX:
        return None
    return int(whole + decimals.ljust(AMOUNT_SCALE, "0"))
