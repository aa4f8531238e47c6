"""Keys that are typed faster than a dialog opens: they reach it in their order, and none of them posts or destroys."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from tests.books.small_book import LINES, RULES, import_lines, small_book, statement_file
from tests.tui.driving import Hands, desk_at, drive

from cloudbooks.books import closing, drafting, inspecting, posting
from cloudbooks.books.desk import Desk
from cloudbooks.books.founding import Founding, found
from cloudbooks.core.period import Month
from cloudbooks.errors import sentence
from cloudbooks.system.locale import locale
from cloudbooks.tui import type_ahead
from cloudbooks.tui.app import Start
from cloudbooks.tui.busy import Busy
from cloudbooks.tui.prompt import Prompt
from cloudbooks.tui.question import Dialog, Refused, question
from cloudbooks.tui.screens.importing.preview import ImportPreview
from cloudbooks.tui.showing import Voice


@pytest.fixture
def books(tmp_path: Path) -> Desk:
    """A book with a statement."""
    desk = small_book(tmp_path, rules=RULES)
    import_lines(desk, LINES)
    return desk


async def at_once(hands: Hands, *keys: str) -> None:
    """Send keys without waiting for anything between them; texts of more than a character are typed."""
    for key in keys:
        hands.send(*([key] if key in _NAMED or len(key) == 1 else [" " if one == " " else one for one in key]))
    await hands.settle()


_NAMED = {"enter", "escape", "tab", "down", "home", "ctrl+p", "f2", "f7", "f8"}


def test_a_path_and_an_account_are_typed_at_once(books: Desk, tmp_path: Path) -> None:
    """The file, its account and the import: three dialogs and a preview, and every key where it belongs."""
    file = tmp_path / "icbc-11.csv"
    file.write_bytes(statement_file([("2026-11-03", "STAPLES", "paper", "-12.00")]))

    async def script(hands: Hands) -> None:
        await hands.press("4", "escape")
        await at_once(hands, "a", str(file), "enter", "1002.02", "enter")
        assert isinstance(hands.page, ImportPreview), hands.text
        assert "Enter imports into 1002.02" in hands.text

    drive(books, script)


def test_an_answer_is_typed_behind_its_key(books: Desk) -> None:
    """The reason of a line that is not booked, and the account of the next: no letter of them is a key of the list."""

    async def script(hands: Hands) -> None:
        await hands.press("4")
        await at_once(hands, "i", "private, d u P", "enter", "e", "5603", "enter")
        assert "private, d u P" in hands.text
        assert "Booked to 5603" in hands.text
        await at_once(hands, "u", "u")
        assert "private" not in "\n".join(hands.lines[2:-1])

    drive(books, script)


def test_a_voucher_is_typed_before_its_grid_stands(desk: Desk) -> None:
    """`a` and the whole voucher behind it, in one breath: a draft of two lines."""

    async def script(hands: Hands) -> None:
        await hands.press("2")
        await at_once(hands, "a", "Ada, dup", "enter", "5602", "enter", "12", "enter", "enter", "1001", "enter", "=",
                      "f2")  # fmt: skip
        assert hands.on == "Journal", hands.text

    drive(desk, script)
    draft = drafting.drafts(desk)[-1]
    assert draft.summary == "Ada, dup"
    assert [line.amount for line in draft.lines] == [1200, -1200]


def test_chinese_is_typed_ahead_into_the_palette(chinese: Desk) -> None:
    """The palette takes its word however soon it comes, in Chinese as well."""

    async def script(hands: Hands) -> None:
        await hands.press("2")
        await at_once(hands, "ctrl+p", "科目余额", *["escape"])
        assert hands.on == "Journal"
        await at_once(hands, "ctrl+p", "主题", "enter")
        assert hands.app.theme != "dark"
        assert len(hands.app.screen_stack) == 1

    drive(chinese, script, start=Start(voice=Voice(locale("zh")), poll=False))


def test_an_enter_typed_ahead_posts_nothing(desk: Desk) -> None:
    """P and Enter at once leave the question standing; Enter posts once it can have been read, Esc may come early."""
    before = inspecting.status(desk).entries

    async def script(hands: Hands) -> None:
        await at_once(hands, "2", "P", "enter", "enter", "enter")
        assert isinstance(hands.app.screen, Dialog)
        assert inspecting.status(desk).entries == before
        await hands.press("escape")
        await at_once(hands, "P", "enter", "escape", "2")
        assert hands.on == "Journal"
        assert len(hands.app.screen_stack) == 1
        assert inspecting.status(desk).entries == before
        await hands.press("P", "enter")
        assert "Posted 2 entries" in hands.text

    drive(desk, script)
    assert inspecting.status(desk).entries == before + 2


def test_a_close_typed_ahead_closes_nothing(desk: Desk) -> None:
    """The reason may be typed ahead, its Enter not: what is open stands above it, and is to be read before."""
    posting.post(desk, [], everything=True)
    drafting.discard(desk, [one.number for one in drafting.drafts(desk)])
    while not closing.checklist(desk).open:
        closing.close(desk, closing.checklist(desk).month, "")

    def blocks() -> int:
        return len(inspecting.blocks(desk))

    before = blocks()

    async def script(hands: Hands) -> None:
        await hands.press("C")
        await at_once(hands, "C", "as far as known", "enter")
        assert isinstance(hands.app.screen, Prompt), hands.text
        assert "as far as known" in hands.text
        assert blocks() == before
        await hands.press("enter")
        assert blocks() == before + 1

    drive(desk, script)


def test_a_refusal_is_not_taken_away_unread(desk: Desk) -> None:
    """Keys behind one that is refused do not close what says so."""
    closing.close(desk, Month(2026, 9), "as far as known")

    async def script(hands: Hands) -> None:
        await hands.press("C")
        await at_once(hands, "C", "enter", "escape", "y")
        assert isinstance(hands.app.screen, Refused), hands.text
        await hands.press("escape")
        assert len(hands.app.screen_stack) == 1

    drive(desk, script)


def test_a_passphrase_typed_ahead_is_no_row_of_commands(tmp_path: Path) -> None:
    """Enter on the question, and the passphrase behind it at once: it signs, and no letter of it was an action."""
    desk = desk_at(tmp_path / "acme.cbk", tmp_path / "state")
    founding = Founding(name="Acme", base="CNY", chart="generic", start=Month(2026, 10), member="Lina", zh=False)
    found(desk, founding, passphrase=b"d2aq right one")
    for day in (5, 6):
        drafting.add(desk, date(2026, 10, day), "Paper", "6400", "3.00", "1010")

    async def work(hands: Hands) -> None:
        await hands.press("5", "P")
        await at_once(hands, "enter", "d2aq right one", "enter", "2")
        assert hands.on == "Journal"

    drive(desk, work, start=Start(poll=False, asks=True))
    assert inspecting.status(desk).entries == 2


def test_what_is_answered_under_another_goes_after_it(english: Desk) -> None:
    """A refusal that comes over a dialog whose answer is on its way: it is read, then both go, each with its own."""
    answers: list[tuple[str, bool | None]] = []

    async def script(hands: Hands) -> None:
        voice = hands.app.voice
        lower, upper = (question(voice, (word,), sentence("go on")) for word in ("lower", "upper"))
        hands.app.show_over(lower, lambda answer: answers.append(("lower", answer)))
        await hands.settle()
        hands.app.show_over(upper, lambda answer: answers.append(("upper", answer)))
        await hands.settle()
        lower.answer(answer=True)
        await hands.settle()
        assert hands.app.screen is upper
        await hands.press("escape")
        assert answers == [("upper", False), ("lower", True)]
        assert len(hands.app.screen_stack) == 1
        await hands.press("2")
        assert hands.on == "Journal"

    drive(english, script)


def test_a_way_that_is_lost_holds_up_nobody(english: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A widget that goes away with what was behind a key in its queue: the next keys come all the same."""
    monkeypatch.setattr(type_ahead, "PATIENCE_SECONDS", 0.05)

    async def script(hands: Hands) -> None:
        await hands.press("2")
        table = hands.app.focused
        assert table is not None
        lost, sent = [], table.call_later

        def swallow(callback: Callable[..., object], *words: object) -> bool:
            if callback == hands.app._step:
                lost.append(words)
                return True
            return sent(callback, *words)

        monkeypatch.setattr(table, "call_later", swallow)
        await at_once(hands, "3", "2")
        assert hands.on == "Journal"
        assert lost

    drive(english, script)


def test_esc_stops_what_keys_wait_for(english: Desk) -> None:
    """Where a dialog is long in coming, Esc is not kept for it: reading stops, and what was typed ahead is dropped."""

    async def script(hands: Hands) -> None:
        await hands.press("2")
        hands.page.opening.add("something slow")
        hands.send("3", "4")
        await hands.pilot.pause()
        assert hands.on == "Journal"
        hands.app.busy = Busy(reading=3.0)
        hands.send("escape")
        await hands.settle()
        assert "Stopped" in hands.text
        hands.app.busy = Busy()
        hands.page.opening.clear()
        hands.app.keys_go_on()
        await hands.settle()
        assert hands.on == "Journal"

    drive(english, script)
