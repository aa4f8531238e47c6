"""Every text is there in both languages, with the same facts, in the style of MESSAGES.md."""

from __future__ import annotations

import re
from functools import cache
from string import Formatter

import hatch_build
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from tests.cli.conftest import REPOSITORY
from tests.cli.texts import Key, computed_templates, everything, has_words

from cloudbooks.cli.commands import COMMANDS, Noun

ZH = REPOSITORY / hatch_build.CATALOGUES / "zh"
_BANNED_ZH = re.compile(r"您|操作失败|非法|抱歉|!|！|(?<![申邀])请(?!求)")
_BANNED_EN = re.compile(r"\b(?:invalid|failed|oops|please|sorry|tamper-proof)\b|!")


@cache
def _catalogue() -> Catalog:
    return hatch_build.merged(ZH, "zh")


@cache
def _texts() -> dict[Key, str]:
    return everything()


def _message(key: Key) -> Message | None:
    return _catalogue().get(key if isinstance(key, str) else key[0])


def _blanks(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def _translations(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string or ())


def test_every_template_is_a_literal() -> None:
    """`sentence` and `counted` are called with literal templates: extraction finds them."""
    assert list(computed_templates()) == []


def test_every_text_has_a_chinese_translation() -> None:
    """No sentence, help text or meaning is English for a Chinese reader."""
    worded = {key: place for key, place in _texts().items() if has_words(key)}
    assert {key: place for key, place in worded.items() if not (found := _message(key)) or not found.string} == {}


def test_plurals_are_plurals_in_the_catalogue() -> None:
    """A counted sentence stands in the catalogue with its plural, an ordinary one without."""
    wrong = [
        key
        for key in _texts()
        if (found := _message(key)) is not None and found.pluralizable != (isinstance(key, tuple))
    ]
    assert wrong == []


def test_translations_hold_the_same_facts() -> None:
    """A translation has exactly the blanks of its sentence."""
    wrong = []
    for message in _catalogue():
        if message.id:
            wanted = _blanks(message.id if isinstance(message.id, str) else message.id[1])
            wrong += [message.id for text in _translations(message) if _blanks(text) != wanted]
    assert wrong == []


def test_chinese_keeps_to_the_style() -> None:
    """No 您, 请, 操作失败, 非法, 抱歉, and no exclamation mark."""
    texts = [text for message in _catalogue() if message.id for text in _translations(message)]
    assert [text for text in texts if _BANNED_ZH.search(text)] == []


def test_english_keeps_to_the_style() -> None:
    """No "invalid", "failed", "please", "sorry", "oops", "tamper-proof", and no exclamation mark."""
    texts = [text for key in _texts() for text in ([key] if isinstance(key, str) else key)]
    assert [text for text in texts if _BANNED_EN.search(text)] == []


def test_catalogues_hold_no_doubtful_and_no_forgotten_text() -> None:
    """No fuzzy entry, and no translation of a text that the code does not say any more."""
    known = {key if isinstance(key, str) else key[0] for key in _texts()}
    forgotten = []
    for fragment in sorted(ZH.glob("*.po")):
        with fragment.open("rb") as file:
            part = read_po(file, locale="zh_CN")
        for message in part:
            key = message.id if isinstance(message.id, str) else (message.id or [""])[0]
            if message.id and (message.fuzzy or key not in known):
                forgotten.append(f"{fragment.name}: {key}")
    assert forgotten == []


def test_every_command_that_a_sentence_names_can_be_run() -> None:
    """A hint holds a command that works: its noun and verb are in the table, not in the plan."""
    wrong = []
    for key, place in _texts().items():
        for text in [key] if isinstance(key, str) else key:
            for found in re.finditer(r"cloudbooks (?P<name>[a-z][a-z-]*)(?: (?P<verb>[a-z][a-z-]*))?", text):
                known = COMMANDS.get(found["name"])
                if known is None or (isinstance(known, Noun) and found["verb"] not in known.verbs):
                    wrong.append(f"{place}: {text}")
    assert wrong == []
