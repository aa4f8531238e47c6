"""Money as integer minor units: an amount is an `int` counted in 10**-scale of its commodity."""

from __future__ import annotations

import re
from typing import NamedTuple

from cloudbooks.errors import Refusal, counted, sentence

DIGITS_MAX = 18
"""Digits that an amount may have in all (FORMAT.md section 1)."""

RATE_DIGITS_MAX = 12
"""Digits that a rate may have before the point, and as many after it (FORMAT.md section 1)."""

_CANONICAL = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?", re.ASCII)
_TYPED = re.compile(r"[+-]?(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.[0-9]*)?|[+-]?\.[0-9]+", re.ASCII)
_FULL_WIDTH = str.maketrans("０１２３４５６７８９．，－＋", "0123456789.,-+")
_TEXT_MAX = 40


class NotAnAmount(Refusal):
    """A text cannot be read as an amount of its commodity."""

    code = "amount-unreadable"

    def __init__(self, text: str, scale: int) -> None:
        super().__init__(
            counted(
                '"{text}" is not an amount with at most {n} decimal.',
                '"{text}" is not an amount with at most {n} decimals.',
                scale,
                text=text[:_TEXT_MAX],
            ),
            hint=sentence("write it like 1234.56 or 1,234.56"),
        )


class NotARate(Refusal):
    """A text cannot be read as a rate."""

    code = "rate-unreadable"

    def __init__(self, text: str) -> None:
        super().__init__(
            sentence(
                '"{text}" is not a rate: it is above zero, with at most {digits} digits before and after the point.',
                text=text[:_TEXT_MAX],
                digits=RATE_DIGITS_MAX,
            ),
            hint=sentence("write it like 7.1234"),
        )


def canonical(minor: int, scale: int) -> str:
    """The one text of an amount: exactly `scale` decimals, `-` for negatives, never `-0` (FORMAT.md section 1)."""
    if scale == 0:
        return str(minor)
    digits = str(minor)
    if minor < 0 or len(digits) <= scale:
        digits = ("-" if minor < 0 else "") + str(abs(minor)).rjust(scale + 1, "0")
    return f"{digits[:-scale]}.{digits[-scale:]}"


def grouped(minor: int, scale: int) -> str:
    """The amount for people, with thousands marks: `-1,234.56`."""
    whole, dot, decimals = canonical(abs(minor), scale).partition(".")
    return f"{'-' if minor < 0 else ''}{int(whole):,}{dot}{decimals}"


def from_canonical(text: str, scale: int) -> int:
    """Minor units of a canonical amount; `ValueError` for any other text, another scale, `-0` or too many digits."""
    whole, _, decimals = text.partition(".")
    if not _CANONICAL.fullmatch(text) or len(decimals) != scale:
        raise ValueError(text)
    minor = int(whole + decimals)
    if len(whole.lstrip("-")) + scale > DIGITS_MAX or (minor == 0 and text[0] == "-"):
        raise ValueError(text)
    return minor


def typed(text: str, scale: int) -> int:
    """Minor units of an amount as a person or a bank writes it: thousands marks, full-width digits, a leading sign.

    Raises `NotAnAmount` for anything else, and for more decimals than the commodity has unless they are zeros.
    """
    plain = text.strip().translate(_FULL_WIDTH)
    if len(plain) > _TEXT_MAX or not _TYPED.fullmatch(plain):
        raise NotAnAmount(text, scale)
    sign = -1 if plain[0] == "-" else 1
    whole, _, decimals = plain.lstrip("+-").replace(",", "").partition(".")
    if decimals[scale:].strip("0") or len(whole.lstrip("0")) + scale > DIGITS_MAX:
        raise NotAnAmount(text, scale)
    return sign * int((whole or "0") + decimals[:scale].ljust(scale, "0"))


class Rate(NamedTuple):
    """The price of one unit of a commodity in the base: `digits` / 10**`decimals`, above zero."""

    digits: int
    decimals: int

    @classmethod
    def parse(cls, text: str) -> Rate:
        """A rate as FORMAT.md section 1 writes it, or as typed with zeros at the end; `NotARate` otherwise."""
        whole, _, decimals = text.strip().translate(_FULL_WIDTH).partition(".")
        decimals = decimals.rstrip("0")
        if not (whole + decimals).isascii() or not (whole.isdigit() and (decimals or "0").isdigit()):
            raise NotARate(text)
        whole = whole.lstrip("0") or "0"
        if max(len(whole), len(decimals)) > RATE_DIGITS_MAX or int(whole + decimals) == 0:
            raise NotARate(text)
        return cls(int(whole + decimals), len(decimals))

    def __str__(self) -> str:
        return canonical(self.digits, self.decimals)

    def value(self, amount: int, scale: int, base_scale: int) -> int:
        """Minor units of the base for `amount` minor units of a commodity, halves rounded away from zero."""
        numerator: int = abs(amount) * self.digits * 10**base_scale
        denominator: int = 10 ** (scale + self.decimals)
        rounded = (2 * numerator + denominator) // (2 * denominator)
        return rounded if amount >= 0 else -rounded
