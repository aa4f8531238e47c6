"""Values in the base currency: the last price on or before a day."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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
        """The draft with the values that it lacks, where prices are known now."""
        if draft.date is None or all(line.value is not None or line.amount is None for line in draft.lines):
            return draft
        day = draft.date
        return replace(draft, lines=tuple(self._line(line, day) for line in draft.lines))

    def _line(self, line: DraftLine, day: date) -> DraftLine:
        if line.value is not None or line.amount is None:
            return line
        return replace(line, value=self.value(line.amount, line.commodity, day))
