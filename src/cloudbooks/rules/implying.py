"""What conditions imply about each other: whether any line can fit them at once.

The answers are careful: "no line fits" is proven by comparing the conditions, never guessed; where nothing is proven,
a line may fit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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
    covers,
)
from cloudbooks.rules.subject import Field

BRANCHES_MAX = 200
"""Combinations of alternatives that are looked at; with more, nothing is proven."""

TESTS_MAX = 60
"""Single tests in one combination that are compared in pairs; with more, nothing is proven."""

WORDS_MAX = 10_000
"""Pairs of words that two tests are compared by; with more, nothing is proven."""

Signed = tuple[Condition, bool]
"""A condition, and whether it is to hold."""


def can_fit(condition: Condition) -> bool:
    """Whether a line may fit the condition; false only where it is proven that none can."""
    return _possible([(condition, True)], [], iter(range(BRANCHES_MAX)))


def implies(one: Condition, other: Condition) -> bool:
    """Whether it is proven that every line that fits `one` fits `other` too."""
    return not _possible([(one, True), (other, False)], [], iter(range(BRANCHES_MAX)))


def _possible(waiting: list[Signed], leaves: list[Signed], budget: Iterator[int]) -> bool:
    """Whether some combination of single tests may be consistent; each combination begun takes one from the budget."""
    if next(budget, None) is None:
        return True
    waiting, leaves = list(waiting), list(leaves)
    forks: list[tuple[tuple[Condition, ...], bool]] = []
    while waiting:
        condition, wanted = waiting.pop()
        if isinstance(condition, Not):
            waiting.append((condition.condition, not wanted))
        elif not isinstance(condition, All | AnyOf):
            leaves.append((condition, wanted))
        elif isinstance(condition, All) is wanted:
            waiting.extend((one, wanted) for one in condition.conditions)
        else:
            forks.append((condition.conditions, wanted))
    if not forks:
        return _consistent(leaves)
    (alternatives, wanted), rest = forks[0], forks[1:]
    others: list[Signed] = [(AnyOf(choices) if sign else All(choices), sign) for choices, sign in rest]
    # An empty fork has no alternative: an empty `any` cannot hold, an empty `all` cannot fail to.
    return any(_possible([(one, wanted), *others], leaves, budget) for one in alternatives)


def _consistent(leaves: Sequence[Signed]) -> bool:
    """Whether a line may fit all the single tests, as far as comparing them in pairs and by value tells."""
    if len(leaves) > TESTS_MAX:
        return True
    wanted = [one for one, holds in leaves if holds]
    unwanted = [one for one, holds in leaves if not holds]
    if any(_entails(one, other) for one in wanted for other in unwanted) or any(_always(other) for other in unwanted):
        return False
    if any(_exclude(one, other) for number, one in enumerate(wanted) for other in wanted[:number]):
        return False
    return all(_ranges_meet(wanted, unwanted, measure) for measure in Measure)


def _always(condition: Condition) -> bool:
    return isinstance(condition, PatternTest) and any(one.finds_all for one in condition.patterns)


def _entails(one: Condition, other: Condition) -> bool:
    """Whether a line that fits the test `one` fits the test `other`; ranges are compared elsewhere."""
    if isinstance(one, WordTest) and isinstance(other, WordTest):
        below = other.field is Field.TEXT and one.field in (Field.PARTY, Field.KIND)
        if (one.field is not other.field and not below) or len(one.words) * len(other.words) > WORDS_MAX:
            return False
        return all(any(_word_entails(one, word, other, wider) for wider in other.words) for word in one.words)
    if isinstance(one, PatternTest) and isinstance(other, PatternTest):
        return one.field is other.field and set(one.patterns) <= set(other.patterns)
    if isinstance(one, AccountTest) and isinstance(other, AccountTest):
        return all(any(covers(wider, code) for wider in other.codes) for code in one.codes)
    return one == other


def _word_entails(one: WordTest, word: Word, other: WordTest, wider: Word) -> bool:
    if other.how is How.CONTAINS:
        return wider.folded in word.folded
    if other.how is How.STARTS:
        return one.how is not How.CONTAINS and word.folded.startswith(wider.folded)
    versioned = one.field is Field.PROFILE and word.folded.partition("@")[0] == wider.folded
    return one.how is How.EQUALS and (word.folded == wider.folded or versioned)


def _exclude(one: Condition, other: Condition) -> bool:
    """Whether no line fits both tests: two accounts, or two parties, that are not the same."""
    if isinstance(one, AccountTest) and isinstance(other, AccountTest):
        return not any(covers(a, b) or covers(b, a) for a in one.codes for b in other.codes)
    if not (isinstance(one, WordTest) and isinstance(other, WordTest)) or one.field is not other.field:
        return False
    # Text has several cells, so a text may equal one word here and another there.
    if one.field is Field.TEXT or How.EQUALS not in (one.how, other.how):
        return False
    if len(one.words) * len(other.words) > WORDS_MAX:
        return False
    exact, test = (one, other) if one.how is How.EQUALS else (other, one)
    return not any(_may_be(word, test, wanted) for word in exact.words for wanted in test.words)


def _may_be(word: Word, test: WordTest, wanted: Word) -> bool:
    if test.field is Field.PROFILE:
        return wanted.folded.partition("@")[0] in word.folded or word.folded.partition("@")[0] in wanted.folded
    return test.how.compares((word.folded,), wanted.folded)


def _ranges_meet(wanted: Sequence[Condition], unwanted: Sequence[Condition], measure: Measure) -> bool:
    """Whether some amount or date lies in every wanted range and in no unwanted one."""
    allowed: list[Bounds] = [(None, None)]
    for condition in wanted:
        if isinstance(condition, RangeTest) and condition.measure is measure:
            allowed = _both(allowed, condition.ranges)
    for condition in unwanted:
        if isinstance(condition, RangeTest) and condition.measure is measure:
            for low, high in condition.ranges:
                outside: list[Bounds] = []
                if low is not None:
                    outside.append((None, low - 1))
                if high is not None:
                    outside.append((high + 1, None))
                allowed = _both(allowed, outside)
    return bool(allowed)


def _both(these: Sequence[Bounds], those: Sequence[Bounds]) -> list[Bounds]:
    met: list[Bounds] = []
    for low, high in these:
        for other_low, other_high in those:
            lows = [bound for bound in (low, other_low) if bound is not None]
            highs = [bound for bound in (high, other_high) if bound is not None]
            if not lows or not highs or max(lows) <= min(highs):
                met.append((max(lows, default=None), min(highs, default=None)))
    return met
