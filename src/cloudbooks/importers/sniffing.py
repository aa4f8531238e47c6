"""What a file seems to be, before anything is kept: its layout, its encoding, its columns, and what is doubtful."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from cloudbooks.core.statement import Unreadable
from cloudbooks.errors import Sentence, counted, sentence
from cloudbooks.importers.layout import NOT_CARRIED_OUT, Column, Layout, Layouts, Mark
from cloudbooks.importers.options import Options
from cloudbooks.importers.statement_reading import Reading, RowsUnreadable, Skipped, read_statement

UNTOLD = "UNTOLD"
"""Stands for the currency of lines where neither the file nor the user tells it."""

# Many decimals are those of crypto currencies, few leave room for large sums.
_SCALES_TRIED = (8, 2)


class _EveryCommodity(Mapping[str, int]):
    """One scale for all, for looking only, where no book says which commodities there are."""

    def __init__(self, scale: int) -> None:
        self._scale = scale

    def __getitem__(self, code: str) -> int:
        return self._scale

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


@dataclass(frozen=True, slots=True)
class Sniffed:
    """What a file seems to be. `layout.proposed` says that no layout fits and this one was understood from words.

    `commodities` counts lines by currency, `first` and `last` are the days that they span. `doubts` is everything that
    a person should look at before importing.
    """

    layout: Layout
    encoding: str
    header: int
    columns: tuple[Column, ...]
    lines: int
    commodities: Mapping[str, int]
    first: date
    last: date
    unreadable: tuple[Unreadable, ...]
    skipped: tuple[Skipped, ...]
    marks: Mapping[Mark, str]
    doubts: tuple[Sentence, ...]


def sniff(
    data: bytes, layouts: Layouts, options: Options | None = None, scales: Mapping[str, int] | None = None
) -> Sniffed:
    """What the bytes of a file seem to be; raises what `read_statement` refuses, but unreadable rows are told only.

    Without `scales` any currency is read, with up to 8 decimals.
    """
    asked = options or Options()
    looking = replace(asked, keep_unreadable=True, commodity=asked.commodity or UNTOLD)
    reading = (
        _read_at_any_scale(data, layouts, looking) if scales is None else read_statement(data, layouts, looking, scales)
    )
    return Sniffed(
        layout=reading.layout,
        encoding=reading.encoding,
        header=reading.header,
        columns=reading.layout.columns,
        lines=reading.lines,
        commodities={code: len(statement.lines) for code, statement in reading.statements.items()},
        first=min(statement.first for statement in reading.statements.values()),
        last=max(statement.last for statement in reading.statements.values()),
        unreadable=reading.unreadable,
        skipped=reading.skipped,
        marks=reading.marks,
        doubts=tuple(_doubts(reading)),
    )


def _read_at_any_scale(data: bytes, layouts: Layouts, options: Options) -> Reading:
    """The reading with most rows read, by the first scale that reads as many."""
    found: list[Reading] = []
    refused: RowsUnreadable | None = None
    for scale in _SCALES_TRIED:
        try:
            reading = read_statement(data, layouts, options, _EveryCommodity(scale))
        except RowsUnreadable as refusal:
            refused = refusal
            continue
        if not reading.unreadable:
            return reading
        found.append(reading)
    if refused and not found:
        raise refused
    return min(found, key=lambda one: len(one.unreadable))


def _doubts(reading: Reading) -> Iterator[Sentence]:
    yield from reading.doubts
    if UNTOLD in reading.statements:
        yield sentence("no column tells the currency: it will be that of the account.")
    undecided = sum(line.undecided for statement in reading.statements.values() for line in statement.lines)
    if undecided:
        yield counted(
            "{n} line does not tell whether money came in or went out.",
            "{n} lines do not tell whether money came in or went out.",
            undecided,
        )
    broken = sum(map(len, reading.breaks.values()))
    if broken:
        yield counted(
            "{n} running balance does not follow from the line before.",
            "{n} running balances do not follow from the lines before.",
            broken,
        )
    announced = reading.marks.get(Mark.COUNT)
    rows = reading.lines + len(reading.unreadable) + sum(row.reason in NOT_CARRIED_OUT for row in reading.skipped)
    if announced and int(announced) != rows:
        yield sentence("the file announces {announced} rows and holds {rows}.", announced=announced, rows=rows)
