"""A book of an earlier program on the screens: read as it is, its keys that write closed, until it is migrated."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.golden.books import unpack
from tests.tui.driving import Hands, desk_at, drive

from cloudbooks.books import migrating
from cloudbooks.system.locale import locale
from cloudbooks.tui.app import Start
from cloudbooks.tui.showing import Voice


def test_an_earlier_book_is_read_only_until_it_is_migrated(tmp_path: Path) -> None:
    """The bar says so on every screen, nothing calls the chain bad; migrated in another window, all is open."""
    desk = desk_at(unpack("version-1", tmp_path), tmp_path / "state")

    async def look(hands: Hands) -> None:
        assert "READ-ONLY [book-older] this book has schema version 1" in hands.text
        assert "cloudbooks book migrate" in hands.text
        assert "NOT as posted" not in hands.text
        await hands.press("3")
        assert "READ-ONLY [book-older]" in hands.text
        await hands.press("2", "a")
        assert "The book is read-only [book-older]" in hands.lines[-1]
        await hands.press("9")
        assert "error[book-older]" in hands.text
        await hands.press("V")
        await hands.settle()
        assert "NOT as posted" not in hands.text
        assert "READ-ONLY [book-older]" in hands.text
        assert migrating.migrate(desk).copy is not None
        await hands.press("r")
        await hands.settle()
        assert "READ-ONLY" not in hands.text
        await hands.press("2", "a")
        assert "read-only" not in hands.lines[-1]

    drive(desk, look, start=Start(poll=True))


@pytest.mark.usefixtures("catalogues")
def test_the_bar_speaks_chinese(tmp_path: Path) -> None:
    """What is wrong and what to do stand in the reader's language."""
    desk = desk_at(unpack("version-1", tmp_path), tmp_path / "state")

    async def look(hands: Hands) -> None:
        assert "[book-older]" in hands.text
        assert "本账套的结构版本是 1，本程序对它只读不写。" in hands.text

    drive(desk, look, start=Start(voice=Voice(locale("zh"))))
