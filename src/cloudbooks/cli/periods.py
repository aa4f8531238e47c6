"""`cloudbooks period …` and `close`: months, their checklists, and their locks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer

from cloudbooks.books import closing
from cloudbooks.books.close_checks import CheckState
from cloudbooks.books.closing import Checklist, Locked, PeriodRow
from cloudbooks.books.desk import Desk
from cloudbooks.books.inspecting import head
from cloudbooks.cli.asking import agreed, named, wanted
from cloudbooks.cli.desk import desk_of, writing_desk
from cloudbooks.cli.face import Face
from cloudbooks.cli.once import once
from cloudbooks.cli.output import Answer, emit, next_step
from cloudbooks.cli.showing import column, listed
from cloudbooks.core.digest import short
from cloudbooks.core.period import Month, Period
from cloudbooks.errors import Sentence, counted, joined, sentence

PERIOD = typer.Argument(metavar="PERIOD", help="A month, such as 2026-10 or 上月; of a longer period, its last month.")
REASON = typer.Option("--reason", "-m", metavar="TEXT", help="The reason; it stays in the chain.")
MARKS = {CheckState.DONE: "ok", CheckState.WARNS: "--", CheckState.BLOCKS: "!!", CheckState.BARS: "!!"}


def list_periods(ctx: typer.Context) -> int:
    """List the periods: entries, whether each is closed, by whom and when."""
    face: Face = ctx.obj
    desk = desk_of(face, "period list")
    found = closing.periods(desk)

    def lines() -> list[str]:
        columns = (
            column("period", sentence("Period")),
            column("entries", sentence("Entries"), right=True),
            column("state", sentence("State")),
            column("by", sentence("By"), priority=1),
            column("at", sentence("On"), priority=1),
            column("block", sentence("Block"), right=True, priority=2),
            column("reason", sentence("Reason"), priority=2),
        )
        rows = [(str(row.month), str(row.entries), _state(row), *_locked_by(row)) for row in found]
        return listed(face, columns, rows, sentence("No period has entries yet."))

    return emit(
        face,
        Answer(
            "period.list",
            data=lambda: {"periods": [_row_facts(row) for row in found]},
            lines=lines,
            rows="periods",
            mark=lambda: head(desk),
        ),
    )


def _state(row: PeriodRow) -> Sentence:
    if row.lock is not None:
        return sentence("closed")
    return sentence("reopened") if row.reopened else sentence("open")


def _locked_by(row: PeriodRow) -> tuple[str, str, str, str]:
    lock = row.lock or row.reopened
    return (lock.by, lock.at[:10], str(lock.block), lock.reason) if lock else ("", "", "", "")


def _row_facts(row: PeriodRow) -> dict[str, object]:
    lock = row.lock or row.reopened
    state = "closed" if row.lock else "reopened" if row.reopened else "open"
    facts: dict[str, object] = {"period": str(row.month), "entries": row.entries, "state": state}
    facts |= {"by": None, "at": None, "block": None, "reason": None}
    if lock is not None:
        facts |= {"by": lock.by, "at": lock.at, "block": lock.block, "reason": lock.reason or None}
    return facts


def check(ctx: typer.Context, period: Annotated[str, PERIOD] = "") -> int:
    """Show the checklist of a period: what is to be done before it is closed."""
    face: Face = ctx.obj
    desk = desk_of(face, "period check")
    return emit(face, _checked(face, desk, closing.checklist(desk, _month(desk, period) if period else None)))


def _month(desk: Desk, word: str) -> Month:
    return Month.of(Period.parse(word, desk.today).last.last)


def _checked(face: Face, desk: Desk, found: Checklist) -> Answer:
    month = str(found.month)

    def lines() -> Iterator[str]:
        yield face.locale.say(_title(found))
        for one in found.checks:
            yield f"{MARKS[one.state]}  {face.locale.say(one.said)}"

    return Answer(
        "period.check",
        data=lambda: {
            "period": month,
            "closes": [str(one) for one in found.closes],
            "ready": not found.open,
            "checks": [
                {
                    "check": one.name,
                    "state": one.state.value,
                    "message": face.locale.say(one.said),
                    "hint": None if one.hint is None else face.locale.say(one.hint),
                }
                for one in found.checks
            ],
        },
        lines=lines,
        rows="checks",
        mark=lambda: head(desk),
        findings=tuple(one.finding(found.month) for one in found.open),
        after=(next_step(f"cloudbooks period close {month}"),) if not found.open else (),
    )


def _title(found: Checklist) -> Sentence:
    others = [str(one) for one in found.closes[:-1]]
    if others:
        return sentence("{month}; its close locks {others} too:", month=str(found.month), others=joined(others))
    return sentence("{month}:", month=str(found.month))


def close(ctx: typer.Context, period: Annotated[str, PERIOD], reason: Annotated[str, REASON] = "") -> int:
    """Close a period, and all before it: no entry can be dated there any more; it is a block at once."""
    face: Face = ctx.obj
    desk = desk_of(face, "period close", writes=not face.dry_run)
    month = _month(desk, period)
    if face.dry_run:
        return emit(face, _checked(face, desk, closing.checklist(desk, month)))

    def act() -> Answer:
        found = closing.checklist(desk, month)
        if found.barred or (found.open and not reason):
            raise closing.PeriodNotReady(found)
        agreed(face, _question(found), sentence("add --yes to close {month}, or --dry-run to see the checklist",
                                                month=str(month)))  # fmt: skip
        return _locked(face, desk, "period.close", closing.close(desk, month, reason))

    return once(face, desk, act)


def _question(found: Checklist) -> Sentence:
    return counted(
        "Close {months}, so that no entry can be dated there or earlier?",
        "Close {months}, so that no entry can be dated there or earlier?",
        len(found.closes),
        months=joined([str(one) for one in found.closes]),
    )


def reopen(ctx: typer.Context, period: Annotated[str, PERIOD], reason: Annotated[str, REASON] = "") -> int:
    """Reopen the last closed period, with a reason that every later report shows; it is a block at once."""
    face: Face = ctx.obj
    desk = writing_desk(face, "period reopen")
    month = _month(desk, period)

    def act() -> Answer:
        closing.require_last_closed(desk, month)
        why = reason or wanted(face, sentence("Reopen {month}, for which reason?", month=str(month)), "--reason TEXT")
        question = sentence("Entries can be dated in {month} again. Type the period to reopen it:", month=str(month))
        named(face, question, str(month))
        return _locked(face, desk, "period.reopen", closing.reopen(desk, month, why))

    return once(face, desk, act)


def _locked(face: Face, desk: Desk, name: str, locked: Locked) -> Answer:
    last = locked.done.head
    facts = {"month": str(locked.month), "number": last.number, "hash": short(last.hash)}
    if name == "period.close":
        said = sentence("{month} is closed: block {number}, head {hash}.", **facts)
        following = "cloudbooks sync" if locked.done.waits else "cloudbooks verify"
    else:
        said = sentence("{month} is open again: block {number}, head {hash}.", **facts)
        following = f"cloudbooks period close {locked.month}"
    return Answer(
        name,
        data=lambda: {
            "period": str(locked.month),
            "closed_through": str(locked.through) if locked.through else None,
            "reason": locked.reason or None,
            "block": last.number,
            "hash": last.hash,
        },
        lines=lambda: [face.locale.say(said)],
        mark=lambda: head(desk),
        findings=locked.done.findings,
        after=(next_step(following),),
    )
