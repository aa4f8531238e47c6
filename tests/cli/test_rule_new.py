"""`rule new`: the starter rules where nothing is named, a rule from a draft where one is."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.books.small_book import import_lines, small_book
from tests.cli.conftest import Run

from cloudbooks.books import reviewing


def test_without_a_draft_the_starter_rules_are_written_once(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They stand beside the book, are not written over, and with --from a rule is added to those that are there."""
    desk = small_book(tmp_path / "books")
    import_lines(desk, [("2026-10-03", "STRANGE SHOP", "thing", "-300.00")])
    monkeypatch.setenv("CLOUDBOOKS_HOME", str(desk.state))
    rules = desk.book.parent / "rules.yaml"
    book = ("-b", str(desk.book))
    assert run(*book, "rule", "new").status == 0
    starter = rules.read_bytes()
    assert starter.startswith(b"# Starter rules for the chart cn-small")
    again = run(*book, "rule", "new")
    assert again.status == 3
    assert "file-exists" in again.err
    (draft,) = reviewing.decide(desk, 1, [1], "5602").drafts
    assert run(*book, "rule", "new", "--from", draft.name).status == 0
    after = rules.read_bytes()
    assert b'- name: "STRANGE SHOP"' in after
    assert len(after) > len(starter)
