"""Files that fit no layout: what the words of their header say, and a layout proposed from them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from cloudbooks.importers.amount_columns import AmountColumns, choose
from cloudbooks.importers.cells import words
from cloudbooks.importers.dates import day_or_month, looks_like_date
from cloudbooks.importers.decoding import Decoded
from cloudbooks.importers.layout import Column, DateOrder, Layout, Role, Synonyms, bare_key, cell_key
from cloudbooks.importers.mapping_refusals import AmountUnknown, ColumnUnknown, DateAmbiguous, HeaderUnknown
from cloudbooks.importers.options import Options
from cloudbooks.importers.recognising import PREAMBLE_MAX, Source
from cloudbooks.importers.table import DELIMITERS, Table, cells_of

PROPOSED = "generic"
"""The name of a layout that was understood from a header's words."""

_MONEY = (Role.AMOUNT, Role.IN, Role.OUT)
_MONTHS = 12


@dataclass(frozen=True, slots=True)
class _Header:
    """A line that names columns: its number, its cells, and the columns whose names are known, in the file's order."""

    line: int
    delimiter: str
    cells: tuple[str, ...]
    columns: tuple[Column, ...]
    ranks: tuple[int, ...]

    def of(self, role: Role) -> tuple[Column, ...]:
        """The columns with a role, the preferred name first."""
        ranked = sorted(
            (rank, column.place, column)
            for rank, column in zip(self.ranks, self.columns, strict=True)
            if column.role is role
        )
        return tuple(column for _, _, column in ranked)

    @property
    def dated(self) -> Column | None:
        """The column of the booking date; a time stands for it where no date does."""
        columns = self.of(Role.DATE) or self.of(Role.TIME)
        return replace(columns[0], role=Role.DATE) if columns else None


def understand(
    decoded: Decoded, table: Table, synonyms: Synonyms, options: Options, scales: Mapping[str, int]
) -> Source:
    """The file with a proposed layout, and what is doubtful about it.

    Raises `HeaderUnknown`, `AmountUnknown`, `ColumnUnknown`, `ColumnUnsure` and `DateAmbiguous`, which name the
    flag to give.
    """
    header, date = _header(table, synonyms, options)
    table = replace(table, delimiter=header.delimiter)
    base = Layout(
        name=PROPOSED,
        version=1,
        title_en="understood from its header",
        title_zh="按表头理解",
        header=header.cells,
        columns=(date, *_other_columns(header, date)),
        delimiter=header.delimiter,
        date_order=options.date_order or _date_order(table, header, date),
        directions=synonyms.directions,
        currencies=synonyms.currencies,
        proposed=True,
    )
    columns = AmountColumns(header.of(Role.AMOUNT), header.of(Role.IN), header.of(Role.OUT), _named(header, options))
    if columns.none:
        raise AmountUnknown(table.name, [words(cell) for cell in header.cells])
    layout, doubts = choose(base, columns, Source(decoded, table, base, header.line), options, scales)
    return Source(decoded, table, layout, header.line, doubts)


def _header(table: Table, synonyms: Synonyms, options: Options) -> tuple[_Header, Column]:
    """The line that names most columns, and its date; one that also names an amount is preferred."""
    found: list[tuple[bool, int, int, _Header, Column]] = []
    for header in _candidates(table, synonyms):
        date = header.dated
        money = bool(options.amount_column) or any(column.role in _MONEY for column in header.columns)
        if date and (money or _stands_over_a_date(table, header, date)):
            found.append((money, len(header.columns), -header.line, header, date))
    if not found:
        raise HeaderUnknown(table.name, min(len(table.lines), PREAMBLE_MAX))
    _, _, _, header, date = max(found, key=lambda one: one[:3])
    return header, date


def _stands_over_a_date(table: Table, header: _Header, date: Column) -> bool:
    """Whether the line below has a date in the column that is named for one."""
    below = cells_of("".join(table.lines[header.line : header.line + 1]), header.delimiter)
    return looks_like_date("".join(below[date.place : date.place + 1]))


def _candidates(table: Table, synonyms: Synonyms) -> Iterator[_Header]:
    for number, line in enumerate(table.lines[:PREAMBLE_MAX], start=1):
        for delimiter in DELIMITERS:
            if delimiter in line:
                yield _named_columns(number, delimiter, cells_of(line, delimiter), synonyms)


def _named_columns(number: int, delimiter: str, cells: list[str], synonyms: Synonyms) -> _Header:
    columns: list[Column] = []
    ranks: list[int] = []
    while cells and not words(cells[-1]):
        cells.pop()
    for place, cell in enumerate(cells):
        known = synonyms.role(cell)
        if known:
            role, rank = known
            columns.append(Column(role, place, words(cell)))
            ranks.append(rank)
    return _Header(number, delimiter, tuple(cells), tuple(columns), tuple(ranks))


def _other_columns(header: _Header, date: Column) -> Iterator[Column]:
    """Every text column, and the preferred column of each other role that is no money."""
    for role in Role:
        if role is Role.TEXT:
            yield from sorted(header.of(role), key=lambda column: column.place)
        elif role is not Role.DATE and role not in _MONEY:
            yield from (column for column in header.of(role)[:1] if column.place != date.place)


def _named(header: _Header, options: Options) -> Column | None:
    """The column that the user named as the amount; a number counts columns from 1."""
    name = options.amount_column.removeprefix("-").strip()
    if not name:
        return None
    for place, cell in enumerate(header.cells):
        if cell_key(name) == cell_key(cell) or name == str(place + 1):
            known = next((column for column in header.columns if column.place == place), None)
            money = known if known and known.role in _MONEY else None
            return money or Column(Role.AMOUNT, place, words(cell))
    for column in header.columns:
        if column.role in _MONEY and bare_key(name) == bare_key(column.name):
            return column
    raise ColumnUnknown(options.name, name, [words(cell) for cell in header.cells])


def _date_order(table: Table, header: _Header, date: Column) -> DateOrder:
    """The order that a day above 12 proves anywhere in the file; raises `DateAmbiguous` where dates need one."""
    day_first = month_first = 0
    unsure: tuple[int, str, tuple[int, int]] | None = None
    for number, _, cells in table.rows(header.line + 1):
        numbers = day_or_month(cells[date.place]) if date.place < len(cells) else None
        if numbers is None:
            continue
        first, second = numbers
        day_first += first > _MONTHS >= second
        month_first += second > _MONTHS >= first
        if unsure is None and first != second and min(first, second) > 0 and max(first, second) <= _MONTHS:
            unsure = (number, words(cells[date.place]), numbers)
    if day_first or month_first:
        return DateOrder.DMY if day_first >= month_first else DateOrder.MDY
    if unsure:
        raise DateAmbiguous(table.name, *unsure)
    # Dates that begin with their year are read in any order, and 05/05 is the same day in both.
    return DateOrder.DMY
