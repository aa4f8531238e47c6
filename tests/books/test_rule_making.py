"""A rule made from one decision: written where it decides, applied to what is open, and nothing else changed."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.books.small_book import import_lines, small_book

from cloudbooks.books import drafting, reviewing, rule_making, rule_trying, ruling
from cloudbooks.books.desk import Desk
from cloudbooks.books.rule_writing import RulesNotExtended, quoted
from cloudbooks.core.draft import DraftState
from cloudbooks.notation import strict_yaml
from cloudbooks.rules.rule import RuleSet
from cloudbooks.store.disk_faults import DiskFull
from cloudbooks.system import files

OLD = """# my rules
rules:

# paper
- name: paper
  when: {party: STAPLES}   # the shop
  then: {account: "5602"}
"""
LINES = [
    ("2026-10-03", "STAPLES", "order 0042", "-300.00"),
    ("2026-10-05", "", "COFFEE HOUSE 0017", "-28.00"),
    ("2026-10-06", "", "COFFEE HOUSE 0018", "-30.00"),
    ("2026-10-07", "", "COFFEE HOUSE 0019", "30.00"),
    ("2026-10-09", "ACME", "INV-77", "28000.00"),
    ("2026-10-19", "ACME", "INV-78", "200.00"),
]


def made(folder: Path, rules: str = OLD) -> Desk:
    """A book with one statement."""
    desk = small_book(folder, rules=rules)
    import_lines(desk, LINES)
    return desk


def rules_of(desk: Desk) -> RuleSet:
    """The rules beside the book."""
    return ruling.check(desk, None).rules


def test_a_rule_that_was_made_before_is_not_made_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped once the file was written, the same again applies the rule that is there."""
    desk = made(tmp_path)
    (decided,) = reviewing.decide(desk, 1, [2], "5602").drafts

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(rule_making, "_applied", interrupted)
        with pytest.raises(KeyboardInterrupt):
            rule_making.new_rule(desk, decided.number)
    written = (tmp_path / "rules.yaml").read_bytes()
    again = rule_making.new_rule(desk, decided.number)
    assert (again.name, again.open, len(again.drafts)) == ("COFFEE HOUSE", ((1, 3),), 1)
    assert (tmp_path / "rules.yaml").read_bytes() == written
    assert [rule.name for rule in rules_of(desk).rules] == ["paper", "COFFEE HOUSE"]


def test_a_rule_whose_book_finds_no_room_says_that_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`rule-not-applied`, and not that nothing was written: the file was."""
    desk = made(tmp_path)
    (decided,) = reviewing.decide(desk, 1, [2], "5602").drafts

    def full(*_: object) -> None:
        raise DiskFull(desk.book)

    with monkeypatch.context() as patch:
        patch.setattr(rule_making, "_applied", full)
        with pytest.raises(rule_making.RuleNotApplied) as caught:
            rule_making.new_rule(desk, decided.number)
    assert caught.value.code == "rule-not-applied"
    assert [rule.name for rule in rules_of(desk).rules] == ["paper", "COFFEE HOUSE"]


def test_a_rule_takes_the_other_lines_like_it(tmp_path: Path) -> None:
    """Of two coffees the decided one stays as it is, the other becomes a sure proposal; money in is not taken."""
    desk = made(tmp_path)
    (decided,) = reviewing.decide(desk, 1, [2], "5602").drafts
    tried = rule_making.new_rule(desk, decided.number, dry_run=True)
    assert (tried.name, tried.open, tried.past) == ("COFFEE HOUSE", ((1, 3),), 1)
    assert (tmp_path / "rules.yaml").read_text(encoding="utf-8") == OLD
    rule = rule_making.new_rule(desk, decided.number)
    (taken,) = rule.drafts
    assert (taken.source.rule, taken.sure, taken.state) == ("COFFEE HOUSE", True, DraftState.PROPOSED)
    assert drafting.draft(desk, decided.number) == decided
    assert drafting.draft(desk, taken.number) == taken


def test_what_stands_in_the_file_stays(tmp_path: Path) -> None:
    """Comments and the other rules are untouched, the new one is last, and lint finds nothing."""
    desk = made(tmp_path)
    (decided,) = reviewing.decide(desk, 1, [5], "1122").drafts
    rule = rule_making.new_rule(desk, decided.number)
    text = (tmp_path / "rules.yaml").read_text(encoding="utf-8")
    assert text.startswith(OLD)
    assert text.removeprefix(OLD) == rule.text
    assert rule.place == "rules.yaml:8:3"
    checked = ruling.check(desk, None)
    assert checked.findings == ()
    assert [one.name for one in checked.rules.rules] == ["paper", "ACME"]


def test_it_stands_before_the_rule_that_took_the_line(tmp_path: Path) -> None:
    """What a person decided against a rule comes before that rule, with the comment above it left where it was."""
    desk = made(tmp_path)
    (decided,) = reviewing.decide(desk, 1, [1], "5601").drafts
    rule_making.new_rule(desk, decided.number)
    assert [one.name for one in rules_of(desk).rules] == ["STAPLES", "paper"]
    assert "\n# paper\n- name: paper" in (tmp_path / "rules.yaml").read_text(encoding="utf-8")


def test_the_first_rule_makes_the_file(tmp_path: Path) -> None:
    """A book without rules has one afterwards, and a second rule of the same name gets another."""
    desk = made(tmp_path, rules="")
    (decided,) = reviewing.decide(desk, 1, [5], "1122").drafts
    rule_making.new_rule(desk, decided.number)
    (other,) = reviewing.decide(desk, 1, [6], "5001").drafts
    rule_making.new_rule(desk, other.number)
    assert [one.name for one in rules_of(desk).rules] == ["ACME 2", "ACME"]


def test_a_file_written_otherwise_is_left_alone(tmp_path: Path) -> None:
    """Rules in one line are not rewritten."""
    text = 'rules: [{name: a, when: {party: B}, then: {account: "5602"}}]\n'
    desk = made(tmp_path, rules=text)
    (decided,) = reviewing.decide(desk, 1, [5], "1122").drafts
    with pytest.raises(RulesNotExtended):
        rule_making.new_rule(desk, decided.number)
    assert (tmp_path / "rules.yaml").read_text(encoding="utf-8") == text


def test_a_draft_without_line_or_account_gives_no_rule(tmp_path: Path) -> None:
    """There must be words, and one account to go to."""
    desk = made(tmp_path)
    by_hand = drafting.add(desk, desk.today, "taxi", "5602", "84", "1001")
    with pytest.raises(rule_making.RuleNeedsLine):
        rule_making.new_rule(desk, by_hand.number)
    with pytest.raises(rule_making.RuleNeedsAccount):
        rule_making.new_rule(desk, 2)


def test_rules_are_saved_over_what_was_read_only(tmp_path: Path) -> None:
    """An editor writes what reads as rules, and not over what another program wrote meanwhile."""
    desk = made(tmp_path)
    with pytest.raises(rule_making.RulesChanged):
        rule_making.save_rules(desk, OLD, b"older")
    rule_making.save_rules(desk, OLD.replace("paper", "stationery"), OLD.encode())
    assert [one.name for one in rules_of(desk).rules] == ["stationery"]


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=30))
def test_any_text_can_be_quoted(words: str) -> None:
    """What is quoted is read back as it was, on one line."""
    line = f"- {quoted(words)}\n"
    assert line.count("\n") == 1
    assert strict_yaml.read(line.encode(), "x").value == [words]


def test_rules_that_cannot_be_read_or_written_are_a_refusal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of that name, and a disk that is full when they are saved: each is told, and the old text stands."""
    desk = made(tmp_path)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    with monkeypatch.context() as patch:
        patch.setattr(files, "replace", full)
        with pytest.raises(files.FileNotWritten):
            rule_making.save_rules(desk, OLD + "# more", OLD.encode())
    path = tmp_path / "rules.yaml"
    assert path.read_text(encoding="utf-8") == OLD
    path.unlink()
    assert rule_trying.rules_text(desk).data == b""
    path.mkdir()
    with pytest.raises(ruling.RulesMissing):
        rule_trying.rules_text(desk)
