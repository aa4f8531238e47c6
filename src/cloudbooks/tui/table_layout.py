"""How wide the columns of a table are: an amount is never cut, a text gives way, what is least needed is dropped."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from cloudbooks.tui.showing import Words

GAP = 1
"""Blank cells between two columns."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its head, and how much room it wants.

    `least` and `most` bound a column of text, an amount (`whole`) has the room it needs. Where there is no room columns
    are dropped, the highest `priority` first; 0 stays. `grows` takes what is left over. `indents` follows the level.
    """

    key: str
    head: Words = ""
    least: int = 4
    most: int = 60
    right: bool = False
    whole: bool = False
    priority: int = 0
    grows: bool = False
    indents: bool = False


def amount(key: str, head: Words, priority: int = 0) -> Column:
    """A column of amounts."""
    return Column(key, head, least=10, right=True, whole=True, priority=priority)


def widths(columns: Sequence[Column], natural: Sequence[int], room: int, empty: Collection[int] = ()) -> list[int]:
    """The width of each column, -1 for one that is dropped; together never wider than `room` unless amounts are.

    Of the droppable ones those in `empty`, which hold nothing, are dropped at once.
    """
    shown = [place for place in range(len(columns)) if not columns[place].priority or place not in empty]
    while _sum([_least(columns[place], natural[place]) for place in shown]) > room:
        droppable = [place for place in shown if columns[place].priority]
        if not droppable:
            break
        shown.remove(max(droppable, key=lambda place: (columns[place].priority, place)))
    found = {place: _wish(columns[place], natural[place]) for place in shown}
    _narrow(found, columns, natural, room)
    left = room - _sum(list(found.values()))
    growing = [place for place in shown if columns[place].grows]
    for place in growing[:1]:
        found[place] += max(0, left)
    return [found.get(place, -1) for place in range(len(columns))]


def _least(column: Column, natural: int) -> int:
    return max(natural, 1) if column.whole else min(max(natural, 1), column.least)


def _wish(column: Column, natural: int) -> int:
    return max(natural, 1) if column.whole else max(1, min(natural, column.most))


def _narrow(found: dict[int, int], columns: Sequence[Column], natural: Sequence[int], room: int) -> None:
    """Take cells from the widest text until all fit."""
    while _sum(list(found.values())) > room:
        soft = [place for place, width in found.items() if width > _least(columns[place], natural[place])]
        if not soft:
            return
        found[max(soft, key=lambda place: (found[place], place))] -= 1


def _sum(sizes: Sequence[int]) -> int:
    return sum(sizes) + GAP * max(0, len(sizes) - 1)
