"""Screen 5 where duties are separated: what waits is approved by Space, by another member than its maker."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from tests.books.test_duties import _book
from tests.tui.driving import Hands, drive

from cloudbooks.books import drafting
from cloudbooks.books.desk import Desk
from cloudbooks.core.draft import DraftState


@pytest.fixture
def eves(tmp_path: Path) -> Desk:
    """A book that separates duties, with a draft that Eve made."""
    desk = _book(tmp_path)
    drafting.add(replace(desk, member="Eve"), date(2026, 10, 20), "paper", "5602", "5", "1002.01")
    return desk


def test_space_approves_what_another_made(eves: Desk) -> None:
    """Bob's Space signs it: it moves into the batch, and `u` takes the approval back."""
    bob = replace(eves, member="Bob")

    async def work(hands: Hands) -> None:
        await hands.press("5", "space")
        assert drafting.draft(eves, 1).state is DraftState.READY
        assert len(drafting.draft(eves, 1).approvals) == 1
        await hands.press("u")
        assert drafting.draft(eves, 1).state is DraftState.WAITING

    drive(bob, work)


def test_space_refuses_the_maker(eves: Desk) -> None:
    """Eve's own Space says who may, and changes nothing."""

    async def work(hands: Hands) -> None:
        await hands.press("5", "space")
        assert "another member approves it" in hands.text
        assert drafting.draft(eves, 1).state is DraftState.WAITING

    drive(replace(eves, member="Eve"), work)
