"""What stands where rows would: nothing yet, nothing that matches, or an error with its way out."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from rich.text import Text
from textual.widgets import Static

from cloudbooks.books.finding_words import placed, where
from cloudbooks.errors import CloudBooksError, Finding, sentence
from cloudbooks.tui.showing import Voice, Words

if TYPE_CHECKING:
    from cloudbooks.tui.app import BooksApp


class Notice(Static):
    """Sentences in the place of a view."""

    DEFAULT_CSS = "Notice { padding: 1 2; height: 1fr; }"

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self.said: tuple[Words, ...] = ()

    @property
    def voice(self) -> Voice:
        """How this session speaks."""
        return cast("BooksApp", self.app).voice

    def show_words(self, *words: Words) -> None:
        """Show sentences, each on its own line."""
        self.said = words
        self.update(Text("\n").join(self.voice.text(one) for one in words))

    def show_error(self, error: CloudBooksError) -> None:
        """Show an error: code and sentence, what to do, and the keys that try again and copy."""
        voice = self.voice
        lines = error_lines(voice, error)
        self.said = (error.message,)
        keys = voice.text(sentence("r tries again, y copies this."), "dim")
        self.update(Text("\n").join([*lines, Text(""), keys]))


def error_lines(voice: Voice, error: CloudBooksError) -> list[Text]:
    """An error as the command line says it: code and sentence, its findings, and the hint."""
    colon = "：" if voice.chinese else ": "
    head = Text(f"{voice.say(sentence('error'))}[{error.code}]{colon}", style="bold", end="")
    lines = [head + voice.text(placed(error.place, error.message))]
    lines += [_finding(voice, finding) for finding in error.findings]
    if error.hint is not None:
        lines.append(voice.hint(error.hint))
    return lines


def with_hint(error: CloudBooksError) -> Words:
    """An error in one line: what is wrong, then what to do."""
    if error.hint is None:
        return error.message
    return sentence("{what} {hint}", what=error.message, hint=error.hint)


def _finding(voice: Voice, finding: Finding) -> Text:
    return Text("  ", end="") + voice.text(placed(where(finding), finding.message))
