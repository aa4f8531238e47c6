"""Which layout a file has: known by the fingerprint of its header or of its rows' shape, never by its name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from cloudbooks.core.text import shell_word
from cloudbooks.errors import Refusal, Sentence, joined, sentence
from cloudbooks.importers.cells import looks_like_amount, said
from cloudbooks.importers.dates import day_or_month, looks_like_date
from cloudbooks.importers.decoding import FALLBACK, Decoded, decode
from cloudbooks.importers.layout import DateOrder, Holds, Layout, Layouts, header_key
from cloudbooks.importers.table import DELIMITERS, Table, cells_of

PREAMBLE_MAX = 200
"""Lines in which a header is looked for."""

_SHAPE_ROWS = 50
_FITTING = (4, 5)
_MONTHS = 12


class LayoutDiffers(Refusal):
    """A file does not have the layout that it is said to have."""

    code = "layout-differs"

    def __init__(self, name: str, layout: Layout) -> None:
        super().__init__(
            sentence("{name} does not have the header of the layout {profile}.", name=name, profile=layout.profile),
            hint=sentence("cloudbooks statement sniff {name}", name=shell_word(name)),
        )


class LayoutAmbiguous(Refusal):
    """A file fits several layouts."""

    code = "layout-ambiguous"

    def __init__(self, name: str, layouts: tuple[Layout, ...]) -> None:
        names = joined([layout.name for layout in layouts])
        super().__init__(
            sentence("{name} fits more than one layout: {names}.", name=name, names=names),
            hint=sentence("cloudbooks import {name} --profile {one}", name=shell_word(name), one=layouts[0].name),
        )


@dataclass(frozen=True, slots=True)
class Source:
    """A file taken apart: its text, its table, and where the rows of its layout begin.

    `header` is the line of the header, 0 for a file without one; `doubts` is what was taken without proof.
    """

    decoded: Decoded
    table: Table
    layout: Layout
    header: int
    doubts: tuple[Sentence, ...] = ()

    @property
    def first(self) -> int:
        """The first line that may be a row."""
        return self.header + 1


def find(decoded: Decoded, table: Table, layouts: Layouts, profile: str = "") -> Source | None:
    """The source with its layout, `None` where no layout fits.

    Raises `LayoutUnknown`, `LayoutDiffers` for a `profile` that is not there or does not fit, and `LayoutAmbiguous`.
    """
    wanted = layouts.named(profile) if profile else layouts.layouts
    found = _by_header(table, wanted) or _by_shape(table, wanted)
    if profile and not found and wanted[0].shape:
        # Where a person names a layout without a header, rows of another shape are unreadable, each with its reason.
        found = [(wanted[0], 0)]
    if profile and not found:
        raise LayoutDiffers(table.name, wanted[0])
    if len(found) > 1:
        raise LayoutAmbiguous(table.name, tuple(layout for layout, _ in found))
    if not found:
        return None
    layout, header = found[0]
    return Source(decoded, replace(table, delimiter=layout.delimiter), layout, header, _doubts(decoded, layout))


def _doubts(decoded: Decoded, layout: Layout) -> tuple[Sentence, ...]:
    doubts: list[Sentence] = []
    if layout.shape:
        doubts.append(sentence("the file has no header: it was known by the shape of its rows."))
    if not decoded.sure and layout.fallback == FALLBACK and "".join(layout.header).isascii():
        doubts.append(sentence("the bytes are not UTF-8 and were read as {encoding}.", encoding=decoded.encoding))
    return tuple(doubts)


def in_its_encoding(data: bytes, source: Source) -> Source:
    """The same source, read again in the layout's own fallback where only a fallback could read the bytes."""
    layout = source.layout
    if source.decoded.sure or layout.fallback == FALLBACK:
        return source
    decoded = decode(data, source.table.name, fallback=layout.fallback)
    lines = Table.of(decoded.text, source.table.name).lines
    return replace(source, decoded=decoded, table=replace(source.table, lines=lines))


def _by_header(table: Table, layouts: tuple[Layout, ...]) -> list[tuple[Layout, int]]:
    """The layouts whose header stands in a line, with that line, also where a spreadsheet changed the delimiter."""
    known: dict[tuple[str, ...], list[Layout]] = {}
    for layout in layouts:
        if not layout.shape:
            known.setdefault(header_key(layout.header), []).append(layout)
    for number, line in enumerate(table.lines[:PREAMBLE_MAX], start=1):
        for delimiter in DELIMITERS:
            fitting = known.get(header_key(cells_of(line, delimiter)), []) if delimiter in line else []
            own = [layout for layout in fitting if layout.delimiter == delimiter]
            if fitting:
                return [(replace(layout, delimiter=delimiter), number) for layout in own or fitting]
    return []


def _by_shape(table: Table, layouts: tuple[Layout, ...]) -> list[tuple[Layout, int]]:
    return [(layout, 0) for layout in layouts if layout.shape and _fits(table, layout)]


def _fits(table: Table, layout: Layout) -> bool:
    """Whether the first rows have the layout's shape, but for a damaged one in five."""
    fitting = [_row_fits(cells, layout) for cells in _first_rows(table, layout.delimiter)]
    return bool(fitting) and sum(fitting) * _FITTING[1] >= len(fitting) * _FITTING[0]


def _first_rows(table: Table, delimiter: str) -> Iterator[list[str]]:
    for line in table.lines[:_SHAPE_ROWS]:
        cells = cells_of(line, delimiter)
        if any(cell.strip() for cell in cells):
            yield cells


def _row_fits(cells: list[str], layout: Layout) -> bool:
    if len(cells) != len(layout.shape):
        return False
    return all(_cell_fits(cell, holds, layout) for cell, holds in zip(cells, layout.shape, strict=True))


def _cell_fits(cell: str, holds: Holds, layout: Layout) -> bool:
    match holds:
        case Holds.DATE:
            return looks_like_date(cell) and _order_fits(cell, layout.date_order)
        case Holds.TEXT:
            return not looks_like_date(cell)
        case Holds.AMOUNT:
            return looks_like_amount(cell, comma=layout.writing.comma)
        case Holds.AMOUNT_OR_BLANK:
            return not said(cell) or looks_like_amount(cell, comma=layout.writing.comma)


def _order_fits(cell: str, order: DateOrder) -> bool:
    """Whether a date can be in an order: the shape of 13/05/2026 is not that of 05/13/2026."""
    numbers = day_or_month(cell)
    if order is DateOrder.YMD or numbers is None:
        return (order is DateOrder.YMD) == (numbers is None)
    return (numbers[1] if order is DateOrder.DMY else numbers[0]) <= _MONTHS
