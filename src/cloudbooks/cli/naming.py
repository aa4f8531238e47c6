"""Names as people type them: drafts, statements and blocks by number, dates and periods."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from cloudbooks.core.period import day
from cloudbooks.errors import UsageError, sentence

_DRAFT = re.compile(r"(?:D-)?0*(\d{1,9})", re.ASCII | re.IGNORECASE)
_STATEMENT = re.compile(r"(?:S-)?0*(\d{1,9})", re.ASCII | re.IGNORECASE)


class NotADraftName(UsageError):
    """A word does not name a draft."""

    code = "draft-name"

    def __init__(self, word: str) -> None:
        super().__init__(
            sentence('"{word}" is no name of a draft.', word=word),
            hint=sentence("a draft is written D-118; cloudbooks draft list"),
        )


class NotAStatementName(UsageError):
    """A word does not name a statement."""

    code = "statement-name"

    def __init__(self, word: str) -> None:
        super().__init__(
            sentence('"{word}" is no name of a statement.', word=word),
            hint=sentence("a statement is written S-7; cloudbooks statement list"),
        )


def draft_number(word: str) -> int:
    """The number in `D-118` or `118`; raises `NotADraftName`."""
    found = _DRAFT.fullmatch(word.strip())
    if not found:
        raise NotADraftName(word)
    return int(found[1])


def names_draft(word: str) -> bool:
    """Whether a word is a draft's name with its letter, `D-118`, where it may be the name of something else too."""
    return word.strip()[:2].upper() == "D-" and _DRAFT.fullmatch(word.strip()) is not None


def draft_numbers(words: Sequence[str]) -> list[int]:
    """The numbers of drafts, each once, in the order given."""
    return list(dict.fromkeys(draft_number(word) for word in words))


def statement_number(word: str) -> int:
    """The number in `S-7` or `7`; raises `NotAStatementName`."""
    found = _STATEMENT.fullmatch(word.strip())
    if not found:
        raise NotAStatementName(word)
    return int(found[1])


def day_or_none(text: str, today: date) -> date | None:
    """The day that an option was given, `None` where it was not; raises `DateUnreadable`."""
    return day(text, today) if text else None
