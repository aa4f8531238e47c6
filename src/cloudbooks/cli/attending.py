"""`cloudbooks chain witness`, and `chain cosign --witness`: a witness that is asked, from both sides."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cloudbooks.books.inspecting import head
from cloudbooks.cli.desk import DryRunNotOffered, new_passphrase, passphrase, writing_desk
from cloudbooks.cli.face import Face
from cloudbooks.cli.options import NO_PASSPHRASE
from cloudbooks.cli.output import Answer, emit, next_step
from cloudbooks.cli.speaking import refusal_lines
from cloudbooks.errors import Sentence, counted, sentence
from cloudbooks.system.clock import SystemClock, instant, local_time, posix
from cloudbooks.system.state_folder import state_folder

if TYPE_CHECKING:
    from cloudbooks.books.asking_witness import Witnessed
    from cloudbooks.books.attending import Attendant, Told

LISTEN = typer.Option("--listen", metavar="ADDRESS", help="Where to be asked, on this machine: 127.0.0.1:8041.")
LOG = typer.Option("--log", metavar="VKEY", help="A member's key, by which a log's heads are known; may be repeated.")


def ask(face: Face, url: str, policy: Path | None) -> int:
    """Ask the witness at a URL to cosign the head of the book, and keep what it signed."""
    from cloudbooks.books.asking_witness import ask_witness  # noqa: PLC0415 - cryptography and the network

    # `--key` makes a repeat harmless everywhere; here it is the witness's key, and asking again is harmless.
    desk = replace(writing_desk(face, "chain cosign"), key="", claim="")
    done = ask_witness(desk, url, (face.key,) if face.key else (), policy)
    answer = Answer(
        "chain.cosign",
        data=lambda: _witnessed_facts(done),
        lines=lambda: [face.locale.say(line) for line in _witnessed_lines(done)],
        mark=lambda: head(desk),
        after=(next_step("cloudbooks verify --policy FILE"),),
    )
    return emit(face, answer)


def _witnessed_facts(done: Witnessed) -> dict[str, object]:
    return {
        "book": done.book,
        "size": done.size,
        "before": done.before,
        "witness": done.url,
        "cosignatures": [{"key": str(one.key), "time": one.time} for one in done.cosignatures],
    }


def _witnessed_lines(done: Witnessed) -> Iterator[Sentence]:
    for one in done.cosignatures:
        yield sentence(
            "{name} cosigned {size} blocks, {before} of which it had seen before, at {at}.",
            name=one.key.name, size=done.size, before=done.before, at=local_time(posix(one.time)),
        )  # fmt: skip


def witness(
    ctx: typer.Context,
    *,
    listen: Annotated[str, LISTEN] = "127.0.0.1:8041",
    log: Annotated[list[str] | None, LOG] = None,
    no_passphrase: Annotated[bool, NO_PASSPHRASE] = False,
) -> int:
    """Be a witness whom logs ask over HTTP, until Ctrl-C or SIGTERM."""
    from cloudbooks.books import attending  # noqa: PLC0415 - cryptography and the network

    face: Face = ctx.obj
    if face.dry_run:
        raise DryRunNotOffered("chain witness")
    asked_for = (lambda: None if no_passphrase else new_passphrase(face), lambda: passphrase(face))
    attendant = attending.attend(state_folder(), SystemClock(), asked_for, log or ())
    listener = attending.listen(listen, attendant)
    try:
        emit(face, _attending(face, listener.url, attendant))
        sys.stdout.flush()
        attendant.tell = _told(face)
        listener.serve()
    finally:
        listener.close()
    return 0


def _attending(face: Face, url: str, attendant: Attendant) -> Answer:
    logs = sorted(attendant.logs.items())

    def lines() -> Iterator[str]:
        yield face.locale.say(sentence("Listening at {url} until Ctrl-C.", url=url))
        yield face.locale.say(sentence("Witness key, for the policies of others: {vkey}", vkey=str(attendant.key)))
        for origin, keys in logs:
            yield face.locale.say(
                counted("{origin}: {n} key is trusted.", "{origin}: {n} keys are trusted.", len(keys), origin=origin)
            )

    return Answer(
        "chain.witness",
        data=lambda: {
            "url": url,
            "key": str(attendant.key),
            "logs": [{"origin": origin, "keys": [str(key) for key in keys]} for origin, keys in logs],
        },
        lines=lines,
    )


def _told(face: Face) -> Callable[[Told], None]:
    """What the operator reads of each request, on standard error; nothing of an origin that is not known."""

    def tell(told: Told) -> None:
        at = local_time(instant(SystemClock().now()))
        said = sentence("{at}  {status}  {origin}  {size}", at=at, status=told.status, origin=told.origin or "-",
                        size=told.size)  # fmt: skip
        lines = [face.locale.say(said), *(refusal_lines(told.fault, face.locale) if told.fault else ())]
        # Whoever does not read this any more does not keep the witness from answering.
        with suppress(OSError, ValueError):
            sys.stderr.write("".join(f"{line}\n" for line in lines))
            sys.stderr.flush()

    return tell
