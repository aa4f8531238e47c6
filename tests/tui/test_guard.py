"""What is not expected: bugs, passphrases, long reading, and leaving while something goes on."""

from __future__ import annotations

import threading
import time
from datetime import date
from pathlib import Path

import pytest
from tests.tui.driving import Hands, desk_at, drive

from cloudbooks.books import drafting, inspecting
from cloudbooks.books.browsing import Browser
from cloudbooks.books.desk import Desk
from cloudbooks.books.founding import Founding, found
from cloudbooks.core.period import Month
from cloudbooks.store.place import BookMissing
from cloudbooks.tui.beginning import Start
from cloudbooks.tui.busy import Busy
from cloudbooks.tui.page import Page
from cloudbooks.tui.screens.journal import Journal

ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"


@pytest.fixture
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where logs of bugs go."""
    monkeypatch.setenv("CLOUDBOOKS_HOME", str(tmp_path / "home"))
    return tmp_path / "home" / "logs"


def test_a_bug_is_a_page_with_its_log_and_the_screens_go_on(
    english: Desk, logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In an answer, an operation or a key: code, sentence, the path of the log, no traceback; then work goes on."""

    def broken(*_: object) -> None:
        raise ZeroDivisionError("12,345.67")

    async def look(hands: Hands) -> None:
        hands.bugs_wanted = True
        await hands.press("2")
        hands.page.ask("broken", broken, lambda _: None)
        await hands.settle()
        assert "error[bug]" in hands.text
        assert "(ZeroDivisionError)" in hands.text
        assert "Traceback" not in hands.text
        assert "Report it" in hands.text
        await hands.press("r", "y")
        assert "error[bug]" in hands.text
        assert "error[bug]" in hands.app.clipboard
        await hands.press("1")
        hands.page.do(broken)
        await hands.settle()
        assert "error[bug]" in hands.text
        await hands.press("escape")
        assert "Net by month" in hands.text
        monkeypatch.setattr(Journal, "act_copy", broken)
        await hands.press("2", "3", "2")
        hands.page.no_trouble("broken")
        await hands.press("y")
        assert "error[bug]" in hands.text
        await hands.press("escape", "3")
        assert hands.on == "Accounts"

    drive(english, look)
    kept = list(logs.glob("bug-*.log"))
    assert len(kept) >= 3
    assert all("ZeroDivisionError" in file.read_text(encoding="utf-8") for file in kept)


def test_leaving_does_not_wait_for_what_is_read(english: Desk) -> None:
    """Reading without end, in each reader and beside them, is broken off when the screens are left."""
    ended = threading.Event()

    def endless(browser: Browser) -> object:
        return browser.book.connection.execute(ENDLESS).fetchone()

    def long(_desk: Desk, goes_on: object) -> None:
        assert callable(goes_on)
        while goes_on():
            time.sleep(0.01)
        ended.set()

    async def look(hands: Hands) -> None:
        hands.page.ask("endless", endless, lambda _: None)
        hands.page.ask("endless-count", endless, lambda _: None, slow=True)

        async def beside() -> None:
            await hands.app.clerk.long(long)

        hands.app.run_worker(beside(), group="long")
        await hands.pilot.pause()

    before = time.monotonic()
    drive(english, look)
    assert time.monotonic() - before < 20
    assert ended.wait(20)


def test_only_the_answer_that_nobody_waits_for_is_broken_off(english: Desk) -> None:
    """A newer question of the same name ends the older one; a question of another page is left alone."""

    async def look(hands: Hands) -> None:
        heard: list[str] = []

        def endless(browser: Browser) -> str:
            browser.book.connection.execute(ENDLESS).fetchone()
            return "never"

        hands.page.ask("same", endless, heard.append)
        await hands.pilot.pause()
        hands.app.clerk.interrupt((hands.page, "another"))
        hands.page.ask("same", lambda _: "second", heard.append)
        await hands.settle()
        assert heard == ["second"]

    drive(english, look)


def test_long_reading_is_shown_and_stopped_by_escape(english: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mark and the seconds stand in the first line, old rows stay; Esc stops it, says so, and `r` reads again."""
    waited = 0.0

    async def look(hands: Hands) -> None:
        nonlocal waited
        await hands.press("2")
        app = hands.app

        def endless(browser: Browser) -> object:
            return browser.book.connection.execute(ENDLESS).fetchone()

        monkeypatch.setattr(Page, "busy_seconds", property(lambda _: waited))
        hands.page.ask("endless", endless, lambda _: None)
        waited = 0.3
        app._tick()
        await hands.pilot.pause()
        assert "reading" in hands.lines[0]
        assert "Esc stops it" not in hands.lines[0]
        assert "记-0003" in hands.text
        assert hands.page.has_class("-busy")
        waited = 3.0
        app._tick()
        await hands.pilot.pause()
        assert "reading, 3 s; Esc stops it" in hands.lines[0]
        await hands.pilot.press("escape")
        await hands.settle()
        waited = 0.0
        app._tick()
        await hands.settle()
        assert "reading changes nothing" in hands.lines[-1]
        assert "error[reading-stopped]" in hands.text
        assert not hands.page.has_class("-busy")
        hands.page.no_trouble("endless")

    drive(english, look)


def test_a_write_that_takes_long_says_that_it_is_not_stopped() -> None:
    """Esc has nothing to stop there, and says why."""
    busy = Busy(writing=4.2, turn=3)
    assert busy.held
    assert not busy.stoppable
    assert str(busy.words()) == "\\ writing, 4 s"
    assert not Busy(reading=2.5, writing=4.2).held
    assert str(Busy(counting=1.5).words()) == "| counting, 1 s"
    assert not Busy(reading=0.1).shown


def test_a_book_that_is_replaced_is_opened_anew(english: Desk, desk: Desk, tmp_path: Path) -> None:
    """Another file under the same name is read from then on; while none can be opened, the old one stays readable."""
    browser = Browser(desk)
    try:
        assert not browser.changed()
        (tmp_path / "other.cbk").write_bytes(english.book.read_bytes())
        desk.book.unlink()
        with pytest.raises(BookMissing):
            browser.changed()
        assert browser.standing().entries == inspecting.status(english).entries
        (tmp_path / "other.cbk").rename(desk.book)
        assert browser.changed()
        assert not browser.changed()
    finally:
        browser.close()


def test_a_key_with_a_passphrase_signs_after_it_was_asked_for_on_the_screen(tmp_path: Path) -> None:
    """Not shown while it is typed; Esc and a wrong one write nothing; the right one is asked for once."""
    desk = desk_at(tmp_path / "acme.cbk", tmp_path / "state")
    found(
        desk,
        Founding(name="Acme", base="CNY", chart="generic", start=Month(2026, 10), member="Lina", zh=False),
        passphrase=b"right one",
    )
    for day in (5, 6):
        drafting.add(desk, date(2026, 10, day), "Paper", "6400", "3.00", "1010")

    async def work(hands: Hands) -> None:
        await hands.press("5", "P")
        await post(hands)
        assert "The passphrase of your key" in hands.text
        await hands.pilot.press("escape")
        await hands.settle()
        assert "error[passphrase-not-given]" in hands.text
        await hands.press("escape")
        for word, told in (("wrong", "error[passphrase-wrong]"), ("right one", "Posted")):
            await hands.press("P")
            await post(hands)
            for character in word:
                await hands.pilot.press("space" if character == " " else character)
            assert word not in hands.text
            await hands.pilot.press("enter")
            await hands.settle()
            assert told in hands.text
            await hands.press("escape")

    drive(desk, work, start=Start(poll=False, asks=True))
    assert inspecting.status(desk).entries == 2


async def post(hands: Hands) -> None:
    """Enter on the question; then the operation waits for a passphrase, and nothing else is to be waited for."""
    await hands.pilot.press("enter")
    for _ in range(100):
        await hands.pilot.pause(0.02)
        if "passphrase" in hands.text:
            return
    raise AssertionError(hands.text)


def test_leaving_while_a_passphrase_is_asked_for_ends(tmp_path: Path) -> None:
    """Nobody answers any more: the thread that waits for the answer ends, and nothing is written."""
    desk = desk_at(tmp_path / "acme.cbk", tmp_path / "state")
    found(
        desk,
        Founding(name="Acme", base="CNY", chart="generic", start=Month(2026, 10), member="Lina", zh=False),
        passphrase=b"right one",
    )
    drafting.add(desk, date(2026, 10, 5), "Paper", "6400", "3.00", "1010")

    async def work(hands: Hands) -> None:
        await hands.press("5", "P")
        await post(hands)

    drive(desk, work, start=Start(poll=False, asks=True))
    assert inspecting.status(desk).entries == 0
