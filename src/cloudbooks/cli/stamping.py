"""`cloudbooks chain timestamp`: the word of a timestamp authority over the signed head."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer

from cloudbooks.books.inspecting import head
from cloudbooks.cli.desk import writing_desk
from cloudbooks.cli.face import Face
from cloudbooks.cli.output import Answer, emit, next_step
from cloudbooks.cli.usage import ArgumentMissing
from cloudbooks.errors import counted, sentence
from cloudbooks.system.clock import local_time
from cloudbooks.system.typed_path import typed_path

TSA = typer.Option("--tsa", metavar="URL", help="The timestamp authority that is asked (RFC 3161): https, or here.")
POLICY = typer.Option("--policy", metavar="FILE", help="Whom you trust: its authorities judge the signature.")
CA = typer.Option("--ca", metavar="FILE", help="Certificates of the authority (PEM) to judge its signature by.")


def timestamp(
    ctx: typer.Context,
    tsa: Annotated[str, TSA] = "",
    policy: Annotated[str, POLICY] = "",
    ca: Annotated[str, CA] = "",
) -> int:
    """Have a timestamp authority say that the signed head was there, and keep its word."""
    from cloudbooks.books.timestamping import stamp  # noqa: PLC0415 - cryptography

    face: Face = ctx.obj
    desk = writing_desk(face, "chain timestamp")
    if not tsa:
        raise ArgumentMissing("cloudbooks chain timestamp", "--tsa URL")
    judges = {"policy": typed_path(policy) if policy else None, "certificates": typed_path(ca) if ca else None}
    done = stamp(desk, tsa, **judges)
    said = counted(
        "Stamped {n} block at {at} ({instant}).",
        "Stamped {n} blocks at {at} ({instant}).",
        done.size,
        at=local_time(done.at),
        instant=done.at,
    )

    def lines() -> Iterator[str]:
        yield face.locale.say(said)
        if done.by:
            yield face.locale.say(sentence("{name} vouches for it.", name=done.by))
        else:
            yield face.locale.say(
                sentence("Its signature was not judged: --policy FILE or --ca FILE says whom you trust.")
            )

    answer = Answer(
        "chain.timestamp",
        data=lambda: {"size": done.size, "at": done.at, "by": done.by or None, "tsa": done.url},
        lines=lines,
        mark=lambda: head(desk),
        after=(next_step("cloudbooks verify --policy FILE"),),
    )
    return emit(face, answer)
