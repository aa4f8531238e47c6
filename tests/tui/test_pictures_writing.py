"""The screens that write look as they were looked at."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.tui.pictures import LOOKS, Look, compared
from tests.tui.pictures_writing import taken


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
def test_every_screen_that_writes_looks_as_it_was_looked_at(look: Look, tmp_path: Path, catalogues: None) -> None:
    """Each screen, drawn again, is the picture that somebody has looked at."""
    del catalogues
    found = taken(tmp_path / "book", look)
    others = [said for name, svg in found.items() if (said := compared(name, look, svg))]
    assert others == []
