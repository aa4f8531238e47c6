"""`chain seen`: a head that was printed, held against the book as it is now."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cloudbooks.books.desk import Desk
from cloudbooks.chain import second_digest
from cloudbooks.core.head_code import HeadCode, head_code, read_head_code
from cloudbooks.errors import ChainFault, sentence
from cloudbooks.store import log
from cloudbooks.store.log import BlockRow

_SM3 = re.compile(r"sm3:([0-9a-f]{64})", re.ASCII)
_HASH = re.compile(r"(?:b3:)?([0-9a-f]{64})", re.ASCII)


class HeadNotHere(ChainFault):
    """A printed head is none of the book: a block was changed or lost since, or the paper is of another book."""

    code = "head-not-here"

    def __init__(self, code: str, row: BlockRow | None, size: int) -> None:
        message = sentence("{code} is no block of this book, which has {size}.", code=code, size=size)
        if row is not None:
            message = sentence(
                "block {number} of this book has the code {here}, not {code}.",
                number=row.number, here=head_code(row.number, row.hash), code=code,
            )  # fmt: skip
        super().__init__(message, hint=sentence("cloudbooks verify; a backup or a peer may hold the block on paper"))


def sm3_of_head(desk: Desk) -> str:
    """The SM3 of the last block's bytes as `sm3:…`, "" where there is no block; raises `SecondDigestMissing`."""
    second_digest.demand()
    with desk.open() as book:
        data = log.StoredLog(book).block(book.head.number) if book.head else None
    return "" if data is None else f"sm3:{second_digest.sm3(data)}"


@dataclass(frozen=True, slots=True)
class Found:
    """A block that stands in the book as it stands on paper; `after` counts the blocks since."""

    number: int
    hash: str
    at: str
    after: int


def compare(desk: Desk, text: str) -> Found:
    """The block of a code, of a whole hash, or of `sm3:` and the SM3 of its bytes.

    Raises `HeadNotHere`, `HeadCodeUnreadable`, `SecondDigestMissing`.
    """
    whole = _HASH.fullmatch(text.strip().lower())
    second = _SM3.fullmatch(text.strip().lower())
    code = None if whole or second else read_head_code(text)
    with desk.open() as book:
        rows = log.blocks(book)
        if second:
            second_digest.demand()
            kept = log.StoredLog(book)
            fit = (row for row in rows if second_digest.sm3(kept.block(row.number) or b"") == second[1])
            whole = next((_HASH.fullmatch(row.hash) for row in fit), None)
    for row in rows:
        if row.hash == f"b3:{whole[1]}" if whole else _is(row, code):
            return Found(row.number, row.hash, row.committed_at, len(rows) - 1 - row.number)
    other = next((row for row in rows if code is not None and row.number == code.number), None)
    raise HeadNotHere(text, other, len(rows))


def _is(row: BlockRow, code: HeadCode | None) -> bool:
    return code is not None and row.number == code.number and row.hash.removeprefix("b3:").startswith(code.digits)
