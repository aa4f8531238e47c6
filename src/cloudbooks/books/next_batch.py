"""A book as the next batch will leave it: what is posted, and what waits to be.

The chain's records are loaded only where something waits: a draft, or a Tab in a shell, should not wait for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from cloudbooks.books.valuing import Valuation
from cloudbooks.core.account import Account, AccountKind
from cloudbooks.core.chart import Chart
from cloudbooks.core.commodity import Commodity
from cloudbooks.core.money import Rate
from cloudbooks.core.party import Party
from cloudbooks.errors import Refusal, sentence
from cloudbooks.store import reading, working
from cloudbooks.store.book_file import BookFile


class CommodityUnknown(Refusal):
    """A book has no commodity of this code, or the list of currencies has none that could be its base."""

    code = "commodity-unknown"

    def __init__(self, code: str, *, base: bool = False) -> None:
        message = sentence('"{code}" is no currency that CloudBooks knows, and not in this book.', code=code)
        hint = sentence("cloudbooks commodity add {code} --scale 2", code=code)
        from cloudbooks.books.packs import currency  # noqa: PLC0415 - only where one is refused

        if currency(code) is not None:
            message = sentence('this book has no commodity "{code}" yet.', code=code)
            hint = sentence("cloudbooks commodity add {code}", code=code)
        if base:
            message = sentence('"{code}" is no currency that CloudBooks knows; the base of a book is one.', code=code)
            hint = sentence("--base takes a code of ISO 4217, such as CNY, USD or EUR")
        super().__init__(message, hint=hint)


@dataclass(frozen=True, slots=True)
class Price:
    """What one unit of `commodity` is worth in `base` on a day; `waiting` until the next batch posts it."""

    date: date
    commodity: str
    base: str
    rate: Rate
    waiting: bool = False


def waiting_accounts(book: BookFile) -> dict[str, Account]:
    """The accounts that wait, new or changed, by id."""
    pending = working.pending(book)
    if not pending:
        return {}
    from cloudbooks.chain import record  # noqa: PLC0415 - only where something waits

    return {
        one.id: Account(
            one.id,
            one.code,
            one.name,
            AccountKind(one.kind),
            one.klass,
            one.parent,
            one.commodity,
            one.dimensions,
            one.closed,
        )
        for one in pending
        if isinstance(one, record.Account)
    }


def chart_of(book: BookFile) -> Chart:
    """The chart of a book."""
    accounts = {account.id: account for account in reading.accounts(book)}
    return Chart((accounts | waiting_accounts(book)).values())


def parties_of(book: BookFile) -> dict[str, Party]:
    """All parties by id."""
    parties, pending = reading.parties(book), working.pending(book)
    if not pending:
        return parties
    from cloudbooks.chain import record  # noqa: PLC0415 - only where something waits

    return parties | {
        one.id: Party(one.id, one.name, one.kinds, one.tax_id, one.closed)
        for one in pending
        if isinstance(one, record.Party)
    }


def all_commodities(book: BookFile) -> dict[str, Commodity]:
    """The book's commodities by code."""
    commodities, pending = reading.commodities(book), working.pending(book)
    if not pending:
        return commodities
    from cloudbooks.chain import record  # noqa: PLC0415 - only where something waits

    return commodities | {
        one.code: Commodity(one.code, one.scale, one.name) for one in pending if isinstance(one, record.Commodity)
    }


def waiting_prices(book: BookFile) -> list[Price]:
    """The prices that wait, in the order in which they were given."""
    pending = working.pending(book)
    if not pending:
        return []
    from cloudbooks.chain import record  # noqa: PLC0415 - only where something waits

    return [
        Price(date.fromisoformat(one.date), one.commodity, one.base, Rate.parse(one.rate), waiting=True)
        for one in pending
        if isinstance(one, record.Price)
    ]


def valuation(book: BookFile) -> Valuation:
    """How this book values foreign amounts now: its prices, those that wait included."""
    waiting = waiting_prices(book)
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


def book_series(book: BookFile) -> str:
    """The voucher series of new drafts: the setting, or what the chart's pack says."""
    return working.setting(book, "series") or ("记" if reading.facts(book).jurisdiction == "CN" else "J")
