"""Why a row became what it is: each column's role, the cell as it came, and the value understood."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cloudbooks.core.money import canonical
from cloudbooks.core.statement import StatementLine
from cloudbooks.core.text import shell_word
from cloudbooks.errors import Refusal, Sentence, sentence
from cloudbooks.importers.cells import said, words
from cloudbooks.importers.layout import Column, Role
from cloudbooks.importers.statement_reading import Reading
from cloudbooks.importers.table import Table


class RowUnknown(Refusal):
    """A file has no such row in its table."""

    code = "row-unknown"

    def __init__(self, name: str, row: int) -> None:
        super().__init__(
            sentence("{name} has no row that begins in line {row}.", name=name, row=row),
            hint=sentence("cloudbooks statement sniff {name}", name=shell_word(name)),
        )


@dataclass(frozen=True, slots=True)
class ExplainedCell:
    """One cell: its column, the role that the layout gives it or none, the text as it came, and what it says."""

    column: str
    role: Role | None
    raw: str
    value: str


@dataclass(frozen=True, slots=True)
class Explained:
    """One row: its cells, the line that it became, or else the reason why it is none."""

    row: int
    raw: str
    cells: tuple[ExplainedCell, ...]
    line: StatementLine | None
    reason: Sentence | None


def explain(reading: Reading, row: int) -> Explained:
    """What became of the row that begins in line `row` of the file, and why; raises `RowUnknown`."""
    for statement in reading.statements.values():
        for line in statement.lines:
            if line.row == row:
                return Explained(row, line.raw, _cells(reading, line.raw, line), line, None)
    others = [(one.row, one.raw, one.why) for one in reading.skipped]
    others += [(one.row, one.raw, one.why) for one in reading.unreadable]
    for number, raw, why in others:
        if number == row:
            return Explained(row, raw, _cells(reading, raw, None), None, why)
    raise RowUnknown(reading.options.name, row)


def _cells(reading: Reading, raw: str, line: StatementLine | None) -> tuple[ExplainedCell, ...]:
    layout = reading.layout
    table = replace(Table.of(raw, reading.options.name), delimiter=layout.delimiter)
    cells = next((cells for _, _, cells in table.rows(1)), [])
    columns = {column.place: column for column in layout.columns}
    explained: list[ExplainedCell] = []
    for place, cell in enumerate(cells):
        column = columns.get(place)
        name = words(layout.header[place]) if place < len(layout.header) else ""
        value = _value(column, cell, line, reading) if column else ""
        explained.append(ExplainedCell(name, column.role if column else None, cell, value))
    return tuple(explained)


def _value(column: Column, cell: str, line: StatementLine | None, reading: Reading) -> str:
    """What a cell says on its line; for a row that became no line, its words."""
    if line is None:
        return words(cell)
    scale = reading.scales[line.commodity]
    understood = {
        Role.DATE: f"{line.date} {line.time}".rstrip(),
        Role.TIME: line.time,
        Role.CURRENCY: line.commodity,
        Role.BALANCE: "" if line.balance is None else f"{canonical(line.balance, scale)} {line.commodity}",
    }
    if column.role in {Role.AMOUNT, Role.IN, Role.OUT}:
        return f"{canonical(line.amount, scale)} {line.commodity}" if said(cell) else ""
    return understood.get(column.role, words(cell))
