"""`cloudbooks rule …`: the rules that turn lines into drafts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer

from cloudbooks.books import drafting, rule_making, ruling
from cloudbooks.books.desk import Desk
from cloudbooks.books.inspecting import head
from cloudbooks.books.rule_making import NewRule
from cloudbooks.cli.desk import desk_of, writing_desk
from cloudbooks.cli.face import Face
from cloudbooks.cli.naming import draft_number
from cloudbooks.cli.once import once
from cloudbooks.cli.output import Answer, FileThere, emit, next_step, undo_step
from cloudbooks.cli.showing import column, listed
from cloudbooks.core.text import show
from cloudbooks.errors import CloudBooksError, Finding, Sentence, counted, sentence
from cloudbooks.rules.action import Action
from cloudbooks.system.typed_path import typed_path

RULES = typer.Option("--rules", metavar="FILE", help="The rules file; else rules.yaml beside the book.")


def list_(ctx: typer.Context, rules: Annotated[str, RULES] = "") -> int:
    """List the rules in the order in which they are tried."""
    face: Face = ctx.obj
    desk = desk_of(face, "rule list")
    checked = ruling.check(desk, typed_path(rules) if rules else None)
    facts = [
        {
            "name": rule.name,
            "place": rule.place,
            "account": rule.action.account or None,
            "splits": [split.account for split in rule.action.splits],
            "summary": rule.action.summary,
            "tags": list(rule.action.tags),
            "ignore": rule.action.ignore or None,
        }
        for rule in checked.rules.rules
    ]

    def lines() -> list[str]:
        columns = (
            column("place", sentence("Place")),
            column("name", sentence("Rule")),
            column("to", sentence("To")),
            column("summary", sentence("Summary"), priority=1),
        )
        rows = [(rule.place, rule.name, _to(rule.action), rule.action.summary) for rule in checked.rules.rules]
        return listed(face, columns, rows, sentence("The file has no rules."))

    answer = Answer("rule.list", data=lambda: {"rules": facts}, lines=lines, rows="rules", mark=lambda: head(desk))
    return emit(face, answer)


def _to(action: Action) -> Sentence | str:
    if action.ignore:
        return sentence("ignored: {why}", why=action.ignore)
    if action.splits:
        return ", ".join(split.account for split in action.splits)
    return action.account


def check(ctx: typer.Context, rules: Annotated[str, RULES] = "") -> int:
    """Check the rules: every fault of the file, with its place."""
    face: Face = ctx.obj
    desk = desk_of(face, "rule check")
    try:
        checked = ruling.check(desk, typed_path(rules) if rules else None)
    except CloudBooksError as refusal:
        # Here a file that cannot be read is what was asked about: its faults are findings, and the status is 1.
        if not refusal.findings and refusal.code not in ("rule-syntax", "yaml-syntax"):
            raise
        findings = refusal.findings or (
            Finding(refusal.code, refusal.place, refusal.message, refusal.hint, refusal.excerpt),
        )
        return emit(face, _checked(face, 0, findings))
    return emit(face, _checked(face, len(checked.rules), checked.findings))


def _checked(face: Face, rules: int, findings: tuple[Finding, ...]) -> Answer:
    def lines() -> Iterator[str]:
        if not findings:
            yield face.locale.say(counted("{n} rule, no finding.", "{n} rules, no finding.", rules))

    return Answer("rule.check", data=lambda: {"rules": rules}, lines=lines, findings=findings)


def new(
    ctx: typer.Context,
    from_: Annotated[
        str, typer.Option("--from", metavar="DRAFT", help="The draft whose line and account make the rule.")
    ] = "",
) -> int:
    """Make a rule from a draft, and apply it to open lines; without --from, put the starter rules beside the book."""
    face: Face = ctx.obj
    if not from_:
        return _starter(face)
    desk = desk_of(face, "rule new")
    number = draft_number(from_)
    if face.dry_run:
        return emit(face, _made(face, desk, rule_making.new_rule(desk, number, dry_run=True), tried=True))
    return once(face, desk, lambda: _made(face, desk, rule_making.new_rule(desk, number), tried=False))


def _starter(face: Face) -> int:
    """Write the starter rules of the book's chart beside the book."""
    from cloudbooks.books.inspecting import status  # noqa: PLC0415 - only where rules are begun

    desk = writing_desk(face, "rule new")
    file = desk.book.parent / ruling.RULES_NAME
    chart = status(desk).facts.chart
    try:
        ruling.put_starter(file, chart, force=face.force)
    except FileExistsError as error:
        raise FileThere(file) from error
    answer = Answer(
        "rule.new",
        data=lambda: {"file": str(file)},
        lines=lambda: [face.locale.say(sentence("Starter rules are in {file}.", file=str(file)))],
        mark=lambda: head(desk),
        after=(next_step("cloudbooks rule check"),),
    )
    return emit(face, answer)


def _made(face: Face, desk: Desk, made: NewRule, *, tried: bool) -> Answer:
    def lines() -> Iterator[str]:
        yield face.locale.say(sentence('The rule "{name}" at {place}:', name=made.name, place=made.place))
        yield from (show(line) for line in made.text.splitlines())
        yield face.locale.say(
            sentence("It takes {open} more open lines, and {past} that were decided before.", open=len(made.open),
                     past=made.past)
        )  # fmt: skip
        if tried:
            yield face.locale.say(sentence("Nothing was written."))

    return Answer(
        "rule.new",
        data=lambda: {
            "file": made.path.name,
            "rule": made.name,
            "place": made.place,
            "text": made.text,
            "open": [{"statement": f"S-{statement}", "line": place} for statement, place in made.open],
            "past": made.past,
            "drafts": [draft.name for draft in made.drafts],
            "dry_run": tried,
        },
        lines=lines,
        mark=lambda: head(desk),
        after=() if tried else (next_step("cloudbooks draft accept --sure"), undo_step("cloudbooks undo")),
    )


def explain(
    ctx: typer.Context, draft: Annotated[str, typer.Argument(metavar="DRAFT", help="A draft, such as D-118.")]
) -> int:
    """Say which rule made a draft, and why."""
    face: Face = ctx.obj
    desk = desk_of(face, "rule explain")
    shown = drafting.draft(desk, draft_number(draft))

    def lines() -> Iterator[str]:
        if shown.source.rule:
            yield face.locale.say(
                sentence('{name} was made by the rule "{rule}".', name=shown.name, rule=shown.source.rule)
            )
        else:
            yield face.locale.say(sentence("{name} was made by no rule.", name=shown.name))
        for step in shown.trace:
            yield "  " + face.locale.say(step)

    answer = Answer(
        "rule.explain",
        data=lambda: {"draft": shown.name, "rule": shown.source.rule or None, "trace": list(shown.trace)},
        lines=lines,
        mark=lambda: head(desk),
    )
    return emit(face, answer)
