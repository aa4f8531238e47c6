"""One cell of a statement: its words, and its amount as minor units. The raw text stays on the line."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from cloudbooks.core.money import DIGITS_MAX, NotAnAmount, typed
from cloudbooks.errors import Sentence
from cloudbooks.importers.layout import Writing

_BESIDE_AMOUNT = "¥￥$€£元 "
_BLANK_THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(?: [0-9]{3})+(?:[.,][0-9]*)?", re.ASCII)
_AMOUNT_EDGES = " \t\r\n\xa0\u3000¥￥"
_MINUS = str.maketrans({"−": "-", "–": "-", "－": "-", "，": ",", "．": "."})
_POINT_AND_COMMA = str.maketrans(",.", ".,")
_COMMA_AMOUNT = re.compile(r"-?[0-9]{1,3}(?:\.?[0-9]{3})*(?:,[0-9]+)?", re.ASCII)
_NOT_SHOWN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_PLACEHOLDER_SIGNS = "-/—"
_NO_AMOUNT = "?"
# More decimals leave fewer digits before the point, so that no single scale takes every amount.
_SCALES_TRIED = (2, 8, 12)


class RowUnread(Exception):
    """A row cannot be read; it becomes an `Unreadable` with this reason."""

    def __init__(self, why: Sentence) -> None:
        super().__init__(str(why))
        self.why = why


def words(cell: str) -> str:
    """A cell's text: spreadsheet quoting taken off, each run of blanks one blank, nothing that cannot be seen."""
    text = " ".join(cell.split())
    if text[:1] in {"=", "'", '"'}:
        text = _unquoted(text)
    if text.isprintable():
        return text
    seen = (" " if character.isspace() else character for character in text if not _hidden(character))
    return " ".join("".join(seen).split())


def said(cell: str) -> str:
    """`words`, or nothing where the cell holds only a placeholder such as `/` or `--`."""
    text = words(cell)
    return text if text.strip(_PLACEHOLDER_SIGNS) else ""


@lru_cache(maxsize=4096)
def _hidden(character: str) -> bool:
    return unicodedata.category(character) in _NOT_SHOWN


def _unquoted(text: str) -> str:
    if text.startswith("="):
        inner = text[1:].strip()
        return inner[1:-1].strip() if len(inner) > 1 and inner[0] == inner[-1] == '"' else text
    if text.startswith("'"):
        return text[1:].removesuffix("'").strip()
    return text[1:-1].strip() if len(text) > 1 and text.endswith('"') else text


def minor(cell: str, scale: int, writing: Writing) -> int | None:
    """Minor units of a cell's amount, `None` where it is blank or a placeholder; raises `RowUnread` for other text.

    Thousands marks, currency signs, full-width digits, a sign before or behind and brackets for a minus are read; more
    decimals than `scale` are not, unless they are zeros.
    """
    text = cell.strip(_AMOUNT_EDGES)
    negative = text[:1] == "-"
    whole, _, decimals = (text[1:] if negative else text).partition(".")
    digits = whole + decimals
    # The common case without a regular expression: digits, and exactly the decimals of the commodity.
    usual = len(decimals) == scale and len(digits) <= DIGITS_MAX and digits.isdecimal() and digits.isascii()
    if usual and not writing.comma:
        return -int(digits) if negative else int(digits)
    return _as_written(cell, scale, writing)


def _as_written(cell: str, scale: int, writing: Writing) -> int | None:
    plain = said(cell)
    for cut in writing.cuts:
        plain = plain.partition(cut)[0].rstrip()
    if not plain:
        return None
    plain = plain.translate(_MINUS).strip(_BESIDE_AMOUNT)
    negative = False
    if plain.startswith("(") and plain.endswith(")"):
        negative, plain = True, plain[1:-1]
    elif plain.endswith(("-", "+")) and plain[0] not in "+-":
        plain = plain[-1] + plain[:-1]
    sign = plain[:1] if plain[:1] in {"+", "-"} else ""
    plain = sign + plain[len(sign) :].strip(_BESIDE_AMOUNT)
    if _BLANK_THOUSANDS.fullmatch(plain):
        plain = plain.replace(" ", "")
    if writing.comma:
        plain = _with_point(plain)
    try:
        found = typed(_NO_AMOUNT if negative and sign else plain, scale)
    except NotAnAmount:
        raise RowUnread(NotAnAmount(words(cell), scale).message) from None
    return -found if negative else found


def _with_point(text: str) -> str:
    """An amount with a decimal comma as one with a point."""
    return text.translate(_POINT_AND_COMMA) if _COMMA_AMOUNT.fullmatch(text.lstrip("+")) else _NO_AMOUNT


def looks_like_amount(cell: str, *, comma: bool = False) -> bool:
    """Whether a cell holds an amount of any scale."""
    writing = Writing(comma=comma)
    for scale in _SCALES_TRIED:
        try:
            return _as_written(cell, scale, writing) is not None
        except RowUnread:
            continue
    return False


def masked(cell: str) -> bool:
    """Whether a balance is covered up: it holds no digit, or an asterisk."""
    text = said(cell)
    return "*" in text or not any(character.isdecimal() for character in text)
