"""The usability scripts: a driver presses keys and counts them; what is typed into fields is not counted."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path

from tests.books.small_book import import_lines, small_book
from tests.tui.driving import Hands, drive

from cloudbooks.books import drafting, inspecting, reviewing, ruling, undoing
from cloudbooks.books.desk import Desk
from cloudbooks.books.posting import post
from cloudbooks.core.draft import DraftState
from cloudbooks.store import working
from cloudbooks.store.operations import NothingToUndo
from cloudbooks.tui.screens.voucher.page import VoucherPage

SHOPS = ("STAPLES", "DIDI", "MEITUAN", "CHINA MOBILE", "STATE GRID", "SF EXPRESS", "LANDLORD", "HOTEL HOME")
KNOWN = """rules:
- {name: paper, when: {party: STAPLES}, then: {account: "5602"}}
- {name: taxi, when: {party: DIDI}, then: {account: "5602"}}
- {name: meals, when: {party: MEITUAN}, then: {account: "5602"}}
- {name: phone, when: {party: CHINA MOBILE}, then: {account: "5602"}}
"""


def counted(desk: Desk) -> tuple[int, int]:
    """How many entries are posted, and how many drafts are left."""
    status = inspecting.status(desk)
    return status.entries, sum(status.drafts.values())


def test_u1_an_entry_of_two_lines(tmp_path: Path) -> None:
    """At most 9 keys from the list to a draft that is ready, and the whole voucher in 80 by 24."""
    desk = small_book(tmp_path)

    async def script(hands: Hands) -> None:
        await hands.press("2")
        before = hands.pressed
        await hands.press("a")
        await hands.type("Sale to Acme")
        await hands.press("enter")
        await hands.type("1002.01")
        await hands.press("enter")
        await hands.type("11300")
        await hands.press("enter", "enter")
        await hands.type("5001")
        await hands.press("enter", "equals_sign")
        assert re.search(r"5001 .*  11300.00 ", hands.text)
        assert "balanced" in hands.text
        assert len(hands.lines) == 24
        await hands.press("f2")
        assert hands.pressed - before == 8  # the goal is 9

    drive(desk, script)
    (made,) = drafting.drafts(desk)
    assert (made.state, made.summary, [line.amount for line in made.lines]) == (
        DraftState.READY, "Sale to Acme", [1130000, -1130000],
    )  # fmt: skip


def test_u2_fifty_lines_of_which_forty_are_suggested(tmp_path: Path) -> None:
    """At most 35 keys from the statement to posted entries."""
    desk = small_book(tmp_path, rules=KNOWN)
    lines = [(f"2026-10-{1 + n % 28:02}", SHOPS[n % 4], f"order {n}", f"-{10 + n}.00") for n in range(40)]
    lines += [(f"2026-10-{1 + n:02}", f"STRANGER {n}", "transfer", f"-{100 + n}.00") for n in range(10)]
    import_lines(desk, sorted(lines))

    async def script(hands: Hands) -> None:
        await hands.press("4")
        assert "10 to decide, 40 sure" in hands.text
        before = hands.pressed
        await hands.press("A", "enter")
        for _ in range(10):
            await hands.press("e")
            await hands.type("5602")
            await hands.press("enter")
        assert "0 to decide, 0 sure" in hands.text
        await hands.press("P", "enter")
        assert hands.pressed - before == 24  # the goal is 35
        assert "Posted 50 entries" in hands.text

    drive(desk, script)
    assert counted(desk) == (51, 0)


def test_u3_fifty_lines_without_history_or_rules(tmp_path: Path) -> None:
    """At most 110 keys by rules made on the way, of which at least six are left behind."""
    desk = small_book(tmp_path)
    lines = [(f"2026-10-{1 + n % 28:02}", SHOPS[n % 8], f"order {n}", f"-{10 + n}.00") for n in range(42)]
    lines += [(f"2026-10-{1 + n:02}", f"STRANGER {n}", "one time", f"-{100 + n}.00") for n in range(8)]
    import_lines(desk, sorted(lines))

    async def script(hands: Hands) -> None:
        await hands.press("4")
        assert "50 to decide, 0 sure" in hands.text
        before = hands.pressed
        await hands.press("g")
        for number in range(8):
            await hands.press("e")
            await hands.type(("5602", "5601")[number % 2])
            await hands.press("enter", "R", "enter")
        for _ in range(8):
            await hands.press("e")
            await hands.type("5603")
            await hands.press("enter")
        assert "0 to decide" in hands.text, hands.text
        await hands.press("A", "enter", "P", "enter")
        assert hands.pressed - before == 53  # the goal is 110

    drive(desk, script)
    assert counted(desk) == (51, 0)
    assert len(ruling.check(desk, None).rules.rules) == 8


def test_u5_the_open_replacement_of_a_posted_entry(desk: Desk) -> None:
    """At most 6 keys from home to the replacement, with the red reversal above it and both linked."""
    entry = ""

    async def script(hands: Hands) -> None:
        nonlocal entry
        before = hands.pressed
        await hands.press("2", "c")
        assert hands.pressed - before == 2  # the goal is 6
        page = hands.page
        assert isinstance(page, VoucherPage)
        assert page.red.display
        assert page.grid is not None
        entry = page.grid.sheet.draft.replaces
        assert entry

    drive(desk, script)
    red, black = (draft for draft in drafting.drafts(desk) if entry in {draft.reverses, draft.replaces})
    assert {red.reverses or red.replaces, black.reverses or black.replaces} == {entry}
    assert bool(red.reverses) != bool(black.reverses)


def test_u10_twenty_operations_and_twenty_undos(tmp_path: Path) -> None:
    """Whatever was answered, typed, held or discarded, `u` as often brings the beginning back, row by row."""
    desk = small_book(tmp_path, rules=KNOWN)
    lines = [(f"2026-10-{1 + n:02}", SHOPS[n % 8], f"order {n}", f"-{10 + n}.00") for n in range(16)]
    import_lines(desk, lines)
    begun = state(desk)
    chance = random.Random(20)
    answers: list[Callable[[int], object]] = [
        lambda place: reviewing.decide(desk, 1, [place], "5603"),
        lambda place: reviewing.ignore(desk, 1, [place], "private"),
        lambda place: reviewing.transfer(desk, 1, [place], "1002.02"),
        lambda place: drafting.add(desk, desk.today, f"taxi {place}", "5602", "84", "1001"),
        lambda place: hold_first(desk, place),
    ]
    for place in range(1, 14):
        chance.choice(answers)(place)

    async def script(hands: Hands) -> None:
        await hands.press("4")
        for keys in (("i", "r", "enter"), ("e", "enter"), ("d",), ("i", "x", "enter")):
            await hands.press(*keys)
        await hands.press("2", "a", "x", "enter", "escape")
        done = [one for one in undoing.log(desk, 100) if one.block is None]
        await hands.press(*["u"] * (len(done) - 1))

    drive(desk, script)
    assert state(desk) == begun
    undoing.undo(desk)
    with desk.open() as book:
        assert working.statements(book) == []


def hold_first(desk: Desk, place: int) -> None:
    """Hold the first draft that there is."""
    drafting.hold(desk, [drafting.drafts(desk)[0].number], f"reason {place}")


def state(desk: Desk) -> object:
    """Everything that an operation can change, but the log of operations."""
    with desk.open() as book:
        lines = [working.lines(book, one.number) for one in working.statements(book)]
        return working.drafts(book), lines, working.pending(book), working.settings(book)


def test_nothing_is_undone_beyond_a_post(desk: Desk) -> None:
    """`u` after a post says what was posted, and changes nothing."""
    post(desk, (), everything=True)
    before = state(desk)

    async def script(hands: Hands) -> None:
        await hands.press("5", "u")
        assert "undo-posted" in hands.text

    drive(desk, script)
    assert state(desk) == before
    assert NothingToUndo.code == "undo-nothing"
