"""The screens as a bookkeeper uses them: few starts, many looks."""

from __future__ import annotations

import re
import unicodedata

from tests.tui.driving import Hands, drive
from tests.tui.test_drawing_rules import WALK

from cloudbooks.books import inspecting, undoing
from cloudbooks.books.cosigning import cosign_book
from cloudbooks.books.desk import Desk
from cloudbooks.books.verified_words import verified_lines
from cloudbooks.books.verifying import verify_this_book
from cloudbooks.core.draft import DraftState
from cloudbooks.system.locale import locale
from cloudbooks.tui.app import Start
from cloudbooks.tui.showing import NARROW, Voice
from cloudbooks.tui.table import HouseTable
from cloudbooks.tui.table_page import TablePage


def test_home_leads_to_what_waits(english: Desk) -> None:
    """The first screen counts what waits in the last period with data; Enter leads on, banks lead to registers."""

    async def look(hands: Hands) -> None:
        assert "Qinghe Stationery, Ningbo › Home" in hands.lines[0]
        assert "[ 2026-10 ]" in hands.lines[0]
        assert "2 drafts ready to post" in hands.text
        assert "1 line to decide" in hands.text
        assert "Net by month" in hands.text
        assert "31,868.75" in hands.text
        await hands.press("enter")
        assert hands.app.number == "4"
        await hands.press("1", "tab", "enter")
        assert hands.on == "Register"
        assert "› 1002.01 ICBC main account" in hands.lines[0]
        await hands.press("escape")
        assert "Home" in hands.lines[0]

    drive(english, look)


def test_the_journal_pages_filters_and_opens(english: Desk) -> None:
    """Cursor, filter with chips and counts, zero hits, drafts, period keys, an entry and back: nothing jumps."""

    async def look(hands: Hands) -> None:
        await hands.press("2", "down", "down")
        assert hands.lines[4].startswith("> ▪ 10-06 记-0003")
        assert "16 in all" in hands.lines[0]
        await hands.press("enter")
        assert hands.on == "EntryPage"
        assert "› 2026-10/记-0003" in hands.lines[0]
        assert "Li Na" in hands.text
        assert hands.text.count("558.75") == 4
        await hands.press("escape")
        assert hands.lines[4].startswith("> ▪ 10-06 记-0003")

        await hands.press("slash")
        await hands.type("amt:>5000")
        await hands.press("enter")
        assert "amt:>5000" in hands.lines[0]
        assert "6 of 16" in hands.lines[0]
        await hands.press("slash")
        await hands.type(" acct:1001")
        await hands.press("enter")
        assert "Nothing matches. Without acct:1001: 6." in hands.text
        await hands.press("escape")
        assert "16 in all" in hands.lines[0]

        await hands.press("slash")
        await hands.type("foo:1")
        await hands.press("enter")
        assert 'there is no field "foo:"' in hands.lines[-1]
        await hands.press("escape")
        assert "16 in all" in hands.lines[0]

        await hands.press("tilde")
        assert "19 in all" in hands.lines[0]
        assert re.search(r"✎ 10-20 D-\d+ +Copy paper", hands.text)
        await hands.press("left_square_bracket")
        assert "[ 2026-09 ]" in hands.lines[0]
        await hands.press("right_curly_bracket")
        assert "[ 2026q3 ]" in hands.lines[0]
        await hands.press("end")
        assert "09-30" in hands.lines[-2] or "09-" in hands.text

    drive(english, look)


def test_accounts_are_a_tree_and_a_trial_balance(english: Desk) -> None:
    """Each balance on its side, depth, folding, zero, drafts marked by number, Enter into the register."""

    async def look(hands: Hands) -> None:
        await hands.press("3")
        assert hands.on == "Accounts"
        assert re.search(r"1002\.01 +ICBC main account", hands.text)
        assert re.search(r"Total +nil 0\.00 +135,701\.25 +135,701\.25 +nil 0\.00", hands.text)
        await hands.press("down", "left")
        assert "1002.01" not in hands.text
        assert "▸ Bank deposits" in hands.text
        await hands.press("right", "minus", "minus")
        assert "depth 1" in hands.lines[0]
        assert "1002.01" not in hands.text
        await hands.press("plus")
        await hands.press("z")
        assert "Bad debt" in hands.text or len([line for line in hands.lines if line.strip()]) > 20
        await hands.press("z", "tilde")
        assert re.search(r"5602 .* Dr 75,984\.40 +38,499\.41~ +0\.00 +Dr 114,483\.81~", hands.text)
        assert re.search(r"2202 .* Cr 21,380\.00 +0\.00 +0\.00 +Cr 21,380\.00 ", hands.text)
        await hands.press("tilde", "down", "enter")
        assert hands.on == "Register"
        numbers = [line.split() for line in hands.lines[2:-1] if "记-" in line]
        assert numbers[-1][-2:] == ["Dr", "183,384.09"]

    drive(english, look)


def test_reports_lead_from_a_line_to_its_entry(english: Desk) -> None:
    """A report with its chart, split by month, and from a line into postings and the entry."""

    async def look(hands: Hands) -> None:
        await hands.press("7", "enter")
        assert "Income statement" in hands.lines[1]
        assert "2 drafts left out" in hands.lines[1] or "3 drafts left out" in hands.lines[1]
        assert re.search(r"Net profit +31,868\.75", hands.text)
        await hands.press("right_curly_bracket", "g")
        assert "by month" in hands.lines[0]
        await hands.press("home", "enter")
        assert hands.on == "Register"
        assert "› 5001 Main rev" in hands.lines[0]
        await hands.press("enter")
        assert hands.on == "EntryPage"
        await hands.press("escape", "escape", "escape", "down", "enter")
        assert "Balance sheet" in hands.lines[1]
        await hands.press("end", "enter")
        assert "This line sums others" in hands.lines[-1]

    drive(english, look)


def test_each_number_with_drafts_is_marked_in_reports(english: Desk) -> None:
    """`~` marks the numbers of a report that drafts change, and no others; the file, which has none, says so."""

    async def look(hands: Hands) -> None:
        await hands.press("7", "tilde", "enter")
        assert re.search(r"5602 Administrative expenses +-38,499\.41~", hands.text)
        assert re.search(r"5001 Main revenue +83,250\.00 ", hands.text)
        assert re.search(r"Net profit +31,464\.75~", hands.text)
        await hands.press("E")
        assert "Files hold what is posted" in hands.lines[-1]
        await hands.press("tilde", "minus", "E")
        assert ": report income -p 2026-10 --depth 2 -o income.csv" in hands.text

    drive(english, look)


def test_what_is_typed_half_leaves_the_view_as_it_was(english: Desk) -> None:
    """A filter that the book cannot read is no error while it is typed; Enter says it, and the rows stay."""

    async def look(hands: Hands) -> None:
        await hands.press("2", "slash")
        await hands.type("amt:>abc acct:zz")
        page = hands.page
        assert isinstance(page, TablePage)
        page._preview("amt:>abc acct:zz")
        await hands.settle()
        assert "error[" not in hands.text
        assert "记-0003" in hands.text
        await hands.press("enter")
        assert '"abc" is not an amount' in hands.lines[-1]
        assert "记-0003" in hands.text
        assert "16 in all" in hands.lines[0]

    drive(english, look)


def in_one_line(text: str) -> str:
    """A text without its line breaks and columns."""
    return " ".join(text.split())


def test_the_chain_is_verified_where_one_looks(english: Desk) -> None:
    """V verifies from any screen, the verdict stands in the first line from then on, a block leads to its entries."""

    async def look(hands: Hands) -> None:
        assert "2 blocks, receipt ✓" in hands.lines[0]
        await hands.press("V")
        for line in verified_lines(verify_this_book(english)):
            assert in_one_line(str(line)) in in_one_line(hands.text) or str(line).startswith("head")
        assert "verified ✓" in hands.lines[0]
        assert "post 48 entries" in hands.text
        await hands.press("enter")
        assert hands.on == "Journal"
        assert "batch:1" in hands.lines[0]
        assert "48 of 49" in hands.lines[0]

    drive(english, look)


def test_who_cosigned_stands_beside_the_verdict(desk: Desk) -> None:
    """Nothing where nobody did; then how many witnesses, and up to which block."""

    async def before(hands: Hands) -> None:
        await hands.press("9")
        assert "cosigned" not in hands.text

    async def after(hands: Hands) -> None:
        await hands.press("9")
        assert "1 witness cosigned, up to 2 blocks; your policy judges it" in hands.text
        await hands.press("V")
        assert "witnessed 0 of 2 blocks; 1 key cosigned, and no policy judges it" in in_one_line(hands.text)
        assert "1 witness cosigned" not in hands.text

    drive(desk, before)
    cosign_book(desk, "")
    drive(desk, after)


def test_screens_to_come_say_so(english: Desk) -> None:
    """Documents and books say in one sentence that they come with their commands."""

    async def look(hands: Hands) -> None:
        for key, word in (("6", "Invoices"), ("0", "many books")):
            await hands.press(key)
            assert word in hands.text
            assert "command" in hands.text

    drive(english, look)


def test_drafts_are_accepted_discarded_corrected_and_all_of_it_undone(desk: Desk) -> None:
    """What a key did to drafts is undone by `u`, done again by Ctrl+R; a posted entry is corrected by two drafts."""

    async def work(hands: Hands) -> None:
        await hands.press("2", "c")
        assert inspecting.status(desk).drafts[DraftState.PROPOSED] == 1
        await hands.press("escape")
        assert hands.app.with_drafts
        await hands.press("slash")
        await hands.type("state:ready")
        await hands.press("enter", "end", "d")
        assert "discarded" in hands.lines[-1]
        await hands.press("u")
        assert "Undone" in hands.lines[-1]
        await hands.press("u")
        assert inspecting.status(desk).drafts[DraftState.READY] == 2
        await hands.press("ctrl+r")
        assert inspecting.status(desk).drafts[DraftState.READY] == 3
        await hands.press("escape", "home", "d")
        assert "is posted and does not change" in hands.lines[-1]

    drive(desk, work)
    assert [one.verb for one in undoing.log(desk, 4)] == ["redo", "undo", "undo", "draft discard"]


def test_languages_and_themes_switch_at_once(english: Desk, catalogues: None) -> None:
    """The palette finds 语言 by its initials; every label is Chinese at once, and back again; themes go round."""
    del catalogues

    async def look(hands: Hands) -> None:
        await hands.press("3", "ctrl+p")
        await hands.type("english")
        await hands.press("enter")
        assert "科目名称" in hands.text
        assert "期间" in hands.lines[-1]
        await hands.press("ctrl+p")
        await hands.type("theme")
        await hands.press("enter")
        assert hands.app.theme == "high-contrast"
        await hands.press("ctrl+p")
        await hands.type("yy")
        await hands.press("enter")
        assert "Opening" in hands.text

    drive(english, look)


def test_help_the_command_line_and_jumps(english: Desk) -> None:
    """`?` shows the keys, then all; `:` runs a command on this book; letters jump; what cannot be says why."""

    async def look(hands: Hands) -> None:
        await hands.press("2", "question_mark")
        assert "Keys of this screen" in hands.text
        await hands.press("question_mark")
        assert "All keys" in hands.text
        await hands.press("escape", "m")
        assert "has no meaning on this screen" in hands.lines[-1]
        await hands.press("ctrl+o", "e")
        assert hands.lines[6].startswith(">")
        await hands.press("colon")
        await hands.type("book show")
        await hands.press("enter")
        await hands.settle()
        assert "exit status 0" in hands.lines[0]
        assert "CNY" in hands.text
        await hands.press("escape")
        assert hands.on == "Journal"
        await hands.press("E")
        assert ": entry list -p 2026-10 -o journal.csv" in hands.text
        await hands.press("escape", "6", "escape")

    drive(english, look)


def test_a_small_terminal_asks_for_room(english: Desk) -> None:
    """Below 60 x 18 there is one sentence; at 120 columns details stand beside the list."""

    async def small(hands: Hands) -> None:
        assert "is too small: make it 60 x 18" in hands.text
        await hands.pilot.resize_terminal(120, 36)
        await hands.settle()
        await hands.press("2")
        assert any("│" in line and "Li Na" in line for line in hands.lines)

    drive(english, small, size=(50, 15))


def test_ascii_draws_nothing_else(desk: Desk) -> None:
    """With --ascii every screen and dialog of an English book is ASCII, but for what the book itself says."""

    async def look(hands: Hands) -> None:
        for key in WALK:
            await hands.press(key)
            odd = {character for character in hands.text if ord(character) > 126}
            assert not {one for one in odd if not "\u4e00" <= one <= "\u9fff"}, key

    drive(desk, look, start=Start(voice=Voice(locale("en"), ascii_only=True), poll=False))


def test_a_terminal_without_utf8_gets_ascii_only(english: Desk) -> None:
    """What is no ASCII is shown by its code there, whoever wrote it."""

    async def look(hands: Hands) -> None:
        for key in "12":
            await hands.press(key)
            assert hands.text.isascii()
        assert "\\u8bb0-0003" in hands.text

    drive(english, look, start=Start(voice=Voice(locale("en"), ascii_only=True, utf8=False), poll=False))


def test_signs_of_ambiguous_width_are_said_in_narrow_ones() -> None:
    """Where they take two cells no such sign is left in a row, and Chinese stays as it is."""
    said = Voice(locale("zh"), ascii_only=True, wide=True).say("“房租”—①×2…·│")
    assert said == '"房租"-(1)x2...|'
    assert Voice().say("“房租”") == "“房租”"
    assert all(unicodedata.east_asian_width(chr(one)) != "A" for one in map(ord, said))
    assert {unicodedata.east_asian_width(chr(one)) for one in NARROW} >= {"A"}


def test_every_table_keeps_its_cursor_by_id(desk: Desk) -> None:
    """A draft that comes in before the cursor's row moves the row, never the cursor."""
    from datetime import date  # noqa: PLC0415 - one use

    from cloudbooks.books import drafting  # noqa: PLC0415 - one use

    async def look(hands: Hands) -> None:
        await hands.press("2", "tilde", "down", "down", "down")
        table = hands.page.query_one(HouseTable)
        before = table.current_id
        drafting.add(desk, date(2026, 10, 1), "Early", "5602", "1.00", "1001")
        await hands.app.polled()
        await hands.settle()
        assert "Early" in hands.text
        assert table.current_id == before
        assert "20 in all" in hands.lines[0]

    drive(desk, look)


def test_on_a_wide_terminal_a_report_stands_beside_the_list_at_once(english: Desk) -> None:
    """However quick the answer is, the pane beside the list shows it without another key."""

    async def look(hands: Hands) -> None:
        await hands.press("7")
        assert re.search(r"5001 +Main revenue +83,250\.00", hands.text)

    drive(english, look, size=(120, 36))
