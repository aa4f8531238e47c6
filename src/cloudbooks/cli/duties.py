"""`cloudbooks book duties`: whether another member approves what one makes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer

from cloudbooks.books.inspecting import head
from cloudbooks.cli.asking import agreed, wanted
from cloudbooks.cli.desk import writing_desk
from cloudbooks.cli.face import Face
from cloudbooks.cli.once import once
from cloudbooks.cli.output import Answer, next_step
from cloudbooks.cli.usage import choice
from cloudbooks.core.digest import short
from cloudbooks.errors import Sentence, sentence

WORDS = ("on", "off")
WORD = typer.Argument(metavar="on|off", help="on: another member approves each entry. off: nobody has to.")
REASON = typer.Option("--reason", "-m", metavar="TEXT", help="The reason, which the chain keeps.")


def duties(ctx: typer.Context, word: Annotated[str, WORD], reason: Annotated[str, REASON] = "") -> int:
    """Separate duties from now on, or no longer: who makes an entry does not approve it; it is a block at once."""
    from cloudbooks.books import separating  # noqa: PLC0415 - cryptography

    face: Face = ctx.obj
    desk = writing_desk(face, "book duties")
    separated = choice("on|off", word, WORDS) == "on"

    def act() -> Answer:
        with desk.open() as book:
            separating.require_change(book, separated=separated)
        why = reason
        if not separated and not why:
            why = wanted(face, sentence("Separate duties no longer, for which reason?"), "--reason TEXT")
        agreed(face, _question(separated=separated), sentence("add --yes to state it"))
        changed = separating.separate(desk, separated=separated, reason=why)
        last, names = changed.done.head, [draft.name for draft in changed.drafts]
        facts = {"number": last.number, "hash": short(last.hash)}

        def lines() -> Iterator[Sentence]:
            if separated:
                yield sentence("Duties are separated from block {number} on, head {hash}.", **facts)
            else:
                yield sentence("Duties are no longer separated from block {number} on, head {hash}.", **facts)
            if names and separated:
                yield sentence("Waiting for approval now: {names}", names=", ".join(names))
            elif names:
                yield sentence("Ready without approval now: {names}", names=", ".join(names))

        return Answer(
            "book.duties",
            data=lambda: {
                "separate_duties": separated,
                "reason": why or None,
                "drafts": names,
                "block": last.number,
                "hash": last.hash,
            },
            lines=lambda: [face.locale.say(line) for line in lines()],
            mark=lambda: head(desk),
            findings=changed.done.findings,
            after=(next_step("cloudbooks sync" if changed.done.waits else "cloudbooks draft list"),),
        )

    return once(face, desk, act)


def _question(*, separated: bool) -> Sentence:
    if separated:
        return sentence("From now on another member approves each entry before it is posted. State that in the chain?")
    return sentence("From now on entries are posted without the approval of another member. State that in the chain?")
