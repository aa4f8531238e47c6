"""Colours that can be read."""

from __future__ import annotations

import pytest

from cloudbooks.tui.themes import THEMES, contrast, pairs


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
