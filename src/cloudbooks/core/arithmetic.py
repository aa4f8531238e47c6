"""Amounts as accountants type them into a cell: `300*1.13` is computed exactly and rounded once, at the end."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from cloudbooks.core.money import DIGITS_MAX, NotAnAmount

TEXT_MAX = 60
"""Characters that a computation may have."""

_TOKEN = re.compile(r"\s*(?:([0-9]+(?:,[0-9]{3})*(?:\.[0-9]*)?|\.[0-9]+)|(.))", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Ratio:
    """An exact number: `over` divided by `under`, which is above zero."""

    over: int
    under: int = 1


class _Computation:
    """Recursive descent over `+ - * / ( )` and decimal numbers, and nothing else."""

    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str, str]] = [found for found in _TOKEN.findall(text) if found[0] or found[1].strip()]
        self._at = 0

    def whole(self) -> _Ratio:
        """The value of the whole text; `ValueError` if it is none."""
        value = self._sum()
        if self._at != len(self._tokens):
            raise ValueError(self._tokens[self._at])
        return value

    def _next(self, signs: str) -> str:
        if self._at < len(self._tokens) and self._tokens[self._at][1] in signs.split():
            self._at += 1
            return self._tokens[self._at - 1][1]
        return ""

    def _sum(self) -> _Ratio:
        value = self._product()
        while sign := self._next("+ -"):
            other = self._product()
            over = other.over if sign == "+" else -other.over
            value = _Ratio(value.over * other.under + over * value.under, value.under * other.under)
        return value

    def _product(self) -> _Ratio:
        value = self._factor()
        while sign := self._next("* /"):
            other = self._factor()
            if sign == "/":
                if other.over == 0:
                    raise ValueError(sign)
                other = _Ratio(other.under if other.over > 0 else -other.under, abs(other.over))
            value = _Ratio(value.over * other.over, value.under * other.under)
        return value

    def _factor(self) -> _Ratio:
        if sign := self._next("+ -"):
            value = self._factor()
            return value if sign == "+" else _Ratio(-value.over, value.under)
        if self._next("("):
            value = self._sum()
            if not self._next(")"):
                raise ValueError
            return value
        if self._at < len(self._tokens) and (number := self._tokens[self._at][0]):
            self._at += 1
            whole, _, decimals = number.replace(",", "").partition(".")
            return _Ratio(int(whole + decimals or "0"), int(10 ** len(decimals)))
        raise ValueError


def computed(text: str, scale: int) -> int:
    """Minor units of what a cell says: a number, or numbers with `+ - * / ( )`; halves are rounded away from zero.

    Full-width digits and signs, `×` and `÷` count as their ASCII ones. Raises `NotAnAmount` for anything else, for a
    plain number with more decimals than its commodity has, for too many digits, and for a division by nothing.
    """
    plain = unicodedata.normalize("NFKC", text).translate(_SIGNS).strip()
    if len(plain) > TEXT_MAX:
        raise NotAnAmount(text, scale)
    try:
        value = _Computation(plain).whole()
    except ValueError:
        raise NotAnAmount(text, scale) from None
    unit = int(10**scale)
    over = 2 * abs(value.over) * unit + value.under
    minor = over // (2 * value.under)
    told = re.fullmatch(r"[+-]?[0-9,]*\.?[0-9]*", plain)
    if minor >= 10**DIGITS_MAX or (told and minor * value.under != abs(value.over) * unit):
        raise NotAnAmount(text, scale)
    return minor if value.over >= 0 else -minor


_SIGNS = str.maketrans({"×": "*", "÷": "/", "。": ".", "－": "-", "—": "-", "−": "-", "，": ",", "、": "/"})
