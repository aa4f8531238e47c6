"""`commodity …`: currencies and other counted things, those that wait for the next batch included."""

from __future__ import annotations

from cloudbooks.books.desk import Desk
from cloudbooks.books.founding import commodity_record
from cloudbooks.books.next_batch import all_commodities
from cloudbooks.books.packs import currency
from cloudbooks.core.commodity import CODE, SCALE_MAX, Commodity
from cloudbooks.errors import Refusal, sentence
from cloudbooks.store.unit import operation


class CommodityTaken(Refusal):
    """The book has a commodity of this code already; its scale never changes."""

    code = "commodity-taken"

    def __init__(self, commodity: Commodity) -> None:
        super().__init__(
            sentence(
                "{code} is in this book already, with {scale} decimals.", code=commodity.code, scale=commodity.scale
            ),
            hint=sentence("cloudbooks commodity list"),
        )


class CommodityUnfit(Refusal):
    """A commodity's code or scale is none that the format allows."""

    code = "commodity-unfit"

    def __init__(self, code: str) -> None:
        super().__init__(
            sentence(
                '"{code}" cannot be a commodity: a code has up to 24 capital letters and digits, a scale is 0 to 12.',
                code=code,
            ),
            hint=sentence("cloudbooks commodity add BTC --scale 8"),
        )


class ScaleMissing(Refusal):
    """A commodity that is not in the list of currencies was added without its decimals."""

    code = "commodity-scale-missing"

    def __init__(self, code: str) -> None:
        super().__init__(
            sentence('"{code}" is no currency that CloudBooks knows, so its decimals must be given.', code=code),
            hint=sentence("cloudbooks commodity add {code} --scale 2", code=code),
        )


def commodities(desk: Desk) -> tuple[Commodity, ...]:
    """All commodities of the book by code."""
    with desk.open() as book:
        return tuple(sorted(all_commodities(book).values(), key=lambda one: one.code))


def add_commodity(desk: Desk, code: str, scale: int | None = None, name: str = "", *, zh: bool = False) -> Commodity:
    """State a new commodity with the next batch; a known currency brings its scale and name."""
    known = currency(code)
    if scale is None and known is None:
        raise ScaleMissing(code)
    exact = known.scale if scale is None and known is not None else scale or 0
    if not CODE.fullmatch(code) or not 0 <= exact <= SCALE_MAX:
        raise CommodityUnfit(code)
    title = name or ((known.zh if zh else known.en) if known else "")
    with desk.open() as book:
        there = all_commodities(book).get(code)
        if there is not None:
            raise CommodityTaken(there)
        summary = sentence("commodity add {code}", code=code)
        with operation(book, verb="commodity add", summary=summary, by=desk.who(book).id) as unit:
            unit.put_pending(commodity_record(desk, code, exact, title))
    return Commodity(code, exact, title)
