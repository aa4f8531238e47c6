"""The index of a rule set: from the words of a line to the few rules that could take it.

Every rule says by which literals or patterns it can be known: a line that holds none of them cannot fit it. One RE2 set
finds all of them in a single pass whose cost does not grow with the rules. The index only leaves rules out; whether a
rule fits is asked of the rule itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import re2

from cloudbooks.rules.condition import All, AnyOf, Condition, PatternTest, WordTest
from cloudbooks.rules.pattern import Pattern, options
from cloudbooks.rules.rule import Rule
from cloudbooks.rules.subject import Field, Line

SET_MEMORY_MAX = 64 << 20
"""Bytes that the one set of all literals, or of all patterns, may take."""

Sign = str | Pattern
"""A folded literal whose digits are 0, or a pattern that treats all digits alike."""


def signs(condition: Condition) -> frozenset[Sign] | None:
    """Signs of which a line that fits the condition holds at least one; `None` where it may hold none.

    Of conditions that must all hold, the one with the fewest signs speaks, and of equals the one with the longest.
    """
    if isinstance(condition, All):
        known = [found for found in map(signs, condition.conditions) if found is not None]
        return min(known, key=_width, default=None)
    if isinstance(condition, AnyOf):
        united: set[Sign] = set()
        for found in map(signs, condition.conditions):
            if found is None:
                return None
            united |= found
        return frozenset(united)
    if isinstance(condition, WordTest) and condition.field is not Field.PROFILE:
        return frozenset(word.zeroed for word in condition.words)
    if isinstance(condition, PatternTest) and condition.field is Field.TEXT:
        unknown = any(one.tells_digits or one.finds_all for one in condition.patterns)
        return None if unknown else frozenset(condition.patterns)
    return None


def _width(found: frozenset[Sign]) -> tuple[int, int]:
    return len(found), -min((len(sign) for sign in found if isinstance(sign, str)), default=0)


class Index:
    """Which of the rules could take a line."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        """Build the index; its cost grows with the rules, that of `candidates` does not."""
        self._unsigned: list[int] = []
        self._signed: dict[Sign, list[int]] = {}
        for rule in rules:
            found = signs(rule.when)
            if found is None:
                self._unsigned.append(rule.number)
            for sign in found or ():
                self._signed.setdefault(sign, []).append(rule.number)
        self._words = _Finder((sign for sign in self._signed if isinstance(sign, str)), literal=True)
        self._patterns = _Finder((sign for sign in self._signed if isinstance(sign, Pattern)), literal=False)

    def candidates(self, blind: Line) -> list[int]:
        """Numbers of the rules that could take a line which is `blind` without its digits, in file order."""
        whole = blind.cells(Field.TEXT)[0]
        found = self.by_words(whole) | self.by_signs(self._patterns.found(blind.raw(Field.TEXT)))
        return sorted(found.union(self._unsigned))

    def by_words(self, folded: str) -> set[int]:
        """Numbers of the rules that are known by a literal in a folded text whose digits are 0."""
        return self.by_signs(self._words.found(folded.encode(errors="replace")))

    def by_signs(self, found: Iterable[Sign]) -> set[int]:
        """Numbers of the rules that are known by one of these signs."""
        return {number for sign in found for number in self._signed.get(sign, ())}

    @property
    def unsigned(self) -> tuple[int, ...]:
        """Numbers of the rules that no sign makes known."""
        return tuple(self._unsigned)


class _Finder:
    """Which of many literals or patterns stand in a text, in one pass."""

    def __init__(self, wanted: Iterable[Sign], *, literal: bool) -> None:
        self._wanted = tuple(wanted)
        self._set = _compiled(self._wanted, literal=literal) if self._wanted else None

    def found(self, text: bytes) -> Sequence[Sign]:
        """Those in the text; all of them where RE2 ran out of memory, since leaving one out would be wrong."""
        if self._set is None:
            return self._wanted
        matched = self._set.Match(text)
        # The empty pattern, added first, is in every text: without it RE2 gave up and its answer says nothing.
        if not matched:
            return self._wanted
        return [self._wanted[number - 1] for number in matched if number]


def _compiled(wanted: Sequence[Sign], *, literal: bool) -> Any:
    chosen = options()
    chosen.max_mem = SET_MEMORY_MAX
    chosen.literal = literal
    found = re2.Set.SearchSet(chosen)
    found.Add(b"")
    try:
        for sign in wanted:
            found.Add((sign.source if isinstance(sign, Pattern) else sign).encode())
        found.Compile()
    except re2.error:
        return None
    return found
