"""A month's work on a real terminal in Chinese: import, answers, resize, kill -9, restart, post."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.books.small_book import small_book, statement_file

from cloudbooks.books import drafting, inspecting
from cloudbooks.books.desk import Desk
from cloudbooks.core.draft import DraftState

SOURCE = Path(__file__).parents[2] / "src"
SECONDS = 60
HAND = 0.5
"""Seconds that a hand needs to answer a question that it has read; keys pressed before its paint are dropped."""

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux draws the terminal")


class Pane:
    """A terminal of tmux with the screens of a book on it."""

    def __init__(self, folder: Path, server: str) -> None:
        self.folder = folder
        self.server = server

    def tmux(self, *words: str) -> str:
        """One command of tmux."""
        done = subprocess.run(["tmux", "-L", self.server, *words], capture_output=True, text=True, check=True)
        return done.stdout

    def start(self, *, term: str = "xterm-256color") -> None:
        """Start the screens at 80 by 24."""
        names = {"CLOUDBOOKS_HOME": self.folder / "home", "PYTHONPATH": SOURCE, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
        setting = [f"{name}={value}" for name, value in {**names, "TERM": term}.items()]
        program = [sys.executable, "-m", "cloudbooks", "-b", "acme.cbk", "--lang", "zh", "tui"]
        self.tmux(
            *("new-session", "-d", "-x", "80", "-y", "24", "-c", str(self.folder)),
            *("env", *setting, *program),
        )

    @property
    def text(self) -> str:
        """What stands on the terminal."""
        return self.tmux("capture-pane", "-p")

    def wait_for(self, *words: str) -> str:
        """Wait until all words stand on the terminal."""
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            text = self.text
            if all(word in text for word in words):
                return text
            time.sleep(0.1)
        raise AssertionError(f"{words} did not come within {SECONDS} s:\n{self.text}")

    def keys(self, *keys: str) -> None:
        """Press keys, as tmux names them."""
        self.tmux("send-keys", *keys)

    def type(self, text: str) -> None:
        """Type a text."""
        self.tmux("send-keys", "-l", text)

    @property
    def pid(self) -> int:
        """The process of the screens."""
        return int(self.tmux("list-panes", "-F", "#{pane_pid}"))


@contextmanager
def pane(folder: Path) -> Iterator[Pane]:
    """A server of tmux of its own, which ends with the test."""
    opened = Pane(folder, f"cloudbooks-{os.getpid()}-{folder.name[-6:]}")
    try:
        yield opened
    finally:
        subprocess.run(["tmux", "-L", opened.server, "kill-server"], capture_output=True, check=False)


@pytest.fixture
def desk(tmp_path: Path, catalogues: None) -> Desk:
    """An empty Chinese book with rules, and a bank's file beside it."""
    del catalogues
    rules = 'rules:\n- name: 办公\n  when: {party: 得力集团}\n  then: {account: "5602"}\n'
    made = small_book(tmp_path, zh=True, rules=rules)
    lines = [(f"2026-10-{1 + n:02}", "得力集团", f"办公用品 {n}", f"-{10 + n}.00") for n in range(20)]
    lines += [("2026-10-25", "陈立", "往来款", "3000.00")]
    (tmp_path / "工行10月.csv").write_bytes(statement_file(lines))
    return made


def test_a_month_from_import_to_post_survives_kill_9(  # noqa: PLR0915 - a month is one story, told in its order
    desk: Desk, tmp_path: Path
) -> None:
    """What was typed before kill -9 stands after a restart; the month is imported, answered and posted in Chinese."""
    with pane(tmp_path) as screen:
        screen.start()
        screen.wait_for("首页")
        screen.keys("4", "a")
        screen.wait_for("导入哪个文件")
        screen.type(str(tmp_path / "工行10月.csv"))
        screen.keys("Enter")
        screen.wait_for("导入哪个科目")
        screen.type("1002.01")
        screen.wait_for("> 1002.01")
        screen.keys("Enter")
        screen.wait_for("得力集团 办公用品 0", "回车导入 1002.01", "有把握 20")
        screen.keys("Enter")
        screen.wait_for("待定 1，有把握 20")

        screen.keys("2", "a")
        screen.wait_for("新记账凭证")
        screen.type("付房租")
        screen.keys("Enter")
        screen.type("5602")
        screen.keys("Enter")
        screen.type("9000")
        screen.wait_for("借 9,000.00 - 贷 0.00 = 9,000.00", "D-22")
        kept(desk, 22, "付房租", 900000)
        os.kill(screen.pid, signal.SIGKILL)
        gone(screen)

        screen.start()
        screen.wait_for("首页")
        screen.keys("5")
        screen.wait_for("未纳入 22")
        screen.keys("End")
        screen.wait_for("> D-22", "付房租")
        screen.tmux("resize-window", "-x", "120", "-y", "36")
        screen.keys("4")
        screen.wait_for("待定 1，有把握 20", "陈立")
        screen.keys("e")
        screen.wait_for("科目：编码、名称或拼音首字母")
        screen.type("qtysk")
        screen.wait_for("> 1221 其他应收款")
        screen.keys("Enter")
        screen.wait_for("待定 0，有把握 20")
        screen.keys("A")
        screen.wait_for("确认 20 行有把握的流水？")
        time.sleep(HAND)
        screen.keys("Enter")
        screen.wait_for("待定 0，有把握 0")
        screen.keys("P")
        screen.wait_for("记账 21 张凭证", "成为第 1 区块？")
        time.sleep(HAND)
        screen.keys("Enter")
        screen.wait_for("已记账 21 张", "链头")
        screen.keys("Escape", "q")
        gone(screen)
    status = inspecting.status(desk)
    assert (status.entries, status.drafts) == (22, {DraftState.INCOMPLETE: 1})


def kept(desk: Desk, number: int, summary: str, amount: int) -> None:
    """Wait until the draft says what was typed: the terminal shows it a moment before the disk has it."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        draft = drafting.draft(desk, number)
        if draft.summary == summary and [line.amount for line in draft.lines] == [amount]:
            return
        time.sleep(0.1)
    raise AssertionError(str(drafting.draft(desk, number)))


def gone(screen: Pane) -> None:
    """Wait until the program has left its terminal."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        done = subprocess.run(["tmux", "-L", screen.server, "has-session"], capture_output=True, check=False)
        if done.returncode:
            return
        time.sleep(0.1)
    raise AssertionError(screen.text)


def test_a_mono_terminal_draws_in_ascii(desk: Desk, tmp_path: Path) -> None:
    """TERM=dumb: no colour, ASCII borders, and the words are there."""
    assert inspecting.status(desk).entries == 1
    with pane(tmp_path) as screen:
        screen.start(term="dumb")
        screen.wait_for("首页")
        screen.keys("5")
        text = screen.wait_for("+-")
        assert "╭" not in text
        assert "│" not in text
        screen.keys("q")
        gone(screen)
