"""`cloudbooks verify`, `chain …` and `batch …`: the chain, and what it proves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from cloudbooks.books import inspecting
from cloudbooks.books.inspecting import head
from cloudbooks.cli.desk import DryRunNotOffered, desk_of, policy_file
from cloudbooks.cli.face import Face
from cloudbooks.cli.output import Answer, emit
from cloudbooks.cli.progress import progress
from cloudbooks.cli.showing import column, listed
from cloudbooks.cli.usage import whole
from cloudbooks.core.digest import short
from cloudbooks.core.head_code import head_code
from cloudbooks.errors import Sentence, counted, sentence
from cloudbooks.reports.names import Names
from cloudbooks.system.clock import local_time
from cloudbooks.system.typed_path import typed_path

if TYPE_CHECKING:
    from cloudbooks.books.verifying import Verified

FOLDER = typer.Argument(metavar="DIR", help="The folder of an exported chain; else the book is verified.")
PIN = typer.Option("--pin", metavar="VKEY", help="The first member's verifier key, as you have it from elsewhere.")
PEER = typer.Option("--peer", metavar="NAME", help="Verify what a peer holds, by its own bytes.")
POLICY = typer.Option("--policy", metavar="FILE", help="Whom you trust: the first key, witnesses, authorities.")
REQUIRE = typer.Option("--require", metavar="FACTS", help="Facts that must hold of every block: signed,anchored.")


def verify(
    ctx: typer.Context,
    folder: Annotated[str, FOLDER] = "",
    pin: Annotated[str, PIN] = "",
    require: Annotated[str, REQUIRE] = "",
    peer: Annotated[str, PEER] = "",
    policy: Annotated[str, POLICY] = "",
) -> int:
    """Verify the chain: every law on the log, every table against it."""
    from cloudbooks.books.verifying import verify_folder, verify_this_book  # noqa: PLC0415 - cryptography

    face: Face = ctx.obj
    facts = tuple(word.strip() for word in require.split(",") if word.strip())
    judge = policy_file(face, policy)
    if peer:
        from cloudbooks.books.syncing import verify_peer  # noqa: PLC0415 - only for a peer

        with progress(face) as tell:
            verified = verify_peer(desk_of(face, "verify"), peer, pin=pin, require=facts, policy=judge, progress=tell)
    elif folder:
        with progress(face) as tell:
            verified = verify_folder(typed_path(folder), pin=pin, require=facts, policy=judge, progress=tell)
    else:
        desk = desk_of(face, "verify")
        with progress(face) as tell:
            verified = verify_this_book(desk, pin=pin, require=facts, policy=judge, progress=tell)
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
        **({"anchored_at": verdict.anchored_at, "anchored_by": verdict.anchored_by} if verdict.anchored else {}),
        "witnessed": verdict.witnessed or None,
        "blocks": verdict.blocks,
        "records": verdict.records,
        "entries": verdict.entries,
        "head": last,
        "missing": list(verified.missing),
        "findings": findings,
    }
    return Answer(
        "verify",
        data=lambda: data,
        lines=lambda: [face.locale.say(line) for line in _said(verified)],
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


def _said(verified: Verified) -> Iterator[Sentence]:
    verdict = verified.verdict
    if not verdict.valid:
        yield sentence("INVALID: see the findings.")
    elif verdict.consistent < verdict.blocks:
        yield sentence("Incomplete: blocks are missing or not understood.")
    else:
        yield sentence("Valid.")
    yield sentence("consistent  {size} of {blocks} blocks", size=verdict.consistent, blocks=verdict.blocks)
    signed = sentence("signed      {size} of {blocks} blocks", size=verdict.signed, blocks=verdict.blocks)
    if verdict.self_declared:
        signed = sentence(
            "signed      {size} of {blocks} blocks; the first key is self-declared: --pin {key}",
            size=verdict.signed,
            blocks=verdict.blocks,
            key=verdict.first_key,
        )
    yield signed
    yield _anchored(verified)
    yield sentence("witnessed   {size} of {blocks} blocks", size=verdict.witnessed, blocks=verdict.blocks)
    yield counted(
        "{n} entry in {records} records", "{n} entries in {records} records", verdict.entries, records=verdict.records
    )
    if verdict.blocks:
        yield sentence("head  block {number}  {hash}", number=verdict.blocks - 1, hash=verdict.head)
    for fact in verified.missing:
        yield sentence("Required and missing: {fact}", fact=fact)
        yield _lacking(fact, verified)


def _anchored(verified: Verified) -> Sentence:
    """Since when the log is there by an authority's word, or what keeps that from being said."""
    verdict = verified.verdict
    sizes = {"size": verdict.anchored, "blocks": verdict.blocks}
    if verdict.anchored:
        return sentence(
            "anchored    {size} of {blocks} blocks, at {at} ({instant}) by {authority}",
            **sizes, at=local_time(verdict.anchored_at), instant=verdict.anchored_at, authority=verdict.anchored_by,
        )  # fmt: skip
    if verdict.stamped and not verified.authorities:
        return counted(
            "anchored    {size} of {blocks} blocks; {n} timestamp is kept, and no authority judges it: --policy FILE",
            "anchored    {size} of {blocks} blocks; {n} timestamps are kept, and no authority judges them: "
            "--policy FILE",
            verdict.stamped, **sizes,
        )  # fmt: skip
    if not verdict.stamped and verdict.signed == verdict.blocks > 0:
        return sentence(
            "anchored    {size} of {blocks} blocks; no timestamp is kept: cloudbooks chain timestamp --tsa URL", **sizes
        )
    return sentence("anchored    {size} of {blocks} blocks", **sizes)


def _lacking(fact: str, verified: Verified) -> Sentence:
    """What a fact that was asked for needs before it holds."""
    verdict = verified.verdict
    if fact == "signed" and verdict.consistent == verdict.blocks:
        return sentence("  a checkpoint over all blocks by a member who stands: the next post or sync signs one")
    if fact == "anchored" and verdict.signed == verdict.blocks:
        if not verified.authorities:
            return sentence("  a policy that names timestamp authorities: --policy FILE")
        return sentence("  a timestamp over all blocks by one of them: cloudbooks chain timestamp --tsa URL")
    if fact == "witnessed" and verdict.signed == verdict.blocks:
        if not verified.witnesses:
            return sentence("  a policy that names witnesses and their quorum: --policy FILE")
        return sentence("  cosignatures of the quorum over all blocks: cloudbooks chain cosign, where a witness works")
    return sentence("  the facts before it: consistent, then signed, over all blocks")


def show_head(ctx: typer.Context) -> int:
    """Show the head: the number and hash of the last block."""
    face: Face = ctx.obj
    desk = desk_of(face, "chain head")
    last, book = head(desk)

    def lines() -> Iterator[str]:
        if last is None:
            yield face.locale.say(sentence("The book has no block yet."))
        else:
            yield face.locale.say(sentence("block {number}  {hash}", number=last.number, hash=last.hash))
            yield face.locale.say(sentence("code  {code}", code=head_code(last.number, last.hash)))

    answer = Answer(
        "chain.head",
        data=lambda: {
            "head": None if last is None else {"number": last.number, "hash": last.hash},
            "code": None if last is None else head_code(last.number, last.hash),
        },
        lines=lines,
        mark=lambda: (last, book),
    )
    return emit(face, answer)


def export(
    ctx: typer.Context,
    folder: Annotated[str, typer.Argument(metavar="DIR", help="A new folder, or one with an older export.")],
) -> int:
    """Write the chain as plain files."""
    from cloudbooks.books.exporting import export_chain  # noqa: PLC0415 - only where something is exported

    face: Face = ctx.obj
    if face.dry_run:
        raise DryRunNotOffered("chain export")
    desk = desk_of(face, "chain export")
    with progress(face) as tell:
        exported = export_chain(desk, typed_path(folder), tell)
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
