"""The voucher grid on screen: habits of blind typists, look-up, and that nothing typed is ever lost."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.books.small_book import small_book
from tests.tui.driving import Hands, drive
from textual import events

from cloudbooks.books import drafting, undoing, vouchers
from cloudbooks.books.desk import Desk
from cloudbooks.core.draft import Draft, DraftState
from cloudbooks.system.locale import locale
from cloudbooks.tui.app import Start
from cloudbooks.tui.keymap import Keymap
from cloudbooks.tui.screens.voucher.lookup import Lookup
from cloudbooks.tui.screens.voucher.page import VoucherPage
from cloudbooks.tui.showing import Voice


@pytest.fixture
def books(tmp_path: Path) -> Desk:
    """An empty Chinese book."""
    return small_book(tmp_path, zh=True)


def chinese() -> Start:
    """Screens in Chinese with the keys of Kingdee."""
    return Start(Voice(locale("zh")), keymap=Keymap.of("kingdee", {}), screen="2", poll=False)


def grid(hands: Hands) -> VoucherPage:
    """The voucher that is shown."""
    page = hands.page
    assert isinstance(page, VoucherPage)
    assert page.grid is not None
    return page


def only(desk: Desk) -> Draft:
    """The one draft of a book."""
    (draft,) = drafting.drafts(desk)
    return draft


def test_a_voucher_is_typed_blind(books: Desk, catalogues: None) -> None:
    """Full-width digits, a computation, `//`, `=`, Space: and the voucher is ready."""
    del catalogues

    async def script(hands: Hands) -> None:
        await hands.press("a")
        assert "记账凭证" in hands.text
        await hands.type("收 Acme 货款")
        await hands.press("enter")
        await hands.type("１００２．０１")
        await hands.press("enter")
        await hands.type("１００００＊１．１３")
        await hands.press("enter")
        assert "11,300.00" in hands.text
        await hands.type("／／")
        await hands.press("enter")
        await hands.type("zyywsr")
        assert "5001 主营业务收入" in hands.text
        await hands.press("enter")
        await hands.type("10000")
        await hands.press("space")
        assert grid(hands).grid.sheet.line.credit  # type: ignore[union-attr] # grid() has made sure
        await hands.press("enter", "enter")
        await hands.type("2221")
        await hands.press("enter")
        await hands.type("＝")
        assert "平" in hands.lines[-2]
        await hands.press("f2")
        assert "待记账" in hands.lines[-1]

    drive(books, script, start=chinese())
    draft = only(books)
    assert draft.state is DraftState.READY
    assert [line.amount for line in draft.lines] == [1130000, -1000000, -130000]
    assert [line.text for line in draft.lines] == ["", "", ""]


def test_what_is_typed_is_kept_at_once_as_one_operation(books: Desk) -> None:
    """A draft stands after the first letter, follows every change, is undone as one; an untouched voucher is none."""

    async def script(hands: Hands) -> None:
        await hands.press("a", "escape")
        assert drafting.drafts(books) == ()
        await hands.press("a")
        await hands.type("T")
        assert only(books).summary == "T"
        await hands.type("axi")
        await hands.press("enter")
        await hands.type("1001")
        await hands.press("enter")
        await hands.type("84")
        draft = only(books)
        assert (draft.summary, draft.state, draft.lines[0].amount) == ("Taxi", DraftState.INCOMPLETE, 8400)
        await hands.press("escape")
        assert not isinstance(hands.page, VoucherPage)
        assert only(books) == draft
        await hands.press("u")
        assert drafting.drafts(books) == ()

    drive(books, script, start=replace(chinese(), voice=Voice()))
    undoing.redo(books)
    assert only(books).summary == "Taxi"


def test_what_does_not_balance_is_kept_and_never_ready(books: Desk) -> None:
    """F2 says what lacks and stays; the difference stands below; Ctrl+Z takes back cell by cell."""

    async def script(hands: Hands) -> None:
        await hands.press("a")
        for text in ("rent", "1002.01", "300", "", "5602", "", "200"):
            await hands.type(text)
            await hands.press("enter")
        assert "Dr 300.00 - Cr 200.00 = 100.00" in hands.text
        await hands.press("f2")
        assert isinstance(hands.page, VoucherPage)
        assert "D-1 is kept as a draft: debit and credit differ by 100.00 CNY." in hands.text
        assert only(books).state is DraftState.INCOMPLETE
        await hands.press("shift+tab")
        await hands.type("300")
        await hands.press("enter")
        assert "balanced" in hands.text
        await hands.press("ctrl+z")
        assert "= 100.00" in hands.text
        assert drafting.drafts(books)[0].lines[1].amount == -20000

    drive(books, script, start=replace(chinese(), voice=Voice()))


def test_rows_are_inserted_removed_and_the_next_voucher_begun(books: Desk) -> None:
    """Insert and Ctrl+Delete; F12 saves and begins the next, on the same day."""

    async def script(hands: Hands) -> None:
        await hands.press("a", "up")
        await hands.type("2026-10-05")
        await hands.press("enter", "enter")
        for text in ("rent", "1002.01", "300", "", "5602", "", "300"):
            await hands.type(text)
            await hands.press("enter")
        await hands.press("up", "insert")
        sheet = grid(hands).grid.sheet  # type: ignore[union-attr] # grid() has made sure
        assert len(sheet.rows) == 4
        await hands.press("ctrl+delete")
        await hands.press("f12")
        assert "D-1 is ready; here begins the next." in hands.text
        assert "New voucher   2026-10-05" in hands.text
        await hands.type("second")
        await hands.press("escape")

    drive(books, script, start=replace(chinese(), voice=Voice()))
    first, second = drafting.drafts(books)
    assert (first.state, len(first.lines)) == (DraftState.READY, 2)
    assert (second.summary, str(second.date)) == ("second", "2026-10-05")


def test_the_look_up_narrows_and_is_left(books: Desk) -> None:
    """F7 opens it with what was typed, arrows move, Esc leaves the cell as it was, Enter goes on to the amount."""

    async def script(hands: Hands) -> None:
        await hands.press("a")
        await hands.type("rent")
        await hands.press("enter")
        await hands.type("yin")
        await hands.press("enter")
        assert isinstance(hands.app.screen, Lookup)
        assert "0 个科目" in hands.text or "No account fits" in hands.text
        await hands.press("escape")
        assert grid(hands).grid.text == "yin"  # type: ignore[union-attr] # grid() has made sure
        await hands.press("f7")
        for _ in range(3):
            await hands.press("backspace")
        await hands.type("1002")
        await hands.press("down", "enter")
        await hands.type("5")
        await hands.press("escape")

    drive(books, script, start=replace(chinese(), voice=Voice()))
    (line,) = only(books).lines
    assert (line.account != "", line.amount) == (True, 500)


def test_pasted_lines_are_never_enter(books: Desk) -> None:
    """A pasted text with line breaks and tabs stays in its cell; hostile characters are shown as codes."""

    async def script(hands: Hands) -> None:
        await hands.press("a")
        page = grid(hands)
        assert page.grid is not None
        page.grid.post_message(events.Paste("first\nsecond\t[/red] \x1b[31mred\x1b[0m \u202egnp"))
        await hands.settle()
        await hands.press("enter")
        assert "\x1b" not in hands.text
        assert "\u202e" not in hands.text
        await hands.press("escape")

    drive(books, script, start=replace(chinese(), voice=Voice()))
    assert only(books).summary == "first second [/red] \x1b[31mred\x1b[0m \u202egnp"


def test_what_another_program_changed_is_not_overwritten_unseen(books: Desk) -> None:
    """The draft that is typed was changed elsewhere: it is asked whose stays, and what was typed is not lost."""
    drafting.add(books, books.today, "taxi", "5602", "84", "1001")

    async def script(hands: Hands) -> None:
        hands.app.with_drafts = True
        await hands.press("r", "end", "e")
        assert isinstance(hands.page, VoucherPage)
        await hands.press("up", "up", "down")
        drafting.edit(books, 1, drafting.DraftChange(summary="theirs"))
        await hands.type("mine")
        assert "D-1 was changed since it was read. F2 keeps what stands here" in hands.text
        assert only(books).summary == "theirs"
        await hands.press("escape", "escape")
        assert "mine" in hands.text
        await hands.press("f2")

    drive(books, script, start=replace(chinese(), voice=Voice()))
    assert only(books).summary == "mine"


def test_what_another_program_changed_is_shown_where_nothing_is_typed(books: Desk) -> None:
    """A draft that is open and was changed elsewhere stands there as it is now; the cursor stays in its cell."""
    drafting.add(books, books.today, "taxi", "5602", "84", "1001")

    async def script(hands: Hands) -> None:
        hands.app.with_drafts = True
        await hands.press("r", "end", "e", "down")
        assert grid(hands).grid.sheet.row == 1  # type: ignore[union-attr] # grid() has made sure
        drafting.edit(books, 1, drafting.DraftChange(summary="theirs"))
        await hands.app.polled()
        await hands.settle()
        assert "theirs" in hands.text
        assert "D-1 was changed by another program" in hands.text
        assert grid(hands).grid.sheet.row == 1  # type: ignore[union-attr] # grid() has made sure
        await hands.type("mine")
        await hands.press("escape")

    drive(books, script, start=replace(chinese(), voice=Voice()))
    assert (only(books).summary, only(books).lines[1].text) == ("theirs", "mine")


def test_a_draft_that_another_program_discarded_is_not_lost(books: Desk) -> None:
    """What is typed into a draft that is gone meanwhile stays on the screen, and F2 keeps it as a new one."""
    drafting.add(books, books.today, "taxi", "5602", "84", "1001")

    async def script(hands: Hands) -> None:
        hands.app.with_drafts = True
        await hands.press("r", "end", "e")
        await hands.type("mine")
        drafting.discard(books, [1])
        await hands.type("!")
        assert "there is no draft D-1." in hands.text
        assert "F2 keeps what stands here as a new draft" in hands.text
        assert "mine!" in hands.text
        await hands.press("f2")

    drive(books, script, start=replace(chinese(), voice=Voice()))
    assert (only(books).number, only(books).summary, only(books).state) == (2, "mine!", DraftState.READY)


def test_the_look_up_takes_no_word_that_was_typed_elsewhere(books: Desk) -> None:
    """F7 out of a summary or an amount keeps what was typed there, and looks for an account from the beginning."""

    async def script(hands: Hands) -> None:
        await hands.press("a")
        await hands.type("rent")
        await hands.press("f7")
        assert isinstance(hands.app.screen, Lookup)
        await hands.type("5602")
        await hands.press("enter")
        await hands.type("300")
        await hands.press("f7")
        await hands.type("1001")
        await hands.press("enter", "escape")

    drive(books, script, start=replace(chinese(), voice=Voice()))
    draft = only(books)
    with books.open() as book:
        code = vouchers.facts_in(book, books).names.chart[draft.lines[0].account].code
    assert (draft.summary, code, draft.lines[0].amount) == ("rent", "1001", 30000)


def test_an_entry_is_copied_and_an_unknown_one_changes_nothing(books: Desk) -> None:
    """F8 asks for a voucher number; what is none is refused over the voucher."""

    async def script(hands: Hands) -> None:
        await hands.press("a")
        await hands.type("first")
        await hands.press("f8")
        await hands.type("2026-10/记-99")
        await hands.press("enter")
        await hands.settle()
        assert "error[" in hands.text
        await hands.press("escape")
        assert "first" in hands.text
        await hands.press("f8")
        await hands.type("2026-10/记-1")
        await hands.press("enter")
        await hands.settle()
        assert "120,000.00" in hands.text
        assert "(about 记-0002)" in hands.text
        await hands.press("f2")

    drive(books, script, start=replace(chinese(), voice=Voice()))
    assert (only(books).state, len(only(books).lines)) == (DraftState.READY, 3)


def test_every_row_is_in_sight_and_the_summary_above_stands_in_an_empty_cell(books: Desk) -> None:
    """A draft that is opened in its last row shows its first one too; what an empty summary will take stands there."""
    drafting.add(books, books.today, "taxi", "5602", "84", "1001")

    async def script(hands: Hands) -> None:
        hands.app.with_drafts = True
        await hands.app.voucher(1, split=True)
        await hands.settle()
        assert hands.lines[3].startswith("   1 taxi")
        assert hands.lines[5].startswith(">  3 taxi")
        await hands.press("insert", "x")
        assert hands.lines[5].startswith(">  3 x ")
        await hands.press("escape")

    drive(books, script, start=replace(chinese(), voice=Voice()))


def test_an_empty_voucher_has_its_number_already(books: Desk) -> None:
    """The number that a new voucher would get stands in its head before anything is typed."""

    async def script(hands: Hands) -> None:
        await hands.press("a")
        assert "（预 记-0002）" in hands.text
        await hands.press("escape")

    drive(books, script, start=chinese())


def test_the_cursor_of_the_terminal_follows_the_caret(books: Desk) -> None:
    """An input method draws its candidates where the caret is: after two wide characters four cells further."""

    async def script(hands: Hands) -> None:
        await hands.press("a")
        before = hands.app.cursor_position
        await hands.type("货款")
        assert hands.app.cursor_position.x == before.x + 4
        assert hands.app.cursor_position.y == before.y == 3

    drive(books, script, start=chinese())


def test_the_help_of_a_voucher_names_its_own_keys(books: Desk) -> None:
    """F1 in a cell shows what the cells understand and the grid's keys, and no letter, which would be text there."""

    async def script(hands: Hands) -> None:
        await hands.press("2", "a", "f1")
        for words in ("= takes the difference", "// takes the first row's", "F7 ", "F12 ", "Ins "):
            assert words in hands.text
        assert "v           range" not in hands.text
        await hands.press("f1")
        assert "All keys" in hands.text

    drive(books, script)
