"""Strangers write bank texts, names and errors: nothing of it reaches the terminal as anything but text."""

from __future__ import annotations

import unicodedata
from datetime import date

from tests.tui.driving import Hands, drive

from cloudbooks.books import drafting
from cloudbooks.books.desk import Desk
from cloudbooks.errors import CloudBooksError, Finding, Refusal, sentence
from cloudbooks.tui.choosing import Choice, Chooser
from cloudbooks.tui.notice import Notice
from cloudbooks.tui.table import HouseTable
from cloudbooks.tui.table_layout import Column, amount
from cloudbooks.tui.table_window import Row, Tone

_ESC = "\x1b"
HOSTILE = (
    *(f"{_ESC}[31mred", f"{_ESC}[2J", f"{_ESC}[1;1H", f"{_ESC}]0;title\x07", f"{_ESC}]52;c;aGk=\x07"),
    *(f"{_ESC}]8;;http://x{_ESC}\\link{_ESC}]8;;{_ESC}\\", f"{_ESC}P1$r{_ESC}\\", f"{_ESC}_G{_ESC}\\"),
    *(f"{_ESC}c", f"{_ESC}(0"),
    *("\x9b31m", "\x9b2J", "\x90q\x9c", "\x9d0;t\x9c", "\x85next", "\x84", "\x8d", "\x9f", "\x80", "\x99"),
    *("a\bb\b\bc", "one\rtwo", "one\ntwo", "one\r\ntwo", "a\tb", "\x00nul", "\x07bell", "\x0b", "\x0c", "\x7f"),
    *("\u202edetrever", "\u202aleft", "\u2066iso\u2069", "\u200eltr", "\u200frtl", "\u061carabic"),
    *("zero\u200bwidth", "a\u2060b", "\ufeffbom", "\u00adshy", "\u2028line", "\u2029paragraph", "\U000e0041tag"),
    *("e" + "\u0301" * 200, "\u0301alone", "ก็็็็็็็็", "H̶̢͇a̵c̷k", "\udc80"),
    *("[/]", "[/red]", "[bold]x[/bold]", "[link=http://x]y[/link]"),
    *("[@click=app.quit]z[/]", "[/foo", "a\\[b", "[", "]", "[[["),
    *(":emoji:", ":smile:", "{x}", "{0}", "%s", "$(id)", "👨‍👩‍👧‍👦", "🇨🇳🇨🇳", "ﷺ﷽", "ａｂｃ１２３"),
    *("\ue000private", "\U0010ffff", "\u0378unassigned", "x" * 500, "银" * 300, "_" * 40 + "\u0e33" * 40),
)  # fmt: skip


class Strange(Refusal):
    """An error whose words a stranger wrote."""

    code = "strange"

    def __init__(self, text: str) -> None:
        finding = Finding("strange", text, sentence("{text}", text=text))
        super().__init__(
            sentence("{text}", text=text), hint=sentence("{text}", text=text), place=text, findings=(finding,)
        )


def clean(hands: Hands, what: str) -> None:
    """No control, no hidden character, and every line as wide as the terminal."""
    for line in hands.lines:
        wrong = [one for one in line if unicodedata.category(one) in {"Cc", "Cf", "Co", "Cs", "Zl", "Zp", "Cn"}]
        assert not wrong, f"{what}: {line!r}"


def test_there_are_sixty_of_them() -> None:
    """The strings cover what RELIABILITY.md names, each once."""
    assert len(set(HOSTILE)) == len(HOSTILE) >= 60


def test_no_cell_no_notice_and_no_error_lets_anything_through(english: Desk) -> None:
    """Each string in every kind of widget: the program stays, and shows text."""

    async def look(hands: Hands) -> None:
        await hands.press("2")
        table = hands.page.query_one(HouseTable)
        columns = (Column("a", sentence("Date")), Column("b", sentence("Summary"), grows=True), amount("c", "x"))
        table.change_columns(columns)
        for text in HOSTILE:
            tones = [Row(f"{text}-{tone}", (text, text, text), tone=tone) for tone in Tone]
            table.show_rows(tones)
            await hands.pilot.pause()
            clean(hands, "table")
        notice = hands.page.query(Notice).first()
        for text in HOSTILE:
            hands.app.tell(text)
            notice.show_words(text)
            notice.display = True
            await hands.pilot.pause()
            clean(hands, "notice")
        notice.display = False
        for text in HOSTILE[::4]:
            hands.app.refused(Strange(text))
            await hands.pilot.pause()
            clean(hands, "dialog")
            await hands.press("escape")
        hands.page.show_trouble(Strange(HOSTILE[0]), lambda: None)
        await hands.pilot.pause()
        clean(hands, "trouble")
        choices = [Choice(str(number), text, text, (text,)) for number, text in enumerate(HOSTILE)]
        hands.app.push_screen(Chooser(hands.app.voice, HOSTILE[46], choices))
        await hands.settle()
        for _ in range(len(HOSTILE) // 10):
            await hands.press("pagedown")
            clean(hands, "chooser")

    drive(english, look)


def test_a_book_written_by_strangers_can_be_read(desk: Desk) -> None:
    """Hostile summaries, accounts and parties in a book: every screen shows them as text, and filters find them."""
    taken = 0
    for number, text in enumerate(HOSTILE):
        try:
            drafting.add(desk, date(2026, 10, 1 + number % 28), text, "5602", "1.00", "1001")
            taken += 1
        except CloudBooksError:
            continue

    async def look(hands: Hands) -> None:
        await hands.press("2", "tilde")
        for key in ("home", "pagedown", "pagedown", "pagedown", "pagedown", "end", "enter", "w", "escape"):
            await hands.press(key)
            clean(hands, key)
        for key in ("1", "3", "7", "enter", "9", "5", "4", "8"):
            await hands.press(key)
            clean(hands, key)
        await hands.press("2", "slash")
        await hands.type("[/red]")
        await hands.press("enter")
        clean(hands, "filter")
        assert "[/red]" in hands.lines[0]

    drive(desk, look)
    assert taken > 50
