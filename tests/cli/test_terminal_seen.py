"""What a terminal says of itself decides what is drawn on it: two cells for `─`, no UTF-8, or no answer at all."""

from __future__ import annotations

import pytest
from tests.cli.conftest import Run
from tests.cli.terminal import terminal

from cloudbooks.system.terminal import column_of, names_utf8


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        ({}, None),
        ({"LANG": "C"}, False),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, False),
        ({"LC_CTYPE": "C.UTF-8"}, None),
        ({"LANG": "zh_CN.GB18030"}, False),
        ({"LANG": "zh_CN.UTF-8"}, True),
        ({"LANG": "C.utf8"}, True),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "POSIX"}, False),
        ({"LANG": "C", "LC_CTYPE": "zh_CN.UTF-8"}, True),
    ],
)
def test_the_locale_names_utf8_or_does_not(environment: dict[str, str], wanted: object) -> None:
    """LC_ALL, LC_CTYPE, LANG in this order; what Python itself sets for the C locale counts for nothing."""
    assert names_utf8(environment) is wanted


@pytest.mark.parametrize(
    ("said", "cells"), [(b"\x1b[7;2R", 1), (b"x\x1b[12;3R", 2), (b"\x1b[1;4R", 3), (b"", None), (b"\x1b[1", None)]
)
def test_a_report_tells_the_column(said: bytes, cells: int | None) -> None:
    """The column after the sign, less one; what was typed before is passed over."""
    assert column_of(said) == cells


@pytest.mark.parametrize(
    ("column", "words"), [(2, "a box character takes 1 cell"), (3, "takes 2 cells"), (4, "takes no UTF-8")]
)
def test_doctor_says_what_the_terminal_answered(run: Run, column: int, words: str) -> None:
    """The terminal is asked once, and its answer stands among the checks."""
    run("init", "acme", "--base", "CNY", "--chart", "generic", "--as", "Lina", "--no-passphrase")
    with terminal("doctor", environment={"LANG": "C.UTF-8"}) as shown:
        shown.wait_for("\x1b[6n")
        shown.type(f"\x1b[1;{column}R")
        shown.wait_for(words)
        shown.finish()
    set_ = run("config", "set", "ui.ambiguous", "2")
    assert set_.status == 0
    assert "ui.ambiguous is set to 2" in run("doctor").out


@pytest.mark.parametrize(
    ("environment", "column", "there", "missing"),
    [
        ({"LANG": "C.UTF-8"}, 2, ("Home", "›"), "ASCII borders"),
        ({"LANG": "C.UTF-8"}, 3, ("Home", "ASCII borders"), "›"),
        ({"LANG": "C.UTF-8", "CLOUDBOOKS_UI_AMBIGUOUS": "2"}, 0, ("Home", "ASCII borders"), "›"),
        ({"LANG": "zh_CN.UTF-8", "CLOUDBOOKS_UI_AMBIGUOUS": "1"}, 0, ("首页", "›"), "ASCII"),
        ({"LANG": "zh_CN.GBK"}, 0, ("Home", "no UTF-8 here"), "›"),
        ({"LANG": "zh_CN.UTF-8"}, 4, ("Home", "no UTF-8 here"), "›"),
        ({"LANG": "C"}, 0, ("Home", "no UTF-8 here"), "›"),
    ],
)
def test_the_screens_draw_what_the_terminal_takes(
    run: Run, environment: dict[str, str], column: int, there: tuple[str, ...], missing: str
) -> None:
    """ASCII borders for two cells, ASCII and English without UTF-8, and one line that says why."""
    run("init", "acme", "--base", "CNY", "--chart", "generic", "--as", "Lina", "--no-passphrase")
    with terminal("tui", environment=environment) as shown:
        if column:
            shown.wait_for("\x1b[6n")
            shown.type(f"\x1b[1;{column}R")
        for words in there:
            if words not in shown.screen:
                shown.wait_for(words)
        shown.type("q")
        shown.finish()
        drawn = shown.screen.partition("\x1b[6n")[2] if column else shown.screen
        assert missing not in drawn
        assert ("\x1b[6n" in shown.screen) == bool(column)
