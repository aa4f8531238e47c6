"""How a person's word finds a posted entry: a voucher number with its period, or an id."""

from __future__ import annotations

import re

from cloudbooks.core.entry import PostedEntry
from cloudbooks.core.period import Month
from cloudbooks.errors import Refusal, joined, sentence
from cloudbooks.store import reading
from cloudbooks.store.book_file import BookFile

_WORD = re.compile(r"(?:(?P<month>\d{4}-\d{1,2})/)?(?:(?P<series>[^\s/0-9-]+)-?)?(?P<number>\d{1,9})", re.ASCII)
_DRAFT = re.compile(r"[Dd]-[0-9]+", re.ASCII)
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.ASCII)


class EntryUnknown(Refusal):
    """No posted entry has the voucher number or id that was given."""

    code = "entry-unknown"

    def __init__(self, word: str) -> None:
        message = sentence('no posted entry is called "{word}".', word=word)
        hint = sentence("write it like 2026-10/记-12; cloudbooks entry list")
        if _DRAFT.fullmatch(word.strip()):
            hint = sentence("drafts are called so, and are posted first: cloudbooks post {name}", name=word.strip())
        super().__init__(message, hint=hint)


class EntryAmbiguous(Refusal):
    """Several posted entries have the voucher number that was given."""

    code = "entry-ambiguous"

    def __init__(self, word: str, fits: list[PostedEntry]) -> None:
        names = joined([f"{Month.of(entry.date)}/{entry.voucher}" for entry in fits[:6]])
        super().__init__(
            sentence('"{word}" fits {n} entries: {names}.', word=word, n=len(fits), names=names),
            hint=sentence("cloudbooks entry show {name}", name=f"{Month.of(fits[0].date)}/{fits[0].voucher}"),
        )
        self.fits = tuple(fits)
        self.fits = tuple(fits)


def find_entry(book: BookFile, word: str) -> PostedEntry:
    """The one entry meant by `2026-10/记-12`, `记-12` or an id; raises `EntryUnknown` or `EntryAmbiguous`."""
    plain = word.strip()
    if _ID.fullmatch(plain):
        entry = reading.entry(book, plain)
        if entry is None:
            raise EntryUnknown(word)
        return entry
    found = _WORD.fullmatch(plain)
    if not found:
        raise EntryUnknown(word)
    month = Month.parse(found["month"]).key if found["month"] else None
    fits = reading.entries_numbered(book, found["series"], int(found["number"]), month)
    if not fits:
        raise EntryUnknown(word)
    if len(fits) > 1:
        raise EntryAmbiguous(word, fits)
    return fits[0]
