"""Values in the base currency: the last price on or before a day."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from cloudbooks.core.commodity import Commodity
from cloudbooks.core.draft import Draft, DraftLine
from cloudbooks.core.money import Rate

RateOn = Callable[[str, date], Rate | None]


@dataclass(frozen=True, slots=True)
class Valuation:
    """How a book turns amounts into values: its base, its commodities and its prices."""

    base: str
    commodities: Mapping[str, Commodity]
    rate_on: RateOn

    @property
    def base_scale(self) -> int:
        """Decimals of the base."""
        return self.commodities[self.base].scale

    def value(self, amount: int, commodity: str, day: date) -> int | None:
        """Minor units of the base for `amount` of `commodity` on a day; `None` where no price is known."""
        if commodity == self.base:
            return amount
        rate = self.rate_on(commodity, day)
        if rate is None:
            return None
        return rate.value(amount, self.commodities[commodity].scale, self.base_scale)

    def valued(self, draft: Draft) -> Draft:
        """The draft with the values that it lacks, where prices are known now.

        What rounding leaves over goes to the last of them, so that a draft whose amounts balance balances in value.
        """
        if draft.date is None or all(line.value is not None or line.amount is None for line in draft.lines):
            return draft
        day = draft.date
        lines = [self._line(line, day) for line in draft.lines]
        fresh = [
            place for place, line in enumerate(draft.lines) if line.value is None and lines[place].value is not None
        ]
        if fresh:
            last = lines[fresh[-1]]
            lines[fresh[-1]] = replace(last, value=(last.value or 0) - self._residue(lines))
        return replace(draft, lines=tuple(lines))

    def revalued(self, draft: Draft) -> Draft:
        """The draft valued anew by the prices of now; what corrects a posted entry keeps its posted values."""
        if draft.reverses or draft.replaces:
            return draft
        bare = (line if line.commodity == self.base else replace(line, value=None) for line in draft.lines)
        return self.valued(replace(draft, lines=tuple(bare)))

    def _line(self, line: DraftLine, day: date) -> DraftLine:
        if line.value is not None or line.amount is None:
            return line
        return replace(line, value=self.value(line.amount, line.commodity, day))

    def _residue(self, lines: Sequence[DraftLine]) -> int:
        """What the values sum to, where the amounts, all of one commodity, sum to zero; else 0: it is not rounding."""
        values = [line.value for line in lines if line.value is not None]
        amounts = [line.amount for line in lines if line.amount is not None]
        if len(values) < len(lines) or len({line.commodity for line in lines}) != 1 or sum(amounts) != 0:
            return 0
        return sum(values)
