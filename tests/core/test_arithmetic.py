"""Computed amounts: exact, rounded once, and nothing but numbers and signs."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudbooks.core.arithmetic import computed
from cloudbooks.core.money import NotAnAmount, canonical


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("300*1.13", 33900),
        ("1,234.56", 123456),
        ("-300", -30000),
        ("100/3", 3333),
        ("-(100/8)*0.01", -13),
        ("３００＊１。１３", 33900),
        ("300×1.13", 33900),
        ("1000-2*300", 40000),
        (".5", 50),
        ("5.", 500),
    ],
)
def test_what_accountants_type_is_computed(text: str, minor: int) -> None:
    """Sums, products, quotients, brackets, full-width digits and signs."""
    assert computed(text, 2) == minor


@pytest.mark.parametrize(
    "text", ["", "1.234", "=", "2**9", "1//2", "1/0", "(1", "1)", "abc", "1e5", "1_000", "9" * 19, "(" * 59, "1 2", "+"]
)
def test_everything_else_is_refused(text: str) -> None:
    """No names, powers, floats, or numbers that a commodity cannot hold."""
    with pytest.raises(NotAnAmount):
        computed(text, 2)


@given(st.integers(-(10**12), 10**12), st.integers(0, 10**6), st.sampled_from("+-*"), st.sampled_from([0, 2, 3]))
def test_it_is_exact(one: int, other: int, sign: str, scale: int) -> None:
    """The result is that of exact fractions, rounded half away from zero."""
    exact = {"+": Fraction(one) + other, "-": Fraction(one) - other, "*": Fraction(one) * other}[sign]
    if abs(exact) * 10**scale >= 10**18:
        return
    assert Fraction(computed(f"{one}{sign}{other}", scale), 10**scale) == exact


@given(st.integers(-(10**15), 10**15), st.integers(0, 4))
def test_a_canonical_amount_is_itself(minor: int, scale: int) -> None:
    """What is stored can be typed again."""
    assert computed(canonical(minor, scale), scale) == minor
