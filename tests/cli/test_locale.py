"""The language of a session, and what happens where its texts are not built."""

from __future__ import annotations

from pathlib import Path

import hatch_build
import pytest
from tests.cli.conftest import Run

from cloudbooks.errors import counted, sentence
from cloudbooks.system.locale import LanguageUnknown, chosen, locale, translate


@pytest.mark.parametrize(
    ("asked", "environment", "expected"),
    [
        ("", {}, "en"),
        ("", {"LANG": "C"}, "en"),
        ("", {"LANG": "C.UTF-8"}, "en"),
        ("", {"LANG": "zh_CN.UTF-8"}, "zh"),
        ("", {"LANG": "zh_CN.UTF-8", "LC_ALL": "en_US.UTF-8"}, "en"),
        ("", {"LANG": "en_US.UTF-8", "LC_MESSAGES": "zh_CN.GB18030"}, "zh"),
        ("", {"LANG": "fr_FR.UTF-8"}, "en"),
        ("zh", {"LANG": "C"}, "zh"),
        ("zh_CN", {}, "zh"),
        ("zh-Hans", {}, "zh"),
        ("en_GB.UTF-8", {"LANG": "zh_CN"}, "en"),
        ("fr", {}, "fr"),
    ],
)
def test_the_language_is_the_asked_one_else_the_systems(asked: str, environment: dict[str, str], expected: str) -> None:
    """Flag or setting, then LC_ALL, LC_MESSAGES, LANG; English for all that is not Chinese."""
    assert chosen(asked, environment) == expected


def test_a_language_that_is_not_ours_is_refused() -> None:
    """No silent English for a language that was asked for by name."""
    with pytest.raises(LanguageUnknown):
        locale("fr")


@pytest.mark.usefixtures("catalogues")
def test_sentences_keep_their_facts_and_pass_the_output_filter() -> None:
    """Plurals, nested sentences and hostile facts come out right in both languages."""
    assert translate(counted("{n} finding.", "{n} findings.", 1), "en") == "1 finding."
    assert translate(counted("{n} finding.", "{n} findings.", 2), "zh") == "2 个问题。"
    nested = sentence("hint: {hint}", hint=sentence("did you mean {names}?", names="a\x1b[31m"))
    assert translate(nested, "zh") == "提示：是不是 a\\u001B[31m？"


def test_texts_that_are_not_built_are_missed_aloud(tmp_path: Path) -> None:
    """Without a catalogue English is spoken, and the locale says what is missing and how it is built."""
    spoken = locale("zh", tmp_path)
    assert spoken.say(sentence("hint: {hint}", hint="x")) == "hint: x"
    assert spoken.missing is not None
    assert "hatch_build.py" in str(spoken.missing.hint)


def test_a_session_says_that_its_texts_are_not_built(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Chinese reader is told why English comes."""
    monkeypatch.setattr("cloudbooks.system.locale._catalogue", lambda _file: None)
    outcome = run("config", "get", "color", "--lang", "zh")
    assert (outcome.status, outcome.out) == (0, "auto\n")
    assert outcome.err.startswith("warning[catalogue-missing]: ")


def test_two_translations_of_one_text_stop_the_build(tmp_path: Path) -> None:
    """Which of two translations is shown must not depend on the order of files."""
    (tmp_path / "a.po").write_text('msgid "x"\nmsgstr "一"\n', encoding="utf-8")
    (tmp_path / "b.po").write_text('msgid "x"\nmsgstr "二"\n', encoding="utf-8")
    with pytest.raises(hatch_build.CatalogueConflict):
        hatch_build.merged(tmp_path, "zh")
