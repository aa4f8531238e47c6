"""A file before it is imported: its first lines, what the import knows of them, how far it is, and how it is ended."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest
from tests.books.small_book import CMB, ICBC, import_lines, small_book, statement_file
from tests.tui.driving import Hands, drive

from cloudbooks.books import importing, previewing, undoing
from cloudbooks.books.demo import STATEMENT
from cloudbooks.books.desk import Desk
from cloudbooks.books.importing import Imported, ImportRequest
from cloudbooks.core.statement import Fate
from cloudbooks.importers.options import Options
from cloudbooks.store import working

RULES = 'rules:\n- name: paper\n  when: {party: STAPLES}\n  then: {account: "5602"}\n'
LINES = [
    ("2026-10-03", "STAPLES", "order 0042", "-300.00"),
    ("2026-10-05", "COFFEE", "flat white", "-28.00"),
    ("2026-10-05", "COFFEE", "flat white", "-28.00"),
]
MANY = 3_000


@pytest.fixture
def books(tmp_path: Path) -> Desk:
    """A book with one statement."""
    desk = small_book(tmp_path, rules=RULES)
    import_lines(desk, LINES[:2])
    return desk


def file_of(folder: Path, lines: list[tuple[str, str, str, str]], name: str = "more.csv") -> Path:
    """A bank's file on disk."""
    file = folder / name
    file.write_bytes(statement_file(lines))
    return file


def statements(desk: Desk) -> list[working.StagedStatement]:
    """The statements of a book."""
    with desk.open() as book:
        return working.statements(book)


def asked(hands: Hands) -> str:
    """The name of the dialog's class."""
    return type(hands.app.screen).__name__


async def name(hands: Hands, file: Path) -> None:
    """From the list of statements to the preview of a file."""
    await hands.press("a")
    await hands.type(str(file))
    await hands.press("enter")
    await hands.settle()


def test_the_first_lines_say_what_the_import_knows_of_them(books: Desk, tmp_path: Path) -> None:
    """The account is asked, and may be another; each line shows its fate, target and reason."""
    file = file_of(tmp_path, [*LINES, ("2026-10-20", "STAPLES", "order 7", "-12.00")])

    async def script(hands: Hands) -> None:
        await hands.press("4", "escape")
        await name(hands, file)
        assert asked(hands) == "Lookup"
        assert "5 rows. Into which account?" in hands.text
        await hands.press("enter")
        assert hands.on == "ImportPreview"
        assert "Enter imports into 1002.01 ICBC" in hands.text
        assert "4 lines, 2026-10-03 to 2026-10-20" in hands.text
        assert "Of these: new 1, seen 2, twins 1" in hands.text
        assert [line for line in hands.lines if "order 7" in line and "+ draft" in line and "rule paper" in line]
        assert [line for line in hands.lines if "order 0042" in line and "imported before" in line]
        assert len(statements(books)) == 1
        await hands.press("e")
        assert asked(hands) == "Lookup"
        await hands.type(CMB)
        await hands.press("enter")
        assert "Enter imports into 1002.02 CMB" in hands.text
        assert "new 3, seen 0, twins 1" in hands.text
        await hands.press("enter")
        assert hands.on == "Review"
        assert "new 3, seen 0, twins 1" in hands.lines[-1]
        await hands.press("escape")
        assert hands.on == "Statements"

    drive(books, script)
    assert [one.lines for one in statements(books)] == [2, 4]
    undoing.undo(books)
    assert len(statements(books)) == 1


def test_the_account_that_files_of_a_layout_always_went_into_is_known(english: Desk, tmp_path: Path) -> None:
    """The same file of a known bank again: no question, and every line was imported before."""
    file = tmp_path / STATEMENT
    file.write_bytes((files("cloudbooks.packs") / "demo" / STATEMENT).read_bytes())

    async def script(hands: Hands) -> None:
        await hands.press("4", "escape")
        await name(hands, file)
        assert hands.on == "ImportPreview"
        assert "Enter imports into 1002.01 ICBC main account" in hands.text
        assert re.search(r"new 0, seen [1-9]", hands.text)

    drive(english, script)


def test_what_is_wrong_with_a_file_stands_in_the_pane(books: Desk, tmp_path: Path) -> None:
    """A missing file, one that is none of a bank, an empty one: code, sentence and hint, never an empty list."""
    (tmp_path / "picture.csv").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    (tmp_path / "empty.csv").write_bytes(b"")

    async def script(hands: Hands) -> None:
        await hands.press("4", "escape")
        for file, said in (("none.csv", "there is no such file."), ("picture.csv", "PNG"), ("empty.csv", "error[")):
            await name(hands, tmp_path / file)
            assert hands.on == "ImportPreview"
            assert "error[" in hands.text
            assert said in hands.text
            assert "r tries again" in hands.text
            await hands.press("enter")
            assert "This file was not read" in hands.lines[-1]
            await hands.press("escape")
            assert hands.on == "Statements"
        await name(hands, tmp_path / "late.csv")
        file_of(tmp_path, LINES, "late.csv")
        await hands.press("r", "escape")
        assert "flat white" in hands.text

    drive(books, script)


def test_a_doubt_is_asked_and_stays_where_it_is_not_answered(books: Desk, tmp_path: Path) -> None:
    """Days that two orders fit: the question stands over the page, Esc leaves the error there, an order reads it."""
    file = tmp_path / "days.csv"
    file.write_text("Date,Payee,Amount\n03/04/2026,SHOP,-5.00\n04/05/2026,SHOP,-6.00\n", encoding="utf-8")

    async def script(hands: Hands) -> None:
        await hands.press("4", "escape")
        await name(hands, file)
        assert asked(hands) == "Prompt"
        await hands.press("escape")
        assert "error[date-ambiguous]" in hands.text
        await hands.press("r")
        for answer in ("dmy", "Amount"):
            await hands.type(answer)
            await hands.press("enter")
            await hands.settle()
        assert asked(hands) == "Lookup"
        await hands.press("escape")
        assert "04-03 SHOP" in hands.text
        assert "Enter asks into which account" in hands.text
        await hands.press("enter")
        assert asked(hands) == "Lookup"

    drive(books, script)


def test_of_a_long_file_only_the_beginning_is_taken_apart(books: Desk, tmp_path: Path) -> None:
    """Two hundred lines are shown, all rows are counted, and as much is read of a file ten times as long."""
    read = []
    for times in (1, 10):
        lines = [("2026-10-03", "SHOP", f"order {number}", "-1.00") for number in range(times * MANY)]
        file = file_of(tmp_path, lines, f"long-{times}.csv")
        with books.open() as book:
            preview = previewing.preview_in(book, file, Options(name=file.name))
            account = next(one.id for one in preview.chart if one.code == ICBC)
            shown = previewing.lines_in(book, books, preview, account)
        assert (len(shown), preview.rows, preview.whole) == (previewing.LINES_SHOWN, times * MANY + 1, False)
        assert {line.staged.fate for line in shown} == {Fate.NEW}
        read.append(preview.reading.lines)
    assert read[0] == read[1] < MANY


def test_what_only_a_later_row_tells_is_read_to_the_end(books: Desk, tmp_path: Path) -> None:
    """The order of the days is told by the last row of a long file."""
    rows = [f"03/04/2026,SHOP {number},-5.00" for number in range(MANY)]
    file = tmp_path / "days.csv"
    file.write_text("\n".join(["Date,Payee,Amount", *rows, "25/04/2026,SHOP,-6.00"]), encoding="utf-8")
    with books.open() as book:
        preview = previewing.preview_in(book, file, Options(name=file.name, amount_column="Amount"))
    assert preview.whole
    assert (preview.rows, preview.sniffed.first.isoformat()) == (MANY + 2, "2026-04-03")


class Gate:
    """An import that waits at its first lines until it may go on."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.open = threading.Event()
        self.real = importing.import_statement

    def __call__(self, desk: Desk, request: ImportRequest, *, progress: Callable[[int, int | None], None]) -> Imported:
        """The import itself, held at its first lines."""

        def held(done: int, total: int | None) -> None:
            if done and not self.reached.is_set():
                progress(done, total)
                self.reached.set()
                assert self.open.wait(60)
            progress(done, total)

        return self.real(desk, request, progress=held)


@pytest.mark.parametrize("stop", [True, False])
def test_a_long_import_shows_how_far_it_is_and_can_be_ended(
    books: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, stop: bool
) -> None:
    """Lines and lines a second stand on the page while it imports; Esc ends it, and then nothing was written."""
    file = file_of(tmp_path, [("2026-10-03", "SHOP", f"order {number}", "-1.00") for number in range(MANY)])
    gate = Gate()
    monkeypatch.setattr(importing, "import_statement", gate)

    async def script(hands: Hands) -> None:
        await hands.press("4", "escape")
        await name(hands, file)
        await hands.press("enter")
        await hands.pilot.press("enter")
        while not gate.reached.is_set():
            await hands.pilot.pause(0.05)
        await hands.pilot.pause(0.3)
        assert "500 lines read," in hands.text
        assert "a second. Esc stops it." in hands.text
        if stop:
            await hands.pilot.press("escape")
        gate.open.set()
        await hands.settle()
        if stop:
            assert hands.on == "ImportPreview"
            assert "Stopped. 500 lines were read, nothing was written." in hands.lines[-1]
        else:
            assert hands.on == "Review"
            assert f"new {MANY}" in hands.lines[-1]

    drive(books, script)
    assert [one.lines for one in statements(books)] == ([2] if stop else [2, MANY])


def test_a_statement_is_withdrawn_after_a_question(books: Desk) -> None:
    """`d` asks, Enter withdraws, `u` brings it back."""

    async def script(hands: Hands) -> None:
        await hands.press("4", "escape", "d")
        assert "Withdraw S-1 (icbc-10.csv)?" in hands.text
        await hands.press("enter")
        assert "withdrawn" in hands.text
        assert statements(books)[0].state == "withdrawn"
        await hands.press("u")

    drive(books, script)
    assert statements(books)[0].state == "staged"
