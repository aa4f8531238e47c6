"""`cloudbooks balance` and `report …`: questions to what is posted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from cloudbooks import __version__
from cloudbooks.books.reporting import Answer as Reported
from cloudbooks.books.reporting import Question, answer
from cloudbooks.cli.desk import desk_of
from cloudbooks.cli.face import Face
from cloudbooks.cli.output import Answer, emit
from cloudbooks.cli.showing import table_lines
from cloudbooks.cli.usage import choice, whole
from cloudbooks.core.digest import short
from cloudbooks.core.head_code import head_code
from cloudbooks.core.period import Month
from cloudbooks.errors import Sentence, counted, sentence
from cloudbooks.reports.columns import By

if TYPE_CHECKING:
    from cloudbooks.store.book_file import Head
    from cloudbooks.store.locks import LockRow

PERIOD = typer.Option("-p", "--period", metavar="PERIOD", help="2026, 2026-10, 2026q3, 2026-01..2026-03, 上月.")
BY = typer.Option("--by", metavar="SPAN", help="One column a month, quarter or year.")
COMPARE = typer.Option("--compare", help="The same a year before, beside it.")
DEPTH = typer.Option("--depth", metavar="N", help="Levels of accounts to show.")
CHART = typer.Option("--chart", help="Draw bars.")
COMMODITY = typer.Option("--commodity", metavar="CODE", help="Count amounts of one commodity, not values in the base.")
ZERO = typer.Option("--zero", help="Show accounts that have nothing.")
TREE = typer.Option("--tree", help="Indent accounts below their parents, with sums.")
HEAD = typer.Option("--head", help="Below it, the whole head and its short code, for paper.")
ACCOUNT = typer.Argument(metavar="ACCOUNT", help="A code, a name, its initials, or a part that fits one account.")


def balance(  # noqa: PLR0913 - a question has this many sides
    ctx: typer.Context,
    account: Annotated[str, ACCOUNT] = "",
    period: Annotated[str, PERIOD] = "",
    by: Annotated[str, BY] = "",
    depth: Annotated[str, DEPTH] = "",
    commodity: Annotated[str, COMMODITY] = "",
    *,
    zero: Annotated[bool, ZERO] = False,
    tree: Annotated[bool, TREE] = False,
    chart: Annotated[bool, CHART] = False,
    head: Annotated[bool, HEAD] = False,
) -> int:
    """Balances of accounts."""
    question = Question(
        period, _by(by), depth=_depth(depth), zero=zero, tree=tree, commodity=commodity, account=account
    )
    return _report(ctx.obj, "balance", question, chart=chart, head=head)


def trial_balance(  # noqa: PLR0913 - a question has this many sides
    ctx: typer.Context,
    period: Annotated[str, PERIOD] = "",
    depth: Annotated[str, DEPTH] = "",
    commodity: Annotated[str, COMMODITY] = "",
    *,
    zero: Annotated[bool, ZERO] = False,
    tree: Annotated[bool, TREE] = False,
    chart: Annotated[bool, CHART] = False,
    head: Annotated[bool, HEAD] = False,
) -> int:
    """Opening, debit, credit and closing of every account; debits equal credits."""
    question = Question(period, depth=_depth(depth), zero=zero, tree=tree, commodity=commodity)
    return _report(ctx.obj, "trial-balance", question, chart=chart, head=head)


def income(  # noqa: PLR0913 - a question has this many sides
    ctx: typer.Context,
    period: Annotated[str, PERIOD] = "",
    by: Annotated[str, BY] = "",
    depth: Annotated[str, DEPTH] = "",
    commodity: Annotated[str, COMMODITY] = "",
    *,
    compare: Annotated[bool, COMPARE] = False,
    zero: Annotated[bool, ZERO] = False,
    chart: Annotated[bool, CHART] = False,
    head: Annotated[bool, HEAD] = False,
) -> int:
    """Income statement: income, expenses and profit."""
    question = Question(period, _by(by), compare=compare, depth=_depth(depth), zero=zero, commodity=commodity)
    return _report(ctx.obj, "income", question, chart=chart, head=head)


def balance_sheet(  # noqa: PLR0913 - a question has this many sides
    ctx: typer.Context,
    period: Annotated[str, PERIOD] = "",
    by: Annotated[str, BY] = "",
    depth: Annotated[str, DEPTH] = "",
    commodity: Annotated[str, COMMODITY] = "",
    *,
    compare: Annotated[bool, COMPARE] = False,
    zero: Annotated[bool, ZERO] = False,
    chart: Annotated[bool, CHART] = False,
    head: Annotated[bool, HEAD] = False,
) -> int:
    """Balance sheet: assets, liabilities and equity at the end of the period."""
    question = Question(period, _by(by), compare=compare, depth=_depth(depth), zero=zero, commodity=commodity)
    return _report(ctx.obj, "balance-sheet", question, chart=chart, head=head)


def ledger(
    ctx: typer.Context,
    account: Annotated[str, ACCOUNT],
    period: Annotated[str, PERIOD] = "",
    commodity: Annotated[str, COMMODITY] = "",
    *,
    chart: Annotated[bool, CHART] = False,
    head: Annotated[bool, HEAD] = False,
) -> int:
    """Every posting of an account, with its running balance."""
    question = Question(period, commodity=commodity, account=account)
    return _report(ctx.obj, "ledger", question, chart=chart, head=head)


def journal(ctx: typer.Context, period: Annotated[str, PERIOD] = "", *, head: Annotated[bool, HEAD] = False) -> int:
    """Every entry in order of date and number."""
    return _report(ctx.obj, "journal", Question(period), chart=False, head=head)


def _by(text: str) -> By | None:
    return By(choice("--by", text, [one.value for one in By])) if text else None


def _depth(text: str) -> int | None:
    return whole("--depth", text) if text else None


def _report(face: Face, name: str, question: Question, *, chart: bool, head: bool) -> int:
    desk = desk_of(face, f"report {name}")
    reported = answer(desk, name, question)
    report = reported.report

    def lines() -> Iterator[str]:
        table = report.table()
        title = sentence(
            "{title}, {book}, {period}", title=table.title, book=reported.book_name, period=str(reported.period)
        )
        yield face.locale.say(title)
        yield from table_lines(face, table)
        if chart:
            from cloudbooks.reports.bars import lay_bars  # noqa: PLC0415 - only where bars were asked for

            yield ""
            yield from lay_bars(report.chart(), face.width or None, ascii_only=face.ascii, say=face.locale.say)
        yield face.locale.say(_foot(reported))
        for row in reported.reopened:
            yield face.locale.say(_reopened(row))
        if head and reported.head is not None:
            yield from map(face.locale.say, _whole(reported.head))

    def data() -> dict[str, object]:
        facts = report.data(face.locale.say)
        facts |= {"drafts_left": reported.drafts_left, "program": f"cloudbooks/{__version__}"}
        reopened = [
            {"period": str(Month.from_key(row.month)), "at": row.at, "by": row.by, "reason": row.reason}
            for row in reported.reopened
        ]
        if head and reported.head is not None:
            facts["head_code"] = head_code(reported.head.number, reported.head.hash)
        return facts | ({"reopened": reopened} if reopened else {})

    rows = {"balance": "accounts", "trial-balance": "accounts", "ledger": "entries", "journal": "entries"}
    return emit(
        face,
        Answer(
            f"report.{name}",
            data=data,
            lines=lines,
            rows=rows.get(name, "rows"),
            csv=lambda: _csv(face, reported),
            mark=lambda: (reported.head, reported.book),
        ),
    )


def _csv(face: Face, reported: Reported) -> Iterator[str]:
    from cloudbooks.reports.csv_text import csv_lines  # noqa: PLC0415 - people need no csv

    return csv_lines(reported.report.table(), face.locale.say)


def _foot(reported: Reported) -> Sentence:
    """What a report stands on: its head, the drafts that it leaves out, and the program's version."""
    head = reported.head
    if head is None:
        return sentence("No block yet; cloudbooks {version}", version=__version__)
    return counted(
        "Block {number}, {hash}; {n} draft left out; cloudbooks {version}",
        "Block {number}, {hash}; {n} drafts left out; cloudbooks {version}",
        reported.drafts_left,
        number=head.number,
        hash=short(head.hash),
        version=__version__,
    )


def _whole(head: Head) -> Iterator[Sentence | str]:
    """The head for paper, in lines that fit it: number, the code that `chain seen` compares, and the hash."""
    code = head_code(head.number, head.hash)
    yield sentence("Head: block {number}, code {code}", number=head.number, code=code)
    yield f"  {head.hash}"


def _reopened(row: LockRow) -> Sentence:
    """That a period of the report was closed and opened again."""
    return sentence(
        "{month} was reopened on {day} by {name}: {reason}",
        month=str(Month.from_key(row.month)),
        day=row.at[:10],
        name=row.by,
        reason=row.reason,
    )
