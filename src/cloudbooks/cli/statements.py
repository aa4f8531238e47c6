"""`cloudbooks statement …`: what the bank said, and what became of each line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated

import typer

from cloudbooks.books import statements as books
from cloudbooks.books.importing import sniff_file
from cloudbooks.books.inspecting import head
from cloudbooks.cli.asking import agreed
from cloudbooks.cli.desk import desk_of, writing_desk
from cloudbooks.cli.face import Face
from cloudbooks.cli.formats import money
from cloudbooks.cli.importing import AMOUNT, COMMODITY, DATE_ORDER, ENCODING, FILES, PROFILE, options_of, shown_name
from cloudbooks.cli.input_files import contents
from cloudbooks.cli.naming import statement_number
from cloudbooks.cli.once import once
from cloudbooks.cli.output import Answer, emit, next_step, undo_step
from cloudbooks.cli.showing import column, listed
from cloudbooks.cli.usage import whole
from cloudbooks.core.statement import Fate, Unreadable
from cloudbooks.core.text import span
from cloudbooks.errors import Finding, Sentence, counted, sentence
from cloudbooks.importers.layout import Role
from cloudbooks.importers.sniffing import Sniffed
from cloudbooks.importers.statement_reading import Skipped
from cloudbooks.reports.table import Amount

STATEMENT = typer.Argument(metavar="STATEMENT", help="A statement, such as S-7.")
FATES: Mapping[Fate, Sentence] = {
    Fate.NEW: sentence("new"),
    Fate.SEEN: sentence("seen"),
    Fate.TWIN: sentence("twin"),
    Fate.CHANGED: sentence("changed"),
    Fate.UNREADABLE: sentence("unreadable"),
}
STATEMENT_STATES: Mapping[str, Sentence] = {
    "staged": sentence("imported"),
    "posted": sentence("posted"),
    "withdrawn": sentence("withdrawn"),
}
ROLES: Mapping[Role, Sentence] = {
    Role.DATE: sentence("date"),
    Role.TIME: sentence("time"),
    Role.TEXT: sentence("text"),
    Role.PARTY: sentence("party"),
    Role.AMOUNT: sentence("amount"),
    Role.IN: sentence("money in"),
    Role.OUT: sentence("money out"),
    Role.DIRECTION: sentence("in or out"),
    Role.CURRENCY: sentence("currency"),
    Role.BALANCE: sentence("balance"),
    Role.BALANCE_CURRENCY: sentence("balance's currency"),
    Role.REFERENCE: sentence("bank's id"),
    Role.KIND: sentence("kind"),
    Role.STATUS: sentence("status"),
    Role.CARD: sentence("card"),
}


def sniff(
    ctx: typer.Context,
    file: Annotated[str, FILES],
    profile: Annotated[str, PROFILE] = "",
    encoding: Annotated[str, ENCODING] = "",
    date_order: Annotated[str, DATE_ORDER] = "",
    amount: Annotated[str, AMOUNT] = "",
    commodity: Annotated[str, COMMODITY] = "",
) -> int:
    """Say what a file seems to be; writes nothing."""
    face: Face = ctx.obj
    name = shown_name(file)
    sniffed = sniff_file(contents(file), options_of(file, profile, encoding, date_order, amount, commodity))
    unreadable = [_unreadable(name, row) for row in sniffed.unreadable]
    answer = Answer(
        "statement.sniff",
        data=lambda: _sniffed_facts(face, sniffed),
        lines=lambda: [face.locale.say(line) for line in _sniffed(name, sniffed)],
        findings=unreadable,
    )
    return emit(face, answer)


def _sniffed(name: str, sniffed: Sniffed) -> Iterator[Sentence]:
    yield counted(
        "{file}  {n} line, {days}, {encoding}, profile {profile}",
        "{file}  {n} lines, {days}, {encoding}, profile {profile}",
        sniffed.lines,
        file=name,
        days=span(sniffed.first, sniffed.last),
        encoding=sniffed.encoding.upper(),
        profile=sniffed.layout.profile,
    )
    if sniffed.layout.proposed:
        yield sentence("No bank layout fits; this was understood from the words of the header:")
    for one in sorted(sniffed.columns, key=lambda column: column.place):
        yield sentence("  column {place}  {role}  {name}", place=one.place + 1, role=ROLES[one.role], name=one.name)
    for reason, rows in _by_reason(sniffed).items():
        why = rows[0].why
        yield counted("{n} row was left out: {why}", "{n} rows were left out: {why}", len(rows), why=why, reason=reason)
    yield from sniffed.doubts


def _unreadable(name: str, row: Unreadable) -> Finding:
    return Finding("row-unreadable", f"{name}:{row.row}", row.why, excerpt=row.raw)


def _by_reason(sniffed: Sniffed) -> dict[str, list[Skipped]]:
    rows: dict[str, list[Skipped]] = {}
    for one in sniffed.skipped:
        rows.setdefault(one.reason.value, []).append(one)
    return rows


def _sniffed_facts(face: Face, sniffed: Sniffed) -> dict[str, object]:
    return {
        "profile": sniffed.layout.profile,
        "recognised": not sniffed.layout.proposed,
        "encoding": sniffed.encoding,
        "header": sniffed.header,
        "columns": [{"place": one.place + 1, "role": one.role.value, "name": one.name} for one in sniffed.columns],
        "lines": sniffed.lines,
        "commodities": dict(sniffed.commodities),
        "first": sniffed.first.isoformat(),
        "last": sniffed.last.isoformat(),
        "skipped": {reason: len(rows) for reason, rows in _by_reason(sniffed).items()},
        "doubts": [face.locale.say(one) for one in sniffed.doubts],
    }


def list_(ctx: typer.Context) -> int:
    """List the statements."""
    face: Face = ctx.obj
    desk = desk_of(face, "statement list")
    found = books.statements(desk)
    facts = [
        {
            "id": one.name,
            "file": one.file.name,
            "b3": one.file.b3,
            "account": account.code,
            "commodity": one.commodity,
            "profile": one.profile,
            "first": one.first.isoformat(),
            "last": one.last.isoformat(),
            "lines": one.lines,
            "opening": None if one.opening is None else money(one.opening, scale, one.commodity),
            "closing": None if one.closing is None else money(one.closing, scale, one.commodity),
            "state": one.state,
        }
        for one, account, scale in found
    ]

    def lines() -> list[str]:
        columns = (
            column("statement", sentence("Statement")),
            column("file", sentence("File")),
            column("account", sentence("Account")),
            column("first", sentence("From")),
            column("last", sentence("To day")),
            column("lines", sentence("Lines"), right=True),
            column("closing", sentence("Closing balance"), right=True, priority=2),
            column("state", sentence("State"), priority=1),
        )
        rows = [
            (
                one.name,
                one.file.name,
                str(account),
                one.first.isoformat(),
                one.last.isoformat(),
                str(one.lines),
                "" if one.closing is None else Amount(one.closing, scale, one.commodity, named=True),
                STATEMENT_STATES[one.state],
            )
            for one, account, scale in found
        ]
        return listed(face, columns, rows, sentence("No statements yet. cloudbooks import FILE --account ACCOUNT"))

    answer = Answer(
        "statement.list", data=lambda: {"statements": facts}, lines=lines, rows="statements", mark=lambda: head(desk)
    )
    return emit(face, answer)


def show(ctx: typer.Context, statement: Annotated[str, STATEMENT]) -> int:
    """Show the lines of a statement, and what became of each."""
    face: Face = ctx.obj
    desk = desk_of(face, "statement show")
    shown = books.show(desk, statement_number(statement))
    one = shown.statement
    title = sentence(
        "{name}  {file}, {account}, {days}, profile {profile}",
        name=one.name,
        file=one.file.name,
        account=str(shown.account),
        days=span(one.first, one.last),
        profile=one.profile,
    )

    def lines() -> Iterator[str]:
        columns = (
            column("line", sentence("Line"), right=True),
            column("date", sentence("Date")),
            column("amount", one.commodity, right=True),
            column("text", sentence("Bank text")),
            column("fate", sentence("Fate")),
            column("to", sentence("To")),
        )
        rows = [
            (
                str(line.place),
                line.line.date.isoformat(),
                Amount(line.line.amount, shown.scale, one.commodity),
                books.line_text(line.line),
                FATES[line.fate],
                shown.vouchers.get(line.entry) or (f"D-{line.draft}" if line.draft else line.reason),
            )
            for line in shown.lines
        ]
        yield face.locale.say(title)
        yield from listed(face, columns, rows, sentence("No line is left of it."))

    unreadable = [{"row": row.row, "raw": row.raw, "why": face.locale.say(row.why)} for row in one.unreadable]
    answer = Answer(
        "statement.show",
        data=lambda: {"id": one.name, "file": one.file.name, "lines": _line_facts(shown), "unreadable": unreadable},
        lines=lines,
        rows="lines",
        mark=lambda: head(desk),
        findings=[_unreadable(one.file.name, row) for row in one.unreadable],
    )
    return emit(face, answer)


def _line_facts(shown: books.Shown) -> list[dict[str, object]]:
    return [
        {
            "line": line.place,
            "row": line.line.row,
            "date": line.line.date.isoformat(),
            "amount": money(line.line.amount, shown.scale, shown.statement.commodity),
            "text": line.line.text,
            "party": line.line.party,
            "kind": line.line.kind,
            "reference": line.line.reference,
            "fate": line.fate.value,
            "draft": f"D-{line.draft}" if line.draft else None,
            "entry": line.entry or None,
            "reason": line.reason,
            "raw": line.line.raw,
        }
        for line in shown.lines
    ]


def explain(
    ctx: typer.Context,
    statement: Annotated[str, STATEMENT],
    line: Annotated[str, typer.Argument(metavar="LINE", help="The number of the line, from 1.")],
) -> int:
    """Say why a line went where it went, and what the rules of today make of it."""
    face: Face = ctx.obj
    desk = desk_of(face, "statement explain")
    explained = books.explain(desk, statement_number(statement), whole("LINE", line))
    staged, decision = explained.line, explained.decision
    rule = decision.rule.name if decision is not None and decision.rule is not None else ""

    def lines() -> Iterator[str]:
        yield face.locale.say(
            sentence(
                "{name}, line {line}, row {row} of {file}: {text}",
                name=explained.statement.name,
                line=staged.place,
                row=staged.line.row,
                file=explained.statement.file.name,
                text=books.line_text(staged.line),
            )
        )
        yield face.locale.say(sentence("Fate: {fate}", fate=FATES[staged.fate]))
        if explained.draft is not None:
            yield face.locale.say(sentence("Its draft: {name}", name=explained.draft.name))
        if explained.entry is not None:
            voucher = explained.entry.dated_voucher
            yield face.locale.say(sentence("Its entry: cloudbooks entry show {voucher}", voucher=voucher))
        if staged.reason:
            yield face.locale.say(sentence("Reason: {reason}", reason=staged.reason))
        yield face.locale.say(_ruled(rule))
        for step in decision.trace if decision is not None else ():
            yield "  " + face.locale.say(step)

    answer = Answer(
        "statement.explain",
        data=lambda: {
            "line": staged.place,
            "fate": staged.fate.value,
            "draft": explained.draft.name if explained.draft else None,
            "entry": staged.entry or None,
            "reason": staged.reason,
            "rule": rule or None,
            "trace": list(decision.trace) if decision is not None else [],
            "raw": staged.line.raw,
        },
        lines=lines,
        mark=lambda: head(desk),
    )
    return emit(face, answer)


def _ruled(rule: str) -> Sentence:
    if rule:
        return sentence('The rules of today: "{rule}" decides.', rule=rule)
    return sentence("The rules of today: none matches.")


def _withdrawn(withdrawn: books.Withdrawn) -> Sentence:
    file = withdrawn.statement.file.name
    if not withdrawn.reversals:
        return counted("{file}: {n} draft discarded.", "{file}: {n} drafts discarded.", withdrawn.discarded, file=file)
    lines = counted(
        "{n} posted line has its reversal ready",
        "{n} posted lines have their reversals ready",
        len(withdrawn.reversals),
    )
    return counted(
        "{file}: {n} draft discarded; {lines}.",
        "{file}: {n} drafts discarded; {lines}.",
        withdrawn.discarded,
        file=file,
        lines=lines,
    )


def withdraw(ctx: typer.Context, statement: Annotated[str, STATEMENT]) -> int:
    """Take a statement back: its drafts go, its posted lines get reversals."""
    face: Face = ctx.obj
    desk = writing_desk(face, "statement withdraw")
    number = statement_number(statement)

    def act() -> Answer:
        shown = books.show(desk, number)
        drafts = sum(bool(line.draft) for line in shown.lines)
        posted = sum(bool(line.entry) for line in shown.lines)
        question = sentence(
            "Withdraw {file}: discard {drafts} drafts, reverse {posted} posted lines?",
            file=shown.statement.file.name,
            drafts=drafts,
            posted=posted,
        )
        agreed(face, question, sentence("add --yes to withdraw S-{number}", number=number))
        withdrawn = books.withdraw(desk, number)
        said = _withdrawn(withdrawn)
        after = [undo_step("cloudbooks undo")]
        if withdrawn.reversals:
            after.insert(0, next_step("cloudbooks post --all"))
        return Answer(
            "statement.withdraw",
            data=lambda: {
                "id": withdrawn.statement.name,
                "discarded": withdrawn.discarded,
                "reversals": [draft.name for draft in withdrawn.reversals],
            },
            lines=lambda: [face.locale.say(said)],
            mark=lambda: head(desk),
            after=after,
        )

    return once(face, desk, act)
