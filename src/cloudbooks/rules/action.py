"""Actions: what a rule makes of a line that it takes."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cloudbooks.core.money import canonical
from cloudbooks.rules.condition import Condition
from cloudbooks.rules.subject import Line, Subject

WHOLE = 100
"""Percent of a line."""

PLACEHOLDERS = ("text", "party", "date")
"""What may stand in braces in a summary or a party."""

PLACEHOLDER = re.compile(r"\{([^{}]*)\}|[{}]")


@dataclass(frozen=True, slots=True)
class Percent:
    """An exact percentage: `digits` / 10**`decimals` percent, above 0 and at most 100."""

    digits: int
    decimals: int

    def __str__(self) -> str:
        return canonical(self.digits, self.decimals)

    def of(self, amount: int) -> int:
        """The share of an amount of minor units that is not negative, halves rounded up."""
        whole = WHOLE * int(10**self.decimals)
        return (2 * amount * self.digits + whole) // (2 * whole)


@dataclass(frozen=True, slots=True)
class Fixed:
    """An exact amount in the line's own commodity: `digits` / 10**`decimals`, above 0."""

    digits: int
    decimals: int

    def __str__(self) -> str:
        return canonical(self.digits, self.decimals)

    def minor(self, scale: int) -> int | None:
        """Minor units at a scale; `None` where the scale has too few decimals for it."""
        if self.decimals <= scale:
            return self.digits * int(10 ** (scale - self.decimals))
        minor, left = divmod(self.digits, int(10 ** (self.decimals - scale)))
        return None if left else minor


@dataclass(frozen=True, slots=True)
class Split:
    """One part of a line: its account, and a share of the line, a fixed amount, or (`None`) what is left."""

    account: str
    portion: Percent | Fixed | None
    party: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """What goes to one account: `amount` in minor units, with the sign of the amount that was parted."""

    account: str
    amount: int
    party: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """What becomes of a line. Exactly one of `account`, `splits` and `ignore` (the reason why) is set.

    `account` is a code, name or part of a name, as a person writes it. `summary` and `party` may hold the
    placeholders `{text}`, `{party}` and `{date}`: `summary_of` and `party_of` fill them.
    """

    account: str = ""
    party: str = ""
    summary: str = ""
    tags: tuple[str, ...] = ()
    splits: tuple[Split, ...] = ()
    ignore: str = ""

    def parts(self, amount: int, scale: int) -> tuple[Part, ...]:
        """`amount` (minor units of a commodity with `scale` decimals, of either sign) divided among the accounts.

        The parts sum to `amount` exactly and none has the opposite sign: a share is rounded to a whole unit, half away
        from zero, but takes no more than what is left, and the last split takes the rest. A part of nothing is left
        out. An action that ignores has no parts. For a line that the rule takes, every fixed amount fits.
        """
        if self.ignore:
            return ()
        if not self.splits:
            return (Part(self.account, amount),)
        sign = -1 if amount < 0 else 1
        left = abs(amount)
        parts = []
        for number, split in enumerate(self.splits, start=1):
            taken = left if number == len(self.splits) else min(left, _wanted(split, abs(amount), scale))
            left -= taken
            parts.append(Part(split.account, sign * taken, split.party, split.text))
        return tuple(part for part in parts if part.amount) or (Part(self.splits[-1].account, 0),)

    def summary_of(self, subject: Subject) -> str:
        """The summary with its placeholders filled; empty where the rule gives none."""
        return _filled(self.summary, subject)

    def party_of(self, subject: Subject) -> str:
        """The party with its placeholders filled; empty where the rule gives none."""
        return _filled(self.party, subject)


def _wanted(split: Split, amount: int, scale: int) -> int:
    if isinstance(split.portion, Percent):
        return split.portion.of(amount)
    if isinstance(split.portion, Fixed):
        return split.portion.minor(scale) or 0
    return amount


def _filled(template: str, subject: Subject) -> str:
    if "{" not in template:
        return template
    words = {"text": subject.text, "party": subject.party, "date": subject.date.isoformat()}
    filled = PLACEHOLDER.sub(lambda found: words.get(found.group(1) or "", found.group(0)), template)
    return " ".join(filled.split())


@dataclass(frozen=True, slots=True)
class Divisible:
    """The condition that fixed amounts bring along: the line is large enough for them, beside the shares.

    A line that is smaller, or whose commodity has too few decimals for a fixed amount, is not taken by the rule.
    """

    splits: tuple[Split, ...]

    def __str__(self) -> str:
        fixed = " and ".join(str(split.portion) for split in self.splits if isinstance(split.portion, Fixed))
        return f"splits of {fixed} fit the amount"

    def holds(self, line: Line) -> bool:
        """Whether fixed amounts and shares together are not more than the line."""
        amount, scale = abs(line.subject.amount), line.subject.scale
        fixed = 0
        free = WHOLE * 10**12
        for split in self.splits[:-1]:
            if isinstance(split.portion, Fixed):
                minor = split.portion.minor(scale)
                if minor is None:
                    return False
                fixed += minor
            elif split.portion is not None:
                free -= split.portion.digits * 10 ** (12 - split.portion.decimals)
        return fixed * WHOLE * 10**12 <= amount * free

    def given(self, blind: Line) -> Condition | bool:  # noqa: ARG002 - a blind line does not know its amount
        """Itself: the amount is not known yet."""
        return self
