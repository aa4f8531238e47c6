"""Colours that can be read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cloudbooks.tui import themes
from cloudbooks.tui.themes import THEMES, contrast, dimmed, pairs


@pytest.mark.parametrize("name", THEMES)
def test_every_pair_of_colours_has_contrast(name: str) -> None:
    """Text has at least 4.5 : 1 on what it stands on, in high contrast and mono at least 7 : 1."""
    least = 7 if name in {"high-contrast", "mono"} else 4.5
    weak = [(one, other, round(contrast(one, other), 2)) for one, other in pairs(THEMES[name])]
    assert [pair for pair in weak if pair[2] < least] == []


def test_contrast_is_that_of_wcag() -> None:
    """Black on white is 21 : 1, a colour on itself 1 : 1, a known grey as published."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast("#336699", "#336699") == pytest.approx(1)


def test_only_the_foreground_is_dimmed() -> None:
    """A dimmed colour that is weaker than the foreground would fall below the contrast that is asked for."""
    styles = re.findall(r"\{[^{}]*text-style:[^;{}]*\bdim\b[^{}]*\}", _sources())
    assert [style for style in styles if "color: $foreground" not in style] == []
    assert dimmed("#ffffff", "#000000") == "#a8a8a8"


def _sources() -> str:
    folder = Path(themes.__file__).parent
    return "\n".join(file.read_text(encoding="utf-8") for file in sorted(folder.rglob("*.py")))
