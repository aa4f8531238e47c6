"""What a half-typed filter may become: fields by either name, and the values that a book has for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cloudbooks.books.filtering import STATES, Lexicon
from cloudbooks.core.filter import CHINESE, Field, field_named, plain

Words = Mapping[Field, tuple[str, ...]]
"""The values of each field, in the order in which they are offered."""

OFFERED: Final = 20
"""Values that are offered for one beginning."""

_DATES: Final = (
    *("today", "yesterday", "thismonth", "lastmonth", "thisquarter", "lastquarter", "thisyear", "lastyear"),
    *("今天", "昨天", "本月", "上月", "本季", "上季", "今年", "去年"),
)
_QUOTED: Final = frozenset(" |()")
_OPERATORS: Final = "~=<>"


def known_words(lexicon: Lexicon) -> Words:
    """What an open book can offer."""
    names = lexicon.names
    return {
        Field.ACCOUNT: tuple(word for one in names.chart for word in (one.code, one.name)),
        Field.PARTY: tuple(one.name for one in names.parties.values()),
        Field.BY: tuple(name for _, name in lexicon.members),
        Field.STATE: tuple(STATES),
        Field.DOCUMENT: ("none", "any", "无", "有"),
        Field.DATE: _DATES,
    }


def begun_at(text: str) -> int:
    """Where the condition begins that stands at the end of a text."""
    read, start, quoted, colon = plain(text), 0, False, False
    for place, sign in enumerate(read):
        if sign == '"':
            quoted = not quoted
        elif quoted:
            continue
        elif sign.isspace() or sign == "(" or (sign == "|" and (not colon or ":" in read[place:])):
            start, colon = place + 1, False
        elif sign == "-" and place == start:
            start = place + 1
        elif sign == ":":
            if read[start:place].casefold() == "not":
                start = place + 1
            else:
                colon = True
    return start


def candidates(begun: str, words: Words) -> list[str]:
    """What a begun condition may become: a field, or its field with a value that holds what is typed of it."""
    head, colon, value = plain(begun).partition(":")
    if not colon:
        names = [*(field.value for field in Field if field), *CHINESE]
        return [f"{name}:" for name in names if head and name.startswith(head.casefold())]
    field = field_named(head)
    if field is None:
        return []
    before = max(value.rfind("|"), value.rfind("..") + 1 if field is Field.DATE else -1) + 1
    while before < len(value) and value[before] in _OPERATORS:
        before += 1
    kept, typed = begun[: len(head) + 1 + before], value[before:].strip('"').casefold()
    fits = [word for word in words.get(field, ()) if typed in word.casefold() and '"' not in word]
    fits.sort(key=lambda word: not word.casefold().startswith(typed))
    return [kept + (f'"{word}"' if _QUOTED & set(word) else word) for word in fits[:OFFERED]]
