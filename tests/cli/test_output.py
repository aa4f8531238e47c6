"""The forms of an answer: JSON that loses nothing, CSV that runs nothing, files that are not overwritten."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cli.conftest import Run

from cloudbooks.cli.formats import cell, csv_lines, json_text, money
from cloudbooks.core.text import show

HOSTILE = [
    "\x1b[31mred",
    "\x9b2J",
    "\u202eevil",
    "a\u200bb",
    "line\nbreak",
    "\u2028",
    "招商银行",
    "é",
    '"quoted"',
    "\\",
    "\ud800",
]
FORMULAS = ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "＝1", "=cmd|' /C calc'!A0", "-cmd", "＋1", "-", "=1"]


@given(st.text() | st.sampled_from(HOSTILE))
def test_json_keeps_every_character_and_prints_no_control(text: str) -> None:
    """Whatever the bank wrote comes back from JSON, and nothing in between reaches the terminal as a control."""
    printed = json_text({"text": text})
    assert json.loads(printed) == {"text": text}
    assert printed.isprintable()


@given(st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(FORMULAS))
def test_no_cell_of_csv_is_a_formula(text: str) -> None:
    """A cell never begins with what a spreadsheet runs, unless all of it is a number."""
    shown = cell(text)
    live = shown.startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))
    assert not live or shown.replace(".", "", 1).lstrip("+-").isdigit()
    assert shown.removeprefix("'") == show(text) or text.startswith("'")


@pytest.mark.parametrize("number", ["-300.00", "+1", "0", "12.5", "-0.01"])
def test_numbers_stay_numbers_in_csv(number: str) -> None:
    """An amount is not turned into text."""
    assert cell(number) == number


def test_csv_gives_amounts_their_commodity_in_a_column_of_its_own() -> None:
    """A spreadsheet can add the amounts up."""
    rows: list[dict[str, object]] = [
        {"day": "2026-10-01", "amount": money(-30000, 2, "CNY"), "tags": ["a", "b"]},
        {"day": "x", "extra": None},
    ]
    read = list(csv.DictReader(io.StringIO("\n".join(csv_lines(rows)))))
    assert read == [
        {"day": "2026-10-01", "amount": "-300.00", "amount.commodity": "CNY", "tags": "a b", "extra": ""},
        {"day": "x", "amount": "", "amount.commodity": "", "tags": "", "extra": ""},
    ]


def test_an_answer_in_a_file_is_0600_and_is_not_overwritten(run: Run) -> None:
    """-o takes the form from the suffix, never replaces a file without --force, and prints nothing."""
    assert run("config", "explain", "-o", "settings.json").out == ""
    file = Path("settings.json")
    assert json.loads(file.read_text(encoding="utf-8"))["schema"] == "cloudbooks.config.explain/1"
    assert file.stat().st_mode & 0o777 == 0o600
    refused = run("config", "explain", "-o", "settings.json")
    assert (refused.status, refused.err.partition(":")[0]) == (3, "error[file-exists]")
    assert run("config", "explain", "-o", "settings.json", "--force").status == 0
    assert run("config", "explain", "-o", "settings.csv").status == 0
    assert Path("settings.csv").read_text(encoding="utf-8").startswith("key,value,source")


def test_a_file_that_cannot_be_written_is_a_refusal(run: Run) -> None:
    """A folder that is not there: a sentence, not a traceback."""
    outcome = run("config", "explain", "-o", "nowhere/settings.json")
    assert (outcome.status, outcome.err.partition(":")[0]) == (3, "error[file-not-written]")


def test_json_lines_stream_the_rows_and_end_with_the_envelope(run: Run) -> None:
    """--jsonl: one row a line, then the envelope without them."""
    lines = [json.loads(line) for line in run("config", "explain", "--jsonl").out.splitlines()]
    assert lines[0]["key"] == "lang"
    assert lines[-1]["schema"] == "cloudbooks.config.explain/1"
    assert lines[-1]["data"] == {}


def test_an_answer_without_rows_is_no_csv(run: Run) -> None:
    """A single value has no rows; the hint names the form that has it all."""
    outcome = run("config", "get", "lang", "--csv")
    assert (outcome.status, outcome.err.splitlines()[1]) == (2, "hint: --json has all of it")


def test_quiet_silences_what_is_beside_the_answer(run: Run) -> None:
    """-q leaves the answer alone; keys of JSON are English in every language."""
    assert run("config", "explain", "lang", "-q", "--lang", "zh").err == ""
    assert run("config", "explain", "lang", "--lang", "zh", "--json").json["data"]["settings"][0]["key"] == "lang"
