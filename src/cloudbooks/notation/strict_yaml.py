"""Strict YAML: plain values with the place of each, nothing guessed, nothing hidden.

Only `true`, `false` and `null` are more than text: `no`, `010`, `12:30:45`, `0.10`, `2026-10-01` and `1e5` stay as they
are written. Anchors, aliases, tags, merge keys, duplicate keys, several documents and deep nesting are refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import yaml

from cloudbooks.errors import Finding, Refusal, Sentence, sentence

BYTES_MAX = 1 << 20
DEPTH_MAX = 20

Path = tuple[str | int, ...]
Value = str | bool | None | list["Value"] | dict[str, "Value"]


class YamlRefused(Refusal):
    """A YAML text is not well formed, or uses what a strict reader refuses."""

    code = "yaml-syntax"


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML text as plain values. `places` gives line and column, from 1, of every value and (as `key`) every key."""

    name: str
    text: str
    value: Value
    places: dict[Path, tuple[int, int]]
    keys: dict[Path, tuple[int, int]]

    def where(self, path: Path, *, key: bool = False) -> str:
        """The place of a value (or of its key) as people read it: `rules.yaml:7:5`."""
        line, column = self._place(path, key=key)
        return f"{self.name}:{line}:{column}"

    def excerpt(self, path: Path, *, key: bool = False) -> str:
        """The line of a place with a mark under it."""
        line, column = self._place(path, key=key)
        source = self.text.split("\n")[line - 1]
        last = path[-1] if path else ""
        length = len(str(last)) if key else 1
        return f"{line:5} | {source}\n      | {' ' * (column - 1)}{'^' * max(1, length)}"

    def finding(self, code: str, path: Path, message: Sentence, hint: Sentence | None = None, *, key: bool = False) -> Finding:
        """A finding at a place of this text, with its excerpt."""
        return Finding(code, self.where(path, key=key), message, hint, self.excerpt(path, key=key))

    def _place(self, path: Path, *, key: bool) -> tuple[int, int]:
        places = self.keys if key else self.places
        while path not in places and path:
            path = path[:-1]
            places = self.places
        return places.get(path, (1, 1))


def read(data: bytes, name: str) -> Document:
    """The one document in `data`; raises `YamlRefused` with place and excerpt for everything that is not plain."""
    if len(data) > BYTES_MAX:
        raise YamlRefused(sentence("{name} is larger than 1 MiB.", name=name), place=name)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise YamlRefused(
            sentence("{name} is not UTF-8 text: byte {byte} cannot be read.", name=name, byte=error.start), place=name
        ) from None
    try:
        _refuse_hidden(text, name)
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise _refused(text, name, place, sentence("{problem}.", problem=str(error.problem or error.context))) from None
    except yaml.YAMLError as error:
        raise _refused(text, name, (1, 1), sentence("{problem}.", problem=str(error).split("\n")[0])) from None
    walk = _Walk(text, name)
    value = walk.value(node, ()) if node is not None else None
    return Document(name, text, value, walk.places, walk.keys)


def _refused(text: str, name: str, place: tuple[int, int], message: Sentence) -> YamlRefused:
    line, column = place
    lines = text.split("\n")
    source = lines[line - 1] if line <= len(lines) else ""
    return YamlRefused(
        message,
        place=f"{name}:{line}:{column}",
        excerpt=f"{line:5} | {source}\n      | {' ' * (column - 1)}^",
    )


def _refuse_hidden(text: str, name: str) -> None:
    """Refuse anchors, aliases, tags, depth and a second document by events, before any graph is built."""
    depth = documents = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        place = (event.start_mark.line + 1, event.start_mark.column + 1)
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise _refused(text, name, place, sentence("a second document is not read."))
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _refused(text, name, place, sentence("anchors and aliases are not read; write the value again."))
        if getattr(event, "tag", None):
            raise _refused(text, name, place, sentence("tags are not read; write the value as plain text."))
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > DEPTH_MAX:
            raise _refused(text, name, place, sentence("nested deeper than {depth} levels.", depth=DEPTH_MAX))


class _Walk:
    """One pass over the node graph, keeping the place of each value and key."""

    def __init__(self, text: str, name: str) -> None:
        self._text = text
        self._name = name
        self.places: dict[Path, tuple[int, int]] = {}
        self.keys: dict[Path, tuple[int, int]] = {}

    def value(self, node: Any, path: Path) -> Value:
        self.places[path] = (node.start_mark.line + 1, node.start_mark.column + 1)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, place)) for place, item in enumerate(node.value)]
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        return _scalar(node)

    def _mapping(self, node: Any, path: Path) -> Value:
        found: dict[str, Value] = {}
        for key_node, value_node in node.value:
            place = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            if not isinstance(key_node, yaml.ScalarNode):
                raise _refused(self._text, self._name, place, sentence("a key must be plain text."))
            key = str(key_node.value)
            if key == "<<":
                raise _refused(self._text, self._name, place, sentence("merge keys are not read."))
            if key in found:
                raise _refused(self._text, self._name, place, sentence('the key "{key}" stands here twice.', key=key))
            self.keys[(*path, key)] = place
            found[key] = self.value(value_node, (*path, key))
        return found


def _scalar(node: Any) -> Value:
    plain = not node.style
    if plain and node.value in {"true", "false"}:
        return bool(node.value == "true")
    if plain and node.value in {"null", "~", ""}:
        return None
    return str(node.value)
