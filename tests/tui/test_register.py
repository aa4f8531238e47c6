"""The register of an account with drafts among its postings."""

from __future__ import annotations

import re
from datetime import date

from tests.tui.driving import Hands, drive

from cloudbooks.books import drafting, undoing
from cloudbooks.books.desk import Desk
from cloudbooks.system.locale import locale
from cloudbooks.tui.app import Start
from cloudbooks.tui.screens.accounts import Accounts
from cloudbooks.tui.showing import Voice


async def register(hands: Hands, account: str) -> None:
    """From anywhere into the register of an account of the demo."""
    await hands.press("3", "slash")
    await hands.type(f"acct:{account}")
    await hands.press("enter")
    assert isinstance(hands.page, Accounts)
    table = hands.page.table
    while table.current is None or table.current.cells[0] != account:
        await hands.press("down")
    await hands.press("enter")
    assert hands.on == "Register"


def rows(hands: Hands) -> list[str]:
    """The rows of the table."""
    return [line for line in hands.lines[2:-1] if re.search(r"记-|D-\d", line)]


def test_drafts_stand_in_the_register_when_asked_for(desk: Desk) -> None:
    """`~` shows the drafts among the postings, marked, each balance from there on marked too; `~` takes them out."""
    drafting.add(desk, date(2026, 10, 6), "Cable", "5602", "100.00", "1002.01")

    async def look(hands: Hands) -> None:
        await register(hands, "1002.01")
        posted = rows(hands)
        assert not any("D-" in line for line in posted)
        assert "~" not in "".join(posted)
        assert "16 in all" in hands.lines[0]
        await hands.press("tilde")
        assert " ~ " in hands.lines[0]
        with_drafts = rows(hands)
        drafted = {name for line in with_drafts for name in re.findall(r"D-\d+", line)}
        assert int(re.findall(r"(\d+) in all", hands.lines[0])[0]) == 16 + len(drafted)
        (cable,) = (place for place, line in enumerate(with_drafts) if "Cable" in line)
        assert "10-06" in with_drafts[cable]
        assert re.search(r"✎ .*D-\d+ +Cable .* -100\.00 +Dr [0-9,.]+~", with_drafts[cable])
        assert "~" not in "".join(with_drafts[:cable])
        assert all("~" in line for line in with_drafts[cable:])
        # What was posted stands in the same order as before.
        names = [re.findall(r"记-\d+", line) for line in posted]
        assert [re.findall(r"记-\d+", line) for line in with_drafts if "记-" in line] == names
        await hands.press("tilde")
        assert rows(hands) == posted

    drive(desk, look, size=(120, 36))


def test_a_draft_in_the_register_is_opened_accepted_and_discarded(desk: Desk) -> None:
    """Enter shows it, e types into it, Space makes it ready, d discards it, u brings it back; c says no."""
    number = drafting.add(desk, date(2026, 10, 31), "Lamp", "5602", "100.00", "1002.01").number

    async def look(hands: Hands) -> None:
        await register(hands, "1002.01")
        await hands.press("tilde", "end")
        assert "Lamp" in rows(hands)[-1]
        await hands.press("c")
        assert f"D-{number} is a draft; e changes it." in hands.text
        await hands.press("space")
        assert "1 ready to post" in hands.text
        await hands.press("enter")
        assert hands.on == "EntryPage"
        assert f"D-{number}" in hands.lines[0]
        await hands.press("escape", "e")
        assert hands.on == "VoucherPage"
        await hands.press("escape")
        assert hands.on == "Register"
        await hands.press("d")
        assert "1 discarded" in hands.text
        assert "Lamp" not in "".join(rows(hands))
        await hands.press("u")
        assert "Lamp" in "".join(rows(hands))
        await hands.press("home", "space")
        assert "is posted and does not change; c corrects it." in hands.text
        await hands.press("n")
        await hands.press("E")
        assert "Files hold what is posted" in hands.text

    drive(desk, look)
    undoing.undo(desk)


def test_a_new_draft_comes_into_the_register_that_is_shown(desk: Desk) -> None:
    """What another program drafts meanwhile is read with the rest: a number never lags behind its rows."""

    async def look(hands: Hands) -> None:
        await register(hands, "1002.01")
        await hands.press("tilde", "end")
        drafting.add(desk, date(2026, 10, 31), "From elsewhere", "5602", "100.00", "1002.01")
        await hands.press("r")
        line = next(line for line in rows(hands) if "From elsewhere" in line)
        assert line.rstrip().endswith("~")

    drive(desk, look)


def test_the_register_with_drafts_speaks_chinese(chinese: Desk) -> None:
    """The same in Chinese, where a balance stands on its side."""

    async def look(hands: Hands) -> None:
        await register(hands, "1002.01")
        await hands.press("tilde")
        line = next(line for line in rows(hands) if "D-" in line)
        assert re.search(r"✎ 10-20 +D-\d+ +复印纸 .* -320\.00 +借 [0-9,.]+~", line)

    drive(chinese, look, start=Start(voice=Voice(locale("zh")), poll=False))
