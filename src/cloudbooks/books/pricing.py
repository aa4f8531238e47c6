"""`price add|list`: what a commodity is worth in the base on a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from cloudbooks.books.desk import Desk
from cloudbooks.books.next_batch import CommodityUnknown, Price, all_commodities, valuation, waiting_prices
from cloudbooks.chain import record
from cloudbooks.core.money import Rate
from cloudbooks.errors import Refusal, sentence
from cloudbooks.store import reading, working
from cloudbooks.store.unit import operation
from cloudbooks.system.chance import new_id


class BaseHasNoPrice(Refusal):
    """The base commodity was given a price in itself."""

    code = "price-of-base"

    def __init__(self, base: str) -> None:
        super().__init__(
            sentence("{base} is the base of this book: it is worth 1 {base}.", base=base),
            hint=sentence("cloudbooks price add USD 7.12 --date 2026-10-01"),
        )


@dataclass(frozen=True, slots=True)
class Priced:
    """A price that was added, and the numbers of the drafts whose values it gave."""

    price: Price
    completed: tuple[int, ...]


def add_price(desk: Desk, commodity: str, rate: str, day: date) -> Priced:
    """Keep a price for the next batch, and value the drafts that it is for: those without a value, and those with one.

    A draft takes its values from the last price on or before its day for as long as it is not posted.
    """
    exact = Rate.parse(rate)
    with desk.open() as book:
        facts = reading.facts(book)
        code = commodity.upper()
        if code == facts.base:
            raise BaseHasNoPrice(facts.base)
        if code not in all_commodities(book):
            raise CommodityUnknown(code)
        price = record.Price(new_id(desk.clock), day.isoformat(), code, facts.base, str(exact))
        with operation(
            book,
            verb="price add",
            summary=sentence("price of {commodity}: {rate}", commodity=code, rate=str(exact)),
            by=desk.who(book).id,
        ) as unit:
            unit.put_pending(price)
            prices = valuation(book)
            completed: list[int] = []
            for draft in working.drafts(book):
                valued = prices.revalued(draft) if any(line.commodity == code for line in draft.lines) else draft
                if valued != draft:
                    unit.keep_draft(valued.judged(prices.base, prices.base_scale))
                    completed.append(draft.number)
    return Priced(Price(day, code, facts.base, exact, waiting=True), tuple(completed))


def prices(desk: Desk) -> tuple[Price, ...]:
    """All prices of the book, by date and commodity; those not posted yet are marked."""
    with desk.open() as book:
        base = reading.facts(book).base
        posted = [Price(day, code, base, rate) for day, code, rate in reading.prices(book)]
        waiting = waiting_prices(book)
    return tuple(sorted([*posted, *waiting], key=lambda price: (price.date, price.commodity)))
