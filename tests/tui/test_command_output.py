"""What a command of the `:` line says: whole characters, and no program left behind by whoever leaves its page."""

from __future__ import annotations

import asyncio
import sys

import pytest
from tests.tui.driving import Hands, drive

from cloudbooks.books.desk import Desk
from cloudbooks.tui import command_line
from cloudbooks.tui.command_line import Output, decoded


def test_a_character_that_arrives_in_two_pieces_stays_whole() -> None:
    """Fed byte by byte, Chinese text comes out as it went in; a byte that is none is shown as such."""

    async def said(pieces: list[bytes]) -> str:
        stream = asyncio.StreamReader()
        found = ""

        async def feed() -> None:
            for piece in pieces:
                stream.feed_data(piece)
                await asyncio.sleep(0)
            stream.feed_eof()

        feeding = asyncio.create_task(feed())
        async for some in decoded(stream):
            found += some
        await feeding
        return found

    text = "记-0012 已过账"
    assert asyncio.run(said([bytes([one]) for one in text.encode()])) == text
    assert asyncio.run(said([text.encode()[:-1]])) == text[:-1] + "\ufffd"


def test_a_command_whose_page_is_left_is_ended(english: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The number of the screen leaves every page below it; what still ran there must not hold the book."""
    waiting = "import time; print('ready', flush=True); time.sleep(60)"
    monkeypatch.setattr(command_line, "PROGRAM", (sys.executable, "-c", waiting))

    async def leave(hands: Hands) -> None:
        await hands.press("2", "colon")
        await hands.pilot.press("v", "enter")
        while not (isinstance(page := hands.page, Output) and "ready" in page.said):
            await hands.pilot.pause(0.01)
        process = page.process
        assert process is not None
        await hands.press("2")
        assert hands.on == "Journal"
        assert await asyncio.wait_for(process.wait(), 10) < 0

    drive(english, leave)
