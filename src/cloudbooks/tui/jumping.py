"""Letters on every row in sight: one of them puts the cursor there."""

from __future__ import annotations

import string
from collections.abc import Iterable

from cloudbooks.tui.table import HouseTable

LETTERS = string.ascii_lowercase + string.ascii_uppercase


def label(tables: Iterable[HouseTable]) -> dict[str, tuple[HouseTable, str]]:
    """Give the rows in sight of some tables a letter each; which row a letter means."""
    letters = iter(LETTERS)
    found: dict[str, tuple[HouseTable, str]] = {}
    for table in tables:
        labels: dict[str, str] = {}
        for row, letter in zip(table.in_sight, letters, strict=False):
            labels[row.id] = letter
            found[letter] = (table, row.id)
        table.label(labels)
    return found
