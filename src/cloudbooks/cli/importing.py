"""`cloudbooks import`: a bank's file becomes statement lines and drafts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from cloudbooks.books import inspecting
from cloudbooks.books.desk import Desk
from cloudbooks.books.importing import Imported, ImportRequest, import_statement
from cloudbooks.books.inspecting import head
from cloudbooks.books.progress import Progress
from cloudbooks.cli.accounts import found
from cloudbooks.cli.asking import wanted
from cloudbooks.cli.desk import desk_of
from cloudbooks.cli.face import Face
from cloudbooks.cli.formats import money
from cloudbooks.cli.input_files import STANDARD_INPUT, contents
from cloudbooks.cli.once import once
from cloudbooks.cli.output import Answer, emit, next_step, undo_step
from cloudbooks.cli.progress import progress
from cloudbooks.cli.usage import choice
from cloudbooks.core.statement import Fate
from cloudbooks.errors import Sentence, UsageError, counted, sentence
from cloudbooks.importers.layout import DateOrder
from cloudbooks.importers.options import Options
from cloudbooks.system.typed_path import typed_path

STANDARD_INPUT_NAME = "standard-input"

FILES = typer.Argument(metavar="FILE", help="The bank's file; - reads standard input.")
ACCOUNT = typer.Option("--account", metavar="ACCOUNT", help="The account that the statement belongs to.")
PROFILE = typer.Option("--profile", metavar="NAME", help="The bank's layout, where it is not recognised.")
ENCODING = typer.Option("--encoding", metavar="NAME", help="The file's encoding, where it is not recognised.")
DATE_ORDER = typer.Option("--date-order", metavar="ORDER", help="ymd, dmy or mdy.")
AMOUNT = typer.Option(
    "--amount", metavar="COLUMN", help="The column of the amount; -COLUMN where money out is positive."
)
COMMODITY = typer.Option("--commodity", metavar="CODE", help="The currency, where the file tells none.")
RULES = typer.Option("--rules", metavar="FILE", help="The rules to apply; else rules.yaml beside the book.")
KEEP = typer.Option("--keep-unreadable", help="Import the rest of a file that has unreadable rows.")


class InputTwice(UsageError):
    """Standard input was named more than once."""

    code = "input-twice"

    def __init__(self) -> None:
        super().__init__(
            sentence("standard input can be read once only."), hint=sentence("name files, and - at most once")
        )


def options_of(
    name: str, profile: str, encoding: str, date_order: str, amount: str, commodity: str, *, keep: bool = False
) -> Options:
    """What the flags say about a file; raises `NotAChoice`."""
    order = choice("--date-order", date_order, [one.value for one in DateOrder]) if date_order else ""
    return Options(
        name=name,
        commodity=commodity.upper(),
        profile=profile,
        encoding=encoding,
        date_order=DateOrder(order) if order else None,
        amount_column=amount,
        keep_unreadable=keep,
    )


def shown_name(file: str) -> str:
    """How sentences call a file that was named."""
    return STANDARD_INPUT_NAME if file == STANDARD_INPUT else Path(file).name


def import_files(  # noqa: PLR0913 - each doubt about a file has its flag
    ctx: typer.Context,
    files: Annotated[list[str], FILES],
    *,
    account: Annotated[str, ACCOUNT] = "",
    profile: Annotated[str, PROFILE] = "",
    encoding: Annotated[str, ENCODING] = "",
    date_order: Annotated[str, DATE_ORDER] = "",
    amount: Annotated[str, AMOUNT] = "",
    commodity: Annotated[str, COMMODITY] = "",
    rules: Annotated[str, RULES] = "",
    keep_unreadable: Annotated[bool, KEEP] = False,
) -> int:
    """Import statements of a bank or a wallet: each new line becomes a draft."""
    face: Face = ctx.obj
    desk = desk_of(face, "import", writes=not face.dry_run, steps=True)
    if files.count(STANDARD_INPUT) > 1:
        raise InputTwice
    word = account or wanted(face, sentence("Into which account?"), "--account ACCOUNT")
    code = found(face, desk, word).code
    named_rules = typed_path(rules) if rules else None
    options = options_of("", profile, encoding, date_order, amount, commodity, keep=keep_unreadable)

    def act() -> Answer:
        requests = [_request(file, code, options, named_rules) for file in files]
        with progress(face) as tell:
            work = _Work(desk, requests, tell)
            if len(requests) > 1 or face.dry_run:
                # Every file is read before the first is kept: a refusal of the last leaves nothing of the others.
                tried = work.done(dry_run=True)
                if face.dry_run:
                    return _answer(face, desk, requests, tried)
            return _answer(face, desk, requests, work.done(dry_run=False))

    return emit(face, act()) if face.dry_run else once(face, desk, act)


class _Work:
    """Files that are read or imported one after the other; whoever stops it is told what was done."""

    def __init__(self, desk: Desk, requests: Sequence[ImportRequest], tell: Progress) -> None:
        self._desk = desk
        self._requests = requests
        self._tell = tell
        self._lines = 0

    def done(self, *, dry_run: bool) -> list[Imported]:
        """What becomes of each file; raises `KeyboardInterrupt` with what was done, and what the import refuses."""
        imported: list[Imported] = []
        before = 0 if dry_run else self._kept()
        try:
            for request in self._requests:
                self._lines = 0
                imported.append(import_statement(self._desk, request, dry_run=dry_run, progress=self._watch))
        except KeyboardInterrupt:
            raise KeyboardInterrupt(self._stopped(imported, before, dry_run=dry_run)) from None
        return imported

    def _watch(self, done: int, total: int | None) -> None:
        self._lines = max(self._lines, done)
        self._tell("import-read" if total is None else "import-decide", done, total or 0)

    def _kept(self) -> int:
        return inspecting.status(self._desk).statements

    def _stopped(self, imported: Sequence[Imported], before: int, *, dry_run: bool) -> Sentence:
        """What was done when it was stopped. A file whose last write had landed is imported, whoever came after it."""
        known = sum(bool(statement.number) for one in imported for statement in one.statements)
        landed = not dry_run and self._kept() > before + known
        files = 0 if dry_run else len(imported) + landed
        if len(self._requests) > 1:
            return counted(
                "Stopped. {n} of {files} files was imported; of the others nothing was written.",
                "Stopped. {n} of {files} files were imported; of the others nothing was written.",
                files,
                files=len(self._requests),
            )
        if landed:
            return sentence("Stopped. {file} was imported: cloudbooks statement list", file=self._requests[0].name)
        return counted(
            "Stopped. {n} line was read, nothing was written.",
            "Stopped. {n} lines were read, nothing was written.",
            self._lines,
        )


def _request(file: str, account: str, options: Options, rules: Path | None) -> ImportRequest:
    from dataclasses import replace  # noqa: PLC0415 - one small use

    # What is refused is said of the file as it was typed, so that the command of the hint finds it.
    return ImportRequest(contents(file), shown_name(file), account, replace(options, name=file), rules)


def _answer(face: Face, desk: Desk, requests: Sequence[ImportRequest], imported: Sequence[Imported]) -> Answer:
    facts = [import_facts(face, one) for one in imported]
    numbers = [f"S-{statement.number}" for one in imported for statement in one.statements if statement.number]
    after = []
    if face.dry_run:
        after.append(sentence("Nothing was written."))
    elif numbers:
        after.append(
            next_step("cloudbooks draft list" if any(one.to_decide for one in imported) else "cloudbooks post --all")
        )
        after.append(undo_step(sentence("cloudbooks statement withdraw {name}", name=numbers[0])))

    def lines() -> Iterator[str]:
        for request, one in zip(requests, imported, strict=True):
            for line in _lines(request, one):
                yield face.locale.say(line)

    return Answer(
        "import",
        data=lambda: facts[0] if len(facts) == 1 else {"files": facts},
        lines=lines,
        mark=lambda: head(desk),
        findings=[finding for one in imported for finding in one.findings],
        after=after,
    )


def _lines(request: ImportRequest, one: Imported) -> Iterator[Sentence]:
    fates = one.fates
    yield counted(
        "{file}  {n} line, {encoding}, profile {profile}, account {account}",
        "{file}  {n} lines, {encoding}, profile {profile}, account {account}",
        one.lines,
        file=request.name,
        encoding=one.encoding.upper(),
        profile=one.profile,
        account=one.account.code,
    )
    yield sentence(
        "  new {new}   seen {seen}   twins kept {twins}   changed {changed}   unreadable {unreadable}   {closing}",
        new=fates.get(Fate.NEW, 0),
        seen=fates.get(Fate.SEEN, 0),
        twins=fates.get(Fate.TWIN, 0),
        changed=fates.get(Fate.CHANGED, 0),
        unreadable=fates.get(Fate.UNREADABLE, 0),
        closing=_closing(one),
    )
    yield sentence(
        "  sure {sure}   to decide {decide}   ignored {ignored}",
        sure=one.sure,
        decide=one.to_decide,
        ignored=one.ignored,
    )


def _closing(one: Imported) -> Sentence:
    agreements = [statement.agrees for statement in one.statements]
    if False in agreements:
        return sentence("closing differs")
    if True in agreements:
        return sentence("closing agrees")
    return sentence("no closing balance in the file")


def import_facts(face: Face, one: Imported) -> dict[str, object]:
    """One imported file for scripts (CLI.md)."""
    facts: dict[str, object] = {
        "file": {"name": one.file.name, "b3": one.file.b3},
        "profile": one.profile,
        "encoding": one.encoding,
        "account": one.account.code,
        "lines": one.lines,
        "new": one.fates.get(Fate.NEW, 0),
        "seen": one.fates.get(Fate.SEEN, 0),
        "twins": one.fates.get(Fate.TWIN, 0),
        "changed": one.fates.get(Fate.CHANGED, 0),
        "unreadable": [{"row": row.row, "raw": row.raw, "why": face.locale.say(row.why)} for row in one.unreadable],
        "skipped": {reason.value: count for reason, count in one.skipped.items()},
        "drafts": one.drafts,
        "sure": one.sure,
        "to_decide": one.to_decide,
        "ignored": one.ignored,
    }
    statements = []
    for statement in one.statements:
        told: dict[str, object] = {"id": f"S-{statement.number}" if statement.number else None}
        told |= {"commodity": statement.commodity, "lines": statement.lines}
        if statement.opening is not None:
            told["opening"] = money(statement.opening, statement.scale, statement.commodity)
        if statement.closing is not None:
            told["closing"] = money(statement.closing, statement.scale, statement.commodity)
        told["agrees"] = statement.agrees
        statements.append(told)
    if len(statements) == 1:
        facts["statement"] = statements[0]
    else:
        facts["statements"] = statements
    return facts
