"""The rows of a table that are at hand: a few pages of a list that may have a million, found by key and never by count.

Nothing here knows a screen. Rows are known by their id; `place` is the key by which the list is ordered, and by which
a page before or after it is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from cloudbooks.core.listing import PAGE, Ask, Toward
from cloudbooks.tui.showing import Value

__all__ = ["Ask", "Row", "Rows", "Tone", "Toward", "Window"]

KEPT: Final = 5 * PAGE
"""Rows that are kept at hand."""

AHEAD: Final = 60
"""Rows that are left before the next page is asked for."""


class Tone(StrEnum):
    """How a row is drawn, always beside a word or a sign that says the same."""

    PLAIN = "plain"
    DIM = "dim"
    TOTAL = "total"
    RED = "red"
    ALERT = "alert"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: what it is known by, its cells, where it stands in the list, and what it is about.

    `level` indents the cells of a column that indents; `about` is kept for whoever acts on the row.
    """

    id: str
    cells: tuple[Value, ...]
    place: Any = None
    tone: Tone = Tone.PLAIN
    level: int = 0
    about: Any = None


@dataclass(frozen=True, slots=True)
class Rows:
    """A page: rows in order, whether there are others before and after them, and which of them was asked about."""

    rows: tuple[Row, ...] = ()
    more_before: bool = False
    more_after: bool = False
    at: int = 0


@dataclass(slots=True)
class Window:
    """The pages at hand, in one row after the other."""

    rows: list[Row] = field(default_factory=list)
    more_before: bool = False
    more_after: bool = False
    places: dict[str, int] = field(default_factory=dict)

    def take(self, ask: Ask, page: Rows) -> int:
        """Put a page where it belongs; tells how far the rows that stay have moved down (negative: up)."""
        moved = 0
        if ask.toward is Toward.AFTER:
            self.rows += page.rows
            self.more_after = page.more_after
            excess = max(0, len(self.rows) - KEPT)
            if excess:
                del self.rows[:excess]
                self.more_before, moved = True, -excess
        elif ask.toward is Toward.BEFORE:
            self.rows[:0] = page.rows
            self.more_before, moved = page.more_before, len(page.rows)
            if len(self.rows) > KEPT:
                del self.rows[KEPT:]
                self.more_after = True
        else:
            self.rows = list(page.rows)
            self.more_before, self.more_after = page.more_before, page.more_after
        self.places = {row.id: number for number, row in enumerate(self.rows)}
        return moved

    def wanted(self, top: int, height: int) -> Ask | None:
        """The page that will be needed next when rows from `top` on are shown."""
        if self.more_after and self.rows and top + height + AHEAD > len(self.rows):
            return Ask(Toward.AFTER, self.rows[-1].place)
        if self.more_before and self.rows and top < AHEAD:
            return Ask(Toward.BEFORE, self.rows[0].place)
        return None

    def __len__(self) -> int:
        return len(self.rows)
