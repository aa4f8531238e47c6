"""The filter language of screens, commands and saved reports: a text becomes a tree of conditions with their places.

`acct:5602 party:acme text:~staples amt:>1000 date:..lastmonth state:draft|ready -tag:x (a | b)`: a blank is and, `|` is
or, `-` and `not:` are not, brackets group. A bare word is looked for in text, account and party. What an account or a
party is called is found later, by whoever has the book.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import Final

from cloudbooks.errors import Refusal, Sentence, joined, sentence


class Field(StrEnum):
    """What a condition is about; `ANY` is a bare word."""

    ANY = ""
    ACCOUNT = "acct"
    PARTY = "party"
    TEXT = "text"
    AMOUNT = "amt"
    DATE = "date"
    DUE = "due"
    STATE = "state"
    BATCH = "batch"
    BY = "by"
    TAG = "tag"
    DOCUMENT = "doc"
    ID = "id"


CHINESE: Final = {
    "科目": Field.ACCOUNT,
    "往来": Field.PARTY,
    "往来单位": Field.PARTY,
    "摘要": Field.TEXT,
    "金额": Field.AMOUNT,
    "日期": Field.DATE,
    "到期": Field.DUE,
    "状态": Field.STATE,
    "区块": Field.BATCH,
    "制单": Field.BY,
    "标签": Field.TAG,
    "附件": Field.DOCUMENT,
    "凭证号": Field.ID,
}
"""Names of fields as Chinese bookkeepers type them."""

_NAMES: Final = {field.value: field for field in Field if field} | CHINESE
_PLAIN: Final = str.maketrans("：｜（）＞＜＝～－“”", ':|()><=~-""')
_OPERATORS: Final = (">=", "<=", ">", "<", "=", "~")
_NOT: Final = "not:"


def plain(text: str) -> str:
    """A text with its full-width signs as the plain ones that they stand for; every character keeps its place."""
    return text.translate(_PLAIN)


def field_named(word: str) -> Field | None:
    """The field of a name, English or Chinese."""
    return _NAMES.get(word.casefold())


class FilterUnreadable(Refusal):
    """A filter cannot be read at some place of its text."""

    code = "filter-unreadable"

    def __init__(self, text: str, place: int, why: Sentence) -> None:
        super().__init__(
            sentence('the filter "{text}" stops at "{rest}": {why}', text=text, rest=text[place:], why=why),
            hint=sentence("acct:5602 party:acme text:~staples amt:>1000 date:2026-10 state:draft|ready"),
        )
        self.at = place


class FilterFieldUnknown(Refusal):
    """A filter names a field that there is none of."""

    code = "filter-field"

    def __init__(self, word: str, place: int) -> None:
        near = get_close_matches(word.casefold(), _NAMES, n=3)
        fields = tuple(field.value for field in Field if field)
        hint = sentence("there are {fields}", fields=joined(fields))
        if near:
            hint = sentence("did you mean {near}? There are {fields}", near=joined(near), fields=joined(fields))
        super().__init__(sentence('there is no field "{word}:" to filter by.', word=word), hint=hint)
        self.at = place


@dataclass(frozen=True, slots=True)
class Term:
    """One condition: a field, how it compares, and the value as it was typed, from `start` to `end` of the text."""

    field: Field
    operator: str
    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Negated:
    """What must not hold."""

    part: Tree
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Every:
    """What must hold together; of no parts, everything does."""

    parts: tuple[Tree, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Either:
    """Of which one must hold."""

    parts: tuple[Tree, ...]
    start: int
    end: int


Tree = Term | Negated | Every | Either


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter as it was typed, and what it says."""

    text: str = ""
    tree: Tree = Every((), 0, 0)

    def chips(self) -> tuple[str, ...]:
        """Its conditions that must hold together, each as it was typed."""
        return tuple(self.text[part.start : part.end] for part in self._parts())

    def without(self, place: int) -> Filter:
        """The filter without the condition at a place among its chips."""
        kept = [chip for number, chip in enumerate(self.chips()) if number != place]
        return parse(" ".join(kept))

    def _parts(self) -> tuple[Tree, ...]:
        return self.tree.parts if isinstance(self.tree, Every) else (self.tree,)


def parse(text: str) -> Filter:
    """The filter of a text; raises `FilterUnreadable` or `FilterFieldUnknown`. An empty text lets everything pass."""
    return Filter(text, _Reader(text).read())


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.plain = plain(text)
        self.at = 0

    def read(self) -> Tree:
        tree = self._either()
        self._blanks()
        if self.at < len(self.plain):
            raise self._stop(sentence("a bracket is closed that was not opened."))
        return tree

    def _either(self) -> Tree:
        start = self.at
        parts = [self._every()]
        while self._taken("|"):
            parts.append(self._every())
            if not _says(parts[-1]) or not _says(parts[-2]):
                raise self._stop(sentence("| stands between two conditions."))
        return parts[0] if len(parts) == 1 else Either(tuple(parts), self._start(start), self.at)

    def _every(self) -> Tree:
        self._blanks()
        start, parts = self.at, []
        while self.at < len(self.plain) and self.plain[self.at] not in "|)":
            parts.append(self._one())
            end = self.at
            self._blanks()
        if not parts:
            return Every((), start, start)
        return parts[0] if len(parts) == 1 else Every(tuple(parts), start, end)

    def _one(self) -> Tree:
        start = self.at
        rest = self.plain[start:]
        if rest.startswith("-") or rest.casefold().startswith(_NOT):
            self.at += 1 if rest[0] == "-" else len(_NOT)
            if self.at >= len(self.plain) or self.plain[self.at] in " |)":
                raise self._stop(sentence("a condition comes right after the sign for not."))
            return Negated(self._one(), start, self.at)
        if self._taken("("):
            inner = self._either()
            if not self._taken(")"):
                raise self._stop(sentence("a bracket is not closed."))
            return self._grouped(inner, start)
        return self._term(start)

    def _grouped(self, inner: Tree, start: int) -> Tree:
        if isinstance(inner, Term):
            return Term(inner.field, inner.operator, inner.value, start, self.at)
        if isinstance(inner, Negated):
            return Negated(inner.part, start, self.at)
        return Every((inner,), start, self.at) if isinstance(inner, Either) else Every(inner.parts, start, self.at)

    def _term(self, start: int) -> Tree:
        field = self._field()
        values = [self._value(field, start)]
        # `state:draft|ready` has two values; `a | b` are two conditions.
        while field is not Field.ANY and self._glued_value():
            self.at += 1
            values.append(self._value(field, self.at))
        if len(values) == 1:
            return values[0]
        return Either(tuple(values), start, self.at)

    def _glued_value(self) -> bool:
        rest = self.plain[self.at :]
        if not rest.startswith("|") or len(rest) == 1 or rest[1] in " |()-":
            return False
        return ":" not in rest[1:].split(" ")[0].split("|")[0]

    def _field(self) -> Field:
        end = self.at
        while end < len(self.plain) and (self.plain[end].isalpha() or self.plain[end] == "_"):
            end += 1
        if end == self.at or self.plain[end : end + 1] != ":":
            return Field.ANY
        word = self.plain[self.at : end].casefold()
        if word not in _NAMES:
            raise FilterFieldUnknown(self.text[self.at : end], self.at)
        self.at = end + 1
        return _NAMES[word]

    def _value(self, field: Field, start: int) -> Term:
        operator = ""
        if field is not Field.ANY:
            operator = next((one for one in _OPERATORS if self.plain.startswith(one, self.at)), "")
            self.at += len(operator)
        value = self._quoted() if self.plain[self.at : self.at + 1] == '"' else self._word()
        if not value:
            raise self._stop(sentence("a value is missing."))
        return Term(field, operator, value, start, self.at)

    def _quoted(self) -> str:
        end = self.plain.find('"', self.at + 1)
        if end < 0:
            raise self._stop(sentence("a quotation mark is not closed."))
        value = self.text[self.at + 1 : end]
        self.at = end + 1
        return value

    def _word(self) -> str:
        start = self.at
        while self.at < len(self.plain) and self.plain[self.at] not in "|()" and not self.plain[self.at].isspace():
            self.at += 1
        return self.text[start : self.at]

    def _taken(self, sign: str) -> bool:
        self._blanks()
        if self.plain.startswith(sign, self.at):
            self.at += len(sign)
            return True
        return False

    def _blanks(self) -> None:
        while self.at < len(self.plain) and self.plain[self.at].isspace():
            self.at += 1

    def _start(self, start: int) -> int:
        while start < len(self.plain) and self.plain[start].isspace():
            start += 1
        return start

    def _stop(self, why: Sentence) -> FilterUnreadable:
        return FilterUnreadable(self.text, self.at, why)


def _says(tree: Tree) -> bool:
    """Whether a part says anything at all."""
    return not isinstance(tree, Every) or bool(tree.parts)
