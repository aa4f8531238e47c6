"""`cloudbooks sync` and `peer …`: other copies of the book."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from cloudbooks.books.inspecting import head
from cloudbooks.cli.asking import agreed
from cloudbooks.cli.desk import desk_of, writing_desk
from cloudbooks.cli.face import Face
from cloudbooks.cli.once import once
from cloudbooks.cli.output import Answer, emit, next_step, undo_step
from cloudbooks.cli.peer_lines import (
    difference_facts,
    difference_lines,
    standing_facts,
    standing_lines,
    synced_facts,
    synced_lines,
)
from cloudbooks.cli.progress import progress
from cloudbooks.cli.showing import column, listed
from cloudbooks.errors import Finding, PeerFault, Sentence, counted, sentence
from cloudbooks.system.clock import local_time

if TYPE_CHECKING:
    from cloudbooks.books.desk import Desk
    from cloudbooks.books.known_peers import PeerRow
    from cloudbooks.books.progress import Progress
    from cloudbooks.books.syncing import Standing, Synced

NAME = typer.Argument(metavar="NAME", help="A peer's name; else every peer.")
ONE = typer.Argument(metavar="NAME", help="A peer's name.")
_GRAVE = 5


def add(
    ctx: typer.Context,
    name: Annotated[str, ONE],
    url: Annotated[str, typer.Argument(metavar="URL", help="A folder, as a path or file:///path.")],
    *,
    orders: Annotated[
        bool, typer.Option("--orders", help="Blocks win their places there from now on; the first peer does so anyway.")
    ] = False,
) -> int:
    """Let the book know another copy of it."""
    from cloudbooks.books import peering  # noqa: PLC0415 - cryptography

    face: Face = ctx.obj
    desk = writing_desk(face, "peer add")

    def act() -> Answer:
        row = peering.add_peer(desk, name, url, orders=orders)
        said = (
            sentence('"{name}" is {url}; blocks win their places there.', name=row.name, url=row.url)
            if row.orders
            else sentence('"{name}" is {url}; it keeps a copy.', name=row.name, url=row.url)
        )
        return Answer(
            "peer.add",
            data=lambda: _peer_facts(row),
            lines=lambda: [face.locale.say(said)],
            mark=lambda: head(desk),
            after=(next_step("cloudbooks sync"), undo_step("cloudbooks undo")),
        )

    return once(face, desk, act)


def _peer_facts(row: PeerRow) -> dict[str, object]:
    seen = None if row.seen is None else {"size": row.seen.size, "root": row.seen.root, "at": row.seen.at}
    return {"name": row.name, "url": row.url, "orders": row.orders, "added_at": row.added_at, "seen": seen}


def list_(ctx: typer.Context) -> int:
    """List the peers; none is contacted."""
    from cloudbooks.books import peering  # noqa: PLC0415 - cryptography

    face: Face = ctx.obj
    desk = desk_of(face, "peer list")
    found = peering.peers(desk)

    def lines() -> list[str]:
        columns = (
            column("name", sentence("Peer")),
            column("role", sentence("Does")),
            column("seen", sentence("Blocks seen"), right=True),
            column("at", sentence("Seen at"), priority=1),
            column("url", sentence("Place")),
        )
        rows = [
            (
                row.name,
                sentence("orders") if row.orders else sentence("keeps a copy"),
                str(row.seen.size) if row.seen else "",
                local_time(row.seen.at) if row.seen else sentence("never"),
                row.url,
            )
            for row in found
        ]
        return listed(face, columns, rows, sentence("No peers yet. cloudbooks peer add office /path/of/a/folder"))

    facts = [_peer_facts(row) for row in found]
    return emit(
        face,
        Answer("peer.list", data=lambda: {"peers": facts}, lines=lines, rows="peers", mark=lambda: head(desk)),
    )


def status(ctx: typer.Context, name: Annotated[str, NAME] = "") -> int:
    """Say how each peer relates to this copy: same, ahead, behind, diverged, rolled-back or unreachable."""
    from cloudbooks.books import syncing  # noqa: PLC0415 - cryptography

    face: Face = ctx.obj
    desk = desk_of(face, "peer status")
    found = syncing.status(desk, name)
    facts = _standings(face, desk, found)
    return emit(
        face,
        Answer(
            "peer.status",
            data=lambda: facts,
            lines=lambda: [face.locale.say(line) for one in found for line in standing_lines(one)],
            rows="peers",
            mark=lambda: head(desk),
            findings=_findings(desk, found),
            after=_after(found),
            status=_status(found),
        ),
    )


def _standings(face: Face, desk: Desk, found: Sequence[Standing]) -> Mapping[str, object]:
    """The facts of all peers in a list, those of an only one by themselves too; with what each side has alone."""
    from cloudbooks.books import syncing  # noqa: PLC0415 - cryptography

    def of(one: Standing) -> dict[str, object]:
        apart: dict[str, object] = {"entries_only_ours": [], "entries_only_theirs": []}
        if not face.writes_text and one.relation.value in ("ahead", "behind", "diverged", "rolled-back"):
            try:
                full = difference_facts(syncing.diff(desk, one.peer.name), one.peer.name)
                apart = {key: full[key] for key in apart}
            except PeerFault:
                apart = dict.fromkeys(apart)
        return standing_facts(one) | apart

    told = [of(one) for one in found]
    return {**(told[0] if len(told) == 1 else {}), "peers": told}


def _after(found: Sequence[Standing]) -> tuple[Sentence, ...]:
    wants = any(one.relation.value in ("ahead", "behind") or one.waiting for one in found if one.fault is None)
    return (next_step("cloudbooks sync"),) if wants else ()


def diff(ctx: typer.Context, name: Annotated[str, ONE]) -> int:
    """Show what a peer and this copy have apart: entries, and balances by account."""
    from cloudbooks.books import syncing  # noqa: PLC0415 - cryptography

    face: Face = ctx.obj
    desk = desk_of(face, "peer diff")
    with progress(face) as tell:
        found = syncing.diff(desk, name, tell)
    relation = found.compared.relation.value
    return emit(
        face,
        Answer(
            "peer.diff",
            data=lambda: difference_facts(found, name),
            lines=lambda: difference_lines(face, found, name),
            mark=lambda: head(desk),
            findings=found.compared.findings,
            status=_GRAVE if relation in ("diverged", "rolled-back") else None,
        ),
    )


def pull(ctx: typer.Context, name: Annotated[str, ONE]) -> int:
    """Take what a peer has and this copy has not; all of it is verified before any is written."""
    from cloudbooks.books import syncing  # noqa: PLC0415 - cryptography

    face: Face = ctx.obj
    confirmed = face.confirm == name
    return _exchanged(ctx, "peer pull", lambda desk, tell: [syncing.pull(desk, name, tell, confirmed=confirmed)])


def push(ctx: typer.Context, name: Annotated[str, ONE]) -> int:
    """Send what this copy has and a peer has not; each block is read back."""
    from cloudbooks.books import syncing  # noqa: PLC0415 - cryptography

    return _exchanged(ctx, "peer push", lambda desk, tell: [syncing.push(desk, name, tell)])


def sync(ctx: typer.Context) -> int:
    """Make all copies alike: take what is new at each peer, then send what is new here."""
    from cloudbooks.books import syncing  # noqa: PLC0415 - cryptography

    face: Face = ctx.obj
    if face.dry_run:
        return status(ctx)

    def act(desk: Desk, tell: Progress) -> Sequence[Synced]:
        standings = syncing.status(desk)
        if any(one.relation.value not in ("same", "unreachable") for one in standings):
            agreed(face, _question(standings), sentence("add --yes to sync, or --dry-run to see what is new"))
        return syncing.sync(desk, tell)

    return _exchanged(ctx, "sync", act)


def _question(standings: Sequence[Standing]) -> Sentence:
    take = sum(max(0, one.theirs - one.common) for one in standings)
    send = sum(max(0, one.ours - one.common) for one in standings if one.relation.value != "unreachable")
    names = ", ".join(one.peer.name for one in standings)
    return counted(
        "Sync with {names}: take {take} and send {n} block?",
        "Sync with {names}: take {take} and send {n} blocks?",
        send,
        names=names,
        take=take,
    )


def _exchanged(ctx: typer.Context, command: str, act: Callable[[Desk, Progress], Sequence[Synced]]) -> int:
    face: Face = ctx.obj
    desk = desk_of(face, command) if command == "sync" else writing_desk(face, command)

    def answer() -> Answer:
        with progress(face) as tell:
            found = act(desk, tell)
        name = command.replace(" ", ".")
        facts = [synced_facts(face, one) for one in found]
        returned = any(one.drafts for one in found)
        return Answer(
            name,
            data=lambda: {"peers": facts} if command == "sync" else facts[0],
            lines=lambda: [face.locale.say(line) for one in found for line in synced_lines(one)],
            rows="peers" if command == "sync" else "",
            mark=lambda: head(desk),
            findings=_findings(desk, found),
            after=(
                *((next_step("cloudbooks draft list"),) if returned else ()),
                *((undo_step("cloudbooks undo"),) if any(one.discarded for one in found) else ()),
            ),
            status=_status(found),
        )

    return once(face, desk, answer)


def _findings(desk: Desk, found: Sequence[Standing | Synced]) -> list[Finding]:
    """What was found, and why it ended, of each peer."""
    return list(_each_finding(desk, found))


def _each_finding(desk: Desk, found: Sequence[Standing | Synced]) -> Iterator[Finding]:
    for one in found:
        yield from one.findings
        if one.fault is not None:
            # A fork is the book's own, and is said once, here or where the book was opened.
            where = desk.book.name if one.fault.code == "forked" else ""
            yield Finding(one.fault.code, where, one.fault.message, one.fault.hint)
            yield from one.fault.findings


def _status(found: Sequence[Standing | Synced]) -> int | None:
    return next((one.fault.exit_status for one in found if one.fault is not None), None)
