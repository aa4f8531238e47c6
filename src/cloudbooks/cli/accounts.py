"""`cloudbooks account …`: the chart of the book."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from cloudbooks.books import accounts as chart
from cloudbooks.books.desk import Desk
from cloudbooks.books.inspecting import head
from cloudbooks.cli.asking import picked
from cloudbooks.cli.desk import desk_of, writing_desk
from cloudbooks.cli.face import Face
from cloudbooks.cli.once import once
from cloudbooks.cli.output import Answer, emit, next_step, undo_step
from cloudbooks.cli.showing import KINDS, column, listed, table_lines
from cloudbooks.cli.usage import choice
from cloudbooks.core.account import Account, AccountKind
from cloudbooks.core.chart import AccountAmbiguous
from cloudbooks.errors import Sentence, sentence
from cloudbooks.reports.table import Column, Row, Table

ACCOUNT = typer.Argument(metavar="ACCOUNT", help="A code, a name, its initials, or a part that fits one account.")
NAME = typer.Argument(metavar="NAME", help="The account's name.")


def found(face: Face, desk: Desk, word: str) -> Account:
    """The account meant by a word; where several fit, one is picked on a terminal, and refused elsewhere."""
    try:
        return chart.account(desk, word)
    except AccountAmbiguous as several:
        question = sentence('Which account is "{word}"?', word=word)
        account = picked(face, question, [(str(one), one) for one in several.fits])
        if account is None:
            raise
        return account


def list_(
    ctx: typer.Context,
    *,
    tree: Annotated[bool, typer.Option("--tree", help="Indent accounts below their parents.")] = False,
    closed: Annotated[bool, typer.Option("--closed", help="List closed accounts too.")] = False,
) -> int:
    """List the accounts."""
    face: Face = ctx.obj
    desk = desk_of(face, "account list")
    accounts = [one for one in chart.accounts(desk) if closed or not one.account.closed]

    def lines() -> list[str]:
        columns = (
            column("code", sentence("Code")),
            Column("name", sentence("Account"), indents=tree),
            column("kind", sentence("Kind")),
            column("commodity", sentence("Commodity"), priority=2),
            column("state", sentence("State"), priority=1),
        )
        rows = [
            Row(
                (
                    one.account.code,
                    one.account.name,
                    KINDS[one.account.kind.value],
                    one.account.commodity,
                    _state(one),
                ),
                level=one.depth if tree else 0,
            )
            for one in accounts
        ]
        return table_lines(face, Table("", columns, tuple(rows)))

    answer = Answer(
        "account.list",
        data=lambda: {"accounts": [_facts(one.account) | {"waiting": one.waiting} for one in accounts]},
        lines=lines,
        rows="accounts",
        mark=lambda: head(desk),
    )
    return emit(face, answer)


def _state(one: chart.ChartedAccount) -> Sentence | str:
    if one.account.closed:
        return sentence("no longer used")
    return sentence("waits for the next post") if one.waiting else ""


def _facts(account: Account) -> dict[str, object]:
    return {
        "id": account.id,
        "code": account.code,
        "name": account.name,
        "kind": account.kind.value,
        "class": account.klass or None,
        "parent": account.parent or None,
        "commodity": account.commodity or None,
        "closed": account.closed,
    }


def show(ctx: typer.Context, account: Annotated[str, ACCOUNT]) -> int:
    """Show one account."""
    face: Face = ctx.obj
    desk = desk_of(face, "account show")
    shown = found(face, desk, account)
    kind = KINDS[shown.kind.value]
    said = [sentence("{account}, {kind}", account=str(shown), kind=kind)]
    if shown.commodity:
        said.append(sentence("It takes {commodity} only.", commodity=shown.commodity))
    return emit(
        face,
        Answer(
            "account.show",
            data=lambda: _facts(shown),
            lines=lambda: [face.locale.say(line) for line in said],
            mark=lambda: head(desk),
            after=(next_step(sentence("cloudbooks report ledger {code}", code=shown.code)),),
        ),
    )


def add(
    ctx: typer.Context,
    code: Annotated[str, typer.Argument(metavar="CODE", help="Its code; 1002.02 stands below 1002.")],
    name: Annotated[str, NAME],
    kind: Annotated[
        str, typer.Option("--kind", metavar="KIND", help="asset, liability, equity, income or expense.")
    ] = "",
    commodity: Annotated[
        str, typer.Option("--commodity", metavar="CODE", help="The only commodity that it takes.")
    ] = "",
) -> int:
    """Add an account; the next post states it."""
    kinds = [one.value for one in AccountKind]
    wanted = choice("--kind", kind, kinds) if kind else ""
    return _stated(
        ctx.obj,
        "account add",
        lambda desk: chart.add_account(desk, code, name, kind=wanted, commodity=commodity.upper()),
    )


def rename(ctx: typer.Context, account: Annotated[str, ACCOUNT], name: Annotated[str, NAME]) -> int:
    """Give an account another name; the next post states it."""
    face: Face = ctx.obj
    return _stated(
        face, "account rename", lambda desk: chart.rename_account(desk, found(face, desk, account).code, name)
    )


def close(ctx: typer.Context, account: Annotated[str, ACCOUNT]) -> int:
    """Close an account that nothing hangs on; the next post states it."""
    face: Face = ctx.obj
    return _stated(face, "account close", lambda desk: chart.close_account(desk, found(face, desk, account).code))


def _stated(face: Face, command: str, act: Callable[[Desk], Account]) -> int:
    desk = writing_desk(face, command)

    def answer() -> Answer:
        account = act(desk)
        said = sentence("{account}: the next post states it.", account=str(account))
        if account.closed:
            said = sentence("{account} is closed with the next post.", account=str(account))
        return Answer(
            command.replace(" ", "."),
            data=lambda: _facts(account),
            lines=lambda: [face.locale.say(said)],
            mark=lambda: head(desk),
            after=(next_step("cloudbooks post --all"), undo_step("cloudbooks undo")),
        )

    return once(face, desk, answer)


def show_chart(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="cn-small or generic; nothing lists them.")] = "",
) -> int:
    """Show a chart of accounts that CloudBooks brings."""
    from cloudbooks.books.packs import chart_names, chart_pack  # noqa: PLC0415 - YAML is read only here

    face: Face = ctx.obj
    if not name:
        names = chart_names()
        answer = Answer("account.chart", data=lambda: {"charts": list(names)}, lines=lambda: list(names), rows="charts")
        return emit(face, answer)
    pack = chart_pack(name)
    accounts = [
        {"code": one.code, "name": one.name_en, "name_zh": one.name_zh, "kind": one.kind, "parent": one.parent or None}
        for one in pack.accounts
    ]
    columns = (column("code", sentence("Code")), column("name", sentence("Account")), column("kind", sentence("Kind")))
    rows = [
        (one.code, (one.name_zh if face.locale.chinese else "") or one.name_en, KINDS[one.kind])
        for one in pack.accounts
    ]
    return emit(
        face,
        Answer(
            "account.chart",
            data=lambda: {"name": pack.name, "accounts": accounts},
            lines=lambda: listed(face, columns, rows, sentence("The chart is empty.")),
            rows="accounts",
        ),
    )
