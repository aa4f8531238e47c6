"""A walk through a YAML document that collects findings instead of stopping at the first."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cloudbooks.errors import Finding, Sentence, joined, sentence
from cloudbooks.importers.layout import NEAR_NAMES_MAX
from cloudbooks.notation.strict_yaml import Document, Path, Value

CODE = "layout-syntax"
"""The code of every finding in a layout's text."""


@dataclass(frozen=True, slots=True)
class Part:
    """A mapping inside a document. `there` is false where the text has none, and then every answer is nothing."""

    document: Document
    path: Path
    value: dict[str, Value]
    findings: list[Finding]
    there: bool = True

    @classmethod
    def of(cls, document: Document) -> Part:
        """The whole document, which must be a mapping."""
        return cls._at(document, (), document.value, [])

    @classmethod
    def _at(cls, document: Document, path: Path, value: Value, findings: list[Finding]) -> Part:
        if isinstance(value, dict):
            return cls(document, path, value, findings)
        part = cls(document, path, {}, findings, there=value is not None)
        if value is not None or not path:
            part.fault((), sentence("here stands no mapping of names to values."))
        return part

    def __contains__(self, key: str) -> bool:
        return key in self.value

    @property
    def names(self) -> tuple[str, ...]:
        """The names of this mapping in the order of the text."""
        return tuple(self.value)

    def fault(
        self, path: Path, message: Sentence, *, near: tuple[str, Iterable[str]] | None = None, key: bool = False
    ) -> None:
        """Note a fault at a place below this part, with names that are near the one given."""
        names = difflib.get_close_matches(near[0], list(near[1]), NEAR_NAMES_MAX) if near else []
        hint = sentence("did you mean {names}?", names=joined(names)) if names else None
        self.findings.append(self.document.finding(CODE, (*self.path, *path), message, hint, key=key))

    def only(self, allowed: Sequence[str]) -> None:
        """Note every name that is not one of `allowed`."""
        for key in self.value:
            if key not in allowed:
                self.fault((key,), sentence('unknown name "{key}".', key=key), near=(key, allowed), key=True)

    def mapping(self, key: str) -> Part:
        """The mapping behind a name."""
        return Part._at(self.document, (*self.path, key), self.value.get(key), self.findings)

    def parts(self, key: str) -> list[Part]:
        """The mappings of the list behind a name."""
        value = self.value.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            self.fault((key,), sentence("here stands no list."))
            return []
        return [
            Part._at(self.document, (*self.path, key, place), one, self.findings) for place, one in enumerate(value)
        ]

    def text(self, key: str, *, needed: bool = False) -> str:
        """The text behind a name; nothing where it is not there."""
        value = self.value.get(key)
        if isinstance(value, str) and (value or not needed):
            return value
        if value is not None or needed:
            path = (key,) if key in self.value else ()
            self.fault(path, sentence('"{key}" needs a text.', key=key))
        return ""

    def number(self, key: str, default: int) -> int:
        """The whole number behind a name, at most four digits."""
        text = self.text(key)
        if not text:
            return default
        if not text.isdecimal() or not text.isascii() or len(text) > len("9999"):
            self.fault((key,), sentence('"{key}" needs a whole number.', key=key))
            return default
        return int(text)

    def choice(self, key: str, allowed: Sequence[str], default: str) -> str:
        """One of some words; `true` and `false` count as words."""
        value = self.value.get(key)
        if value is None:
            return default
        word = str(value).casefold() if isinstance(value, bool) else value
        if isinstance(word, str) and word in allowed:
            return word
        message = sentence('"{key}" is one of {allowed}.', key=key, allowed=joined(allowed))
        self.fault((key,), message, near=(word, allowed) if isinstance(word, str) else None)
        return default

    def words(self, key: str) -> tuple[str, ...]:
        """The text or the texts behind a name."""
        value = self.value.get(key)
        if value is None:
            return ()
        found = [value] if isinstance(value, str) else value
        if isinstance(found, list) and found and all(isinstance(word, str) and word for word in found):
            return tuple(word for word in found if isinstance(word, str))
        self.fault((key,), sentence('"{key}" needs a text or a list of texts.', key=key))
        return ()
