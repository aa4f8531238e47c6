"""Screen C: a clean month is closed in few keys, what is in the way is led to, and the last close is taken back."""

from __future__ import annotations

from tests.tui.driving import Hands, drive

from cloudbooks.books import closing, drafting, posting
from cloudbooks.books.desk import Desk
from cloudbooks.core.period import Month
from cloudbooks.store import locks
from cloudbooks.system.locale import locale
from cloudbooks.tui.app import Start
from cloudbooks.tui.showing import Voice


def _clear(desk: Desk) -> Month:
    """Post what is ready and discard the other drafts; gives the first open month."""
    posting.post(desk, [], everything=True)
    drafting.discard(desk, [one.number for one in drafting.drafts(desk)])
    return closing.checklist(desk).month


def _closed(desk: Desk) -> list[str]:
    with desk.open() as book:
        return [str(Month.from_key(row.month)) for row in locks.standing(locks.locks(book))]


def test_a_draft_in_the_month_bars_the_way_and_enter_leads_to_it(desk: Desk) -> None:
    """The cursor stands on the first thing in the way; C itself refuses and names what it is."""
    closing.close(desk, Month(2026, 9), "as far as known")

    async def work(hands: Hands) -> None:
        await hands.press("C")
        assert hands.on == "Close"
        assert "bars" in hands.text
        await hands.press("C")
        assert "period-not-ready" in hands.text or "not ready to be closed" in hands.text
        await hands.press("escape")
        await hands.press("j" if "draft" not in _current(hands) else "home")
        for _ in range(10):
            if "draft" in _current(hands):
                break
            await hands.press("down")
        await hands.press("enter")
        assert hands.on == "VoucherPage"

    drive(desk, work)
    assert _closed(desk) == ["2026-09"]


def _current(hands: Hands) -> str:
    row = hands.page.checks.current  # type: ignore[attr-defined]  # the page of this screen
    return "" if row is None else str(row.cells[1])


def test_a_clean_month_is_closed_and_reopened(desk: Desk) -> None:
    """Closed in at most fourteen keys; the reopen asks for the reason, and takes no period but its own."""
    month = _clear(desk)

    async def work(hands: Hands) -> None:
        await hands.press("C")
        assert f"Close {month}" in hands.text
        await hands.press("C")
        if "which reason" in hands.text:
            await hands.type("as far as known")
        await hands.press("enter")
        assert _closed(desk) == [str(month)]
        assert hands.pressed <= 14
        assert f"Reopen {month}" in hands.text
        for _ in range(20):
            if "Reopen" in _current(hands):
                break
            await hands.press("down")
        await hands.press("enter")
        await hands.type("late invoice")
        await hands.press("enter")
        await hands.type("2020-01")
        await hands.press("enter")
        assert "is meant" in hands.text
        assert _closed(desk) == [str(month)]
        await hands.press(*["backspace"] * 7)
        await hands.type(str(month))
        await hands.press("enter")
        assert _closed(desk) == []

    drive(desk, work)
    assert [row.reopened.reason for row in closing.periods(desk) if row.reopened] == ["late invoice"]


def test_the_list_is_in_the_language_of_the_session(chinese: Desk) -> None:
    """Every word of the checklist is Chinese."""

    async def look(hands: Hands) -> None:
        await hands.press("C")
        assert "结账检查" in hands.text
        assert "完成" in hands.text

    drive(chinese, look, start=Start(voice=Voice(locale("zh")), poll=False))


def test_where_nothing_is_open_the_list_has_no_heading(desk: Desk) -> None:
    """Only the way back is left, under what is so; nothing says that it comes before a close."""
    _clear(desk)
    while closing.periods(desk)[-1].lock is None:
        closing.close(desk, closing.checklist(desk).month, "as far as known")

    async def work(hands: Hands) -> None:
        await hands.press("C")
        assert "Every month that has entries is closed." in hands.text
        assert "Before it is closed" not in hands.text
        assert "Reopen " in _current(hands)

    drive(desk, work)
