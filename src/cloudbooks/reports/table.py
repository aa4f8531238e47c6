"""A report as a table that no face has rendered yet: columns with their importance, rows with their cells."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol

from cloudbooks.core.money import canonical, grouped
from cloudbooks.core.text import show
from cloudbooks.errors import Sentence, english

Text = Sentence | str
Say = Callable[[Text], str]
"""How a face says a sentence in the reader's language, and shows outside text through the output filter."""


def say_english(text: Text) -> str:
    """A sentence in English, outside text through the output filter."""
    return show(text) if isinstance(text, str) else text.render(english, show)


@dataclass(frozen=True, slots=True)
class Amount:
    """Minor units of a commodity with its scale; `named` says that the commodity stands beside the number."""

    minor: int
    scale: int
    commodity: str
    named: bool = False

    def shown(self) -> str:
        """The amount for people: `-1,234.56`, with its commodity where it is `named`."""
        number = grouped(self.minor, self.scale)
        return f"{number} {self.commodity}" if self.named else number

    def plain(self) -> str:
        """The amount for programs, without its commodity: `-1234.56`."""
        return canonical(self.minor, self.scale)

    def json(self) -> dict[str, str]:
        """The amount as JSON has it everywhere (CLI.md)."""
        return {"amount": self.plain(), "commodity": self.commodity}


Cell = Text | Amount | tuple[Amount, ...]
"""What stands in a table: text, an amount, or several amounts below each other. An empty text is an empty cell."""


class Align(StrEnum):
    """The side of its column on which a cell stands."""

    LEFT = "left"
    RIGHT = "right"


class Only(StrEnum):
    """Where a column is shown, if not everywhere."""

    CSV = "csv"
    TEXT = "text"


class RowKind(StrEnum):
    """What a row is: an ordinary one, or a total over those before it."""

    PLAIN = "plain"
    TOTAL = "total"


class Column(NamedTuple):
    """A column. `key` is its English name for programs, `name` its head for people.

    Where there is no room columns are dropped, the highest `priority` first and of equal ones the last; 0 stays.
    `only` keeps the column to text or to CSV. `indents` says that the level of a row moves its cell to the right,
    `once` that text leaves the cell of a row empty that continues the row before it, `short` that its words are
    short, such as codes and dates, and are wrapped only after all others.
    """

    key: str
    name: Text = ""
    align: Align = Align.LEFT
    priority: int = 0
    only: Only | None = None
    indents: bool = False
    once: bool = False
    short: bool = False


class Row(NamedTuple):
    """One row, with as many cells as its table has columns; `level` counts the steps of indentation from 0.

    `continues` says that it belongs to the same thing as the row before, such as the second posting of an entry.
    """

    cells: tuple[Cell, ...]
    level: int = 0
    kind: RowKind = RowKind.PLAIN
    continues: bool = False


class Table(NamedTuple):
    """A titled table. Every row has one cell for each column.

    `totals` says that CSV shows rows of totals too: they bear names of their own, so that nobody adds them up.
    """

    title: Text
    columns: tuple[Column, ...]
    rows: tuple[Row, ...] = ()
    totals: bool = False

    def only(self, places: Sequence[int]) -> Table:
        """The table with the columns at `places` only."""
        rows = (
            Row(tuple([row.cells[place] for place in places]), row.level, row.kind, row.continues) for row in self.rows
        )
        return Table(self.title, tuple(self.columns[place] for place in places), tuple(rows), self.totals)


class Bar(NamedTuple):
    """One bar of a chart: what it stands for, and how long it is."""

    label: Text
    amount: Amount


class Report(Protocol):
    """What every report can be turned into; nothing of it is rendered yet."""

    def data(self, say: Say, /) -> dict[str, object]:
        """The `data` of its JSON (CLI.md): texts, integers and lists; labels that are sentences in `say`'s language."""
        ...

    def table(self) -> Table:
        """Its table, for `lay_out` and for CSV."""
        ...

    def chart(self) -> tuple[Bar, ...]:
        """The bars that `--chart` draws; none where there is nothing to compare."""
        ...
