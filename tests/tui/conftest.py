"""Books for the screens: the demo of each language, made once, and copies to write in."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest
from tests.tui.driving import desk_at

from cloudbooks.books import drafting
from cloudbooks.books.demo import demo
from cloudbooks.books.desk import Desk


def made(folder: Path, *, zh: bool) -> Desk:
    """The demo with two drafts, in a folder."""
    desk = desk_at(folder / "none", folder / "state")
    made = demo(desk, folder / "demo", zh=zh)
    desk = desk_at(made.book, folder / "state")
    words = ("复印纸", "出租车费") if zh else ("Copy paper", "Taxi")
    drafting.add(desk, date(2026, 10, 20), words[0], "5602", "320.00", "1002.01")
    drafting.add(desk, date(2026, 10, 23), words[1], "5602", "84.00", "1001")
    return desk


@pytest.fixture(scope="session")
def english(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """An English book of three months, for tests that only read."""
    return made(tmp_path_factory.mktemp("english"), zh=False)


@pytest.fixture(scope="session")
def chinese(tmp_path_factory: pytest.TempPathFactory, catalogues: None) -> Desk:
    """A Chinese book of three months, for tests that only read."""
    del catalogues
    return made(tmp_path_factory.mktemp("chinese"), zh=True)


@pytest.fixture
def desk(english: Desk, tmp_path: Path) -> Desk:
    """A copy of the English book, for tests that write."""
    shutil.copytree(english.state, tmp_path / "state")
    shutil.copy(english.book, tmp_path / "demo.cbk")
    return desk_at(tmp_path / "demo.cbk", tmp_path / "state")
