"""A bug that ends the screens: the terminal is as it was, one sentence, the log's path, exit 70."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from tests.cli.conftest import REPOSITORY, Run
from tests.cli.terminal import terminal

BROKEN = """
from cloudbooks.tui.screens.home import Home
def broken(self, event):
    raise ZeroDivisionError("12,345.67")
Home.on_resize = broken
"""


def test_a_crash_restores_the_terminal_and_says_where_its_log_is(run: Run, tmp_path: Path) -> None:
    """No traceback with amounts on the terminal; the alternate screen is left, and the cursor is shown again."""
    run("init", "acme", "--base", "CNY", "--chart", "generic", "--as", "Lina", "--no-passphrase")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "sitecustomize.py").write_text(BROKEN, encoding="utf-8")
    environment = {"LANG": "C.UTF-8", "TERM": "dumb", "PYTHONPATH": f"{tmp_path / 'broken'}:{REPOSITORY / 'src'}"}
    with terminal("tui", environment=environment) as shown:
        status = shown.finish()
        end = shown.screen.rpartition("\x1b[?1049l")[2]
        assert status == 70
        assert "error[bug]: CloudBooks has a bug here (ZeroDivisionError); the log is " in end.replace("\n", " ")
        assert "Traceback" not in shown.screen
        assert "12,345.67" not in shown.screen
        assert "\x1b[?25h" in shown.screen
    logs = (Path(os.environ["CLOUDBOOKS_HOME"]) / "logs").glob("bug-*.log")
    assert any("command: tui" in log.read_text(encoding="utf-8") for log in logs)


@pytest.mark.parametrize(("kind", "status"), [(signal.SIGINT, 0), (signal.SIGTERM, 143)])
def test_screens_that_are_told_to_end_restore_the_terminal(run: Run, kind: signal.Signals, status: int) -> None:
    """By another program, as at the end of a session: the alternate screen is left, and the cursor is shown again."""
    run("init", "acme", "--base", "CNY", "--chart", "generic", "--as", "Lina", "--no-passphrase")
    with terminal("tui", environment={"LANG": "C.UTF-8"}) as shown:
        shown.wait_for("acme")
        shown.process.send_signal(kind)
        assert shown.finish() == status
        left = shown.screen.rpartition("\x1b[?1049l")[2]
        assert "\x1b[?25h" in left
        assert ("Stopped." in left) is bool(status)
