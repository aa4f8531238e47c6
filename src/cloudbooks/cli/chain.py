"""`cloudbooks verify`, `chain …` and `batch …`: the chain, and what it proves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from cloudbooks.books import inspecting
from cloudbooks.books.inspecting import head
from cloudbooks.books.verified_words import verified_lines
from cloudbooks.cli.desk import DryRunNotOffered, desk_of, policy_file
from cloudbooks.cli.face import Face
from cloudbooks.cli.options import PIN, POLICY
from cloudbooks.cli.output import Answer, emit
from cloudbooks.cli.progress import progress
from cloudbooks.cli.showing import column, listed
from cloudbooks.cli.usage import whole
from cloudbooks.cli.verify_options import processes_of, require_own_book, since_facts
from cloudbooks.core.digest import short
from cloudbooks.core.head_code import head_code
from cloudbooks.errors import counted, sentence
from cloudbooks.reports.names import Names
from cloudbooks.system.clock import local_time
from cloudbooks.system.typed_path import typed_path

if TYPE_CHECKING:
    from cloudbooks.books.desk import Desk
    from cloudbooks.books.verifying import Verified

FOLDER = typer.Argument(metavar="DIR", help="The folder of an exported chain; else the book is verified.")
PEER = typer.Option("--peer", metavar="NAME", help="Verify what a peer holds, by its own bytes.")
REQUIRE = typer.Option("--require", metavar="FACTS", help="Facts that must hold of every block: signed,anchored.")
SM3 = typer.Option("--sm3", help="Write the SM3 of each file beside them, in a file sm3.")
SM3_HEAD = typer.Option("--sm3", help="Show the SM3 of the block's bytes as well.")
SINCE = typer.Option(
    "--since", metavar="BLOCK", help="Only what came after a block verified here: number, hash or last."
)
PROCESSES = typer.Option(
    "--processes", metavar="N", help="1 or 2; else as many as are worthwhile for a book of its size."
)


def verify(  # noqa: PLR0913, PLR0917 - the options of a command
    ctx: typer.Context,
    folder: Annotated[str, FOLDER] = "",
    pin: Annotated[str, PIN] = "",
    require: Annotated[str, REQUIRE] = "",
    peer: Annotated[str, PEER] = "",
    policy: Annotated[str, POLICY] = "",
    since: Annotated[str, SINCE] = "",
    processes: Annotated[str, PROCESSES] = "",
) -> int:
    """Verify the chain: every law on the log, every table against it."""
    from cloudbooks.books.verifying import verify_folder, verify_this_book  # noqa: PLC0415 - cryptography

    face: Face = ctx.obj
    facts = tuple(word.strip() for word in require.split(",") if word.strip())
    judge = policy_file(face, policy)
    if since:
        require_own_book(peer or folder)
        from cloudbooks.books.verifying_since import verify_what_came_since  # noqa: PLC0415 - only where asked for

        desk = desk_of(face, "verify")
        with progress(face) as tell:
            verified = verify_what_came_since(desk, since, pin=pin, require=facts, policy=judge, progress=tell)
    elif peer:
        from cloudbooks.books.syncing import verify_peer  # noqa: PLC0415 - only for a peer

        with progress(face) as tell:
            verified = verify_peer(desk_of(face, "verify"), peer, pin=pin, require=facts, policy=judge, progress=tell)
    elif folder:
        with progress(face) as tell:
            verified = verify_folder(typed_path(folder), pin=pin, require=facts, policy=judge, progress=tell)
    else:
        desk = desk_of(face, "verify")
        with progress(face) as tell:
            verified = verify_this_book(
                desk, pin=pin, require=facts, policy=judge, progress=tell, processes=processes_of(processes)
            )
    return emit(face, _verified(face, verified))


def _verified(face: Face, verified: Verified) -> Answer:
    verdict = verified.verdict
    last = {"number": verdict.blocks - 1, "hash": verdict.head} if verdict.blocks else None
    findings = [
        {
            "code": finding.code,
            "block": finding.block,
            "record": finding.record,
            "where": finding.where,
            "message": face.locale.say(finding.message),
            "hint": None if finding.hint is None else face.locale.say(finding.hint),
        }
        for finding in verdict.findings
    ]
    data = {
        "valid": verdict.valid,
        "consistent": verdict.consistent,
        "signed": verdict.signed,
        "self_declared": verdict.self_declared,
        "anchored": verdict.anchored or None,
        **(
            {"anchored_at": verdict.anchored_at, "anchored_by": verdict.anchored_by}
            if verdict.anchored and not verified.since
            else {}
        ),
        "witnessed": verdict.witnessed or None,
        "cosigners": verdict.cosigners,
        "blocks": verdict.blocks,
        "records": verdict.records,
        "entries": verdict.entries,
        "head": last,
        "missing": list(verified.missing),
        "sm3": None if verified.sm3 is None else {"offered": verified.sm3.offered, "agree": verified.sm3.agree},
        "findings": findings,
    } | since_facts(verified)
    return Answer(
        "verify",
        data=lambda: data,
        lines=lambda: [face.locale.say(line) for line in verified_lines(verified)],
        mark=lambda: (None if last is None else _Head(verdict.blocks - 1, verdict.head), verified.book),
        findings=verdict.findings,
        finding_records=lambda: findings,
        status=verified.exit_status,
    )


class _Head:
    """The last block of what was verified."""

    def __init__(self, number: int, digest: str) -> None:
        self.number = number
        self.hash = digest


def show_head(ctx: typer.Context, *, sm3: Annotated[bool, SM3_HEAD] = False) -> int:
    """Show the head: the number and hash of the last block."""
    face: Face = ctx.obj
    desk = desk_of(face, "chain head")
    last, book = head(desk)
    second = _second_digest(desk) if sm3 else ""

    def lines() -> Iterator[str]:
        if last is None:
            yield face.locale.say(sentence("The book has no block yet."))
        else:
            yield face.locale.say(sentence("block {number}  {hash}", number=last.number, hash=last.hash))
            yield face.locale.say(sentence("code  {code}", code=head_code(last.number, last.hash)))
            if second:
                yield second

    answer = Answer(
        "chain.head",
        data=lambda: {
            "head": None if last is None else {"number": last.number, "hash": last.hash},
            "code": None if last is None else head_code(last.number, last.hash),
            "sm3": second or None,
        },
        lines=lines,
        mark=lambda: (last, book),
    )
    return emit(face, answer)


def _second_digest(desk: Desk) -> str:
    from cloudbooks.books.heads import sm3_of_head  # noqa: PLC0415 - only where it is asked for

    return sm3_of_head(desk)


def export(
    ctx: typer.Context,
    folder: Annotated[str, typer.Argument(metavar="DIR", help="A new folder, or one with an older export.")],
    *,
    sm3: Annotated[bool, SM3] = False,
) -> int:
    """Write the chain as plain files."""
    from cloudbooks.books.exporting import export_chain  # noqa: PLC0415 - only where something is exported

    face: Face = ctx.obj
    if face.dry_run:
        raise DryRunNotOffered("chain export")
    desk = desk_of(face, "chain export")
    with progress(face) as tell:
        exported = export_chain(desk, typed_path(folder), tell, sm3=sm3)
    said = counted(
        "{n} file in {folder}, {kept} of them there before.",
        "{n} files in {folder}, {kept} of them there before.",
        exported.files,
        folder=str(exported.folder),
        kept=exported.kept,
    )
    answer = Answer(
        "chain.export",
        data=lambda: {"folder": str(exported.folder), "files": exported.files, "kept": exported.kept},
        lines=lambda: [face.locale.say(said)],
        mark=lambda: head(desk),
        after=(sentence("To check it: {command}", command=f"cloudbooks verify {folder}"),),
    )
    return emit(face, answer)


def list_batches(ctx: typer.Context) -> int:
    """List the blocks, the newest first."""
    face: Face = ctx.obj
    desk = desk_of(face, "batch list")
    found = inspecting.blocks(desk)
    facts = [
        {
            "block": row.number,
            "hash": row.hash,
            "batch": row.batch_id,
            "author": author,
            "committed_at": row.committed_at,
            "records": row.records,
            "entries": row.entries,
        }
        for row, author in found
    ]

    def lines() -> list[str]:
        columns = (
            column("block", sentence("Block"), right=True),
            column("at", sentence("Posted at")),
            column("by", sentence("Posted by")),
            column("records", sentence("Records"), right=True),
            column("entries", sentence("Entries"), right=True),
            column("hash", sentence("Hash"), priority=1),
        )
        rows = [
            (str(row.number), local_time(row.committed_at), author, str(row.records), str(row.entries), short(row.hash))
            for row, author in found
        ]
        return listed(face, columns, rows, sentence("The book has no block yet."))

    answer = Answer("batch.list", data=lambda: {"batches": facts}, lines=lines, rows="batches", mark=lambda: head(desk))
    return emit(face, answer)


def show_batch(
    ctx: typer.Context, block: Annotated[str, typer.Argument(metavar="BLOCK", help="The number of a block.")]
) -> int:
    """Show a block and its entries."""
    from cloudbooks.books.naming import names as names_of  # noqa: PLC0415 - only where entries are shown
    from cloudbooks.cli.showing import entry_lines  # noqa: PLC0415 - the same

    face: Face = ctx.obj
    desk = desk_of(face, "batch show")
    shown = inspecting.block(desk, whole("BLOCK", block))
    names: Names = names_of(desk)
    row = shown.block

    def lines() -> Iterator[str]:
        yield face.locale.say(sentence("Block {number}  {hash}", number=row.number, hash=row.hash))
        yield face.locale.say(sentence("Batch {id}", id=row.batch_id))
        yield face.locale.say(
            counted(
                "Posted by {name} at {at}, {n} record",
                "Posted by {name} at {at}, {n} records",
                row.records,
                name=shown.author,
                at=local_time(row.committed_at),
            )
        )
        for entry in shown.entries:
            yield from entry_lines(face, entry, names)

    answer = Answer(
        "batch.show",
        data=lambda: {
            "block": row.number,
            "hash": row.hash,
            "batch": row.batch_id,
            "author": shown.author,
            "committed_at": row.committed_at,
            "records": row.records,
            "entries": [names.entry_data(entry) for entry in shown.entries],
        },
        lines=lines,
        rows="entries",
        mark=lambda: head(desk),
    )
    return emit(face, answer)
