"""Horizontal bars with their numbers beside them, from block characters or, in ASCII, from `#`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cloudbooks.core.text import cells, cut, pad, pad_left
from cloudbooks.reports.table import Bar, Say, say_english

WIDTH = 72
"""Cells that a chart takes where nothing says how wide the place is."""

LABEL_MAX = 28
BAR_MIN = 4
_GAP = "  "
_EIGHTHS = " ▏▎▍▌▋▊▉"


def lay_bars(
    bars: Sequence[Bar], width: int | None = None, *, ascii_only: bool = False, say: Say = say_english
) -> list[str]:
    """One line a bar: label, bar, number, all equally many cells wide.

    Bars share one scale; negative ones grow to the left of the line that stands where zero is. A bar that is not zero
    shows at least its smallest mark. Labels are cut to fit `width`; numbers never are.
    """
    if not bars:
        return []
    numbers = [bar.amount.shown() for bar in bars]
    number_width = max(map(cells, numbers))
    room = (WIDTH if width is None else width) - number_width - 2 * len(_GAP)
    labels = [say(bar.label) for bar in bars]
    label_width = max(1, min(max(map(cells, labels)), LABEL_MAX, room - BAR_MIN))
    drawing = _Drawing.of([bar.amount.minor for bar in bars], max(BAR_MIN, room - label_width), ascii_only=ascii_only)
    mark = "~" if ascii_only else "…"
    return [
        _GAP.join(
            (
                pad(cut(label, label_width, mark), label_width),
                drawing.of_number(bar.amount.minor),
                pad_left(number, number_width),
            )
        )
        for bar, label, number in zip(bars, labels, numbers, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class _Drawing:
    """How numbers become bars: cells left and right of zero, of which the `longest` number takes `scale`."""

    left: int
    right: int
    scale: int
    longest: int
    ascii_only: bool

    @classmethod
    def of(cls, numbers: Sequence[int], width: int, *, ascii_only: bool) -> _Drawing:
        low, high = -min(0, *numbers, 0), max(0, *numbers, 0)
        longest = max(low, high, 1)
        if not low:
            return cls(0, width, width, longest, ascii_only)
        room = width - 1
        left = min(room - 1, max(1, room * low // (low + high))) if high else room
        right = room - left
        # One scale for both sides: neither may run out of its room.
        scale = min(left * longest // low, right * longest // high if high else left)
        return cls(left, right, max(1, scale), longest, ascii_only)

    def of_number(self, number: int) -> str:
        """The bar of a number in exactly the width of the drawing, with a line at zero if any number is negative."""
        if not self.left:
            return pad(self._marks(number, self.right), self.right)
        axis = "|" if self.ascii_only else "│"
        before = pad_left(self._marks(min(number, 0), self.left), self.left)
        return before + axis + pad(self._marks(max(number, 0), self.right), self.right)

    def _marks(self, number: int, side: int) -> str:
        """The marks of one side; a negative number grows to the left, where there are only whole blocks."""
        eighths = min(-(-8 * self.scale * abs(number) // self.longest), 8 * side)
        if self.ascii_only or number < 0:
            return ("#" if self.ascii_only else "█") * -(-eighths // 8)
        return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()
