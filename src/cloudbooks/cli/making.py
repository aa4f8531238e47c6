"""`cloudbooks init` and `cloudbooks demo`: new books."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated

import typer

from cloudbooks.books.desk import Desk
from cloudbooks.books.fitting import fit
from cloudbooks.books.founding import Founded, Founding, found
from cloudbooks.cli.asking import wanted
from cloudbooks.cli.desk import DryRunNotOffered, desk_at, new_passphrase
from cloudbooks.cli.face import Face
from cloudbooks.cli.finding_book import SUFFIX
from cloudbooks.cli.input_files import contents
from cloudbooks.cli.once import once
from cloudbooks.cli.output import Answer, emit, next_step
from cloudbooks.core.digest import short
from cloudbooks.core.period import Month, Period
from cloudbooks.errors import UsageError, sentence
from cloudbooks.system import files
from cloudbooks.system.typed_path import typed_path

DEMO_FOLDER = "cloudbooks-demo"
RULES_NAME = "rules.yaml"
NO_PASSPHRASE = typer.Option("--no-passphrase", help="Keep your key in a file of mode 0600, for scripts.")
SEPARATE_DUTIES = typer.Option("--separate-duties", help="Who makes an entry does not approve it.")
STARTER_RULES = typer.Option("--starter-rules", help="Put the chart's starter rules beside the book.")
FROM = typer.Option("--from", metavar="URL", help="Make a copy of the book that a folder holds.")
PIN = typer.Option("--pin", metavar="VKEY", help="With --from: the first member's key, as you know it.")


class BankUnreadable(UsageError):
    """What was given with --bank is no code with a name."""

    code = "bank-unreadable"

    def __init__(self, text: str) -> None:
        super().__init__(
            sentence('"{text}" is no bank account: a code, = and a name.', text=text),
            hint=sentence("--bank 1002.01=ICBC"),
        )


class BookName(UsageError):
    """What was given for the new book's file has no name in it."""

    code = "book-name"

    def __init__(self, text: str) -> None:
        super().__init__(
            sentence('"{text}" is no name of a file for a book.', text=text), hint=sentence("cloudbooks init acme")
        )


class StartMissing(UsageError):
    """Opening balances were given without the month in which the book starts."""

    code = "start-missing"

    def __init__(self) -> None:
        super().__init__(
            sentence("opening balances need the month in which the book starts."), hint=sentence("add --start 2026-01")
        )


def init(  # noqa: PLR0913 - each answer that init asks for is a flag too
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="BOOK", help="The new book's file; .cbk is added.")],
    *,
    firm: Annotated[str, typer.Option("--name", metavar="NAME", help="The firm's name.")] = "",
    base: Annotated[str, typer.Option("--base", metavar="CODE", help="The base currency, such as CNY.")] = "",
    chart: Annotated[str, typer.Option("--chart", metavar="NAME", help="The chart: cn-small or generic.")] = "",
    start: Annotated[str, typer.Option("--start", metavar="MONTH", help="The first month, such as 2026-01.")] = "",
    bank: Annotated[
        list[str] | None, typer.Option("--bank", metavar="CODE=NAME", help="A bank account to add, more than once.")
    ] = None,
    opening: Annotated[
        str, typer.Option("--opening", metavar="FILE", help="Opening balances: a CSV of code and amount.")
    ] = "",
    no_passphrase: Annotated[bool, NO_PASSPHRASE] = False,
    separate_duties: Annotated[bool, SEPARATE_DUTIES] = False,
    starter_rules: Annotated[bool, STARTER_RULES] = False,
    origin: Annotated[str, FROM] = "",
    pin: Annotated[str, PIN] = "",
) -> int:
    """Make a new book."""
    face: Face = ctx.obj
    if face.dry_run:
        raise DryRunNotOffered("init")
    path = typed_path(name if name.endswith(SUFFIX) else name + SUFFIX)
    stem = fit(path.name.removesuffix(SUFFIX))
    if not stem:
        raise BookName(name)
    desk = desk_at(face, "init", path.absolute())
    if origin:
        from cloudbooks.cli.cloning import clone  # noqa: PLC0415 - a new book needs no peer

        return clone(face, desk, origin, no_passphrase=no_passphrase, pin=pin)
    if opening and not start:
        raise StartMissing
    currency = base.upper() or wanted(face, sentence("Base currency, such as CNY:"), "--base CODE").upper()
    founding = Founding(
        name=firm or _asked(face, "name", stem),
        base=currency,
        chart=chart or _asked(face, "chart", "cn-small" if currency == "CNY" else "generic"),
        start=_start(face, start, desk),
        member=face.member or _asked(face, "member", getpass.getuser()),
        zh=face.locale.chinese,
        banks=tuple(_bank(one) for one in bank or ()),
        opening=contents(opening) if opening else None,
        opening_name=opening,
        separate_duties=separate_duties,
    )

    def act() -> Answer:
        passphrase = None if no_passphrase else new_passphrase(face)
        # The rules come first: once the book stands, the same command is refused.
        rules = _starter(path.parent, founding.chart) if starter_rules else ""
        return _founded(face, _found(desk, founding, passphrase, rules), founding, path, rules)

    return once(face, desk, act)


def _asked(face: Face, what: str, default: str) -> str:
    """An answer with a sensible default: asked for on a terminal, the default elsewhere."""
    if not face.may_ask:
        return default
    questions = {
        "name": sentence("The firm's name:"),
        "chart": sentence("Chart of accounts, cn-small or generic:"),
        "start": sentence("The first month:"),
        "member": sentence("Your name:"),
    }
    return wanted(face, questions[what], f"--{what}", default)


def _start(face: Face, start: str, desk: Desk) -> Month:
    text = start or _asked(face, "start", str(Month.of(desk.today)))
    return Period.parse(text, desk.today).first


def _bank(text: str) -> tuple[str, str]:
    code, equals, name = text.partition("=")
    if not equals or not code.strip() or not name.strip():
        raise BankUnreadable(text)
    return code.strip(), name.strip()


def _starter(folder: Path, chart: str) -> str:
    """Put the starter rules beside the book; rules that are there already stay as they are."""
    from cloudbooks.books.ruling import put_starter  # noqa: PLC0415 - only where starter rules were asked for

    file = folder / RULES_NAME
    try:
        put_starter(file, chart)
    except FileExistsError:
        return ""
    return str(file)


def _found(desk: Desk, founding: Founding, passphrase: bytes | None, rules: str) -> Founded:
    """Make the book; where it is not made the rules that were put there for it are taken away."""
    try:
        return found(desk, founding, passphrase=passphrase)
    except BaseException:
        if rules:
            files.unlink(Path(rules))
        raise


def _founded(face: Face, founded: Founded, founding: Founding, path: Path, rules: str) -> Answer:
    bank = founding.banks[0][0] if founding.banks else "CODE"
    lines = [
        sentence(
            "{file}: {name}, base {base}, chart {chart} with {n} accounts, member {member}.",
            file=str(path),
            name=founding.name,
            base=founding.base,
            chart=founding.chart,
            n=founded.accounts,
            member=founding.member,
        ),
        sentence("First block {number}, head {hash}.", number=founded.head.number, hash=short(founded.head.hash)),
    ]
    if founded.opened:
        lines.append(sentence("Opening balances are posted on {day}.", day=founding.start.first.isoformat()))
    if rules:
        lines.append(sentence("Starter rules are in {file}.", file=rules))
    return Answer(
        "init",
        data=lambda: {
            "book": founded.book,
            "file": str(path),
            "name": founding.name,
            "base": founding.base,
            "chart": founding.chart,
            "member": founding.member,
            "accounts": founded.accounts,
            "opened": founded.opened,
            "rules": rules or None,
        },
        lines=lambda: [face.locale.say(line) for line in lines],
        mark=lambda: (founded.head, founded.book),
        findings=founded.findings,
        after=(next_step(sentence("cloudbooks import FILE --account {code}", code=bank)),),
    )


def demo(
    ctx: typer.Context,
    folder: Annotated[str, typer.Argument(metavar="FOLDER", help="A folder that is not there yet.")] = DEMO_FOLDER,
) -> int:
    """Make a book to try things on: a small firm's quarter, imported and posted."""
    from cloudbooks.books.demo import demo as make  # noqa: PLC0415 - it needs the importers, which init does not

    face: Face = ctx.obj
    if face.dry_run:
        raise DryRunNotOffered("demo")
    made = make(desk_at(face, "demo", Path(folder)), Path(folder).absolute(), zh=face.locale.chinese)
    entries = sum(block.entries for block in made.posted.blocks)
    imported = sentence(
        "Imported {n} lines: {sure} drafts by rules, {decide} to decide.",
        n=made.imported.lines,
        sure=made.imported.sure,
        decide=made.imported.to_decide,
    )
    posted = sentence("Posted {n} entries as block {number}.", n=entries, number=made.posted.blocks[-1].number)
    book = Path(folder) / made.book.name
    return emit(
        face,
        Answer(
            "demo",
            data=lambda: {
                "folder": str(made.folder),
                "book": made.founded.book,
                "file": str(book),
                "lines": made.imported.lines,
                "drafts": made.imported.drafts,
                "entries": entries,
            },
            lines=lambda: [
                face.locale.say(sentence("A book to try things on: {file}", file=str(book))),
                face.locale.say(imported),
                face.locale.say(posted),
            ],
            after=(
                next_step(sentence("cd {folder}; cloudbooks status", folder=folder)),
                sentence("Undo: rm -r {folder}", folder=folder),
            ),
        ),
    )
