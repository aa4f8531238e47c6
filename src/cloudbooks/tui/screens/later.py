"""Screens whose operations come later: one sentence each, and what can be done until then."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult

from cloudbooks.errors import Sentence, sentence
from cloudbooks.tui.notice import Notice
from cloudbooks.tui.page import Page


class Later(Page):
    """A screen that is one sentence."""

    words: ClassVar[tuple[Sentence, ...]] = ()
    offers: ClassVar[tuple[str, ...]] = ("screen", "command", "palette", "help")
    with_period: ClassVar[bool] = False

    def compose(self) -> ComposeResult:
        """The sentence."""
        self.words_shown = Notice()
        yield self.words_shown

    def read(self) -> None:
        """Say it in the language of the session."""
        self.words_shown.show_words(*self.words)


class Documents(Later):
    """Screen 6."""

    title = sentence("Documents")
    words = (sentence("Invoices and claims come to this screen together with their commands."),)


class Books(Later):
    """Screen 0."""

    title = sentence("Books")
    words = (
        sentence("The list of many books comes to this screen together with its commands."),
        sentence("One book is opened by: cloudbooks -b FILE tui"),
    )
