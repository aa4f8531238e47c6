"""`chain seen`: a head that was printed, held against the book as it is now."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cloudbooks.books.desk import Desk
from cloudbooks.chain import second_digest
from cloudbooks.core.head_code import Printed, head_code, letters_apart, read_printed
from cloudbooks.errors import ChainFault, counted, sentence
from cloudbooks.store import log
from cloudbooks.store.log import BlockRow

_SM3 = re.compile(r"sm3:([0-9a-f]{64})", re.ASCII)

_MISREAD_MAX = 2
"""So few letters that differ are more likely read wrong than another history's."""


class HeadNotHere(ChainFault):
    """A printed head is none of the book: a block was changed or lost since, or the paper is of another book."""

    code = "head-not-here"

    def __init__(self, code: str, row: BlockRow | None, size: int) -> None:
        message = sentence("{code} is no block of this book, which has {size}.", code=code, size=size)
        hint = sentence("cloudbooks verify; a backup or a peer may hold the block on paper")
        if row is not None:
            here = head_code(row.number, row.hash)
            message = sentence(
                "block {number} of this book has the code {here}, not {code}.",
                number=row.number, here=here, code=code,
            )  # fmt: skip
            apart = letters_apart(here, code)
            if apart <= _MISREAD_MAX:
                hint = counted(
                    "{n} letter differs: compare it with the paper once more",
                    "{n} letters differ: compare them with the paper once more",
                    apart,
                )
        super().__init__(message, hint=hint)


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
    second = _SM3.fullmatch(text.strip().lower())
    printed = Printed("", None) if second else read_printed(text)
    with desk.open() as book:
        rows = log.blocks(book)
        if second:
            second_digest.demand()
            kept = log.StoredLog(book)
            fit = (row.hash for row in rows if second_digest.sm3(kept.block(row.number) or b"") == second[1])
            printed = Printed(next(fit, text), None)
    for row in rows:
        if _is(row, printed):
            return Found(row.number, row.hash, row.committed_at, len(rows) - 1 - row.number)
    other = next((row for row in rows if printed.code is not None and row.number == printed.code.number), None)
    raise HeadNotHere(text, other, len(rows))


def _is(row: BlockRow, printed: Printed) -> bool:
    """Whether a block is the one on paper, in all that the paper says of it."""
    code = printed.code
    coded = code is None or (row.number == code.number and row.hash.removeprefix("b3:").startswith(code.digits))
    return coded and printed.hash in ("", row.hash)
