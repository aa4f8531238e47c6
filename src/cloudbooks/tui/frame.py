"""The lines around every screen: where one is, what is wrong with the book, and which keys come next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from textual.message import Message
from textual.widgets import Static

from cloudbooks.errors import ChainFault, CloudBooksError, counted, sentence
from cloudbooks.tui.showing import Voice, Words, cells, fitted

if TYPE_CHECKING:
    from cloudbooks.books.browsing import Standing
    from cloudbooks.tui.watch import Checked

CRUMB_MIN = 12
"""A breadcrumb shorter than this says nothing."""

AN_OLDER_ONE = frozenset({"book-behind", "older-copy"})
"""Codes of books whose every block is as posted, and that lack the last ones."""

FIRST_MIN = 6
"""Cells that are left of the book's name."""


class Line(Static):
    """One line of the frame."""

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's own name
        super().__init__("", id=id, markup=False)


class Alarm(Line, can_focus=True):
    """The red bar; Enter on it, or a click, shows what is wrong."""

    class Clicked(Message):
        """Somebody wants to see what is wrong."""

    def on_click(self) -> None:
        """Say so."""
        self.post_message(self.Clicked())


def header(voice: Voice, width: int, crumbs: tuple[Words, ...], middle: tuple[Words, ...], right: Words) -> Text:
    """The first line: breadcrumb, then period and chips, then what stands at the right; the breadcrumb gives way."""
    end = voice.say(right)
    parts = "  ".join(voice.say(one) for one in middle if one)
    room = width - 2 - cells(end) - cells(parts) - (3 if parts else 0) - (2 if end else 0)
    if room < CRUMB_MIN and end:
        return header(voice, width, crumbs, middle, "")
    crumb = breadcrumb(voice, crumbs, max(room, 8))
    text = Text(" ", end="", no_wrap=True)
    text.append(crumb, "bold")
    if parts:
        text.append("   " + fitted(parts, min(cells(parts), max(0, width - cells(crumb) - 5)), mark=voice.cut_mark))
    text.append(fitted(end, max(0, width - cells(text.plain) - 1), right=True, mark=voice.cut_mark))
    return text


def verdict(voice: Voice, standing: Standing | None, fault: CloudBooksError | None, checked: Checked | None) -> Words:
    """What is known of the chain: that it is not what was posted, when it was verified, or that its receipt agrees.

    What was posted since a verification was not verified by it.
    """
    if standing is None:
        return ""
    if isinstance(fault, ChainFault):
        if fault.code in AN_OLDER_ONE:
            return sentence("{blocks} blocks, NOT the last", blocks=standing.blocks)
        return sentence("{blocks} blocks, NOT as posted", blocks=standing.blocks)
    mark = voice.glyph("good")
    if checked is not None and checked.blocks == standing.blocks:
        return counted(
            "{n} block, verified {mark} {at}", "{n} blocks, verified {mark} {at}", standing.blocks,
            mark=mark, at=checked.at,
        )  # fmt: skip
    if checked is not None:
        return sentence(
            "{blocks} blocks, {verified} verified {mark} {at}",
            blocks=standing.blocks, verified=checked.blocks, mark=mark, at=checked.at,
        )  # fmt: skip
    return counted("{n} block, receipt {mark}", "{n} blocks, receipt {mark}", standing.blocks, mark=mark)


def breadcrumb(voice: Voice, crumbs: tuple[Words, ...], room: int) -> str:
    """The levels that fit: those between the first and the last give way first, then the first, then the last."""
    between = f" {voice.glyph('crumb')} "
    words = [voice.say(one) for one in crumbs]
    while len(words) > 2 and cells(between.join(words)) > room:  # noqa: PLR2004 - the first and the last
        del words[1]
    excess = cells(between.join(words)) - room
    if excess > 0 and len(words) > 1:
        words[0] = fitted(words[0], max(FIRST_MIN, cells(words[0]) - excess), mark=voice.cut_mark).rstrip()
    whole = between.join(words)
    return fitted(whole, min(cells(whole), room), mark=voice.cut_mark)


def footer(voice: Voice, width: int, offers: tuple[tuple[str, str, bool], ...], said: Words = "") -> Text:
    """The last line: keys with what they do, the impossible ones dimmed; or what was just said."""
    text = Text(" ", end="", no_wrap=True)
    if said:
        text.append(fitted(voice.say(said), width - 2, mark=voice.cut_mark))
        return text
    for key, label, possible in fitting(width - 2, offers):
        text.append(key, "bold" if possible else "dim")
        text.append(f" {label}   ", "" if possible else "dim")
    return text


def fitting(width: int, offers: tuple[tuple[str, str, bool], ...]) -> tuple[tuple[str, str, bool], ...]:
    """As many offers as there is room for; the last one, which explains all others, stays."""
    while len(offers) > 1 and sum(cells(f"{key} {label}") + 3 for key, label, _ in offers) - 3 > width:
        offers = (*offers[:-2], offers[-1])
    return offers


def alarm(voice: Voice, stopped: CloudBooksError) -> Text:
    """The red bar: what is wrong with the book, in words, and what to do."""
    text = Text(f" {voice.say(sentence('READ-ONLY'))} [{stopped.code}] ", end="", no_wrap=False)
    text.append_text(voice.text(stopped.message))
    if stopped.hint is not None:
        text.append(" ")
        text.append_text(voice.hint(stopped.hint))
    return text
