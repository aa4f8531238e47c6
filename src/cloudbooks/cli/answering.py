"""`draft hold|approve|return`, `statement ignore`, `match transfer`: answers to drafts and to lines of statements."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from cloudbooks.books import drafting, reviewing
from cloudbooks.books.inspecting import head
from cloudbooks.cli.accounts import found
from cloudbooks.cli.asking import wanted
from cloudbooks.cli.desk import writing_desk
from cloudbooks.cli.face import Face
from cloudbooks.cli.naming import draft_numbers, statement_number
from cloudbooks.cli.once import once
from cloudbooks.cli.output import Answer, next_step, undo_step
from cloudbooks.cli.usage import whole
from cloudbooks.errors import counted, sentence

DRAFTS = typer.Argument(metavar="DRAFT", help="Drafts, such as D-118 D-119.")
STATEMENT = typer.Argument(metavar="STATEMENT", help="A statement, such as S-7.")
LINES = typer.Argument(metavar="LINE", help="Numbers of lines, from 1.")
LINE = typer.Argument(metavar="LINE", help="The number of the line, from 1.")
REASON = typer.Option("--reason", "-m", metavar="TEXT", help="The reason, which stays with it.")
UNDO = "cloudbooks undo"


def hold(ctx: typer.Context, drafts: Annotated[list[str], DRAFTS], reason: Annotated[str, REASON] = "") -> int:
    """Hold drafts back from the next post, with a reason; accept takes them in again."""
    face: Face = ctx.obj
    desk = writing_desk(face, "draft hold")
    numbers = draft_numbers(drafts)
    why = reason or wanted(face, sentence("Hold back, for which reason?"), "--reason TEXT")

    def act() -> Answer:
        held = drafting.hold(desk, numbers, why)
        names = [draft.name for draft in held]
        return Answer(
            "draft.hold",
            data=lambda: {"drafts": names, "reason": why},
            lines=lambda: [face.locale.say(sentence("Held back: {names}", names=", ".join(names)))],
            mark=lambda: head(desk),
            after=(next_step(sentence("cloudbooks draft accept {name}", name=names[0])), undo_step(UNDO)),
        )

    return once(face, desk, act)


def approve(ctx: typer.Context, drafts: Annotated[list[str], DRAFTS]) -> int:
    """Approve drafts that another member made: your key signs the entries as they are now."""
    from cloudbooks.books import approving  # noqa: PLC0415 - cryptography

    face: Face = ctx.obj
    desk = writing_desk(face, "draft approve")
    numbers = draft_numbers(drafts)

    def act() -> Answer:
        approved = approving.approve(desk, numbers)
        names = [draft.name for draft in approved]
        return Answer(
            "draft.approve",
            data=lambda: {"drafts": names},
            lines=lambda: [face.locale.say(sentence("Approved: {names}", names=", ".join(names)))],
            mark=lambda: head(desk),
            after=(next_step(sentence("cloudbooks post {names}", names=" ".join(names))), undo_step(UNDO)),
        )

    return once(face, desk, act)


def send_back(ctx: typer.Context, drafts: Annotated[list[str], DRAFTS], reason: Annotated[str, REASON] = "") -> int:
    """Return drafts to whoever made them, with the reason; an approval is taken back by it."""
    from cloudbooks.books import approving  # noqa: PLC0415 - cryptography

    face: Face = ctx.obj
    desk = writing_desk(face, "draft return")
    numbers = draft_numbers(drafts)
    why = reason or wanted(face, sentence("Return, for which reason?"), "--reason TEXT")

    def act() -> Answer:
        names = [draft.name for draft in approving.send_back(desk, numbers, why)]
        return Answer(
            "draft.return",
            data=lambda: {"drafts": names, "reason": why},
            lines=lambda: [face.locale.say(sentence("Returned: {names}", names=", ".join(names)))],
            mark=lambda: head(desk),
            after=(next_step(sentence("cloudbooks draft edit {name}", name=names[0])), undo_step(UNDO)),
        )

    return once(face, desk, act)


def ignore(
    ctx: typer.Context,
    statement: Annotated[str, STATEMENT],
    lines: Annotated[list[str], LINES],
    reason: Annotated[str, REASON] = "",
) -> int:
    """Book nothing for lines of a statement, with a reason; the lines stay."""
    face: Face = ctx.obj
    desk = writing_desk(face, "statement ignore")
    number, places = statement_number(statement), _places(lines)
    why = reason or wanted(face, sentence("Ignore, for which reason?"), "--reason TEXT")

    def act() -> Answer:
        count = reviewing.ignore(desk, number, places, why)
        said = counted("{n} line is ignored: {reason}", "{n} lines are ignored: {reason}", count, reason=why)
        return Answer(
            "statement.ignore",
            data=lambda: {"statement": f"S-{number}", "lines": list(places), "reason": why},
            lines=lambda: [face.locale.say(said)],
            mark=lambda: head(desk),
            after=(undo_step(UNDO),),
        )

    return once(face, desk, act)


def transfer(
    ctx: typer.Context,
    statement: Annotated[str, STATEMENT],
    line: Annotated[str, LINE],
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="The own account on the other side.")],
) -> int:
    """Book a line as a transfer between own accounts, together with the line of the other account, if it is there."""
    face: Face = ctx.obj
    desk = writing_desk(face, "match transfer")
    number, place = statement_number(statement), whole("LINE", line)

    def act() -> Answer:
        answered = reviewing.transfer(desk, number, [place], found(face, desk, account).code)
        draft = answered.drafts[0]
        said = sentence("{name} books it alone; no line of the other account is its other side.", name=draft.name)
        if answered.paired:
            other, other_place = answered.paired[0]
            said = sentence("{name} books it together with line {line} of S-{statement}.", name=draft.name,
                            line=other_place, statement=other)  # fmt: skip
        paired = [{"statement": f"S-{one}", "line": spot} for one, spot in answered.paired]
        return Answer(
            "match.transfer",
            data=lambda: {"draft": draft.name, "paired": paired},
            lines=lambda: [face.locale.say(said)],
            mark=lambda: head(desk),
            after=(next_step(sentence("cloudbooks post {name}", name=draft.name)), undo_step(UNDO)),
        )

    return once(face, desk, act)


def _places(words: Sequence[str]) -> list[int]:
    return list(dict.fromkeys(whole("LINE", word) for word in words))
