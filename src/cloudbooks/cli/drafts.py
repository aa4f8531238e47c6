"""`cloudbooks add`, `draft …` and `undo`: what is not posted yet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated

import typer

from cloudbooks.books import drafting, inspecting
from cloudbooks.books.desk import Desk
from cloudbooks.books.drafting import DraftChange, LineChange
from cloudbooks.books.inspecting import head
from cloudbooks.books.naming import names as names_of
from cloudbooks.books.standing import standings
from cloudbooks.cli.accounts import found
from cloudbooks.cli.desk import desk_of, writing_desk
from cloudbooks.cli.face import Face
from cloudbooks.cli.naming import day_or_none, draft_number, draft_numbers
from cloudbooks.cli.once import once
from cloudbooks.cli.output import Answer, emit, next_step, undo_step
from cloudbooks.cli.showing import column, draft_facts, draft_lines, draft_total, listed, state_of
from cloudbooks.cli.usage import choice, whole
from cloudbooks.core.draft import Draft, DraftState
from cloudbooks.core.filter import parse
from cloudbooks.core.period import day
from cloudbooks.errors import Sentence, UsageError, joined, sentence
from cloudbooks.system.clock import local_time
from cloudbooks.system.typed_path import typed_path

NONE = sentence("No drafts. cloudbooks import FILE and cloudbooks add make some.")

FILTER = typer.Argument(metavar="FILTER", help="acct:5602 amt:>1000 state:ready, or bare words.")
DRAFT = typer.Argument(metavar="DRAFT", help="A draft, such as D-118.")
DRAFTS = typer.Argument(metavar="DRAFT", help="Drafts, such as D-118 D-119.")
UNDO = "cloudbooks undo"


class NothingNamed(UsageError):
    """A command on drafts was given none."""

    code = "drafts-missing"

    def __init__(self, command: str) -> None:
        super().__init__(
            sentence(
                "cloudbooks {command} needs a draft, or --sure for all that a rule decided alone.", command=command
            ),
            hint=sentence("cloudbooks draft list"),
        )


class LineMissing(UsageError):
    """A change of a line was given without the line's number."""

    code = "line-missing"

    def __init__(self) -> None:
        super().__init__(
            sentence("--account, --amount and --text change a line; its number is missing."),
            hint=sentence("add --line 2"),
        )


class ChangeMissing(UsageError):
    """`draft edit` was given a draft and nothing to change."""

    code = "change-missing"

    def __init__(self, name: str) -> None:
        super().__init__(
            sentence("nothing was said that is to change in {name}.", name=name),
            hint=sentence("cloudbooks draft edit {name} --summary TEXT, or --help", name=name),
        )


def add(
    ctx: typer.Context,
    date: Annotated[str, typer.Argument(metavar="DATE", help="2026-11-20, 11-20, yesterday, 昨天.")],
    summary: Annotated[str, typer.Argument(metavar="SUMMARY", help="What it is about.")],
    debit: Annotated[str, typer.Argument(metavar="DEBIT", help="The account on the debit side.")],
    amount: Annotated[str, typer.Argument(metavar="AMOUNT", help="The amount, such as 300 or 1,234.56.")],
    credit: Annotated[str, typer.Argument(metavar="CREDIT", help="The account on the credit side.")],
    commodity: Annotated[str, typer.Option("--commodity", metavar="CODE", help="Its commodity; else the base.")] = "",
) -> int:
    """Draft an entry of two lines: date, summary, debit account, amount, credit account."""
    face: Face = ctx.obj
    desk = writing_desk(face, "add")

    def act() -> Answer:
        sides = [found(face, desk, word).code for word in (debit, credit)]
        draft = drafting.add(desk, day(date, desk.today), summary, sides[0], amount, sides[1], commodity)
        return one_draft(face, desk, "add", draft)

    return once(face, desk, act)


def one_draft(face: Face, desk: Desk, command: str, draft: Draft, *, detailed: bool = False) -> Answer:
    """The answer of a command that made or changed one draft."""
    names = names_of(desk)
    stands = standings(desk, [draft])[draft.number]
    ready = draft.state is DraftState.READY and stands.obstacle is None
    following = sentence("cloudbooks post {name}", name=" ".join(drafting.belonging(desk, draft)))
    if not ready:
        lacks = draft.lacks(names.base, names.commodities[names.base].scale)
        shown = stands.remedy or sentence("cloudbooks draft show {name}", name=draft.name)
        following = draft.remedy(names.base) if lacks else shown
    return Answer(
        command.replace(" ", "."),
        data=lambda: draft_facts(face, draft, names, stands),
        lines=lambda: draft_lines(face, draft, names, detailed=detailed or not ready, stands=stands),
        mark=lambda: head(desk),
        after=(next_step(following), undo_step(UNDO)),
    )


def list_(
    ctx: typer.Context,
    wanted: Annotated[list[str] | None, FILTER] = None,
    state: Annotated[
        str, typer.Option("--state", metavar="STATE", help="Only those incomplete, proposed, ready, waiting, held.")
    ] = "",
    *,
    sure: Annotated[bool, typer.Option("--sure", help="Only those that a rule decided alone.")] = False,
) -> int:
    """List the drafts, what they lack, and why they wait."""
    face: Face = ctx.obj
    desk = desk_of(face, "draft list")
    states = [DraftState(choice("--state", state, [one.value for one in DraftState]))] if state else None
    found = inspecting.drafts(desk, parse(" ".join(wanted or ())))
    drafts = [one for one in found if (one.sure or not sure) and (states is None or one.state in states)]
    names = names_of(desk)
    scale = names.commodities[names.base].scale
    stand = standings(desk, drafts)

    def lines() -> list[str]:
        columns = (
            column("draft", sentence("Draft")),
            column("date", sentence("Date")),
            column("summary", sentence("Summary")),
            column("amount", names.base, right=True),
            column("state", sentence("State")),
            column("reason", sentence("Reason"), priority=1),
        )
        rows = []
        for one in drafts:
            lacks = one.lacks(names.base, scale)
            reason = one.reason or (lacks[0] if lacks else stand[one.number].obstacle or "")
            when = one.date.isoformat() if one.date else ""
            rows.append((one.name, when, one.summary, draft_total(one, names) or "?", state_of(one), reason))
        return listed(face, columns, rows, _none(desk, wanted, narrowed=bool(state or sure)) if not rows else NONE)

    answer = Answer(
        "draft.list",
        data=lambda: {"drafts": [draft_facts(face, one, names, stand[one.number]) for one in drafts]},
        lines=lines,
        rows="drafts",
        records=lambda: [_row(one, draft_facts(face, one, names)) for one in drafts],
        mark=lambda: head(desk),
    )
    return emit(face, answer)


def _none(desk: Desk, wanted: list[str] | None, *, narrowed: bool) -> Sentence:
    """Why no draft is listed: none that passes is not the same as none at all."""
    chip, without = inspecting.drafts_blocked(desk, parse(" ".join(wanted or ())))
    if chip and not narrowed:
        return sentence("Nothing matches. Without {chip}: {n}.", chip=chip, n=without)
    if wanted or narrowed:
        return sentence("No drafts match.")
    return NONE


def _row(draft: Draft, facts: dict[str, object]) -> dict[str, object]:
    """A draft as one row of CSV: its lines as `code amount`."""
    lines = facts["lines"]
    assert isinstance(lines, list)
    shown = [f"{one['code'] or '?'} {one['amount']['amount'] if one['amount'] else '?'}" for one in lines]
    keys = ("id", "date", "summary", "state", "sure", "reason")
    return {key: facts[key] for key in keys} | {"lines": "; ".join(shown), "rule": draft.source.rule}


def show(ctx: typer.Context, draft: Annotated[str, DRAFT]) -> int:
    """Show a draft with all that it holds, and why it is what it is."""
    face: Face = ctx.obj
    desk = desk_of(face, "draft show")
    shown = drafting.draft(desk, draft_number(draft))
    stands = standings(desk, [shown])[shown.number]
    names = names_of(desk)
    return emit(
        face,
        Answer(
            "draft.show",
            data=lambda: draft_facts(face, shown, names, stands),
            lines=lambda: draft_lines(face, shown, names, detailed=True, stands=stands),
            mark=lambda: head(desk),
        ),
    )


def edit(  # noqa: PLR0913 - each part of a draft that can be changed is a flag
    ctx: typer.Context,
    draft: Annotated[str, DRAFT],
    *,
    date: Annotated[str, typer.Option("--date", metavar="DATE", help="Another date.")] = "",
    summary: Annotated[str | None, typer.Option("--summary", metavar="TEXT", help="Another summary.")] = None,
    series: Annotated[str, typer.Option("--series", metavar="WORD", help="Another voucher series, such as 记.")] = "",
    tag: Annotated[
        list[str] | None, typer.Option("--tag", metavar="WORD", help="Its tags, more than once; '' takes them away.")
    ] = None,
    line: Annotated[str, typer.Option("--line", metavar="N", help="The line to change; else the one to decide.")] = "",
    account: Annotated[str | None, typer.Option("--account", metavar="ACCOUNT", help="The line's account.")] = None,
    amount: Annotated[
        str | None, typer.Option("--amount", metavar="AMOUNT", help="The line's amount; debit is positive.")
    ] = None,
    text: Annotated[str | None, typer.Option("--text", metavar="TEXT", help="The line's own text.")] = None,
) -> int:
    """Change a draft."""
    face: Face = ctx.obj
    desk = writing_desk(face, "draft edit")
    number = draft_number(draft)
    if not (date or series) and all(one is None for one in (summary, tag, account, amount, text)):
        raise ChangeMissing(f"D-{number}")

    def act() -> Answer:
        changes: tuple[LineChange, ...] = ()
        if account is not None or amount is not None or text is not None:
            place = whole("--line", line) if line else _undecided(drafting.draft(desk, number))
            code = found(face, desk, account).code if account is not None else None
            changes = (LineChange(place, code, amount, text),)
        tags = None if tag is None else tuple(one for one in tag if one)
        change = DraftChange(day_or_none(date, desk.today), summary, series or None, tags, changes)
        return one_draft(face, desk, "draft edit", drafting.edit(desk, number, change), detailed=True)

    return once(face, desk, act)


def _undecided(draft: Draft) -> int:
    """The one line that has no account yet; raises `LineMissing` where there is not exactly one."""
    places = [place for place, line in enumerate(draft.lines, start=1) if not line.account]
    if len(places) != 1:
        raise LineMissing
    return places[0]


def accept(
    ctx: typer.Context,
    drafts: Annotated[list[str] | None, DRAFTS] = None,
    *,
    sure: Annotated[bool, typer.Option("--sure", help="Every draft that a rule decided alone.")] = False,
) -> int:
    """Accept proposed drafts: the next post takes them."""
    if not drafts and not sure:
        raise NothingNamed("draft accept")
    numbers = draft_numbers(drafts or ())
    return _several(ctx.obj, "draft accept", lambda desk: drafting.accept(desk, numbers, sure=sure))


def discard(ctx: typer.Context, drafts: Annotated[list[str], DRAFTS]) -> int:
    """Discard drafts."""
    numbers = draft_numbers(drafts)
    return _several(ctx.obj, "draft discard", lambda desk: drafting.discard(desk, numbers))


def _several(face: Face, command: str, act: Callable[[Desk], Sequence[Draft]]) -> int:
    desk = writing_desk(face, command)

    def answer() -> Answer:
        drafts = act(desk)
        names = joined([draft.name for draft in drafts])
        if command == "draft accept":
            said = sentence("Accepted: {names}", names=names) if drafts else sentence("No draft was there to accept.")
            stand = standings(desk, drafts)
            barred = next((one.remedy for draft in drafts if (one := stand[draft.number]).remedy is not None), None)
            after = [next_step(barred or "cloudbooks post --all"), undo_step(UNDO)]
        else:
            said = sentence("Discarded: {names}", names=names)
            after = [undo_step(UNDO)]
        return Answer(
            command.replace(" ", "."),
            data=lambda: {"drafts": [draft.name for draft in drafts]},
            lines=lambda: [face.locale.say(said)],
            rows="drafts",
            records=lambda: [{"draft": draft.name} for draft in drafts],
            mark=lambda: head(desk),
            after=after if drafts else (),
        )

    return once(face, desk, answer)


def attach(
    ctx: typer.Context,
    draft: Annotated[str, DRAFT],
    file: Annotated[str, typer.Argument(metavar="FILE", help="The file to attach.")],
) -> int:
    """Attach a file to a draft; its digest stands in the entry when it is posted."""
    face: Face = ctx.obj
    desk = writing_desk(face, "draft attach")

    def act() -> Answer:
        attached = drafting.attach(desk, draft_number(draft), typed_path(file))
        return one_draft(face, desk, "draft attach", attached, detailed=True)

    return once(face, desk, act)


def undo(ctx: typer.Context) -> int:
    """Undo the last thing that was done to what is not posted."""
    from cloudbooks.books import undoing  # noqa: PLC0415 - only where something is undone

    face: Face = ctx.obj
    desk = writing_desk(face, "undo")

    def act() -> Answer:
        undone = undoing.undo(desk)
        said = sentence('Undone: "{what}" ({when}).', what=undone.summary, when=local_time(undone.at))
        return Answer(
            "undo",
            data=lambda: {"operation": undone.verb, "summary": face.locale.say(undone.summary), "at": undone.at},
            lines=lambda: [face.locale.say(said)],
            mark=lambda: head(desk),
            after=(next_step("cloudbooks draft list"),),
        )

    return once(face, desk, act)
