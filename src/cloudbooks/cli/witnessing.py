"""`cloudbooks chain cosign|seen`: this machine as a witness, and a printed head held against the book."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer

from cloudbooks.books.inspecting import head
from cloudbooks.cli.desk import desk_of, new_passphrase, passphrase, writing_desk
from cloudbooks.cli.face import Face
from cloudbooks.cli.options import NO_PASSPHRASE, PIN
from cloudbooks.cli.output import Answer, emit, next_step
from cloudbooks.core.text import shell_word
from cloudbooks.errors import Finding, UsageError, counted, sentence
from cloudbooks.system.clock import local_time
from cloudbooks.system.typed_path import typed_path

FOLDER = typer.Argument(metavar="DIR", help="The folder of an exported chain, or of a peer; else the book here.")
WITNESS = typer.Option("--witness", metavar="URL", help="Ask this witness, https or on this machine; --key is its key.")
POLICY = typer.Option("--policy", metavar="FILE", help="With --witness: trust the witnesses of this policy.")
CODE = typer.Argument(metavar="CODE", help="The code below a report, such as 41-7F3K-9Q2M-0XHB-CDEV, or a whole hash.")


class WitnessOrFolder(UsageError):
    """`chain cosign` was told to sign a folder's head and to ask another witness, which are two commands."""

    code = "witness-or-folder"

    def __init__(self) -> None:
        super().__init__(
            sentence("a witness elsewhere is asked with --witness URL alone, and --key VKEY or --policy FILE."),
            hint=sentence("cloudbooks chain cosign --witness URL --key VKEY"),
        )


def cosign(
    ctx: typer.Context,
    folder: Annotated[str, FOLDER] = "",
    *,
    pin: Annotated[str, PIN] = "",
    no_passphrase: Annotated[bool, NO_PASSPHRASE] = False,
    witness: Annotated[str, WITNESS] = "",
    policy: Annotated[str, POLICY] = "",
) -> int:
    """Sign, as a witness, a head that grew out of the last one signed here; or ask a witness elsewhere."""
    if witness or policy:
        if folder or pin or no_passphrase or not witness:
            raise WitnessOrFolder
        from cloudbooks.cli.attending import ask  # noqa: PLC0415 - only here

        return ask(ctx.obj, witness, typed_path(policy) if policy else None)
    from cloudbooks.books import cosigning  # noqa: PLC0415 - cryptography
    from cloudbooks.system.clock import SystemClock  # noqa: PLC0415 - the same
    from cloudbooks.system.state_folder import state_folder  # noqa: PLC0415 - the same

    face: Face = ctx.obj
    desk = writing_desk(face, "chain cosign") if not folder else None
    if desk is not None:
        done = cosigning.cosign_book(desk, pin)
    else:
        done = cosigning.cosign_folder(
            state_folder(), SystemClock(), typed_path(folder),
            (lambda: None if no_passphrase else new_passphrase(face), lambda: passphrase(face)), pin,
        )  # fmt: skip
    findings = []
    if done.first_seen:
        message = sentence("the first member's key is trusted as it was seen now: {key}.", key=done.first_seen)
        hint = sentence("compare it with what the first member has: cloudbooks member list")
        findings.append(Finding("key-first-seen", done.book, message, hint, warning=True))
    said = sentence("Cosigned {size} blocks, {before} of which were seen before.", size=done.size, before=done.before)

    def lines() -> Iterator[str]:
        yield face.locale.say(said)
        yield face.locale.say(sentence("Witness key, for the policies of others: {vkey}", vkey=str(done.key)))

    answer = Answer(
        "chain.cosign",
        data=lambda: {
            "book": done.book,
            "size": done.size,
            "before": done.before,
            "key": str(done.key),
            "line": done.line.rstrip("\n"),
        },
        lines=lines,
        findings=findings,
        after=(next_step("cloudbooks verify " + (f"{shell_word(folder)} " if folder else "") + "--policy FILE"),),
    )
    return emit(face, answer)


def seen(ctx: typer.Context, code: Annotated[list[str], CODE]) -> int:
    """Compare a printed head with the book: whether that block is in it, unchanged."""
    from cloudbooks.books.heads import compare  # noqa: PLC0415 - only here

    face: Face = ctx.obj
    desk = desk_of(face, "chain seen")
    found = compare(desk, " ".join(code))
    facts = {"number": found.number, "hash": found.hash, "at": local_time(found.at)}
    said = counted(
        "Block {number} of this book is the one on paper: {hash}, of {at}; {n} block follows it.",
        "Block {number} of this book is the one on paper: {hash}, of {at}; {n} blocks follow it.",
        found.after,
        **facts,
    )
    if not found.after:
        said = sentence("Block {number} of this book is the one on paper: {hash}, of {at}; it is the last.", **facts)
    answer = Answer(
        "chain.seen",
        data=lambda: {
            "block": found.number,
            "hash": found.hash,
            "committed_at": found.at,
            "blocks_after": found.after,
        },
        lines=lambda: [face.locale.say(said)],
        mark=lambda: head(desk),
    )
    return emit(face, answer)
