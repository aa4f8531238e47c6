"""The canonical text of a working row, and the digest that is kept over it."""

from __future__ import annotations

import json
from collections.abc import Callable

from cloudbooks.errors import Refusal, Sentence, sentence
from cloudbooks.store.kept_digest import kept_digest

Cell = int | str | bytes | None
Row = tuple[Cell, ...]
Encode = Callable[[object], bytes]

BULK_ROWS = 1000
"""From so many rows on, importing the faster encoder costs less than it saves."""

_compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class WorkingRowDamaged(Refusal):
    """A row of the working state is not what this program kept: its digest does not agree with its content."""

    code = "working-row-damaged"

    def __init__(self, what: Sentence) -> None:
        super().__init__(
            sentence("{what} was changed outside this program: its digest does not agree with it.", what=what),
            hint=sentence("cloudbooks verify names every such row"),
        )


class TextNotUnicode(Refusal):
    """A text holds half of a character, which no file can keep."""

    code = "text-not-unicode"

    def __init__(self, text: str) -> None:
        super().__init__(
            sentence('"{text}" holds bytes that are no characters.', text=text.encode("utf-8", "replace").decode()),
            hint=sentence("write it in UTF-8"),
        )


def plain(value: object) -> bytes:
    """Compact JSON in UTF-8, members in the order given; raises `TextNotUnicode`."""
    try:
        return _compact(value).encode()
    except UnicodeEncodeError as error:
        raise TextNotUnicode(str(error.object)[error.start : error.start + 40]) from error


def encoder(rows: int) -> Encode:
    """What writes compact JSON for so many rows; every choice gives the same bytes."""
    if rows < BULK_ROWS:
        return plain
    from msgspec.json import encode  # noqa: PLC0415 - 50 ms, paid back by bulk only

    def bulk(value: object) -> bytes:
        try:
            return encode(value)
        except UnicodeEncodeError:
            return plain(value)

    return bulk


def digest(table: str, values: Row, encode: Encode = plain, blobs: tuple[int, ...] = ()) -> bytes:
    """BLAKE2b of 16 bytes over the JSON array of the table's name and the values.

    `blobs` are the places of bytes, which are written as hex digits.
    """
    cells: list[Cell] = [table, *values]
    for place in blobs:
        cell = values[place]
        cells[place + 1] = cell.hex() if isinstance(cell, bytes) else cell
    return kept_digest(encode(cells))
