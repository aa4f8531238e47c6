"""Strict YAML: plain values with the place of each, nothing guessed, nothing hidden.

Only `true`, `false` and `null` are more than text: `no`, `010`, `12:30:45`, `0.10`, `2026-10-01` and `1e5` stay as they
are written. Anchors, aliases, tags, merge keys, duplicate keys, several documents and deep nesting are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import yaml

from cloudbooks.core.text import cells, show
from cloudbooks.errors import Finding, Refusal, Sentence, sentence

BYTES_MAX = 1 << 20
DEPTH_MAX = 20

EXCERPT_MAX = 160
"""Characters of a line that an excerpt shows at most; a longer line is shown around the place."""

# The YAML parser ends a line at each of these, so its line numbers count them.
_LINE_END = re.compile("\r\n|[\r\n\x85\u2028\u2029]")

# What stands without quotes and is no text.
_MORE_THAN_TEXT: dict[str, Value] = {"true": True, "false": False, "null": None, "~": None, "": None}

Path = tuple[str | int, ...]
Place = tuple[int, int]
Value = str | bool | None | list["Value"] | dict[str, "Value"]


class YamlRefused(Refusal):
    """A YAML text is not well formed, or uses what a strict reader refuses."""

    code = "yaml-syntax"


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML text as plain values. `places` gives line and column, from 1, of every value and (as `keys`) every key.

    `lengths` gives the characters of a value that stands on one line, for the mark under it.
    """

    name: str
    text: str
    value: Value
    places: dict[Path, Place]
    keys: dict[Path, Place]
    lengths: dict[Path, int] = field(default_factory=dict)

    def where(self, path: Path, *, key: bool = False) -> str:
        """The place of a value (or of its key) as people read it: `rules.yaml:7:5`."""
        line, column = self._place(path, key=key)
        return f"{self.name}:{line}:{column}"

    def excerpt(self, path: Path, *, key: bool = False) -> str:
        """The line of a place with a mark under it; it may be shown as it is."""
        length = self.lengths.get(path, 1)
        if key and path in self.keys:
            length = len(str(path[-1]))
        return excerpt(self.text, self._place(path, key=key), length)

    def finding(
        self, code: str, path: Path, message: Sentence, hint: Sentence | None = None, *, key: bool = False
    ) -> Finding:
        """A finding at a place of this text, with its excerpt."""
        return Finding(code, self.where(path, key=key), message, hint, self.excerpt(path, key=key))

    def _place(self, path: Path, *, key: bool) -> Place:
        places = self.keys if key else self.places
        while path not in places and path:
            path = path[:-1]
            places = self.places
        return places.get(path, (1, 1))


def excerpt(text: str, place: Place, length: int = 1) -> str:
    """The line of `text` at `place` with `length` characters marked; outside characters are shown as their codes."""
    line, column = place
    lines = _lines(text)
    source = lines[line - 1] if line <= len(lines) else ""
    start = max(0, min(column - 1 - EXCERPT_MAX // 2, len(source) - EXCERPT_MAX))
    end = start + EXCERPT_MAX
    before = ("…" if start else "") + show(source[start : column - 1])
    marked = show(source[column - 1 : min(column - 1 + length, end)])
    after = show(source[column - 1 + length : end]) + ("…" if end < len(source) else "")
    mark = "^" * max(1, cells(marked))
    return f"{line:5} | {before}{marked}{after}\n      | {' ' * cells(before)}{mark}"


@lru_cache(maxsize=2)
def _lines(text: str) -> list[str]:
    return _LINE_END.split(text)


def read(data: bytes, name: str) -> Document:
    """The one document in `data`; raises `YamlRefused` with place and excerpt for everything that is not plain."""
    if len(data) > BYTES_MAX:
        raise YamlRefused(sentence("the file is larger than 1 MiB."), place=name)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise YamlRefused(
            sentence("the file is not UTF-8 text: byte {byte} cannot be read.", byte=error.start), place=name
        ) from None
    tree = _Tree(text, name)
    try:
        value = tree.document(yaml.parse(text, Loader=yaml.CSafeLoader))
    except yaml.reader.ReaderError as error:
        place = _place_of(text, error.position)
        message = sentence("the character U+{point} is not read in YAML.", point=f"{int(error.character):04X}")
        raise _refused(text, name, place, message) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = (1, 1) if mark is None else (mark.line + 1, mark.column + 1)
        problem = str(error.problem or error.context)
        raise _refused(text, name, place, sentence("this is not YAML: {problem}.", problem=problem)) from None
    return Document(name, text, value, tree.places, tree.keys, tree.lengths)


def _place_of(text: str, position: int) -> Place:
    """Line and column of a character that the parser counts in bytes of UTF-8."""
    before = _lines(text.encode()[:position].decode(errors="replace"))
    return len(before), len(before[-1]) + 1


def _refused(text: str, name: str, place: Place, message: Sentence) -> YamlRefused:
    line, column = place
    return YamlRefused(message, place=f"{name}:{line}:{column}", excerpt=excerpt(text, place))


class _Tree:
    """One pass over the parser's events, keeping the place of each value and key; it ends at the first refusal."""

    def __init__(self, text: str, name: str) -> None:
        self._text = text
        self._name = name
        self.places: dict[Path, Place] = {}
        self.keys: dict[Path, Place] = {}
        self.lengths: dict[Path, int] = {}

    def document(self, events: Iterator[Any]) -> Value:
        """The one document of the stream; `None` for an empty one."""
        value: Value = None
        documents = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise self._refused(event, sentence("a second document is not read."))
                value = self._value(next(events), events, (), 1)
        return value

    def _value(self, event: Any, events: Iterator[Any], path: Path, depth: int) -> Value:
        self._refuse_hidden(event)
        start, end = event.start_mark, event.end_mark
        self.places[path] = (start.line + 1, start.column + 1)
        value: Value
        if isinstance(event, yaml.ScalarEvent):
            value = _scalar(event)
        else:
            if depth > DEPTH_MAX:
                raise self._refused(event, sentence("nested deeper than {depth} levels.", depth=DEPTH_MAX))
            read_items = self._sequence if isinstance(event, yaml.SequenceStartEvent) else self._mapping
            value, end = read_items(events, path, depth)
        if start.line == end.line:
            self.lengths[path] = end.column - start.column
        return value

    def _sequence(self, events: Iterator[Any], path: Path, depth: int) -> tuple[Value, Any]:
        items: list[Value] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            items.append(self._value(event, events, (*path, len(items)), depth + 1))
        return items, event.end_mark

    def _mapping(self, events: Iterator[Any], path: Path, depth: int) -> tuple[Value, Any]:
        found: dict[str, Value] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            key = self._key(event)
            if key in found:
                raise self._refused(event, sentence('the key "{key}" stands here twice.', key=key))
            self.keys[(*path, key)] = (event.start_mark.line + 1, event.start_mark.column + 1)
            found[key] = self._value(next(events), events, (*path, key), depth + 1)
        return found, event.end_mark

    def _key(self, event: Any) -> str:
        self._refuse_hidden(event)
        if not isinstance(event, yaml.ScalarEvent):
            raise self._refused(event, sentence("a key must be plain text."))
        if event.value == "<<":
            raise self._refused(event, sentence("merge keys are not read."))
        return str(event.value)

    def _refuse_hidden(self, event: Any) -> None:
        """Refuse what is not there to be seen: a value from elsewhere, or a type that a loader would act upon."""
        if isinstance(event, yaml.AliasEvent) or event.anchor:
            raise self._refused(event, sentence("anchors and aliases are not read; write the value again."))
        if event.tag:
            raise self._refused(event, sentence("tags are not read; write the value as plain text."))

    def _refused(self, event: Any, message: Sentence) -> YamlRefused:
        return _refused(self._text, self._name, (event.start_mark.line + 1, event.start_mark.column + 1), message)


def _scalar(event: Any) -> Value:
    if event.style:
        return str(event.value)
    return _MORE_THAN_TEXT.get(event.value, event.value)
