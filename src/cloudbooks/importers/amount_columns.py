"""Which columns of an unknown file hold the money, and which way: proven by the running balance, named, or asked.

A single amount without a direction beside it is asked for, because nothing says which way its sign goes, and a word in
a memo proves nothing (domain/statements.md section 4, rule 8).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice, product

from cloudbooks.core.statement import StatementLine
from cloudbooks.errors import Sentence, sentence
from cloudbooks.importers.balances import fits_by_dates, follow
from cloudbooks.importers.cells import RowUnread, looks_like_amount, said, words
from cloudbooks.importers.layout import Column, Layout, Role, Writing
from cloudbooks.importers.mapping_refusals import ColumnUnsure
from cloudbooks.importers.options import Options
from cloudbooks.importers.recognising import Source
from cloudbooks.importers.row_reading import RowReader, RowSkipped

PROOF_ROWS = 2000
"""Rows that a proof looks at."""

READINGS_MAX = 12
"""Ways to read the amounts that are tried; a header that allows more is asked about at once."""


@dataclass(frozen=True, slots=True)
class AmountColumns:
    """The columns that may hold money by their names, and the one that the user named."""

    amounts: tuple[Column, ...]
    ins: tuple[Column, ...]
    outs: tuple[Column, ...]
    named: Column | None

    @property
    def none(self) -> bool:
        """Whether nothing may be the amount."""
        return not (self.amounts or self.ins or self.outs or self.named)

    @property
    def all(self) -> tuple[Column, ...]:
        """All of them in the file's order."""
        return tuple(sorted((*self.outs, *self.ins, *self.amounts), key=lambda column: column.place))

    def chosen(self) -> AmountColumns:
        """Only what fits the column that the user named: a named half of a pair keeps its other halves."""
        match self.named:
            case None:
                return self
            case Column(role=Role.IN):
                return AmountColumns((), (self.named,), self.outs, self.named)
            case Column(role=Role.OUT):
                return AmountColumns((), self.ins, (self.named,), self.named)
            case _:
                return AmountColumns((self.named,), (), (), self.named)


@dataclass(frozen=True, slots=True)
class _Tried:
    """A layout with the lines that it reads, and how well the running balances follow from them."""

    layout: Layout
    lines: tuple[StatementLine, ...]
    score: tuple[int, int]
    checked: int

    @property
    def proven(self) -> bool:
        """Whether at least half of the balances follow."""
        return self.score[0] > 0 and self.score[0] * 2 >= self.checked

    @property
    def amounts(self) -> tuple[tuple[int, int], ...]:
        return tuple((line.row, line.amount) for line in self.lines)


def choose(
    base: Layout, columns: AmountColumns, source: Source, options: Options, scales: Mapping[str, int]
) -> tuple[Layout, tuple[Sentence, ...]]:
    """`base` with the columns of its money, and what is doubtful; raises `ColumnUnsure`."""
    columns = columns.chosen()
    if len(columns.ins) * len(columns.outs) + len(columns.amounts) > READINGS_MAX:
        raise ColumnUnsure(options.name, [column.name for column in columns.all])
    comma = _decimal_comma(source, columns)
    if columns.named and options.amount_column.startswith("-"):
        return _single(base, columns.named, Writing(comma=comma, inverted=True)), ()
    named = [_tried(layout, source, options, scales) for layout in _as_named(base, columns, source, comma=comma)]
    turned = [_tried(layout, source, options, scales) for layout in _turned(named)]
    proven = _proven([*named, *turned])
    if proven:
        return proven.layout, _doubts_of_proven(proven, named)
    return _by_names(named, columns, options)


def _as_named(base: Layout, columns: AmountColumns, source: Source, *, comma: bool) -> Iterator[Layout]:
    """Every reading that the names allow: pairs of in and out first, then single amounts, directed or signed."""
    outs: tuple[Column | None, ...] = columns.outs or (None,)
    ins: tuple[Column | None, ...] = columns.ins or (None,)
    for inward, outward in product(ins, outs):
        pair = tuple(column for column in (inward, outward) if column)
        if pair:
            minus = outward is not None and _all_negative(source, outward)
            yield replace(base, columns=(*_without_direction(base), *pair), writing=Writing(comma=comma, minus=minus))
    for amount in columns.amounts:
        yield _single(base, amount, Writing(comma=comma))


def _single(base: Layout, amount: Column, writing: Writing) -> Layout:
    columns = _without_direction(base) if writing.inverted else base.columns
    return replace(base, columns=(*columns, replace(amount, role=Role.AMOUNT)), writing=writing)


def _without_direction(base: Layout) -> tuple[Column, ...]:
    return tuple(column for column in base.columns if column.role is not Role.DIRECTION)


def _turned(named: list[_Tried]) -> Iterator[Layout]:
    """The same columns with in and out exchanged, which only a running balance can prove."""
    exchanged = {Role.IN: Role.OUT, Role.OUT: Role.IN}
    for tried in named:
        layout = tried.layout
        if layout.column(Role.AMOUNT) is None:
            columns = tuple(replace(one, role=exchanged.get(one.role, one.role)) for one in layout.columns)
            yield replace(layout, columns=columns)
        elif layout.column(Role.DIRECTION) is None:
            yield replace(layout, writing=replace(layout.writing, inverted=True))


def _tried(layout: Layout, source: Source, options: Options, scales: Mapping[str, int]) -> _Tried:
    reader = RowReader(layout, options.commodity, scales)
    by_commodity: dict[str, list[StatementLine]] = {}
    for number, _, cells in islice(source.table.rows(source.first), PROOF_ROWS):
        try:
            line = reader.line(number, cells, "")
        except (RowUnread, RowSkipped):
            continue
        by_commodity.setdefault(line.commodity, []).append(line)
    fits = dated = checked = 0
    for lines in by_commodity.values():
        followed = follow(lines)
        fits, checked = fits + followed.fits, checked + followed.checked
        dated += fits_by_dates(lines)
    all_lines = tuple(line for lines in by_commodity.values() for line in lines)
    return _Tried(layout, all_lines, (fits, dated), checked)


def _proven(tried: list[_Tried]) -> _Tried | None:
    """The one reading that the running balance proves; two that read different amounts prove nothing."""
    proven = [one for one in tried if one.proven]
    if not proven:
        return None
    best = max(proven, key=lambda one: one.score)
    equal = [one for one in proven if one.score == best.score]
    return equal[0] if len({one.amounts for one in equal}) == 1 else None


def _doubts_of_proven(proven: _Tried, named: list[_Tried]) -> tuple[Sentence, ...]:
    if any(proven is one for one in named):
        return ()
    layout = proven.layout
    inward, amount = layout.column(Role.IN), layout.column(Role.AMOUNT)
    if amount:
        return (sentence("the running balance proves that a positive {column} is money out.", column=amount.name),)
    name = inward.name if inward else ""
    return (sentence("the running balance proves that {column} is money in, against its name.", column=name),)


def _by_names(named: list[_Tried], columns: AmountColumns, options: Options) -> tuple[Layout, tuple[Sentence, ...]]:
    """The reading by names alone, where only one is possible or all read the same amounts."""
    first = named[0]
    if len(named) > 1 and len({one.amounts for one in named}) > 1:
        raise ColumnUnsure(options.name, [column.name for column in columns.all])
    layout = first.layout
    amount = layout.column(Role.AMOUNT)
    if amount:
        direction = layout.column(Role.DIRECTION)
        if direction is None and columns.named is None:
            raise ColumnUnsure(options.name, [amount.name])
        return layout, ()
    inward, outward = layout.column(Role.IN), layout.column(Role.OUT)
    return layout, (
        sentence(
            "no running balance proves it: money in is {inward}, money out is {outward}, by their names.",
            inward=inward.name if inward else "-",
            outward=outward.name if outward else "-",
        ),
    )


def _cells(source: Source, column: Column) -> Iterator[str]:
    for _, _, cells in islice(source.table.rows(source.first), PROOF_ROWS):
        if column.place < len(cells) and said(cells[column.place]):
            yield cells[column.place]


def _all_negative(source: Source, column: Column) -> bool:
    """Whether a column of money out writes it with a minus; a single minus among others would be a reversal."""
    amounts = [words(cell) for cell in _cells(source, column)]
    moved = [amount for amount in amounts if any(character in amount for character in "123456789")]
    return bool(moved) and all(amount.startswith(("-", "−", "－")) for amount in moved)


def _decimal_comma(source: Source, columns: AmountColumns) -> bool:
    """Whether amounts have a decimal comma: some can be read only so, and none only with a point."""
    comma_only = point_only = 0
    for column in columns.all:
        for cell in _cells(source, column):
            with_point, with_comma = looks_like_amount(cell), looks_like_amount(cell, comma=True)
            comma_only += with_comma and not with_point
            point_only += with_point and not with_comma
    return bool(comma_only) and not point_only
