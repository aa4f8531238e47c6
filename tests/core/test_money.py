"""Amounts and rates: one canonical text, nothing guessed, halves away from zero."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudbooks.core.money import DIGITS_MAX, NotAnAmount, NotARate, Rate, canonical, from_canonical, grouped, typed

scales = st.integers(0, 12)


@given(scale=scales, digits=st.integers(0, DIGITS_MAX), number=st.integers(0, 10**18), negative=st.booleans())
def test_canonical_text_reads_back(scale: int, digits: int, number: int, negative: bool) -> None:  # noqa: FBT001 - drawn
    """The canonical text of an amount of at most 18 digits is read back as the same amount, by both readers."""
    minor = number % 10 ** max(1, digits)
    minor = -minor if negative else minor
    text = canonical(minor, scale)
    if len(text.replace("-", "").replace(".", "")) > DIGITS_MAX:
        return
    assert minor == from_canonical(text, scale)
    assert minor == typed(text, scale)


@given(scale=scales, minor=st.integers(-(10**17), 10**17))
def test_grouped_text_is_the_same_number(scale: int, minor: int) -> None:
    """What people read is the canonical text with thousands marks, and is read back as typed."""
    assert canonical(minor, scale) == grouped(minor, scale).replace(",", "")
    if len(str(abs(minor))) <= DIGITS_MAX - scale:
        assert minor == typed(grouped(minor, scale), scale)


@pytest.mark.parametrize(
    ("minor", "scale", "text"),
    [(0, 2, "0.00"), (-5, 2, "-0.05"), (-30000, 2, "-300.00"), (7, 0, "7"), (1, 12, "0.000000000001"), (-0, 0, "0")],
)
def test_canonical_examples(minor: int, scale: int, text: str) -> None:
    """An amount has exactly the decimals of its commodity, one zero before the point, and no minus zero."""
    assert text == canonical(minor, scale)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-0.00",
        "+1.00",
        "01.00",
        "1.0",
        "1.000",
        "1",
        "1.",
        ".50",
        "1e2",
        "1,000.00",
        " 1.00",
        "1.00\n",
        "１.00",
        "1.0०",
        "12345678901234567.00",
        "NaN",
        "--1.00",
    ],
)
def test_only_the_canonical_text_is_canonical(text: str) -> None:
    """Every other spelling of an amount is refused, so that an amount has one text only."""
    with pytest.raises(ValueError, match=r".*"):
        from_canonical(text, 2)


@pytest.mark.parametrize(
    ("text", "scale", "minor"),
    [
        ("1,234.56", 2, 123456),
        ("1234.5", 2, 123450),
        (" +12 ", 2, 1200),
        ("-.5", 2, -50),
        ("5.", 2, 500),
        ("１，２３４．５６", 2, 123456),
        ("－３", 0, -3),
        ("1.5000", 2, 150),
        ("0000000000000000000000012.00", 2, 1200),
        ("-0", 2, 0),
        ("1,234,567", 0, 1234567),
        ("1,234", 3, 1234000),
    ],
)
def test_amounts_as_people_type_them(text: str, scale: int, minor: int) -> None:
    """Thousands marks, full-width digits, signs and missing zeros are read."""
    assert minor == typed(text, scale)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "abc",
        "1.234",
        "1,23",
        "12,34.5",
        "1234,567",
        "1.234,56",
        "1 234",
        "1e5",
        "0x10",
        "NaN",
        "Infinity",
        "1.2.3",
        "--1",
        "1-",
        "(1)",
        "¥1",
        "१",
        "1_000",
        "99999999999999999",
        "1" * 41,
        ".",
        "-",
    ],
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    """Anything that is not one amount in one way, or has more decimals or digits than fit, is refused in words."""
    with pytest.raises(NotAnAmount) as caught:
        typed(text, 2)
    assert caught.value.code == "amount-unreadable"
    assert "2 decimals" in str(caught.value)


def test_one_decimal_is_not_decimals() -> None:
    """The refusal counts decimals as English does."""
    assert "at most 1 decimal." in str(NotAnAmount("x", 1))


positive = st.integers(1, 10**12)


@given(amount=st.integers(-(10**15), 10**15), digits=positive, decimals=scales, scale=scales, base_scale=scales)
def test_a_value_is_rounded_once_and_halves_away_from_zero(
    amount: int, digits: int, decimals: int, scale: int, base_scale: int
) -> None:
    """A value is amount times rate, rounded to the base as the decimal library rounds half up."""
    with localcontext(prec=60):
        exact = Decimal(amount).scaleb(-scale) * Decimal(digits).scaleb(-decimals)
        expected = exact.scaleb(base_scale).quantize(Decimal(1), ROUND_HALF_UP)
    assert int(expected) == Rate(digits, decimals).value(amount, scale, base_scale)


@pytest.mark.parametrize(
    ("amount", "rate", "value"), [(1, "0.5", 1), (-1, "0.5", -1), (3, "0.5", 2), (1, "0.49", 0), (-1, "0.49", 0)]
)
def test_halves(amount: int, rate: str, value: int) -> None:
    """A half of the smallest unit becomes a whole one, on both sides of zero."""
    assert value == Rate.parse(rate).value(amount, 2, 2)


@given(digits=st.integers(1, 10**24 - 1), decimals=scales)
def test_a_rate_reads_back(digits: int, decimals: int) -> None:
    """The text of a rate is read back as an equal rate, without zeros at its end."""
    text = canonical(digits, decimals)
    whole, _, fraction = text.partition(".")
    if len(whole) > 12:
        return
    rate = Rate.parse(text)
    assert Decimal(text) == Decimal(str(rate))
    assert not fraction.strip("0") or not str(rate).endswith("0")
    assert rate == Rate.parse(str(rate))


@pytest.mark.parametrize("text", ["", "0", "0.000", "-1", "1,5", "1e3", ".5", "1.2.3", "1" * 13, "0." + "1" * 13, "१"])
def test_what_is_no_rate_is_refused(text: str) -> None:
    """A rate is above zero and has at most twelve digits on each side of the point."""
    with pytest.raises(NotARate) as caught:
        Rate.parse(text)
    assert caught.value.code == "rate-unreadable"
