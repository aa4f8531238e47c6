"""The line in which a filter is typed."""

from __future__ import annotations

from tests.tui.driving import Hands, drive

from cloudbooks.books.desk import Desk
from cloudbooks.tui.filter_bar import FilterBar


def test_tab_completes_what_was_typed_since(english: Desk) -> None:
    """Tab puts a field, then a value of what was typed behind it; Tab again the next one; what stands behind stays."""

    async def look(hands: Hands) -> None:
        await hands.press("2", "slash")
        field = hands.page.query_one(FilterBar).field
        await hands.type("ac")
        await hands.press("tab")
        assert field.value == "acct:"
        await hands.type("1002")
        await hands.press("tab")
        assert field.value == "acct:1002"
        await hands.press("tab")
        assert field.value == "acct:1002.01"
        await hands.type(" st")
        await hands.press("tab")
        assert field.value == "acct:1002.01 state:"
        field.value = "par amt:5"
        field.cursor_position = 3
        await hands.press("tab")
        assert field.value == "party: amt:5"
        assert field.cursor_position == len("party:")

    drive(english, look)
