"""The screens look as they were looked at."""

from __future__ import annotations

import pytest
from tests.tui.pictures import LOOKS, Look, compared, taken

from cloudbooks.books.desk import Desk


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
def test_every_screen_looks_as_it_was_looked_at(look: Look, english: Desk, chinese: Desk) -> None:
    """Each screen, drawn again, is the picture that somebody has looked at."""
    found = taken(chinese if look.language == "zh" else english, look)
    others = [said for name, svg in found.items() if (said := compared(name, look, svg))]
    assert others == []
