"""What a bank's file seems to be, with its first lines, before it is imported; nothing is written."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass, replace
from pathlib import Path

from cloudbooks.books.importing import sniff_file
from cloudbooks.books.layouts import shipped_layouts
from cloudbooks.books.next_batch import all_commodities, chart_of
from cloudbooks.books.packs import currencies
from cloudbooks.core.account import Account, AccountKind
from cloudbooks.core.chart import Chart
from cloudbooks.core.statement import StatementLine
from cloudbooks.errors import Refusal, Sentence, sentence
from cloudbooks.importers.options import Options
from cloudbooks.importers.sniffing import Sniffed
from cloudbooks.importers.statement_reading import read_statement
from cloudbooks.store import reading, working
from cloudbooks.store.book_file import BookFile

BYTES_MAX = 50 << 20
FIRST_LINES = 8


class StatementFileUnreadable(Refusal):
    """A bank's file that was named cannot be read, or is larger than such a file ever is."""

    code = "statement-file-unreadable"

    def __init__(self, path: Path, why: Sentence) -> None:
        super().__init__(
            sentence('"{path}" cannot be read: {why}', path=str(path), why=why),
            hint=sentence("cloudbooks statement sniff FILE says what a file seems to be"),
        )


@dataclass(frozen=True, slots=True)
class Preview:
    """A file as it would be imported: its bytes, what it seems to be, its first lines, and likely accounts.

    `accounts` are ids, the likeliest first; `scale` holds the decimals of each currency of the file.
    """

    path: Path
    data: bytes
    sniffed: Sniffed
    lines: tuple[StatementLine, ...]
    accounts: tuple[str, ...]
    scale: dict[str, int]
    chart: Chart


def read_whole(path: Path) -> bytes:
    """The bytes of a file; raises `StatementFileUnreadable`."""
    try:
        with path.expanduser().open("rb") as file:
            data = file.read(BYTES_MAX + 1)
    except OSError as error:
        raise StatementFileUnreadable(path, _why(error)) from None
    if len(data) > BYTES_MAX:
        raise StatementFileUnreadable(path, sentence("it is larger than 50 MB."))
    return data


def _why(error: OSError) -> Sentence:
    if error.errno == errno.ENOENT:
        return sentence("there is no such file.")
    if error.errno == errno.EISDIR:
        return sentence("it is a folder.")
    return sentence("{why}.", why=os.strerror(error.errno or 0))


def preview_in(book: BookFile, path: Path, options: Options) -> Preview:
    """What the file is; raises `StatementFileUnreadable` and what the importers refuse (`layout-unknown`, …)."""
    data = read_whole(path)
    base = reading.facts(book).base
    scales = {one.code: one.scale for one in currencies()}
    scales |= {code: commodity.scale for code, commodity in all_commodities(book).items()}
    named = replace(options, name=path.name, keep_unreadable=True)
    sniffed = sniff_file(data, named)
    found = read_statement(data, shipped_layouts(), replace(named, commodity=named.commodity or base), scales)
    first = [line for statement in found.statements.values() for line in statement.lines[:FIRST_LINES]]
    chart = chart_of(book)
    return Preview(
        path, data, sniffed, tuple(first[:FIRST_LINES]), _likely(book, chart, sniffed.layout.profile), scales, chart
    )


def _likely(book: BookFile, chart: Chart, profile: str) -> tuple[str, ...]:
    """Accounts that such files were imported into, then those of other statements, then accounts of money."""
    statements = working.statements(book)
    same = [one.account for one in reversed(statements) if one.profile == profile]
    others = [one.account for one in reversed(statements)]
    money = [account.id for account in chart if _money(chart, account)]
    return tuple(dict.fromkeys([*same, *others, *money]))


def _money(chart: Chart, account: Account) -> bool:
    """Whether an account is a bank's or a wallet's: an asset that stands below one of the first."""
    return account.kind is AccountKind.ASSET and bool(account.parent) and not chart.children(account.id)
