"""`cloudbooks entry …`: what is posted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer

from cloudbooks.books import correcting, inspecting
from cloudbooks.books.correcting import Correction
from cloudbooks.books.desk import Desk
from cloudbooks.books.finding_entries import EntryAmbiguous
from cloudbooks.books.inspecting import ShownEntry, head
from cloudbooks.books.naming import names as names_of
from cloudbooks.cli.asking import picked
from cloudbooks.cli.desk import desk_of, writing_desk
from cloudbooks.cli.drafts import UNDO
from cloudbooks.cli.face import Face
from cloudbooks.cli.naming import day_or_none
from cloudbooks.cli.once import once
from cloudbooks.cli.output import Answer, emit, next_step, undo_step
from cloudbooks.cli.showing import attached, column, draft_facts, draft_lines, entry_lines, listed
from cloudbooks.core.entry import PostedEntry, SourceKind
from cloudbooks.core.filter import parse
from cloudbooks.core.period import Period
from cloudbooks.errors import Sentence, joined, sentence
from cloudbooks.reports.names import Names
from cloudbooks.reports.table import Amount

FILTER = typer.Argument(metavar="FILTER", help="acct:5602 amt:>1000 date:2026-10 text:~rent, or bare words.")
ENTRY = typer.Argument(metavar="ENTRY", help="A voucher number with its period, 2026-10/记-12, or an id.")
DATE = typer.Option("--date", metavar="DATE", help="The day of the reversal; else today, in an open period.")


def list_(
    ctx: typer.Context,
    wanted: Annotated[list[str] | None, FILTER] = None,
    period: Annotated[str, typer.Option("-p", "--period", metavar="PERIOD", help="2026-10, 2026q3, 上月.")] = "",
    account: Annotated[str, typer.Option("--account", metavar="ACCOUNT", help="Only entries on this account.")] = "",
) -> int:
    """List posted entries."""
    face: Face = ctx.obj
    desk = desk_of(face, "entry list")
    span = Period.parse(period, desk.today) if period else None
    found = inspecting.entries(desk, parse(" ".join(wanted or ())), span, account)
    names = Names(found.base, found.chart, found.commodities)

    def lines() -> Iterator[str]:
        columns = (
            column("number", sentence("Voucher no.")),
            column("date", sentence("Date")),
            column("summary", sentence("Summary")),
            column("amount", found.base, right=True),
            column("accounts", sentence("Accounts"), priority=1),
            column("block", sentence("Block"), right=True, priority=2),
        )
        rows = [
            (
                entry.dated_voucher,
                entry.date.isoformat(),
                entry.summary,
                _debit(entry, names),
                ", ".join(dict.fromkeys(found.chart[posting.account].code for posting in entry.postings)),
                str(entry.block),
            )
            for entry in found.entries
        ]
        asked = wanted or period or account
        none = (
            sentence("No entries match.") if asked else sentence("No entries yet. cloudbooks post --all posts drafts.")
        )
        if found.blocking:
            none = sentence("Nothing matches. Without {chip}: {n}.", chip=found.blocking, n=found.without)
        yield from listed(face, columns, rows, none)

    answer = Answer(
        "entry.list",
        data=lambda: {"entries": [names.entry_data(entry) for entry in found.entries]},
        lines=lines,
        rows="entries",
        records=lambda: (row for entry in found.entries for row in records(entry, names)),
        mark=lambda: (found.head, head(desk)[1]),
    )
    return emit(face, answer)


def _debit(entry: PostedEntry, names: Names) -> Amount:
    total = sum(posting.value for posting in entry.postings if posting.debit_side)
    return Amount(total, names.commodities[names.base].scale, names.base)


def records(entry: PostedEntry, names: Names) -> Iterator[dict[str, object]]:
    """An entry as rows of CSV, one a posting."""
    for posting in entry.postings:
        yield {
            "number": entry.voucher,
            "date": entry.date.isoformat(),
            "summary": entry.summary,
            "account": names.chart[posting.account].code,
            "name": names.chart[posting.account].name,
            "amount": names.amount(posting).json(),
            "value": names.value(posting).json(),
            "party": names.party(posting),
            "text": posting.text,
            "block": entry.block,
            "id": entry.id,
        }


def show(ctx: typer.Context, entry: Annotated[str, ENTRY]) -> int:
    """Show an entry with its links and where it came from."""
    face: Face = ctx.obj
    desk = desk_of(face, "entry show")
    shown = inspecting.entry(desk, _word(face, desk, entry))
    names = Names(shown.base, shown.chart, shown.commodities, shown.parties)
    one = shown.entry
    links = {
        "reverses": shown.linked.get(one.reverses),
        "replaces": shown.linked.get(one.replaces),
        "reversed_by": shown.linked.get(one.reversed_by),
    }

    def lines() -> Iterator[str]:
        yield from entry_lines(face, one, names)
        for key, linked in links.items():
            if linked is not None:
                yield face.locale.say(_link(key, linked.dated_voucher))
        yield face.locale.say(sentence("Made by {name}, {source}", name=shown.maker, source=_source(shown)))
        if shown.approvers:
            yield face.locale.say(sentence("Approved by {names}", names=joined(shown.approvers)))
        if one.source.rule and one.source.kind is not SourceKind.RULE:
            yield face.locale.say(sentence('By the rule "{rule}"', rule=one.source.rule))
        for attachment in one.attachments:
            yield face.locale.say(attached(attachment))

    answer = Answer(
        "entry.show",
        data=lambda: (
            names.entry_data(one)
            | {key: linked.id if linked else None for key, linked in links.items()}
            | {
                "made_by": shown.maker,
                "approved_by": list(shown.approvers),
                "source": {"kind": one.source.kind.value, "ref": one.source.ref, "rule": one.source.rule},
                "tags": list(one.tags),
                "attachments": [{"name": a.name, "size": a.size, "b3": a.b3} for a in one.attachments],
            }
        ),
        lines=lines,
        mark=lambda: head(desk),
    )
    return emit(face, answer)


def _source(shown: ShownEntry) -> Sentence:
    """Where an entry came from, in words."""
    kinds = {
        SourceKind.CLOSE: sentence("period close"),
        SourceKind.MANUAL: sentence("by hand"),
        SourceKind.MIGRATION: sentence("opening or migration"),
        SourceKind.REVERSAL: sentence("reversal"),
        SourceKind.RULE: sentence("rule {rule}", rule=shown.entry.source.rule),
        SourceKind.STATEMENT: sentence("statement line {ref}", ref=shown.line),
    }
    return kinds[shown.entry.source.kind]


def _link(key: str, number: str) -> Sentence:
    if key == "reverses":
        return sentence("It reverses {number}", number=number)
    if key == "replaces":
        return sentence("It replaces {number}", number=number)
    return sentence("Reversed by {number}", number=number)


def _word(face: Face, desk: Desk, word: str) -> str:
    """The id of the entry that is meant; where several fit, one is picked on a terminal, and refused elsewhere."""
    try:
        return inspecting.entry(desk, word).entry.id
    except EntryAmbiguous as several:
        question = sentence('Which entry is "{word}"?', word=word)
        labels = [(f"{one.dated_voucher} {one.date.isoformat()} {one.summary}", one.id) for one in several.fits]
        chosen = picked(face, question, labels)
        if chosen is None:
            raise
        return chosen


def reverse(ctx: typer.Context, entry: Annotated[str, ENTRY], date: Annotated[str, DATE] = "") -> int:
    """Draft the reversal of a posted entry."""
    return _corrected(ctx.obj, "entry reverse", entry, date)


def correct(ctx: typer.Context, entry: Annotated[str, ENTRY], date: Annotated[str, DATE] = "") -> int:
    """Draft the reversal of a posted entry and its replacement."""
    return _corrected(ctx.obj, "entry correct", entry, date)


def _corrected(face: Face, command: str, entry: str, date: str) -> int:
    desk = writing_desk(face, command)

    def act() -> Answer:
        day = day_or_none(date, desk.today)
        word = _word(face, desk, entry)
        replaced = command == "entry correct"
        correction = correcting.correct(desk, word, day) if replaced else correcting.reverse(desk, word, day)
        return _answer(face, desk, command, correction)

    return once(face, desk, act)


def _answer(face: Face, desk: Desk, command: str, correction: Correction) -> Answer:
    names = names_of(desk)
    drafts = [draft for draft in (correction.reversal, correction.replacement) if draft is not None]
    following = "cloudbooks post " + " ".join(draft.name for draft in drafts)
    if correction.replacement is not None:
        following = f"cloudbooks draft edit {correction.replacement.name}"
    return Answer(
        command.replace(" ", "."),
        data=lambda: {
            "entry": correction.entry.id,
            "reversal": draft_facts(face, correction.reversal, names),
            "replacement": draft_facts(face, correction.replacement, names) if correction.replacement else None,
        },
        lines=lambda: [line for draft in drafts for line in draft_lines(face, draft, names)],
        mark=lambda: head(desk),
        after=(next_step(following), undo_step(UNDO)),
    )
