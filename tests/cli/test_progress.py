"""Progress of long work: after half a second, on a terminal, with count and rate, and gone when the work ends."""

from __future__ import annotations

import io
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.books.small_book import ICBC, import_lines, small_book

from cloudbooks.books.exporting import export_chain, hledger_journal
from cloudbooks.books.posting import post
from cloudbooks.books.rebuilding import rebuild
from cloudbooks.books.reviewing import decide
from cloudbooks.books.verifying import verify_folder, verify_this_book
from cloudbooks.cli.face import Face, face_of
from cloudbooks.cli.progress import progress

CLEARED = "\r\x1b[K"


class Screen(io.StringIO):
    """Standard error on a terminal."""

    def isatty(self) -> bool:
        """It is one."""
        return True


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Screen:
    """The terminal on which the program tells."""
    shown = Screen()
    monkeypatch.setattr("cloudbooks.cli.progress.sys", SimpleNamespace(stderr=shown))
    return shown


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds on the machine's clock, which the test moves."""
    now = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    return now


def face(**flags: bool) -> Face:
    """A command's face with these flags, in English."""
    return face_of({"lang": "en", **flags}, {}, Path.cwd())


@pytest.mark.usefixtures("catalogues")
def test_long_work_is_told_and_short_work_is_not(screen: Screen, clock: list[float]) -> None:
    """Nothing within half a second; then what, count, total and rate; without a total, the rest; then an empty line."""
    with progress(face()) as tell:
        tell("verify", 0, 400)
        clock[0] += 0.4
        tell("verify", 100, 400)
        assert screen.getvalue() == ""
        clock[0] += 0.6
        tell("verify", 200, 400)
        assert screen.getvalue() == f"{CLEARED}verifying blocks: 200 of 400, 200 a second"
        clock[0] += 0.05
        tell("verify", 300, 400)
        assert "300" not in screen.getvalue()
        clock[0] += 1
        tell("import-read", 0, 0)
        assert "reading" not in screen.getvalue()
        clock[0] += 2
        tell("import-read", 5000, 0)
        assert screen.getvalue().endswith(f"{CLEARED}reading lines: 5000, 2500 a second")
    assert screen.getvalue().endswith(CLEARED)


@pytest.mark.usefixtures("catalogues")
@pytest.mark.parametrize("flags", [{"json": True}, {"quiet": True}, {"jsonl": True}, {"csv": True}], ids=str)
def test_scripts_and_quiet_ones_are_told_nothing(screen: Screen, clock: list[float], flags: dict[str, bool]) -> None:
    """With -q, --json, --jsonl and --csv standard error stays empty."""
    with progress(face(**flags)) as tell:
        clock[0] += 5
        tell("verify", 1, 2)
    assert screen.getvalue() == ""


def test_every_long_work_tells_of_its_steps(tmp_path: Path) -> None:
    """Rebuild, verify, export and the journal: from the first to the last, of as many as there are."""
    desk = small_book(tmp_path)
    import_lines(desk, [("2026-10-03", "STAPLES", f"order {number}", "-3.00") for number in range(3)])
    decide(desk, 1, [1, 2, 3], "5602")
    post(desk, (), everything=True)
    told: list[tuple[str, int, int]] = []

    def tell(what: str, done: int, total: int) -> None:
        told.append((what, done, total))

    def steps() -> list[tuple[str, int, int]]:
        found = told[:]
        told.clear()
        return found

    blocks = verify_this_book(desk, progress=tell).verdict.blocks
    assert blocks >= 2
    assert steps() == [("verify", number + 1, blocks) for number in range(blocks)]
    rebuild(desk, tell)
    assert steps() == [("rebuild", number + 1, blocks) for number in range(blocks)]
    export_chain(desk, tmp_path / "chain", tell)
    works = ("export-search", "export-batches", "export-blocks")
    assert steps() == [(what, number, blocks) for what in works for number in range(blocks)]
    verify_folder(tmp_path / "chain", progress=tell)
    assert steps() == [("verify", number + 1, 0) for number in range(blocks)]
    plain = list(hledger_journal(desk))
    assert list(hledger_journal(desk, tell)) == plain
    assert steps() == [("journal", number, 4) for number in range(4)]
    assert ICBC in "\n".join(plain)
