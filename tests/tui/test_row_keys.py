"""The keys about rows on the screens that are read, and that no key does nothing in silence."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest
from tests.tui.driving import Hands, drive

from cloudbooks.books import drafting
from cloudbooks.books.desk import Desk
from cloudbooks.core.draft import DraftState
from cloudbooks.tui import frame, keys
from cloudbooks.tui.keys import Context
from cloudbooks.tui.screens import counts


def test_next_and_previous_go_to_what_needs_somebody(desk: Desk) -> None:
    """`n` and `p` on the journal find the drafts that are not ready; without one they say so."""
    draft = drafting.add(desk, date(2026, 10, 12), "Not sure", "5602", "9.00", "1001")
    drafting.keep(desk, replace(draft, state=DraftState.PROPOSED), over=draft, continuing=0)

    async def look(hands: Hands) -> None:
        await hands.press("2", "n")
        assert "~ shows them" in hands.lines[-1]
        await hands.press("tilde", "home", "n")
        assert "Not sure" in cursor(hands)
        await hands.press("end", "p")
        assert "D-" in cursor(hands)
        await hands.press("home", "p")
        assert "No row above needs you." in hands.lines[-1]
        await hands.press("1", "end", "n")
        assert "needs you" in hands.lines[-1]

    drive(desk, look)


def cursor(hands: Hands) -> str:
    """The line that the cursor stands on."""
    return next(line for line in hands.lines if line.startswith(">"))


def test_counts_of_a_column_are_of_all_rows(english: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """`#` asks which column, then counts its values in all rows of the list; a bound is said."""

    async def look(hands: Hands) -> None:
        await hands.press("2", "right_curly_bracket", "number_sign")
        assert "Counts of which column?" in hands.text
        await hands.type("summary")
        await hands.press("enter")
        assert hands.on == "CountsPage"
        assert "Counts of Summary" in hands.lines[0]
        lines = re.findall(r"^[> ] +(\S+) +(\d+) +[\d.]+ %", hands.text, re.MULTILINE)
        found = {words: int(count) for words, count in lines}
        assert sum(found.values()) == int(re.findall(r"in (\d+) rows", hands.lines[0])[0])
        assert list(found.values()) == sorted(found.values(), reverse=True)
        await hands.press("escape")
        monkeypatch.setattr(counts, "ROWS_MAX", 1)
        monkeypatch.setattr("cloudbooks.core.listing.PAGE", 1)
        await hands.press("3", "number_sign")
        assert "nothing to count" in hands.lines[-1]

    drive(english, look)


def test_rows_are_copied_with_tabs(english: Desk) -> None:
    """`y` copies the row or the marked ones, cells apart by tabs, on every screen that has rows."""

    async def look(hands: Hands) -> None:
        await hands.press("2", "y")
        assert "1 row copied." in hands.lines[-1]
        assert hands.app.clipboard.split("\t")[2] == "记-0001"
        await hands.press("v", "down", "down", "v", "y")
        assert hands.app.clipboard.count("\n") == 2
        for key in "137":
            await hands.press(key, "y")
            assert "copied" in hands.lines[-1]

    drive(english, look)


def test_the_footer_follows_the_cursor(english: Desk) -> None:
    """What the row under the cursor does not allow is dimmed as soon as the cursor is there, and only then."""

    def dimmed(hands: Hands) -> set[str]:
        spans = frame.footer(hands.app.voice, 80, hands.app._offered).spans
        plain = frame.footer(hands.app.voice, 80, hands.app._offered).plain
        return {plain[span.start : span.end].strip() for span in spans if str(span.style) == "dim"}

    async def look(hands: Hands) -> None:
        await hands.press("2")
        assert "correct" not in dimmed(hands)
        await hands.press("tilde", "n")
        assert "correct" in dimmed(hands)
        await hands.press("home")
        assert "correct" not in dimmed(hands)
        await hands.press("3", "down", "enter")
        assert dimmed(hands) == set()

    drive(english, look)


SILENT = {
    *("screen", "next", "previous", "quit", "screen-reader"),
    # These show themselves: another page, a dialog, a field, other rows.
    *("jump", "command", "palette", "filter", "help", "language", "theme", "verify", "close", "post", "log", "add"),
}
"""Actions that cannot be silent, or whose whole effect is another page."""

STARTS = {"Home", "Journal", "Accounts", "Reports", "Chain"}


@pytest.mark.parametrize("number", ["1", "2", "3", "7", "9"])
def test_no_action_does_nothing_in_silence(desk: Desk, number: str) -> None:
    """Each action of the table either changes what stands on the terminal, or says why it does not."""
    silent: list[str] = []

    async def look(hands: Hands) -> None:
        await hands.press(number)
        for binding in keys.BINDINGS:
            if binding.context is Context.CELL or binding.id in SILENT:
                continue
            for step in range(len(binding.keys)):
                hands.app.said = ""
                hands.app.draw_frame()
                await hands.settle()
                before, settled = hands.text, hands.app.number
                await hands.app.act(binding.id, step)
                await hands.settle()
                if hands.text == before and not hands.app.said:
                    silent.append(f"{binding.id}/{step}")
                while len(hands.app.screen_stack) > 1:
                    hands.app.pop_screen()
                    await hands.settle()
                if hands.app.number != settled or hands.on not in STARTS:
                    await hands.app.switch(number)
                    await hands.settle()

    drive(desk, look)
    assert silent == []
