"""The line that is typed in, wherever one is: what is pasted into it can be seen, all of it."""

from __future__ import annotations

from textual.reactive import reactive
from textual.widgets import Input

from cloudbooks.core.text import show


class LineInput(Input):
    """A line to type in that never holds what would have to be shown as a code: an escape sequence, a hidden sign.

    The drawing of such a line has a cell for each character, so that a code could not stand in the place of one.
    Its cursor does not blink, as nothing on these screens does.
    """

    cursor_blink = reactive(default=False, init=False)

    def validate_value(self, value: str) -> str:
        """The value without what cannot be seen."""
        if value.isascii() and value.isprintable():
            return value
        return "".join(one for one in value if show(one) == one)
