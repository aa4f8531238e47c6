"""`cloudbooks status`, `doctor` and `book …`: the book as a whole."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from cloudbooks.books import inspecting
from cloudbooks.books.inspecting import Status, head
from cloudbooks.cli.asking import agreed
from cloudbooks.cli.desk import DryRunNotOffered, desk_of
from cloudbooks.cli.face import Face
from cloudbooks.cli.finding_book import BookMissing, BooksSeveral
from cloudbooks.cli.output import STOPPED, Answer, emit, next_step
from cloudbooks.cli.progress import progress
from cloudbooks.cli.showing import STATES
from cloudbooks.cli.usage import choice
from cloudbooks.core.digest import short
from cloudbooks.core.draft import DraftState
from cloudbooks.core.text import span
from cloudbooks.errors import Sentence, UsageError, counted, joined, sentence

FORMATS = ("audit", "hledger")


FILTER = typer.Argument(metavar="FILTER", help="For audit: which entries, as in entry list.")
SM3 = typer.Option("--sm3", help="For audit: list the SM3 of each file of the pack.")
PERIOD = typer.Option("-p", "--period", metavar="PERIOD", help="For audit: 2026, 2026-10, 2026q3.")


class ExportedWhole(UsageError):
    """A period, a filter or --sm3 was given for a format in which the book is exported whole."""

    code = "exported-whole"

    def __init__(self, form: str) -> None:
        super().__init__(
            sentence("a book is exported whole as {form}; a period, a filter and --sm3 are for audit.", form=form),
            hint=sentence("cloudbooks book export hledger"),
        )


def status(ctx: typer.Context) -> int:
    """Where the book stands: its head, what waits, what comes next."""
    face: Face = ctx.obj
    desk = desk_of(face, "status")
    now = inspecting.status(desk)
    answer = Answer(
        "status",
        data=lambda: _facts(now, desk.book),
        lines=lambda: [face.locale.say(line) for line in _said(now, desk.book)],
        mark=lambda: head(desk),
        findings=now.faults,
        after=[next_step(step) for step in _next(now)],
    )
    return emit(face, answer)


def _said(now: Status, book: Path) -> Iterator[Sentence]:
    yield sentence("{name}  {file}, base {base}", name=now.facts.name, file=book.name, base=now.facts.base)
    if now.head is not None:
        yield sentence("Head: block {number}, {hash}", number=now.head.number, hash=short(now.head.hash))
    yield _entries(now)
    drafts = {state: count for state, count in now.drafts.items() if count}
    if not drafts:
        yield sentence("No drafts.")
    for state in DraftState:
        if state in drafts:
            yield sentence("Drafts {state}: {count}", state=STATES[state], count=drafts[state])
    if now.sure:
        yield counted(
            "{n} of them is sure: a rule decided alone.", "{n} of them are sure: a rule decided alone.", now.sure
        )
    if now.pending:
        yield counted("{n} record waits for the next post.", "{n} records wait for the next post.", now.pending)


def _entries(now: Status) -> Sentence:
    if not now.entries:
        return sentence("No entries yet.")
    closed = (
        sentence("none closed") if now.closed is None else sentence("closed through {month}", month=str(now.closed))
    )
    return counted(
        "{n} entry, {months}, {closed}",
        "{n} entries, {months}, {closed}",
        now.entries,
        months=span(now.months[0], now.months[-1]),
        closed=closed,
    )


def _next(now: Status) -> list[Sentence | str]:
    """The likely next step."""
    undecided = now.drafts.get(DraftState.INCOMPLETE, 0) + now.drafts.get(DraftState.PROPOSED, 0) - now.sure
    if undecided:
        return ["cloudbooks draft list"]
    if now.sure or now.drafts.get(DraftState.READY, 0) or now.pending:
        return ["cloudbooks post --all"]
    return [sentence("cloudbooks import FILE --account ACCOUNT")] if not now.entries else ["cloudbooks balance"]


def _facts(now: Status, book: Path) -> dict[str, object]:
    return {
        "file": str(book),
        "name": now.facts.name,
        "base": now.facts.base,
        "entries": now.entries,
        "statements": now.statements,
        "drafts": {state.value: now.drafts.get(state, 0) for state in DraftState},
        "sure": now.sure,
        "waiting_records": now.pending,
        "months": [str(month) for month in now.months],
        "closed": str(now.closed) if now.closed else None,
        "members": [{"id": member.id, "name": member.name} for member in now.members],
        "stopped": now.stopped.code if now.stopped else None,
    }


def show(ctx: typer.Context) -> int:
    """Show what the book is: its firm, base, chart, members."""
    face: Face = ctx.obj
    desk = desk_of(face, "book show")
    now = inspecting.status(desk)
    facts = now.facts

    def lines() -> Iterator[str]:
        said = [
            sentence("Name: {name}", name=facts.name),
            sentence("File: {file}", file=str(desk.book)),
            sentence("Id: {id}", id=facts.id),
            sentence("Base: {base}", base=facts.base),
            sentence("Members: {names}", names=joined([member.name for member in now.members])),
        ]
        if facts.separate_duties:
            said.append(sentence("Duties: separated; another member approves each entry."))
        if now.head is not None:
            said.append(sentence("Head: block {number}, {hash}", number=now.head.number, hash=now.head.hash))
        for line in said:
            yield face.locale.say(line)

    answer = Answer(
        "book.show",
        data=lambda: (
            _facts(now, desk.book)
            | {"id": facts.id, "jurisdiction": facts.jurisdiction or None, "separate_duties": facts.separate_duties}
        ),
        lines=lines,
        mark=lambda: head(desk),
        findings=now.faults,
    )
    return emit(face, answer)


def rebuild(ctx: typer.Context) -> int:
    """Drop the derived tables and make them again from the log."""
    from cloudbooks.books.rebuilding import rebuild as again  # noqa: PLC0415 - only where a book is rebuilt

    face: Face = ctx.obj
    if face.dry_run:
        raise DryRunNotOffered("book rebuild")
    # A doubt about the tables bars every other write, and is what a rebuild is there for: it judges by itself.
    desk = desk_of(face, "book rebuild")
    question = sentence("Rebuild the tables of {file} from its log?", file=desk.book.name)
    agreed(face, question, sentence("add --yes to rebuild"))
    with progress(face) as tell:
        rebuilt = again(desk, tell)
    said = counted(
        "Tables made again from {n} block; log, drafts and receipt are as they were.",
        "Tables made again from {n} blocks; log, drafts and receipt are as they were.",
        rebuilt.blocks,
    )
    answer = Answer(
        "book.rebuild",
        data=lambda: {"blocks": rebuilt.blocks},
        lines=lambda: [face.locale.say(said)],
        mark=lambda: head(desk),
        after=(next_step("cloudbooks verify"),),
    )
    return emit(face, answer)


def export(
    ctx: typer.Context,
    form: Annotated[str, typer.Argument(metavar="FORMAT", help="hledger, or audit: a pack for an auditor.")],
    wanted: Annotated[list[str] | None, FILTER] = None,
    period: Annotated[str, PERIOD] = "",
    *,
    sm3: Annotated[bool, SM3] = False,
) -> int:
    """Write the posted entries in the format of another tool, or as a pack for an auditor."""
    face: Face = ctx.obj
    choice("FORMAT", form, FORMATS)
    if form == "audit":
        from cloudbooks.cli.auditing import export_audit  # noqa: PLC0415 - cryptography

        return export_audit(face, wanted or [], period, sm3=sm3)
    if wanted or period or sm3:
        raise ExportedWhole(form)
    from cloudbooks.books.exporting import hledger_journal  # noqa: PLC0415 - only where something is exported

    desk = desk_of(face, "book export")

    def lines() -> Iterator[str]:
        if face.output is None and sys.stdout.isatty():
            # The journal itself runs over the screen, and shows how far it has come.
            yield from hledger_journal(desk)
            return
        with progress(face) as tell:
            yield from hledger_journal(desk, tell)

    answer = Answer(
        "book.export",
        data=lambda: {"format": form, "text": "\n".join(hledger_journal(desk))},
        lines=lines,
        mark=lambda: head(desk),
    )
    return emit(face, answer)


def doctor(ctx: typer.Context) -> int:
    """Look at this installation, at the book, its file, receipt and keys."""
    from cloudbooks.books.doctoring import Checkup, diagnose  # noqa: PLC0415 - only where something is amiss
    from cloudbooks.cli.screens import terminal_seen  # noqa: PLC0415 - the same

    face: Face = ctx.obj
    desk, no_book = None, None
    try:
        desk = desk_of(face, "doctor")
    except (BookMissing, BooksSeveral) as none:
        if face.book:
            raise
        no_book = none
    diagnosis = diagnose(desk)
    checks = list(diagnosis.checks)
    if (seen := terminal_seen(face)) is not None:
        checks.append(Checkup("terminal", seen))

    def lines() -> Iterator[str]:
        width = max(len(check.name) for check in checks)
        for check in checks:
            mark = "ok" if check.well else "!!"
            yield f"{mark}  {check.name.ljust(width)}  {face.locale.say(check.seen)}"
        if no_book is not None:
            yield f"--  {'book'.ljust(width)}  {face.locale.say(no_book.message)}"

    answer = Answer(
        "doctor",
        data=lambda: {
            "checks": [
                {"name": check.name, "seen": face.locale.say(check.seen), "well": check.well} for check in checks
            ]
        },
        lines=lines,
        rows="checks",
        findings=diagnosis.findings,
        status=STOPPED if diagnosis.broken else None,
    )
    return emit(face, answer)
