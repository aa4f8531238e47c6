"""Strangers' words on the screens that write: each of them in every cell, list, question and notice."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.books.small_book import import_lines, small_book, statement_file
from tests.tui.driving import Hands, drive
from tests.tui.test_hostile import HOSTILE, clean
from textual import events

from cloudbooks.books import drafting, importing, ruling
from cloudbooks.books.desk import Desk
from cloudbooks.core.account import Account, AccountKind
from cloudbooks.core.chart import Chart
from cloudbooks.core.party import Party
from cloudbooks.core.statement import StatementLine
from cloudbooks.errors import sentence
from cloudbooks.importers.statement_reading import Reading, read_statement
from cloudbooks.tui.app import Start
from cloudbooks.tui.prompt import Prompt
from cloudbooks.tui.question import Dialog
from cloudbooks.tui.screens.voucher.lookup import Lookup
from cloudbooks.tui.screens.voucher.page import VoucherPage
from cloudbooks.tui.screens.voucher.sheet import Line

KEPT = tuple(text for text in HOSTILE if not any("\ud800" <= one <= "\udfff" for one in text))
"""What can be kept: a lone surrogate is no Unicode text, and no file holds it."""


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A book with a statement whose lines say, one by one, what strangers say, in party and text."""
    real = read_statement

    def strange(*given: Any, **named: Any) -> Reading:
        found = real(*given, **named)
        spoken = {
            code: replace(one, lines=tuple(map(_spoken, one.lines, KEPT))) for code, one in found.statements.items()
        }
        return replace(found, statements=spoken)

    def _spoken(line: StatementLine, text: str) -> StatementLine:
        return replace(line, party=text, text=text)

    book = small_book(tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(importing, "read_statement", strange)
        import_lines(book, [(f"2026-10-{1 + n % 28:02}", "P", f"t {n}", "-1.00") for n in range(len(KEPT))])
    return book


def test_every_line_of_a_strange_statement_is_answered(desk: Desk) -> None:
    """Review, groups, why, summary, ignoring, the rules made from lines, the batch and the voucher: text, no more."""

    async def script(hands: Hands) -> None:
        assert f"{len(KEPT)} to decide" in hands.lines[0]
        for _ in range(len(KEPT) // 10):
            await hands.press("pagedown")
            clean(hands, "review")
        await hands.press("g", "home")
        clean(hands, "groups")
        await hands.press("g", "home")
        for _ in range(2):
            await hands.press("end", "*", "e")
            await hands.type("5602")
            await hands.press("enter", "home")
        assert "0 to decide" in hands.lines[0]
        await hands.press("home")
        for text in KEPT:
            await hands.press("w")
            clean(hands, f"why {text!a}")
            await hands.press("escape", "down")
        for place in range(0, len(KEPT), 6):
            hands.send("home", *["down"] * place)
            await hands.settle()
            await hands.press("R")
            clean(hands, "rule")
            await hands.press("enter" if place % 12 else "escape")
            if len(hands.app.screen_stack) > 1:
                clean(hands, "refusal")
                await hands.press("escape")
        await hands.press("home", "a")
        clean(hands, "voucher")
        await hands.press("escape", "5")
        for _ in range(len(KEPT) // 10):
            await hands.press("pagedown")
            clean(hands, "post")
        await hands.press("P")
        clean(hands, "question")
        await hands.press("escape", "8")
        clean(hands, "rules")
        await hands.press("tab")
        for _ in range(len(KEPT)):
            await hands.press("down")
            clean(hands, "trace")

    drive(desk, script, start=Start(screen="4", poll=False))
    assert len(ruling.check(desk, None).rules.rules) >= 2
    assert len(drafting.drafts(desk)) == len(KEPT)


def test_a_voucher_full_of_strange_words(desk: Desk) -> None:
    """Each string pasted into a summary, as account, party and dimension, as what is said and warned."""

    async def script(hands: Hands) -> None:
        await hands.press("a")
        page = hands.page
        assert isinstance(page, VoucherPage)
        grid = page.grid
        assert grid is not None
        for text in HOSTILE:
            account = Account("strange", "6666", text, AccountKind.ASSET, dimensions=(text, "客户"))
            facts = grid.sheet.facts
            chart = Chart([account, *(one for one in facts.names.chart if one.id != "strange")])
            names = facts.names._replace(chart=chart, parties={"p": Party("p", text)})
            line = Line(text, "strange", -100, dimensions=((text, text), ("客户", text)))
            grid.go_to(replace(grid.sheet, facts=replace(facts, names=names), rows=(line, line)))
            grid.post_message(events.Paste(text))
            await hands.pilot.pause()
            clean(hands, f"paste {text!a}")
            for say in (grid.say, grid.warn):
                say(text)
                await hands.pilot.pause()
                clean(hands, f"said {text!a}")
            grid.warn("")

    drive(desk, script, start=Start(screen="2", poll=False))


def test_a_list_full_of_strange_words(desk: Desk) -> None:
    """The list of accounts, with every string as a name."""

    async def script(hands: Hands) -> None:
        chart = Chart(
            Account(str(place), f"{place}{text[:9]}", text, AccountKind.ASSET) for place, text in enumerate(HOSTILE)
        )
        hands.app.push_screen(Lookup(hands.app.voice, chart, (), {f"0{HOSTILE[0][:9]}": HOSTILE}, asked=HOSTILE[0]))
        await hands.settle()
        for _ in range(len(HOSTILE)):
            await hands.press("down")
            clean(hands, "look-up")

    drive(desk, script, start=Start(screen="1", poll=False))


@pytest.mark.parametrize("kind", [Prompt, Dialog])
def test_a_dialog_of_strange_words(desk: Desk, kind: type[Prompt | Dialog]) -> None:
    """A question with its answer, and a dialog, each of every string."""

    async def script(hands: Hands) -> None:
        voice = hands.app.voice
        for text in HOSTILE:
            hands.app.push_screen(
                Prompt(voice, (text,), sentence("import"), value=text)
                if kind is Prompt
                else Dialog(voice, (voice.text(text),), (("escape", text),))
            )
            await hands.pilot.pause()
            assert isinstance(hands.app.screen, kind)
            clean(hands, f"{kind.__name__} {text!a}")
            await hands.press("escape")

    drive(desk, script, start=Start(screen="1", poll=False))


def test_a_file_with_a_strange_name_and_strange_words_is_looked_at(desk: Desk, tmp_path: Path) -> None:
    """The preview and its errors, for files whose names and lines strangers wrote."""
    named = [text for text in KEPT if "/" not in text and "\0" not in text and len(text.encode()) < 200]
    files = []
    for place, text in enumerate(named):
        try:
            file = tmp_path / f"{place}{text}.csv"
            file.write_bytes(statement_file([("2026-10-03", "P", "t", "-1.00")]) if place % 2 else text.encode())
        except OSError:
            continue
        files.append(file)
    lines = [("2026-10-03", text.replace('"', ""), "t", "-1.00") for text in KEPT if text.isprintable()]
    plain = tmp_path / "words.csv"
    plain.write_bytes(statement_file([(day, f'"{party}"', text, sum_) for day, party, text, sum_ in lines]))

    async def script(hands: Hands) -> None:
        from cloudbooks.tui.screens.importing.preview import ImportPreview  # noqa: PLC0415 - only this test's

        for file in [plain, *files]:
            await hands.app.push(ImportPreview(file, lambda _: None))
            await hands.settle()
            clean(hands, f"preview {file.name!a}")
            if type(hands.app.screen).__name__ == "Lookup":
                await hands.press("escape")
            await hands.press("escape")

    drive(desk, script, start=Start(screen="1", poll=False))
    assert len(files) > 40
