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
from cloudbooks.cli.speaking import finding_record, findings_lines, refusal_lines
from cloudbooks.core.text import show
from cloudbooks.errors import Finding, Refusal, sentence
from cloudbooks.system.locale import ENGLISH

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


def found(code: str, hint: str, *, warning: bool = False) -> Finding:
    """A finding in a book, with a hint."""
    return Finding(code, "acme.cbk", sentence("it is so."), sentence("{hint}", hint=hint), warning=warning)


def test_a_hint_that_findings_share_stands_once_after_the_last_of_them() -> None:
    """Every other hint stands below its own finding."""
    findings = [found("one", "shared"), found("two", "alone"), found("three", "shared", warning=True)]
    assert list(findings_lines(findings, ENGLISH)) == [
        "finding[one]: acme.cbk: it is so.",
        "finding[two]: acme.cbk: it is so.",
        "hint: alone",
        "warning[three]: acme.cbk: it is so.",
        "hint: shared",
        "2 findings.",
    ]


def test_scripts_get_the_hint_of_each_finding() -> None:
    """A hint that is said once for several findings stands in the facts of each."""
    findings = [found("one", "shared"), found("two", "shared")]
    assert [finding_record(finding, ENGLISH)["hint"] for finding in findings] == ["shared", "shared"]


def test_a_hint_of_the_refusal_is_not_said_again_by_its_findings() -> None:
    """The findings behind a refusal keep the hints that it has not given."""
    refusal = Refusal(
        sentence("nothing was done."),
        hint=sentence("shared"),
        findings=(found("one", "shared"), found("two", "alone")),
    )
    assert list(refusal_lines(refusal, ENGLISH)) == [
        "error[refused]: nothing was done.",
        "hint: shared",
        "finding[one]: acme.cbk: it is so.",
        "finding[two]: acme.cbk: it is so.",
        "hint: alone",
        "2 findings.",
    ]


def test_a_place_reads_as_one() -> None:
    """A line of a file stands before what is said of it; a file, a table and a part of the log have their colon."""
    lines = {
        "rules.yaml:7:5": "finding[x]: rules.yaml:7:5 it is so.",
        "table leaf": "finding[x]: table leaf: it is so.",
        "log": "finding[x]: the log: it is so.",
        "2026-10": "finding[x]: 2026-10: it is so.",
        "": "finding[x]: it is so.",
    }
    said = {place: next(findings_lines([Finding("x", place, sentence("it is so."))], ENGLISH)) for place in lines}
    assert said == lines
