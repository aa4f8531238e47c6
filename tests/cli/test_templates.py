"""Templates: vouchers that come again."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.conftest import Run


@pytest.fixture(autouse=True)
def book(run: Run) -> Path:
    """A book with a draft of rent, and one in dollars."""
    run("init", "acme", "--base", "CNY", "--start", "2026-01", "--no-passphrase", "--as", "Lina")
    run("add", "2026-10-03", "Rent of the office", "5602", "9000", "1001")
    run("draft", "edit", "D-1", "--tag", "rent")
    return Path("acme.cbk")


def test_a_draft_is_kept_and_begun_from(run: Run) -> None:
    """Saved, listed, shown, drafted at another day with the same lines, and ready; the first one is untouched."""
    saved = run("template", "save", "Rent", "D-1", "--json").json["data"]
    assert (saved["name"], saved["replaced"], saved["tags"]) == ("Rent", False, ["rent"])
    listed = run("template", "list")
    assert listed.status == 0
    assert "Rent of the office" in listed.out
    assert "9,000.00" in listed.out
    shown = run("template", "show", "Rent", "--json").json["data"]
    assert [(line["code"], line["amount"]["amount"]) for line in shown["lines"]] == [
        ("5602", "9000.00"),
        ("1001", "-9000.00"),
    ]
    made = run("template", "draft", "Rent", "--date", "2026-11-03", "--json").json["data"]
    assert (made["id"], made["date"], made["state"], made["summary"]) == (
        "D-2", "2026-11-03", "ready", "Rent of the office",
    )  # fmt: skip
    assert made["tags"] == ["rent"]
    assert run("draft", "show", "D-1", "--json").json["data"]["date"] == "2026-10-03"
    assert run("post", "--all", "--yes").status == 0


def test_an_entry_is_kept_too(run: Run) -> None:
    """What is posted is named by its voucher; what belonged to it alone is not in the template."""
    run("post", "--all", "--yes")
    saved = run("template", "save", "Rent", "2026-10/记-1", "--json").json["data"]
    assert [line["code"] for line in saved["lines"]] == ["5602", "1001"]
    assert run("template", "draft", "Rent", "--json").json["data"]["state"] == "ready"


def test_every_act_is_undone(run: Run) -> None:
    """Save, replace, remove and draft are each taken back by undo."""
    run("template", "save", "Rent", "D-1")
    run("draft", "edit", "D-1", "--summary", "Rent, higher")
    assert run("template", "save", "Rent", "D-1", "--json").json["data"]["replaced"] is True
    run("undo")
    assert "Rent of the office" in run("template", "show", "Rent").out
    run("template", "remove", "Rent")
    assert run("template", "list", "--json").json["data"]["templates"] == []
    run("undo")
    assert [one["name"] for one in run("template", "list", "--json").json["data"]["templates"]] == ["Rent"]
    run("template", "draft", "Rent")
    run("undo")
    assert [one["id"] for one in run("draft", "list", "--json").json["data"]["drafts"]] == ["D-1"]


def test_a_name_that_is_none_says_which_is_near(run: Run) -> None:
    """A misspelt name is refused with the one that is meant; without any, with the list."""
    run("template", "save", "Office rent", "D-1")
    for command in ("show", "remove", "draft"):
        outcome = run("template", command, "Ofice rent")
        assert outcome.status == 3
        assert 'error[template-unknown]: there is no template "Ofice rent".' in outcome.err
        assert 'near it is "Office rent"' in outcome.err
    outcome = run("template", "save", " \u200b ", "D-1")
    assert (outcome.status, "name-empty" in outcome.err) == (3, True)
    assert run("template", "save", "x", "D-9").status == 3
    assert run("template", "save", "x", "2026-10/记-99").status == 3


def test_a_value_in_another_commodity_is_that_of_its_day(run: Run) -> None:
    """A template in dollars is worth what the dollar is when it is used."""
    run("commodity", "add", "USD", "--scale", "2")
    run("price", "add", "USD", "7.00", "--date", "2026-10-01")
    run("price", "add", "USD", "7.20", "--date", "2026-11-01")
    made = run("add", "2026-10-05", "Software", "5602", "10", "1001", "--commodity", "USD", "--json").json["data"]
    assert made["lines"][0]["value"]["amount"] == "70.00"
    run("template", "save", "Software", made["id"])
    later = run("template", "draft", "Software", "--date", "2026-11-05", "--json").json["data"]
    assert later["lines"][0]["value"]["amount"] == "72.00"


def test_templates_speak_chinese(run: Run) -> None:
    """Lists, answers and refusals in Chinese, hostile names as their codes."""
    assert "还没有常用凭证" in run("--lang", "zh", "template", "list").out
    run("template", "save", "房租\u202e[/]", "D-1")
    said = run("--lang", "zh", "template", "list").out
    assert "常用凭证" in said
    assert "\u202e" not in said
    assert "没有常用凭证“水电”" in run("--lang", "zh", "template", "show", "水电").err


def test_names_are_completed(run: Run) -> None:
    """Tab names the templates of the book."""
    run("template", "save", "Rent", "D-1")
    assert "Rent" in run("completion-words", "bash", "2", "template", "show", "").out
