"""What a bank's file seems to be, and what its first lines would become, before it is imported; nothing is written."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from cloudbooks.books.deciding import propose_all, silent
from cloudbooks.books.desk import Desk
from cloudbooks.books.importing import amount_setting, proposer_for, sniff_file
from cloudbooks.books.layouts import shipped_layouts
from cloudbooks.books.next_batch import all_commodities, chart_of
from cloudbooks.books.packs import currencies, currency
from cloudbooks.books.reviewing import ReviewLine
from cloudbooks.core.account import Account, AccountKind
from cloudbooks.core.chart import Chart
from cloudbooks.core.commodity import Commodity
from cloudbooks.core.entry import Attachment
from cloudbooks.errors import CloudBooksError, Refusal, Sentence, sentence
from cloudbooks.importers.layout import Layout
from cloudbooks.importers.mapping_refusals import AmountUnknown, ColumnUnsure
from cloudbooks.importers.options import Options
from cloudbooks.importers.sniffing import Sniffed
from cloudbooks.importers.statement_reading import Reading, read_statement
from cloudbooks.store import reading as reading_store
from cloudbooks.store import working
from cloudbooks.store.book_file import BookFile
from cloudbooks.system import files
from cloudbooks.system.typed_path import typed_path

BYTES_MAX = 50 << 20
LINES_SHOWN = 200
HEAD_ROWS = LINES_SHOWN + 60
"""Rows that hold as many lines as are shown, with what stands above them in the files of banks and wallets."""


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
    """A file as it would be imported: its bytes, what its first rows seem to be, and likely accounts.

    `rows` counts the rows of the whole file, its header and other rows that are no movement included; `reading` and
    `sniffed` are of the whole file where `whole` says so, else of as many rows as are shown. `accounts` are ids, the
    likeliest first, and of those `sure` is the one that files of this layout have always gone into, if there is one.
    """

    path: Path
    data: bytes
    rows: int
    whole: bool
    reading: Reading
    sniffed: Sniffed
    accounts: tuple[str, ...]
    sure: str
    scale: Mapping[str, int]
    chart: Chart


def read_whole(path: Path) -> bytes:
    """The bytes of a file; raises `StatementFileUnreadable`."""
    place = typed_path(path)
    try:
        mode = place.stat().st_mode
        if not stat.S_ISREG(mode):
            # A pipe that nobody fills would be waited for without end.
            folder = stat.S_ISDIR(mode)
            raise StatementFileUnreadable(
                path, sentence("it is a folder.") if folder else sentence("it is no regular file.")
            )
        with place.open("rb") as file:
            data = file.read(BYTES_MAX + 1)
    except OSError as error:
        raise StatementFileUnreadable(path, sentence("{why}.", why=files.reason(error))) from None
    if len(data) > BYTES_MAX:
        raise StatementFileUnreadable(path, sentence("it is larger than 50 MB."))
    return data


def preview_in(book: BookFile, path: Path, options: Options) -> Preview:
    """What the file is; raises `StatementFileUnreadable` and what the importers refuse (`layout-unknown`, …).

    Of a long file only its beginning is taken apart, so that the first rows stand there at once; where that does not
    tell what the file is, all of it is read.
    """
    data = read_whole(path)
    named = replace(options, name=path.name, keep_unreadable=True)
    scales = {one.code: one.scale for one in currencies()}
    scales |= {code: commodity.scale for code, commodity in all_commodities(book).items()}
    head = _head(data)
    try:
        reading, sniffed = _read(book, head, named, scales)
    except CloudBooksError:
        if len(head) == len(data):
            raise
        # An order of dates, or the column of the amount, may be told by a later row.
        head = data
        reading, sniffed = _read(book, data, named, scales)
    chart = chart_of(book)
    accounts, sure = _likely(book, chart, sniffed.layout)
    return Preview(
        path=path,
        data=data,
        rows=data.count(b"\n") + (not data.endswith(b"\n")),
        whole=len(head) == len(data),
        reading=reading,
        sniffed=sniffed,
        accounts=accounts,
        sure=sure,
        scale=scales,
        chart=chart,
    )


def _head(data: bytes) -> bytes:
    """The bytes of the first rows, up to the end of a row: all of a short file."""
    end = 0
    for _ in range(HEAD_ROWS):
        end = data.find(b"\n", end) + 1
        if not end:
            return data
    return data[:end]


def _read(book: BookFile, data: bytes, options: Options, scales: Mapping[str, int]) -> tuple[Reading, Sniffed]:
    """What rows say; a file in whose columns nothing tells the amount is read by what was said of them before."""
    known = replace(options, commodity=options.commodity or reading_store.facts(book).base)
    try:
        found = read_statement(data, shipped_layouts(), known, scales)
    except (ColumnUnsure, AmountUnknown) as unsure:
        word = working.setting(book, amount_setting(unsure.columns)) or ""
        if not word or options.amount_column:
            raise
        known, options = replace(known, amount_column=word), replace(options, amount_column=word)
        found = read_statement(data, shipped_layouts(), known, scales)
    return found, sniff_file(data, options)


def lines_in(book: BookFile, desk: Desk, preview: Preview, account: str) -> tuple[ReviewLine, ...]:
    """The first lines with what the import knows of them so far, for an account (an id): fate, draft and reason."""
    chart = preview.chart
    known = all_commodities(book)
    proposer = proposer_for(desk, book, chart[account], preview.reading.profile)
    strange = [one for code in preview.reading.statements if code not in known and (one := currency(code))]
    listed = {one.code: Commodity(one.code, one.scale, one.en) for one in strange}
    prices = proposer.valuation
    proposer = replace(proposer, valuation=replace(prices, commodities={**listed, **prices.commodities}))
    file = Attachment("", "", len(preview.data), "text/csv", preview.path.name)
    first = replace(
        preview.reading,
        statements={
            code: replace(one, lines=one.lines[:LINES_SHOWN]) for code, one in preview.reading.statements.items()
        },
    )
    found: list[ReviewLine] = []
    for proposed in propose_all(desk, book, proposer, file, first, silent):
        drafts = dict(proposed.drafts)
        for staged in proposed.lines:
            draft = drafts.get(staged.place)
            parts = draft.lines if draft is not None else ()
            ids = dict.fromkeys(line.account for line in parts if line.account not in {"", account})
            found.append(ReviewLine(staged, draft, tuple(chart[one] for one in ids)))
    return tuple(found[:LINES_SHOWN])


def _likely(book: BookFile, chart: Chart, layout: Layout) -> tuple[tuple[str, ...], str]:
    """Accounts that such files were imported into, then those of other statements, then accounts of money.

    Files of no known layout have nothing in common, so that no account is sure for them.
    """
    statements = working.statements(book)
    same = dict.fromkeys(one.account for one in reversed(statements) if one.profile == layout.profile)
    others = [one.account for one in reversed(statements)]
    money = [account.id for account in chart if _money(chart, account)]
    sure = next(iter(same)) if len(same) == 1 and not layout.proposed else ""
    return tuple(dict.fromkeys([*same, *others, *money])), sure


def _money(chart: Chart, account: Account) -> bool:
    """Whether an account is a bank's or a wallet's: an asset that stands below one of the first."""
    return account.kind is AccountKind.ASSET and bool(account.parent) and not chart.children(account.id)
