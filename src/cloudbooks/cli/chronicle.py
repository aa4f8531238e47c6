"""`cloudbooks chain log`: what each block did, who signed it and when."""

from __future__ import annotations

from typing import Annotated

import typer

from cloudbooks.books.inspecting import head
from cloudbooks.cli.desk import desk_of
from cloudbooks.cli.face import Face
from cloudbooks.cli.output import Answer, emit
from cloudbooks.cli.showing import column, listed
from cloudbooks.cli.usage import whole
from cloudbooks.errors import joined, sentence
from cloudbooks.system.clock import local_time

LAST = typer.Option("--last", metavar="N", help="Only the last N blocks.")


def chain_log(ctx: typer.Context, last: Annotated[str, LAST] = "") -> int:
    """Tell what each block did, who signed it and when, the newest first."""
    from cloudbooks.books.chronicle import chronicle  # noqa: PLC0415 - cryptography

    face: Face = ctx.obj
    desk = desk_of(face, "chain log")
    told = chronicle(desk, whole("--last", last) if last else None)
    facts = [
        {
            "block": one.row.number,
            "committed_at": one.row.committed_at,
            "author": one.author,
            "did": [face.locale.say(act) for act in one.acts],
            "numbers": list(one.numbers),
            "entries": one.row.entries,
            "records": one.row.records,
            "hash": one.row.hash,
            "code": one.code,
        }
        for one in told
    ]

    def lines() -> list[str]:
        columns = (
            column("block", sentence("Block"), right=True),
            column("at", sentence("Posted at")),
            column("by", sentence("Posted by")),
            column("did", sentence("What it did")),
            column("numbers", sentence("Numbers"), priority=2),
            column("code", sentence("Head code"), priority=1),
        )
        rows = [
            (
                str(one.row.number),
                local_time(one.row.committed_at),
                one.author,
                sentence("{acts}", acts=joined(one.acts)),
                ", ".join(one.numbers),
                one.code,
            )
            for one in told
        ]
        return listed(face, columns, rows, sentence("The book has no block yet."))

    return emit(
        face,
        Answer("chain.log", data=lambda: {"blocks": facts}, lines=lines, rows="blocks", mark=lambda: head(desk)),
    )
