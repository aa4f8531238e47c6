"""Opening balances: a table of code and amount becomes one entry of kind `opening`."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from cloudbooks.books.packs import Currency
from cloudbooks.core.chart import Chart
from cloudbooks.core.draft import BALANCING
from cloudbooks.core.entry import Entry, EntryKind, EntryUnbalanced, Posting, Source, SourceKind
from cloudbooks.core.money import typed
from cloudbooks.core.period import Month
from cloudbooks.errors import CloudBooksError, Finding, Refusal, Sentence, counted, sentence
from cloudbooks.importers.decoding import decode
from cloudbooks.importers.table import DELIMITERS

HEADINGS = frozenset({"code", "account", "科目编码", "科目", "编码"})
_CELLS = 2


class OpeningUnreadable(Refusal):
    """The file of opening balances holds rows that cannot be taken, or none at all."""

    code = "opening-unreadable"

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        message = sentence("the opening balances hold no row of a code and an amount.")
        if findings:
            message = counted(
                "the opening balances hold {n} row that cannot be taken.",
                "the opening balances hold {n} rows that cannot be taken.",
                len(findings),
            )
        super().__init__(
            message,
            hint=sentence(
                "each row is code,amount: a debit balance positive, a credit balance negative, = for the rest"
            ),
            findings=findings,
        )


def opening_entry(
    data: bytes, name: str, chart: Chart, base: Currency, start: Month, series: str, made_by: str
) -> Entry:
    """The entry of a file of opening balances called `name`, dated on the first day of `start`.

    Raises `OpeningUnreadable` with every row that cannot be taken, `EntryUnbalanced`, or what is said of no text.
    """
    amounts = _amounts(data, name, chart, base.scale)
    debit = sum(minor for _, minor in amounts if minor > 0)
    credit = -sum(minor for _, minor in amounts if minor < 0)
    if debit != credit:
        raise EntryUnbalanced(name, debit, credit, base.code, base.scale)
    return Entry(
        date=start.first,
        series=series,
        summary="期初余额" if series == "记" else "Opening balances",
        postings=tuple(Posting(account, base.code, minor, minor) for account, minor in amounts),
        base=base.code,
        base_scale=base.scale,
        name=name,
        source=Source(SourceKind.MIGRATION),
        kind=EntryKind.OPENING,
        made_by=made_by,
    )


def _amounts(data: bytes, name: str, chart: Chart, scale: int) -> list[tuple[str, int]]:
    """Account and amount of every row with one; `=` in one of them is what the others leave."""
    taken: list[tuple[str, int]] = []
    rest: str | None = None
    findings: list[Finding] = []
    for row, cells in _rows(data, name):
        where = f"{name}:{row}"
        try:
            if len(cells) != _CELLS:
                findings.append(
                    _misshapen(where, counted("the row has {n} cell.", "the row has {n} cells.", len(cells)))
                )
                continue
            account = chart.find(cells[0]).id
            if cells[1] not in BALANCING:
                taken.append((account, typed(cells[1], scale)))
            elif rest is None:
                rest = account
            else:
                findings.append(_misshapen(where, sentence('"{cell}" stands in another row already.', cell=cells[1])))
        except CloudBooksError as error:
            findings.append(Finding(error.code, where, error.message, error.hint))
    if rest is not None:
        taken.append((rest, -sum(minor for _, minor in taken)))
    kept = [(account, minor) for account, minor in taken if minor]
    if findings or not kept:
        raise OpeningUnreadable(tuple(findings))
    return kept


def _misshapen(where: str, message: Sentence) -> Finding:
    return Finding("opening-row", where, message, sentence("a row is a code and an amount"))


def _rows(data: bytes, name: str) -> Iterator[tuple[int, list[str]]]:
    """Row number and cells of each row that is not empty and no heading; empty cells at its end are none."""
    if not data.strip():
        return
    text = decode(data, name).text
    delimiter = max(DELIMITERS, key=text.count)
    for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), start=1):
        plain = _without_end([cell.strip() for cell in cells])
        if plain and plain[0].casefold() not in HEADINGS:
            yield number, plain


def _without_end(cells: Sequence[str]) -> list[str]:
    kept = list(cells)
    while kept and not kept[-1]:
        kept.pop()
    return kept
