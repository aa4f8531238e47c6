"""The reader's language: which one, and every sentence in it.

English stands in the code; Chinese stands in `catalogues/zh/*.po`, one file a room, which `hatch_build.py` merges into
one `catalogues/zh/LC_MESSAGES/cloudbooks.mo` when the project is built or installed.
"""

from __future__ import annotations

import gettext
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from cloudbooks.core.text import show
from cloudbooks.errors import Lookup, Refusal, Sentence, english, sentence

CATALOGUES = Path(__file__).parent / "catalogues"
LANGUAGES = ("en", "zh")


class LanguageUnknown(Refusal):
    """CloudBooks does not speak the language that was asked for."""

    code = "language-unknown"
    exit_status = 2

    def __init__(self, word: str) -> None:
        super().__init__(
            sentence('"{word}" is no language of CloudBooks; it speaks en and zh.', word=word),
            hint=sentence("--lang en or --lang zh"),
        )


class CatalogueMissing(Refusal):
    """The Chinese texts were not built into this installation."""

    code = "catalogue-missing"

    def __init__(self) -> None:
        super().__init__(
            sentence("the Chinese texts are not built here, so English is shown."),
            hint=sentence("python hatch_build.py builds them in a source tree"),
        )


class Locale(NamedTuple):
    """A language with its texts. `missing` is set where its catalogue was asked for and is not there."""

    language: str
    lookup: Lookup = english
    missing: CatalogueMissing | None = None

    def say(self, words: Sentence | str) -> str:
        """A sentence in this language, or outside text as it is; everything through the output filter."""
        return show(words) if isinstance(words, str) else words.render(self.lookup, show)

    def text(self, template: str) -> str:
        """A text without blanks, such as the help of a command, in this language."""
        return self.lookup(template, "", 1)

    @property
    def chinese(self) -> bool:
        """Whether full-width punctuation and Chinese names belong here."""
        return self.language == "zh"


ENGLISH = Locale("en")


def locale(language: str, folder: Path = CATALOGUES) -> Locale:
    """The texts of `en` or `zh`; raises `LanguageUnknown`. Without a catalogue it speaks English and says so."""
    if language not in LANGUAGES:
        raise LanguageUnknown(language)
    if language == "en":
        return ENGLISH
    lookup = _catalogue(folder / language / "LC_MESSAGES" / "cloudbooks.mo")
    return Locale(language, english, CatalogueMissing()) if lookup is None else Locale(language, lookup)


@lru_cache(maxsize=2)
def _catalogue(file: Path) -> Lookup | None:
    try:
        with file.open("rb") as opened:
            texts = gettext.GNUTranslations(opened)
    except FileNotFoundError:
        return None

    def lookup(template: str, plural: str, count: int) -> str:
        return texts.ngettext(template, plural, count) if plural else texts.gettext(template)

    return lookup


def chosen(asked: str, environment: Mapping[str, str]) -> str:
    """The language of a session: `asked` (a flag or a setting) if any, else what the system's locale says, else `en`.

    `asked` may be written like a system's locale (`zh_CN.UTF-8`); a language that is not ours is kept, to be refused.
    """
    if asked:
        word = asked.lower().replace("-", "_").partition("_")[0].partition(".")[0]
        return word if word in LANGUAGES else asked
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environment.get(variable, ""):
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"


def translate(words: Sentence, language: str) -> str:
    """One sentence in `en` or `zh`, with its facts through the output filter."""
    return locale(language).say(words)
