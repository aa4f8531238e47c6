"""`cloudbooks price`, `commodity` and `party`: the small lists of a book."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from cloudbooks.books.inspecting import head
from cloudbooks.cli.desk import desk_of, writing_desk
from cloudbooks.cli.drafts import UNDO
from cloudbooks.cli.face import Face
from cloudbooks.cli.once import once
from cloudbooks.cli.output import Answer, emit, next_step, undo_step
from cloudbooks.cli.showing import column, listed
from cloudbooks.cli.usage import choice, whole
from cloudbooks.core.period import day
from cloudbooks.errors import Sentence, counted, joined, sentence

CODE = typer.Argument(metavar="CODE", help="The commodity's code, such as USD or BTC.")


def list_prices(ctx: typer.Context) -> int:
    """List the prices."""
    from cloudbooks.books.pricing import prices  # noqa: PLC0415 - only for prices

    face: Face = ctx.obj
    desk = desk_of(face, "price list")
    found = prices(desk)
    facts = [
        {
            "date": one.date.isoformat(),
            "commodity": one.commodity,
            "base": one.base,
            "rate": str(one.rate),
            "waiting": one.waiting,
        }
        for one in found
    ]

    def lines() -> list[str]:
        columns = (
            column("date", sentence("Date")),
            column("commodity", sentence("Commodity")),
            column("rate", sentence("Rate"), right=True),
            column("base", sentence("Base")),
            column("state", sentence("State"), priority=1),
        )
        rows = [
            (
                one.date.isoformat(),
                one.commodity,
                str(one.rate),
                one.base,
                sentence("waits for the next post") if one.waiting else "",
            )
            for one in found
        ]
        return listed(face, columns, rows, sentence("No prices yet. cloudbooks price add USD 7.12 --date 2026-10-01"))

    return emit(
        face, Answer("price.list", data=lambda: {"prices": facts}, lines=lines, rows="prices", mark=lambda: head(desk))
    )


def add_price(
    ctx: typer.Context,
    commodity: Annotated[str, CODE],
    rate: Annotated[str, typer.Argument(metavar="RATE", help="What one unit is worth in the base.")],
    date: Annotated[str, typer.Option("--date", metavar="DATE", help="Its day; else today.")] = "today",
) -> int:
    """Add a price; drafts that lacked it get their values."""
    from cloudbooks.books import pricing  # noqa: PLC0415 - only for prices

    face: Face = ctx.obj
    desk = writing_desk(face, "price add")

    def act() -> Answer:
        priced = pricing.add_price(desk, commodity, rate, day(date, desk.today))
        price = priced.price
        said = sentence(
            "{date}: 1 {commodity} = {rate} {base}; the next post states it.",
            date=price.date.isoformat(),
            commodity=price.commodity,
            rate=str(price.rate),
            base=price.base,
        )
        completed = counted("{n} draft got its value.", "{n} drafts got their values.", len(priced.completed))
        lines = [said, completed] if priced.completed else [said]
        return Answer(
            "price.add",
            data=lambda: {
                "date": price.date.isoformat(),
                "commodity": price.commodity,
                "base": price.base,
                "rate": str(price.rate),
                "completed": [f"D-{number}" for number in priced.completed],
            },
            lines=lambda: [face.locale.say(line) for line in lines],
            mark=lambda: head(desk),
            after=(next_step("cloudbooks draft list"), undo_step(UNDO)),
        )

    return once(face, desk, act)


def list_commodities(ctx: typer.Context) -> int:
    """List the commodities of the book."""
    from cloudbooks.books.commodities import commodities  # noqa: PLC0415 - only for commodities

    face: Face = ctx.obj
    desk = desk_of(face, "commodity list")
    found = commodities(desk)
    facts = [{"code": one.code, "scale": one.scale, "name": one.name} for one in found]

    def lines() -> list[str]:
        columns = (
            column("code", sentence("Commodity")),
            column("scale", sentence("Decimals"), right=True),
            column("name", sentence("Name")),
        )
        rows = [(one.code, str(one.scale), one.name) for one in found]
        return listed(face, columns, rows, sentence("No commodities."))

    return emit(
        face,
        Answer(
            "commodity.list",
            data=lambda: {"commodities": facts},
            lines=lines,
            rows="commodities",
            mark=lambda: head(desk),
        ),
    )


def add_commodity(
    ctx: typer.Context,
    code: Annotated[str, CODE],
    scale: Annotated[str, typer.Option("--scale", metavar="N", help="Its decimals; a currency has its own.")] = "",
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="Its name.")] = "",
) -> int:
    """Add a commodity; the next post states it."""
    from cloudbooks.books import commodities  # noqa: PLC0415 - only for commodities

    face: Face = ctx.obj
    desk = writing_desk(face, "commodity add")
    decimals = whole("--scale", scale) if scale else None

    def act() -> Answer:
        added = commodities.add_commodity(desk, code.upper(), decimals, name, zh=face.locale.chinese)
        title = f"{added.code} {added.name}".strip()
        said = counted(
            "{commodity}, {n} decimal: the next post states it.",
            "{commodity}, {n} decimals: the next post states it.",
            added.scale,
            commodity=title,
        )
        return Answer(
            "commodity.add",
            data=lambda: {"code": added.code, "scale": added.scale, "name": added.name},
            lines=lambda: [face.locale.say(said)],
            mark=lambda: head(desk),
            after=(next_step("cloudbooks post --all"), undo_step(UNDO)),
        )

    return once(face, desk, act)


def list_parties(ctx: typer.Context) -> int:
    """List the customers, suppliers and employees."""
    from cloudbooks.books.parties import parties  # noqa: PLC0415 - only for parties

    face: Face = ctx.obj
    desk = desk_of(face, "party list")
    found = parties(desk)
    facts = [
        {"id": one.id, "name": one.name, "kinds": list(one.kinds), "tax_id": one.tax_id or None, "closed": one.closed}
        for one in found
    ]

    def lines() -> list[str]:
        columns = (
            column("name", sentence("Party")),
            column("kinds", sentence("Kind")),
            column("tax_id", sentence("Tax ID"), priority=1),
        )
        rows = [(one.name, _kinds(one.kinds), one.tax_id) for one in found]
        return listed(face, columns, rows, sentence("No parties yet. cloudbooks party add NAME"))

    return emit(
        face,
        Answer("party.list", data=lambda: {"parties": facts}, lines=lines, rows="parties", mark=lambda: head(desk)),
    )


def _kinds(kinds: Sequence[str]) -> Sentence:
    """What a party is to the firm, in the reader's words; a kind that a newer program wrote stands as it is."""
    words = {"customer": sentence("customer"), "supplier": sentence("supplier"), "employee": sentence("employee")}
    return sentence("{kinds}", kinds=joined([words.get(one, one) for one in kinds]))


def add_party(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The party's name.")],
    kind: Annotated[
        list[str] | None, typer.Option("--kind", metavar="KIND", help="customer, supplier, employee; more than once.")
    ] = None,
    tax_id: Annotated[str, typer.Option("--tax-id", metavar="ID", help="Its tax id.")] = "",
) -> int:
    """Add a customer, supplier or employee; the next post states it."""
    from cloudbooks.books import parties  # noqa: PLC0415 - only for parties

    face: Face = ctx.obj
    desk = writing_desk(face, "party add")
    kinds = tuple(choice("--kind", one, parties.KINDS) for one in kind or ())

    def act() -> Answer:
        party = parties.add_party(desk, name, kinds, tax_id)
        said = sentence("{party}: the next post states it.", party=party.name)
        return Answer(
            "party.add",
            data=lambda: {
                "id": party.id,
                "name": party.name,
                "kinds": list(party.kinds),
                "tax_id": party.tax_id or None,
            },
            lines=lambda: [face.locale.say(said)],
            mark=lambda: head(desk),
            after=(next_step("cloudbooks post --all"), undo_step(UNDO)),
        )

    return once(face, desk, act)
