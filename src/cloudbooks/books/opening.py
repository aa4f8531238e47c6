"""Opening balances: a CSV file of code and amount becomes one entry of kind `opening`."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from cloudbooks.books.packs import Currency
from cloudbooks.core.chart import Chart
from cloudbooks.core.entry import Entry, EntryKind, Posting, Source, SourceKind
from cloudbooks.core.money import typed
from cloudbooks.core.period import Month
from cloudbooks.errors import CloudBooksError, Finding, Refusal, sentence

HEADINGS = frozenset({"code", "account", "科目编码", "科目", "编码"})


class OpeningUnreadable(Refusal):
    """The file of opening balances holds rows that cannot be taken."""

    code = "opening-unreadable"

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__(
            sentence("the opening balances hold {n} rows that cannot be taken.", n=len(findings)),
            hint=sentence("each row is code,amount: a debit balance positive, a credit balance negative"),
            findings=findings,
        )


def opening_entry(data: bytes, chart: Chart, base: Currency, start: Month, series: str, made_by: str) -> Entry | None:
    """The entry of a file of opening balances, dated on the first day of `start`; `None` for no file.

    Raises `OpeningUnreadable` with every row that cannot be taken, or `EntryUnbalanced`.
    """
    if not data:
        return None
    postings: list[Posting] = []
    findings: list[Finding] = []
    for row, code, amount in _rows(data):
        try:
            minor = typed(amount, base.scale)
            postings.append(Posting(chart.find(code).id, base.code, minor, minor))
        except CloudBooksError as error:
            findings.append(Finding(error.code, f"row {row}", error.message, error.hint))
    if findings:
        raise OpeningUnreadable(tuple(findings))
    return Entry(
        date=start.first,
        series=series,
        summary="期初余额" if series == "记" else "Opening balances",
        postings=tuple(posting for posting in postings if posting.amount),
        base=base.code,
        base_scale=base.scale,
        name="opening",
        source=Source(SourceKind.MIGRATION),
        kind=EntryKind.OPENING,
        made_by=made_by,
    )


def _rows(data: bytes) -> Iterator[tuple[int, str, str]]:
    """Row number, code and amount of each row that is not empty and no heading; a row of one cell has no amount."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030", errors="replace")
    for number, cells in enumerate(csv.reader(io.StringIO(text, newline="")), start=1):
        plain = [cell.strip() for cell in cells]
        if not any(plain) or plain[0].casefold() in HEADINGS:
            continue
        yield number, plain[0], plain[1] if len(plain) > 1 else ""
