"""`cloudbooks template …`: vouchers that come again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer

from cloudbooks.books import templates
from cloudbooks.books.desk import Desk
from cloudbooks.books.inspecting import head
from cloudbooks.books.naming import names as names_of
from cloudbooks.books.templates import Template
from cloudbooks.cli.desk import desk_of, writing_desk
from cloudbooks.cli.drafts import UNDO, one_draft
from cloudbooks.cli.face import Face
from cloudbooks.cli.naming import day_or_none, draft_number, names_draft
from cloudbooks.cli.once import once
from cloudbooks.cli.output import Answer, emit, next_step, undo_step
from cloudbooks.cli.showing import column, draft_facts, draft_total, listed, template_lines
from cloudbooks.core.text import shell_word
from cloudbooks.errors import joined, sentence
from cloudbooks.reports.names import Names

NONE = sentence("No templates yet. cloudbooks template save NAME D-1")
NAME = typer.Argument(metavar="NAME", help="The template's name.")


def _facts(face: Face, one: Template, names: Names) -> dict[str, object]:
    draft = draft_facts(face, one.draft, names)
    return {"name": one.name} | {key: draft[key] for key in ("summary", "tags", "lines")}


def _lines(face: Face, one: Template, names: Names) -> Iterator[str]:
    yield f"{face.locale.say(one.name)}   {face.locale.say(one.draft.summary)}"
    yield from template_lines(face, one.draft, names)
    if one.draft.tags:
        yield face.locale.say(sentence("Tags: {tags}", tags=joined(one.draft.tags)))


def list_(ctx: typer.Context) -> int:
    """List the templates."""
    face: Face = ctx.obj
    desk = desk_of(face, "template list")
    found = templates.templates(desk)
    names = names_of(desk)

    def lines() -> list[str]:
        columns = (
            column("name", sentence("Template")),
            column("summary", sentence("Summary")),
            column("accounts", sentence("Accounts"), priority=1),
            column("amount", names.base, right=True),
        )
        rows = [
            (one.name, one.draft.summary, _accounts(one, names), draft_total(one.draft, names) or "") for one in found
        ]
        return listed(face, columns, rows, NONE)

    facts = [_facts(face, one, names) for one in found]
    return emit(
        face,
        Answer(
            "template.list", data=lambda: {"templates": facts}, lines=lines, rows="templates", mark=lambda: head(desk)
        ),
    )


def _accounts(one: Template, names: Names) -> str:
    codes = [names.chart[line.account].code for line in one.draft.lines if line.account in names.chart]
    return " ".join(dict.fromkeys(codes))


def show(ctx: typer.Context, name: Annotated[str, NAME]) -> int:
    """Show a template with its lines."""
    face: Face = ctx.obj
    desk = desk_of(face, "template show")
    return emit(face, _one(face, desk, "template.show", templates.template(desk, name)))


def _one(face: Face, desk: Desk, command: str, one: Template) -> Answer:
    names = names_of(desk)
    return Answer(
        command,
        data=lambda: _facts(face, one, names),
        lines=lambda: _lines(face, one, names),
        mark=lambda: head(desk),
        after=(next_step(sentence("cloudbooks template draft {name}", name=shell_word(one.name))),),
    )


def save(
    ctx: typer.Context,
    name: Annotated[str, NAME],
    source: Annotated[str, typer.Argument(metavar="ENTRY", help="A draft such as D-118, or an entry: 2026-10/记-12.")],
) -> int:
    """Keep a draft or an entry as a template; one of the same name gives way."""
    face: Face = ctx.obj
    desk = writing_desk(face, "template save")

    def act() -> Answer:
        if names_draft(source):
            one = templates.save_draft(desk, name, draft_number(source))
        else:
            one = templates.save_entry(desk, name, source)
        answer = _one(face, desk, "template.save", one)
        after = (*answer.after, undo_step(UNDO))
        return answer._replace(data=lambda: _facts(face, one, names_of(desk)) | {"replaced": one.replaced}, after=after)

    return once(face, desk, act)


def remove(ctx: typer.Context, name: Annotated[str, NAME]) -> int:
    """Keep a template no longer; what was begun from it stays."""
    face: Face = ctx.obj
    desk = writing_desk(face, "template remove")

    def act() -> Answer:
        gone = templates.remove(desk, name)
        said = sentence('The template "{name}" is gone.', name=gone.name)
        return Answer(
            "template.remove",
            data=lambda: {"name": gone.name},
            lines=lambda: [face.locale.say(said)],
            mark=lambda: head(desk),
            after=(undo_step(UNDO),),
        )

    return once(face, desk, act)


def draft(
    ctx: typer.Context,
    name: Annotated[str, NAME],
    date: Annotated[str, typer.Option("--date", metavar="DATE", help="Its date; else today.")] = "",
) -> int:
    """Draft an entry from a template."""
    face: Face = ctx.obj
    desk = writing_desk(face, "template draft")

    def act() -> Answer:
        made = templates.draft_from(desk, name, day_or_none(date, desk.today))
        return one_draft(face, desk, "template draft", made, detailed=True)

    return once(face, desk, act)
