"""Screen 4 with its answers, screen 5 with its batch, screen 8 with its rules: few starts, many looks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.books.small_book import LINES, RULES, import_lines, small_book
from tests.tui.driving import Hands, drive

from cloudbooks.books import drafting, reviewing, ruling
from cloudbooks.books.desk import Desk
from cloudbooks.core.draft import DraftState
from cloudbooks.tui.app import Start
from cloudbooks.tui.question import Dialog
from cloudbooks.tui.screens.importing.review import Review
from cloudbooks.tui.screens.post import Post
from cloudbooks.tui.screens.rules import Rules
from cloudbooks.tui.screens.voucher.page import VoucherPage

HOSTILE = (
    *(
        "[/]",
        "[/red]",
        "[bold]x",
        "[link=http://a]x",
        "\x9b31m",
        "\u202egnp",
        "\u200bx",
        "\u2028x",
        "a" + "\u0301" * 200,
    ),
    *("{party}", ":smile:", "@click=app.quit", "\u2066x", "%s%n", "=1+1", "'; DROP TABLE draft; --", "\ufeffx"),
)


@pytest.fixture
def books(tmp_path: Path) -> Desk:
    """A book with a statement of each of two accounts."""
    desk = small_book(tmp_path, rules=RULES)
    import_lines(desk, LINES)
    import_lines(desk, [("2026-10-06", "ICBC", "transfer", "5000.00")], account="1002.02", name="cmb-10.csv")
    return desk


async def press(hands: Hands, *keys: str) -> None:
    """Press keys, and wait for what they asked for and what that asked for in its turn."""
    for key in keys:
        await hands.press(key)
        await hands.settle()
        await hands.settle()


def lines(desk: Desk, number: int = 1) -> list[reviewing.ReviewLine]:
    """The lines of a statement as they stand."""
    with desk.open() as book:
        return reviewing.lines_in(book, number, 1, 1000)


def test_every_line_shows_its_fate_and_takes_every_answer(books: Desk) -> None:
    """Yes and back, choose, transfer with its pair, ignore and take up, why, repeat, range, groups: all undone by u."""
    begun = lines(books)

    async def script(hands: Hands) -> None:
        await press(hands, "4")
        assert isinstance(hands.page, Review)
        assert "cmb-10.csv, 1002.02" in hands.lines[0]
        await press(hands, "escape", "down", "enter")
        assert "icbc-10.csv, 1002.01" in hands.lines[0]
        assert "4 to decide, 1 sure, 0 seen" in hands.lines[0]
        assert re.match(r"  10-03 STAPLES order .* -300.00 \+ draft +5602", hands.lines[2])
        assert hands.lines[3].startswith("> 10-05 CMB transfer")

        await press(hands, "m")
        assert "comes with its own command" in hands.lines[-1]
        await press(hands, "space")
        assert "No account is proposed" in hands.lines[-1]
        await press(hands, "x")
        assert "1002.02 CMB" in hands.text
        assert "5602" not in hands.text.split("Account")[1].split("Enter")[0]
        await press(hands, "enter")
        assert "Paired with 1 line" in hands.lines[-1]
        assert "⇄ pair" in hands.lines[3]
        assert hands.lines[4].startswith(">")

        await press(hands, "v", "down", "i")
        await hands.type("private")
        await press(hands, "enter")
        assert hands.text.count("ignored") == 3
        await press(hands, "up", "up", "space")
        assert "Taken up again" in hands.lines[-1]
        await press(hands, "up", "w")
        assert isinstance(hands.app.screen, Dialog)
        assert "2026-10-05,COFFEE,flat white" in hands.text
        assert "No rule of today takes it." in hands.text
        await press(hands, "escape", "e")
        await hands.type("5602")
        await press(hands, "enter")
        assert "Booked to 5602" in hands.lines[-1]
        await press(hands, ".")
        assert lines(books)[4].others[0].code == "5602"
        await press(hands, "g")
        assert len([line for line in hands.lines if "COFFEE" in line]) == 2
        await press(hands, "g", "home", "space")
        assert "✓ ready" in hands.lines[2]
        await press(hands, "home", "space")
        assert "+ draft" in hands.lines[2]
        await press(hands, *["u"] * 7)
        assert lines(books) == begun

    drive(books, script)


def test_a_line_without_a_word_makes_no_rule_and_the_list_stays(tmp_path: Path) -> None:
    """`R` on a line of which the bank says nothing is refused in a dialog; no rule is written."""
    desk = small_book(tmp_path)
    import_lines(desk, [("2026-10-31", "", "", "-150.00"), LINES[2]])

    async def script(hands: Hands) -> None:
        await press(hands, "4")
        assert "to decide" in hands.lines[2]
        await press(hands, "e")
        await hands.type("5603")
        await press(hands, "enter", "home", "R")
        assert "error[rule-from-no-line]" in hands.text
        assert "the bank says nothing" in hands.text
        await press(hands, "escape")
        assert "COFFEE" in hands.text

    drive(desk, script)
    assert not (tmp_path / "rules.yaml").exists()


def test_a_line_becomes_a_voucher_and_is_split(books: Desk) -> None:
    """`a` opens the line's draft, `s` with a new row; saved, the line is ready and the next one is under the cursor."""

    async def script(hands: Hands) -> None:
        await press(hands, "4", "escape", "down", "enter")
        await press(hands, "end", "s")
        assert isinstance(hands.page, VoucherPage)
        await hands.type("2221")
        await press(hands, "enter", "enter")
        await hands.type("3000")
        await press(hands, "up", "shift+tab", "shift+tab")
        await press(hands, "shift+tab", "tab", "f7")
        await hands.type("5001")
        await press(hands, "enter")
        await hands.type("25000")
        await press(hands, "enter", "f2")
        assert isinstance(hands.page, Review), hands.text

    drive(books, script)
    line = lines(books)[4]
    assert line.draft is not None
    assert [part.amount for part in line.draft.lines] == [2800000, -2500000, -300000]
    assert line.draft.state is DraftState.READY
    assert line.draft.lines[0].settles


def test_the_batch_is_posted_after_one_question(books: Desk) -> None:
    """Take in, hold back, P from another screen, early keys dropped, the result stays until a key."""

    async def script(hands: Hands) -> None:
        await press(hands, "5")
        assert isinstance(hands.page, Post)
        assert "0 to post, 6 left" in hands.lines[0]
        assert hands.app.label("post")
        await press(hands, "P")
        assert "Post 3 records without an entry?" in hands.text
        await press(hands, "escape", "home", "space")
        assert "1 to post, 5 left" in hands.lines[0]
        await press(hands, "tab", "space")
        await hands.type("until friday")
        await press(hands, "enter")
        assert "0 to post, 6 left" in hands.lines[0]
        assert drafting.draft(books, 1).reason == "until friday"
        await press(hands, "home", "space")
        assert "1 to post" in hands.lines[0]
        await press(hands, "2", "P")
        assert "Post 1 entry, 300.00 CNY, as block 1?" in hands.text
        assert "记-0002" in hands.text
        await press(hands, "enter")
        assert "Posted 1 entry, 2026-10/记-0002" in hands.text
        await press(hands, "up")
        assert "Posted 1 entry" in hands.text
        await press(hands, "escape")
        assert "Posted 1 entry" not in hands.text

    drive(books, script)
    assert sorted(draft.number for draft in drafting.drafts(books)) == [2, 3, 4, 5, 6]


def test_rules_are_linted_and_tried_while_they_are_typed(books: Desk) -> None:
    """A fault with line and column, what lines would say, F2 saves what can be read, and quitting asks."""

    async def script(hands: Hands) -> None:
        await press(hands, "8")
        assert isinstance(hands.page, Rules)
        assert "1 rule, no finding." in hands.text
        assert "1 of the newest 6 lines are taken" in hands.text
        await press(hands, "e")
        for _ in range(3):
            await hands.pilot.press("down")
        await hands.pilot.press("home")
        for _ in range(4):
            await hands.pilot.press("right")
        await hands.type("x")
        await hands.pilot.pause(0.5)
        await hands.settle()
        assert "rules.yaml:4:" in hands.text
        assert "not saved" in hands.lines[0]
        await press(hands, "f2")
        assert "rule-syntax" in hands.text
        await press(hands, "escape")
        await hands.pilot.press("backspace")
        await hands.pilot.pause(0.5)
        await hands.settle()
        assert "not saved" not in hands.lines[0]
        await press(hands, "escape", "tab", "down", "down")
        assert "paper" in hands.text

    drive(books, script)
    assert ruling.check(books, None).findings == ()


def test_strangers_words_do_no_harm(tmp_path: Path) -> None:
    """Markup, control bytes, bidi and formulas in party, text and rules: no crash, no control byte on the screen."""
    desk = small_book(tmp_path)
    rows = [(f"2026-10-{1 + place:02}", f'"{text}"', f'"{text}"', "-1.00") for place, text in enumerate(HOSTILE)]
    import_lines(desk, [(day, party, text, amount) for day, party, text, amount in rows if "\"'" not in party])

    async def script(hands: Hands) -> None:
        clean(hands)
        await press(hands, "*", "e", "enter", "escape", "home")
        for _ in range(4):
            await press(hands, "R")
            clean(hands)
            await press(hands, "enter", "escape", "down", "down", "down", "w")
            clean(hands)
            await press(hands, "escape", "4", "enter")
        await press(hands, "a")
        clean(hands)
        await press(hands, "escape")
        for screen in ("5", "8", "4", "2"):
            await press(hands, screen)
            clean(hands)

    drive(desk, script, start=Start(screen="4", poll=False))
    assert len(ruling.check(desk, None).rules.rules) >= 1


def clean(hands: Hands) -> None:
    """No control byte but line ends, and nothing that turns or hides text."""
    for line in hands.lines:
        assert line.isprintable(), ascii(line)
