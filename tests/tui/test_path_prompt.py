"""Tab in the question for a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.books.small_book import small_book, statement_file
from tests.tui.driving import Hands, drive
from textual.widgets import Input

from cloudbooks.books.desk import Desk
from cloudbooks.system.locale import locale
from cloudbooks.tui.app import Start
from cloudbooks.tui.path_prompt import PathPrompt
from cloudbooks.tui.screens.importing.preview import ImportPreview
from cloudbooks.tui.showing import Voice

LINE = statement_file([("2026-11-03", "STAPLES", "paper", "-12.00")])


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder with statements of two banks."""
    home = tmp_path / "lina"
    (home / "statements" / "2026").mkdir(parents=True)
    for name in ("icbc-10.csv", "icbc-11.csv", "cmb\u202e-11.csv"):
        (home / "statements" / name).write_bytes(LINE)
    (home / ".secret").mkdir()
    for number in range(20):
        (home / f"letter-{number:02}.txt").write_text("dear")
    monkeypatch.setenv("HOME", str(home))
    return home


@pytest.fixture
def books(tmp_path: Path) -> Desk:
    """A small book."""
    return small_book(tmp_path)


def typed(hands: Hands) -> str:
    """What stands in the line."""
    assert isinstance(hands.app.screen, PathPrompt)
    return hands.app.screen.query_one(Input).value


def test_tab_goes_on_and_then_around(books: Desk, home: Path) -> None:
    """As far as all agree, then one after the other, Shift+Tab back; a letter begins anew; Enter takes the file."""

    async def script(hands: Hands) -> None:
        await hands.press("4", "a")
        await hands.type("~/st")
        await hands.press("tab")
        assert typed(hands) == "~/statements/"
        await hands.type("i")
        await hands.press("tab")
        assert typed(hands) == "~/statements/icbc-1"
        assert "  icbc-10.csv" in hands.text
        assert "  icbc-11.csv" in hands.text
        await hands.press("tab", "tab")
        assert typed(hands) == "~/statements/icbc-11.csv"
        assert "> icbc-11.csv" in hands.text
        await hands.press("tab")
        assert typed(hands) == "~/statements/icbc-10.csv"
        await hands.press("shift+tab")
        assert typed(hands) == "~/statements/icbc-11.csv"
        await hands.press("enter")
        assert isinstance(hands.page, ImportPreview)
        assert hands.page.path == home / "statements" / "icbc-11.csv"

    drive(books, script)


def test_what_cannot_be_seen_is_shown_and_meant(books: Desk, home: Path) -> None:
    """A name with a hidden sign is completed as its code, and the file behind it is the one that is read."""

    async def script(hands: Hands) -> None:
        await hands.press("4", "a")
        await hands.type("~/statements/c")
        await hands.press("tab")
        assert typed(hands) == "~/statements/cmb\\u202E-11.csv"
        await hands.press("enter")
        assert isinstance(hands.page, ImportPreview)
        assert hands.page.path == home / "statements" / "cmb\u202e-11.csv"
        assert "2 rows, UTF-8" in hands.text

    drive(books, script)


def test_a_long_folder_shows_some_and_counts_the_rest(books: Desk, home: Path) -> None:
    """Eight names and how many more; hidden ones are not among them until they are asked for; all go around."""
    assert home

    async def script(hands: Hands) -> None:
        await hands.press("4", "a")
        await hands.type("~/")
        await hands.press("tab")
        assert "13 more" in hands.text
        assert ".secret" not in hands.text
        await hands.press("shift+tab")
        assert typed(hands) == "~/statements/"
        assert "> statements/" in hands.text
        await hands.type(".")
        await hands.press("backspace", "backspace", *["backspace"] * len("statements"))
        await hands.type(".")
        await hands.press("tab")
        assert typed(hands) == "~/.secret/"

    drive(books, script)


def test_what_is_not_there_is_said(books: Desk, home: Path) -> None:
    """Nothing that begins so, a folder that is none, an empty one: what was typed stays."""
    assert home

    async def script(hands: Hands) -> None:
        await hands.press("4", "a")
        await hands.type("~/x")
        await hands.press("tab")
        assert "Nothing there begins so." in hands.text
        assert typed(hands) == "~/x"
        await hands.type("/y")
        await hands.press("tab")
        assert "That folder cannot be read: No such file or directory." in hands.text
        assert typed(hands) == "~/x/y"
        await hands.press("escape")
        assert len(hands.app.screen_stack) == 1

    drive(books, script)


def test_tab_and_enter_may_come_at_once(books: Desk, home: Path) -> None:
    """Enter behind Tab takes what Tab completes, however fast both come."""

    async def script(hands: Hands) -> None:
        await hands.press("4")
        hands.send("a", *"~/statements/icbc-11", "tab", "enter")
        await hands.settle()
        assert isinstance(hands.page, ImportPreview)
        assert hands.page.path == home / "statements" / "icbc-11.csv"

    drive(books, script)


def test_the_question_speaks_chinese(books: Desk, home: Path, catalogues: None) -> None:
    """Keys and faults in Chinese."""
    del catalogues
    assert home

    async def script(hands: Hands) -> None:
        await hands.press("4", "a")
        assert "Tab 补全" in hands.text
        await hands.type("~/x")
        await hands.press("tab")
        assert "没有以此开头的文件或文件夹。" in hands.text

    drive(books, script, start=Start(voice=Voice(locale("zh")), poll=False))
