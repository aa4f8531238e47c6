"""`price add|list`, and the valuation that a book's prices give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from cloudbooks.books.desk import Desk
from cloudbooks.books.founding import CommodityUnknown
from cloudbooks.books.valuing import Valuation
from cloudbooks.chain import record
from cloudbooks.core.commodity import Commodity
from cloudbooks.core.money import Rate
from cloudbooks.errors import Refusal, sentence
from cloudbooks.store import reading, working
from cloudbooks.store.book_file import BookFile
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
class Price:
    """What one unit of `commodity` is worth in `base` on a day; `waiting` until the next batch posts it."""

    date: date
    commodity: str
    base: str
    rate: Rate
    waiting: bool = False


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
        waiting = [_price(one) for one in working.pending(book) if isinstance(one, record.Price)]
    return tuple(sorted([*posted, *waiting], key=lambda price: (price.date, price.commodity)))


def all_commodities(book: BookFile) -> dict[str, Commodity]:
    """The book's commodities by code, those that wait for the next batch included."""
    waiting = {
        one.code: Commodity(one.code, one.scale, one.name)
        for one in working.pending(book)
        if isinstance(one, record.Commodity)
    }
    return reading.commodities(book) | waiting


def valuation(book: BookFile) -> Valuation:
    """How this book values foreign amounts now: its prices, those that wait included."""
    waiting = [_price(one) for one in working.pending(book) if isinstance(one, record.Price)]
    memo: dict[tuple[str, date], Rate | None] = {}

    def rate_on(commodity: str, day: date) -> Rate | None:
        key = (commodity, day)
        if key not in memo:
            memo[key] = _latest(book, waiting, commodity, day)
        return memo[key]

    return Valuation(reading.facts(book).base, all_commodities(book), rate_on)


def _latest(book: BookFile, waiting: Sequence[Price], commodity: str, day: date) -> Rate | None:
    """The rate of the latest day on or before `day`; one that waits wins over a posted one of the same day."""
    fits = [price for price in waiting if price.commodity == commodity and price.date <= day]
    # Of one day the price given last counts, as it will when they are posted.
    latest = max(reversed(fits), key=lambda price: price.date, default=None)
    posted = reading.price_on(book, commodity, day)
    if latest is None:
        return posted[1] if posted else None
    return posted[1] if posted and posted[0] > latest.date else latest.rate


def _price(one: record.Price) -> Price:
    return Price(date.fromisoformat(one.date), one.commodity, one.base, Rate.parse(one.rate), waiting=True)
