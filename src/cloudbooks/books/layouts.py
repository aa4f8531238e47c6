"""The bank layouts that ship with the program."""

from __future__ import annotations

from functools import cache

from cloudbooks.books.packs import bank_layout_documents
from cloudbooks.importers.layout import Layouts
from cloudbooks.importers.reading_layout import layouts_from


@cache
def shipped_layouts() -> Layouts:
    """All layouts of packs/banks, read once a process."""
    return layouts_from(bank_layout_documents())
