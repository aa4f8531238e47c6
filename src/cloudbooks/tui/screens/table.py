"""Which class is the screen of which number."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

from cloudbooks.tui.page import Page

SCREENS: Mapping[str, str] = {
    "1": "home:Home",
    "2": "journal:Journal",
    "3": "accounts:Accounts",
    "4": "importing.statements:Statements",
    "5": "post:Post",
    "6": "later:Documents",
    "7": "reports:Reports",
    "8": "rules:Rules",
    "9": "chain:Chain",
    "0": "later:Books",
    "C": "close:Close",
}
"""Module and class in this package by number; `C` has a letter. A module is imported when its screen is first shown."""


def screen_of(number: str) -> Page:
    """A new page of a number."""
    module, _, name = SCREENS[number].partition(":")
    made: Page = getattr(import_module(f"cloudbooks.tui.screens.{module}"), name)()
    return made
