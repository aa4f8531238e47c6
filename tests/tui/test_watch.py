"""What happens to the book meanwhile: other programs write it, somebody changes it, an old copy is put back."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from tests.store.posted_book import another_program, without_triggers
from tests.tui.driving import Hands, desk_at, drive

from cloudbooks.books import drafting, inspecting, posting
from cloudbooks.books.browsing import Browser
from cloudbooks.books.desk import Desk
from cloudbooks.store import sqlite
from cloudbooks.tui.app import Start
from cloudbooks.tui.frame import Alarm
from cloudbooks.tui.table import HouseTable


def changed_summary(book: Path) -> None:
    """Change the words of one posted entry, byte for byte, as another program would."""
    data = book.read_bytes()
    assert data.count("办公用品".encode()) > 0
    book.write_bytes(data.replace("办公用品".encode(), "办公甩品".encode()))


def test_one_changed_byte_is_a_red_bar_and_names_the_entry(desk: Desk) -> None:
    """A small book is verified at the start: the bar stands on every screen, and leads to the entry."""
    changed_summary(desk.book)

    async def look(hands: Hands) -> None:
        assert "READ-ONLY [chain-broken]" in hands.text
        assert "block 1: entry 2026-08/记-0004 differs from what was posted (summary)." in " ".join(hands.text.split())
        for key in "237":
            await hands.press(key)
            assert "READ-ONLY" in hands.text
        await hands.press("9")
        assert "NOT as posted" in hands.text
        await hands.press("enter")
        assert hands.on == "EntryPage"
        assert "办公" in hands.text
        for key in ("c", "a", "u", "P"):
            await hands.press("2", key)
            assert "The book is read-only [chain-broken]" in hands.lines[-1]
        hands.page.do(lambda desk: drafting.discard(desk, [1]))
        await hands.settle()
        assert "error[chain-broken]" in hands.text
        await hands.press("escape")
        hands.app.query_one(Alarm).focus()
        await hands.press("enter")
        assert hands.on == "EntryPage"
        assert "2026-08/记-0004" in hands.lines[0]

    drive(desk, look, start=Start(poll=True))
    assert sum(inspecting.status(desk).drafts.values()) == 3


def test_the_red_bar_says_what_makes_the_book_invalid(desk: Desk) -> None:
    """A checkpoint that is missing too is a finding, and not the reason: the bar names the entry that was changed."""
    with another_program(desk.book) as connection:
        without_triggers(connection, "DELETE FROM checkpoint", "UPDATE entry SET summary = 'a gift' WHERE key = 3")

    async def look(hands: Hands) -> None:
        said = " ".join(hands.text.split())
        assert "READ-ONLY [chain-broken] block 1: entry" in said
        await hands.press("9")
        assert "checkpoint-missing" in hands.text

    drive(desk, look, start=Start(poll=True))


def test_an_old_copy_put_back_is_read_only_from_the_first_screen(desk: Desk, tmp_path: Path) -> None:
    """A book behind its receipt opens, says so on every screen in words, and nothing writes it."""
    shutil.copy(desk.book, tmp_path / "old.cbk")
    posting.post(desk, (), everything=True)
    shutil.copy(tmp_path / "old.cbk", desk.book)

    async def look(hands: Hands) -> None:
        assert "READ-ONLY [book-behind]" in hands.text
        assert "block 2" in hands.text
        await hands.press("2", "tilde", "slash")
        await hands.type("state:ready")
        await hands.press("enter", "d")
        assert "The book is read-only [book-behind]" in hands.lines[-1]
        await hands.press("escape", "1")
        assert "READ-ONLY" in hands.text

    drive(desk, look)


def test_new_blocks_wait_to_be_loaded(desk: Desk) -> None:
    """Another program posts: the view stays, the last line says so, `r` loads what arrived."""

    async def look(hands: Hands) -> None:
        await hands.press("2", "down", "down")
        table = hands.page.query_one(HouseTable)
        before = table.current_id
        posting.post(desk, (), everything=True)
        await hands.app.polled()
        await hands.settle()
        assert "new block" in hands.lines[-1]
        assert "16 in all" in hands.lines[0]
        await hands.press("r")
        assert "18 in all" in hands.lines[0]
        assert table.current_id == before

    drive(desk, look)


def test_a_book_that_another_program_writes_can_be_read(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """While another program holds the book, lists are read; an operation is refused in words and changes nothing."""
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.2)
    drafting.add(desk, date(2026, 10, 2), "Mine", "5602", "1.00", "1001")
    other = sqlite.connect(desk.book)
    other.execute("BEGIN IMMEDIATE")
    try:

        async def look(hands: Hands) -> None:
            await hands.press("2", "tilde")
            assert "Mine" in hands.text
            await hands.press("slash")
            await hands.type("Mine")
            await hands.press("enter", "d")
            assert "error[book-busy]" in hands.text
            await hands.press("escape")
            assert "Mine" in hands.text

        drive(desk, look)
    finally:
        other.execute("ROLLBACK")
        other.close()


def test_an_error_is_never_emptiness(english: Desk, tmp_path: Path) -> None:
    """A book that is gone, or is none, is said with code and hint in the place of every list; r tries again."""
    nothing = desk_at(tmp_path / "none.cbk", english.state)

    async def look(hands: Hands) -> None:
        assert "error[book-missing]" in hands.text
        await hands.press("escape", "2")
        assert "error[book-missing]" in hands.text
        assert "No entries" not in hands.text
        assert "r tries again" in hands.text
        shutil.copy(english.book, tmp_path / "none.cbk")
        await hands.press("r")
        assert "记-0001" in hands.text

    drive(nothing, look)


def test_an_answer_that_was_overtaken_is_dropped(english: Desk) -> None:
    """Of two questions of one name only the later answer counts, and one that waits is not even asked."""

    async def look(hands: Hands) -> None:
        heard: list[str] = []
        asked: list[str] = []

        def question(word: str) -> Callable[[Browser], str]:
            def answer(_: Browser) -> str:
                asked.append(word)
                return word

            return answer

        for word in ("first", "second", "third"):
            hands.page.ask("same", question(word), heard.append)
        await hands.settle()
        assert heard == ["third"]
        assert "second" not in asked

    drive(english, look)
