"""House rules of drawing: no raw text in a widget, no animation, no query in the thread that draws."""

from __future__ import annotations

import ast
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.tui.driving import Hands, drive
from textual.widgets import Static

import cloudbooks.tui
from cloudbooks.books.desk import Desk
from cloudbooks.store import sqlite

SOURCE = Path(cloudbooks.tui.__file__).parent
FILES = sorted(SOURCE.rglob("*.py"))
FORBIDDEN_NAMES = {
    **dict.fromkeys(("DataTable", "OptionList", "ListView", "Label", "RichLog", "Markdown"), "HouseTable, or Static"),
    **dict.fromkeys(("from_markup", "render_markup"), "Text through Voice.text"),
    **dict.fromkeys(("ljust", "rjust", "zfill", "center"), "fitted, which counts cells"),
    "LoadingIndicator": "the mark in the first line",
    "animate": "animate=False",
}
SCROLLS = re.compile(r"scroll_(to|relative|visible|end|home|up|down|page_up|page_down|left|right)(_\w+)?")
STRINGS = {"say", "str", "fitted", "format", "plain", "show", "cell"}
"""Calls that give a string: what they give goes through `Text` before it is drawn."""
WALK = (
    *("1", "2", "enter", "w", "escape", "tilde", "slash", "a", "enter", "escape", "3", "enter", "escape", "4", "enter"),
    *("escape", "5", "6", "7", "enter", "g", "escape", "8", "9", "V", "0", "C", "2", "ctrl+p", "escape"),
    *("question_mark", "escape", "number_sign", "enter", "escape", "ctrl+o", "b", "u", "r", "c", "escape"),
)
"""Keys that lead through every screen, dialogs and operations among them."""


def named(path: Path) -> str:
    """A file's name as messages say it."""
    return path.relative_to(SOURCE).as_posix()


def name_of(node: ast.expr) -> str:
    """The last part of what is called or named."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def is_string(node: ast.expr) -> bool:
    """Whether an expression is plainly a `str` with something in it."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and bool(node.value.strip("/: "))
    if isinstance(node, ast.BinOp):
        return is_string(node.left) or is_string(node.right)
    if isinstance(node, ast.IfExp):
        return is_string(node.body) or is_string(node.orelse)
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Call) and name_of(node.func) in STRINGS)


def faults(path: Path) -> Iterator[str]:
    """What a file does that drawing must not."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        place = f"{named(path)}:{getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.Name | ast.Attribute) and (word := name_of(node)) in FORBIDDEN_NAMES:
            yield f"{place} {word}: {FORBIDDEN_NAMES[word]}"
        if isinstance(node, ast.FormattedValue) and node.format_spec is not None:
            spec = ast.unparse(node.format_spec)
            if re.search(r"[<>^]\d", spec):
                yield f"{place} pads in a format: fitted, which counts cells"
        if isinstance(node, ast.Call):
            yield from _called(node, place)


def _called(node: ast.Call, place: str) -> Iterator[str]:
    word = name_of(node.func)
    keywords = {one.arg: ast.unparse(one.value) for one in node.keywords}
    if word == "Static" and keywords.get("markup") != "False":
        yield f"{place} Static without markup=False"
    if word == "notify" and keywords.get("markup") != "False":
        yield f"{place} notify without markup=False"
    if SCROLLS.fullmatch(word) and keywords.get("animate") != "False":
        yield f"{place} {word} without animate=False"
    if word in {"Static", "update"} and node.args and is_string(node.args[0]):
        yield f"{place} a str goes raw into a widget: Voice.text"


@pytest.mark.parametrize("path", FILES, ids=named)
def test_no_file_draws_raw_text_pads_by_characters_or_animates(path: Path) -> None:
    """No `str` into a widget, no table that loads its rows, no padding by `len`, no scroll that is animated."""
    assert list(faults(path)) == []
    assert not re.search(r"^\s*(transition|text-style:.*blink)", path.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ('Static("x", markup=False)', "raw"),
        ('one.update(f"{name}")', "raw"),
        ("one.update(voice.say(words))", "raw"),
        ('Static("")', "markup"),
        ('app.notify("x")', "notify"),
        ("one.scroll_to(y=1)", "animate"),
        ("DataTable()", "DataTable"),
        ("name.ljust(4)", "ljust"),
        ('f"{name:<20}"', "pads"),
    ],
)
def test_the_rules_find_what_breaks_them(code: str, word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each rule finds the plainest way to break it."""
    monkeypatch.setattr("tests.tui.test_drawing_rules.SOURCE", tmp_path)
    file = tmp_path / "one.py"
    file.write_text(code, encoding="utf-8")
    assert any(word in fault for fault in faults(file))


def test_what_reaches_a_widget_is_text_and_no_query_runs_in_its_thread(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through every screen, dialogs and operations: widgets get `Text`; SQLite is asked in other threads only."""
    threads: set[str] = set()
    raw: list[object] = []
    connect, update = sqlite.connect, Static.update

    def watched(*words: object, **named_words: object) -> sqlite.Connection:
        threads.add(threading.current_thread().name)
        connection = connect(*words, **named_words)  # type: ignore[arg-type] # passed on as they came
        connection.set_trace_callback(lambda _: threads.add(threading.current_thread().name))
        return connection

    def looked_at(widget: Static, content: object = "", *, layout: bool = True) -> None:
        if isinstance(content, str) and content:
            raw.append(content)
        update(widget, content, layout=layout)  # type: ignore[arg-type] # passed on as it came

    monkeypatch.setattr(sqlite, "connect", watched)
    monkeypatch.setattr(Static, "update", looked_at)

    async def walk(hands: Hands) -> None:
        await hands.press(*WALK)

    drive(desk, walk)
    assert raw == []
    assert {name.partition("_")[0] for name in threads} == {"reader", "counter", "writer", "long"}
