"""The short code of a head: what fits on paper and over a telephone, and still names one block of one history.

`41-7F3K-9Q2M-0XHB-CDEV` is the number of the block and the first 80 bits of its hash in Crockford's base 32, whose
letters cannot be taken for digits. Somebody who wants another history with the same code has 2**80 blocks to try.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from cloudbooks.errors import Refusal, sentence

_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_BITS = 5
_DIGITS = 16
_GROUP = 4
_HEX = _DIGITS * _BITS // 4
_CODE = re.compile(r"([0-9]{1,12})-((?:[0-9A-Z]{4}-?){4})", re.ASCII)
_ALIKE = str.maketrans("OIL", "011")
_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"))
_HASH = re.compile(r"(?<![0-9A-F])(?:B3:)?([0-9A-F]{64})(?![0-9A-F])", re.ASCII)
_WITHIN = re.compile(r"(?<![0-9A-Z-])[0-9]{1,12}-(?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}(?![0-9A-Z-])", re.ASCII)


class HeadCodeUnreadable(Refusal):
    """A text is no short code of a head, and no hash."""

    code = "head-code-unreadable"

    def __init__(self, text: str) -> None:
        hint = sentence("it looks like 41-7F3K-9Q2M-0XHB-CDEV; cloudbooks chain head shows that of the last block")
        if "…" in text:
            hint = sentence("a shortened hash shows little; --head prints the whole one, and its code, below a report")
        super().__init__(sentence('"{text}" is no code of a head.', text=text), hint=hint)


class HeadCode(NamedTuple):
    """What a code says: the number of a block, and the first 20 hex digits of its hash."""

    number: int
    digits: str


def head_code(number: int, hash_: str) -> str:
    """The short code of a block; `hash_` is `b3:` and 64 hex digits."""
    return f"{number}-{short_code(hash_)}"


def short_code(hash_: str) -> str:
    """The first 80 bits of a hash, `b3:` and 64 hex digits, as somebody can read them out: four letters by four."""
    bits = int(hash_.removeprefix("b3:")[:_HEX], 16)
    letters = "".join(_LETTERS[bits >> shift & 31] for shift in range((_DIGITS - 1) * _BITS, -1, -_BITS))
    return "-".join(letters[at : at + _GROUP] for at in range(0, _DIGITS, _GROUP))


class Printed(NamedTuple):
    """What stands on paper: a whole hash (`b3:…`), the code, or both; what is not there is empty or `None`."""

    hash: str
    code: HeadCode | None


def read_printed(text: str) -> Printed:
    """The head that somebody typed, or copied with the words around it; raises `HeadCodeUnreadable`."""
    plain = _plain(text)
    hashes, codes = _HASH.findall(plain), _WITHIN.findall(plain)
    if len(hashes) > 1 or len(codes) > 1:
        raise HeadCodeUnreadable(text)
    if not hashes:
        return Printed("", read_head_code(codes[0] if codes else text))
    return Printed(f"b3:{hashes[0].lower()}", read_head_code(codes[0]) if codes else None)


def letters_apart(one: str, other: str) -> int:
    """In how many letters two codes differ, O, I, L being 0 and 1."""
    letters = ["".join(_plain(code).translate(_ALIKE).replace("-", "").split()) for code in (one, other)]
    return sum(a != b for a, b in zip(*letters, strict=False))


def _plain(text: str) -> str:
    """Narrow capital letters and plain hyphens, whatever input methods and typesetting made of them."""
    return unicodedata.normalize("NFKC", text).translate(_DASHES).upper()


def read_head_code(text: str) -> HeadCode:
    """The code that somebody typed: small letters, blanks for hyphens, and O, I, L for 0 and 1 are read as meant.

    Raises `HeadCodeUnreadable`.
    """
    found = _CODE.fullmatch("-".join(_plain(text).split()))
    letters = found[2].replace("-", "").translate(_ALIKE) if found else ""
    if not found or any(letter not in _LETTERS for letter in letters):
        raise HeadCodeUnreadable(text)
    bits = 0
    for letter in letters:
        bits = bits << _BITS | _LETTERS.index(letter)
    return HeadCode(int(found[1]), f"{bits:0{_HEX}x}")
