"""`cloudbooks book migrate`: a book of an earlier program brought to this one's version."""

from __future__ import annotations

from collections.abc import Iterator

import typer

from cloudbooks.books.inspecting import head
from cloudbooks.cli.asking import agreed
from cloudbooks.cli.desk import desk_of
from cloudbooks.cli.face import Face
from cloudbooks.cli.output import Answer, emit, next_step
from cloudbooks.cli.progress import progress
from cloudbooks.core.digest import short
from cloudbooks.core.text import shell_word
from cloudbooks.errors import Sentence, sentence


def migrate(ctx: typer.Context) -> int:
    """Bring a book of an earlier program to this one's version; a verified copy of it is kept."""
    from cloudbooks.books import migrating  # noqa: PLC0415 - migrations and the chain

    face: Face = ctx.obj
    # A book that is not written yet is what this is there for: it judges by itself what bars it.
    desk = desk_of(face, "book migrate")
    planned = migrating.migrate(desk, dry_run=True)
    facts = {"file": desk.book.name, "before": planned.before, "after": planned.after}
    done = planned
    if planned.before != planned.after and not face.dry_run:
        question = sentence(
            "Bring {file} from schema version {before} to {after}? Earlier programs cannot open it then.", **facts
        )
        agreed(face, question, sentence("add --yes to migrate; a copy of the book is kept"))
        with progress(face) as tell:
            done = migrating.migrate(desk, tell)
    block = {"number": done.head.number, "hash": short(done.head.hash)}

    def lines() -> Iterator[Sentence]:
        if planned.before == planned.after:
            yield sentence("{file} has schema version {after} already; nothing was written.", **facts)
        elif face.dry_run:
            yield sentence("{file} would be brought from schema version {before} to {after}.", **facts)
        else:
            yield sentence(
                "{file} was brought from schema version {before} to {after}, and verified to block {number}, {hash}.",
                **facts, **block,
            )  # fmt: skip
        if done.copy is not None:
            yield sentence("As it was, it lies in {copy}.", copy=str(done.copy))

    answer = Answer(
        "book.migrate",
        data=lambda: {
            "from": done.before,
            "to": done.after,
            "copy": None if done.copy is None else str(done.copy),
            "dry_run": face.dry_run,
        },
        lines=lambda: [face.locale.say(line) for line in lines()],
        mark=lambda: head(desk),
        findings=done.findings,
        after=() if done.copy is None else (next_step("cloudbooks status"), _back(str(desk.book), str(done.copy))),
    )
    return emit(face, answer)


def _back(book: str, copy: str) -> Sentence:
    return sentence("Back to the earlier program: cp {copy} {file}", copy=shell_word(copy), file=shell_word(book))
