"""`cloudbooks post`: ready drafts become entries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

import typer

from cloudbooks.books.desk import Desk
from cloudbooks.books.inspecting import head
from cloudbooks.books.planning import Left, Plan, plan
from cloudbooks.books.posting import Posted, PostedBlock, post, posted_before
from cloudbooks.cli.asking import agreed
from cloudbooks.cli.desk import desk_of
from cloudbooks.cli.drafts import DRAFTS
from cloudbooks.cli.face import Face
from cloudbooks.cli.naming import draft_numbers
from cloudbooks.cli.once import once
from cloudbooks.cli.output import Answer, emit, next_step
from cloudbooks.core.money import grouped
from cloudbooks.errors import Sentence, UsageError, counted, sentence

LEFT_SHOWN = 10


class PostWhat(UsageError):
    """`post` was given no draft and no --all."""

    code = "post-what"

    def __init__(self) -> None:
        super().__init__(
            sentence("cloudbooks post needs drafts, or --all for every draft that is ready or sure."),
            hint=sentence("cloudbooks post --all"),
        )


def post_drafts(
    ctx: typer.Context,
    drafts: Annotated[list[str] | None, DRAFTS] = None,
    *,
    everything: Annotated[
        bool, typer.Option("--all", help="Accept every sure draft, then post every draft that is ready.")
    ] = False,
) -> int:
    """Post drafts: they become entries with voucher numbers, in one block of the chain."""
    face: Face = ctx.obj
    if not drafts and not everything:
        raise PostWhat
    numbers = draft_numbers(drafts or ())
    desk = desk_of(face, "post", writes=not face.dry_run, steps=True)
    if face.dry_run:
        return emit(face, _planned(face, desk, plan(desk, numbers, everything=everything)))

    def act() -> Answer:
        done = posted_before(desk)
        if done is not None:
            return _posted(face, desk, done)
        intended = plan(desk, numbers, everything=everything)
        agreed(face, _question(intended, desk), _elsewhere(intended))
        return _posted(face, desk, post(desk, numbers, everything=everything))

    return once(face, desk, act)


def _question(intended: Plan, desk: Desk) -> Sentence:
    last, _ = head(desk)
    block = last.number + 1 if last is not None else 0
    if not intended.drafts:
        return counted(
            "Post {n} record without an entry, as block {block}?",
            "Post {n} records without an entry, as block {block}?",
            intended.waiting_records,
            block=block,
        )
    return counted(
        "Post {n} entry, {sum} {base}, as block {block}? From then on it is corrected, not changed.",
        "Post {n} entries, {sum} {base}, as block {block}? From then on they are corrected, not changed.",
        len(intended.drafts),
        sum=grouped(intended.debit, intended.base_scale),
        base=intended.base,
        block=block,
    )


def _elsewhere(intended: Plan) -> Sentence:
    if not intended.drafts:
        return counted(
            "add --yes to post {n} record without an entry, or --dry-run to see it",
            "add --yes to post {n} records without an entry, or --dry-run to see them",
            intended.waiting_records,
        )
    return counted(
        "add --yes to post {n} entry, or --dry-run to see it",
        "add --yes to post {n} entries, or --dry-run to see them",
        len(intended.drafts),
    )


def _outlook(intended: Plan) -> Sentence:
    if not intended.drafts:
        return counted(
            "{n} record would be posted without an entry; nothing was written.",
            "{n} records would be posted without an entry; nothing was written.",
            intended.waiting_records,
        )
    return counted(
        "{n} entry would be posted, {sum} {base}; nothing was written.",
        "{n} entries would be posted, {sum} {base}; nothing was written.",
        len(intended.drafts),
        sum=grouped(intended.debit, intended.base_scale),
        base=intended.base,
    )


def _planned(face: Face, desk: Desk, intended: Plan) -> Answer:
    def lines() -> Iterator[str]:
        yield face.locale.say(_outlook(intended))
        for draft in (chosen.draft for chosen in intended.drafts):
            day = draft.date.isoformat() if draft.date else ""
            yield "  ".join(face.locale.say(word) for word in ("", draft.name, day, draft.summary))
        yield from _left(face, intended.left)

    return Answer(
        "post",
        data=lambda: {
            "dry_run": True,
            "drafts": [chosen.draft.name for chosen in intended.drafts],
            "waiting_records": intended.waiting_records,
            "left": _left_facts(face, intended.left),
        },
        lines=lines,
        mark=lambda: head(desk),
    )


def _posted(face: Face, desk: Desk, posted: Posted) -> Answer:
    def lines() -> Iterator[str]:
        for block in posted.blocks:
            yield face.locale.say(block.said)
        yield from _left(face, posted.left)

    facts = [_block_facts(block) for block in posted.blocks]
    left = _left_facts(face, posted.left)
    after = [next_step("cloudbooks verify")]
    first = next((_names(block)[0] for block in posted.blocks if block.entries), "")
    if first:
        after.append(sentence("A mistake: {command}", command=f"cloudbooks entry correct {first}"))
    return Answer(
        "post",
        data=lambda: (facts[0] if len(facts) == 1 else {"blocks": facts}) | {"left": left},
        lines=lines,
        mark=lambda: head(desk),
        findings=posted.findings,
        after=after,
    )


def _names(block: PostedBlock) -> list[str]:
    return [
        f"{span.period}/{span.series}-{number:04d}"
        for span in block.numbers
        for number in range(span.first, span.last + 1)
    ]


def _block_facts(block: PostedBlock) -> dict[str, object]:
    return {"block": block.number, "hash": block.hash, "entries": block.entries, "numbers": _names(block)}


def _left(face: Face, left: Sequence[Left]) -> Iterator[str]:
    """What stays, with its reasons: it is no finding."""
    if not left:
        return
    yield face.locale.say(counted("{n} draft stays:", "{n} drafts stay:", len(left)))
    for one in left[:LEFT_SHOWN]:
        yield "  ".join(face.locale.say(word) for word in ("", one.draft.name, one.draft.summary, one.reason))
    if len(left) > LEFT_SHOWN:
        more = counted("{n} more: cloudbooks draft list", "{n} more: cloudbooks draft list", len(left) - LEFT_SHOWN)
        yield "  " + face.locale.say(more)


def _left_facts(face: Face, left: Sequence[Left]) -> list[dict[str, object]]:
    return [
        {"draft": one.draft.name, "state": one.draft.state.value, "reason": face.locale.say(one.reason)} for one in left
    ]
