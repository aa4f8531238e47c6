from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudbooks.core.money import canonical, grouped
from cloudbooks.importers.cells import RowUnread, masked, minor, said, words
from cloudbooks.importers.dates import Dates, clock
from cloudbooks.importers.layout import DateOrder, Writing

MINOR = st.integers(-(10**17), 10**17)
PLAIN = Writing()


@given(MINOR, st.integers(0, 8))
def test_an_amount_in_any_dress_is_the_same(amount: int, scale: int) -> None:
    """Thousands marks, signs, currency, padding, quoting and full-width digits do not change an amount."""
    plain = canonical(amount, scale)
    wide = plain.translate(str.maketrans("0123456789.-", "０１２３４５６７８９．－"))
    marked = grouped(amount, scale)
    dressed = [
        plain,
        wide,
        marked,
        f" {plain}\t",
        f"\xa0{marked} ",
        f'="{plain}"',
        f"'{plain}'",
        f"¥{plain}",
        f"{plain}元",
    ]
    if amount < 0:
        dressed += [f"({plain[1:]})", f"{plain[1:]}-", f"-¥{plain[1:]}", f"−{plain[1:]}", f"¥{marked}"]
    else:
        dressed += [f"+{plain}", f"{plain}+", f"+¥{plain}"]
    assert {minor(cell, scale, PLAIN) for cell in dressed} == {amount}


@given(MINOR)
def test_blank_thousands_and_blanks_beside_the_amount(amount: int) -> None:
    """Blanks may mark thousands, and may stand between sign, currency and figure."""
    spaced = grouped(abs(amount), 2).replace(",", " ")
    sign = "-" if amount < 0 else ""
    assert {minor(cell, 2, PLAIN) for cell in (f"{sign}{spaced}", f"{sign} {spaced}", f"¥ {sign}{spaced} ")} == {amount}


@given(MINOR)
def test_a_decimal_comma(amount: int) -> None:
    """Where a layout has a decimal comma, points mark thousands."""
    swapped = grouped(amount, 2).translate(str.maketrans(",.", ".,"))
    assert minor(swapped, 2, Writing(comma=True)) == amount
    assert minor(swapped.replace(".", ""), 2, Writing(comma=True)) == amount


@pytest.mark.parametrize(
    "cell",
    [
        "1.234",
        "1.2.3",
        "1,23",
        "12,34.00",
        "1e5",
        "0x10",
        "1_000",
        "٣",
        "abc",
        "--5",
        "5 6",
        "5 6 x",
        "1 23 456",
        "(-5.00)",
        "¥",
        "1.00 CNY",
        "NaN",
        "∞",
        "1" * 30,
        "9" * 17,
        "++1",
        "½",
    ],
)
def test_what_is_no_amount(cell: str) -> None:
    """Anything else is refused with the text in the reason, never read in part."""
    with pytest.raises(RowUnread, match="is not an amount with at most 2 decimals"):
        minor(cell, 2, PLAIN)


@pytest.mark.parametrize("cell", ["1,234.5", "1234.50", "1.23"])
def test_a_point_is_no_decimal_mark_where_a_comma_is(cell: str) -> None:
    """With a decimal comma a point that marks no thousands is refused."""
    with pytest.raises(RowUnread):
        minor(cell, 2, Writing(comma=True))


@pytest.mark.parametrize("cell", ["", "  ", "-", "--", "-----", "/", "\t", '=""', "—"])
def test_placeholders_are_no_amount_and_no_text(cell: str) -> None:
    """A dash or slash alone stands for nothing."""
    assert minor(cell, 2, PLAIN) is None
    assert said(cell) == ""


def test_an_amount_ends_where_the_layout_says() -> None:
    """What stands behind a cut is a remark."""
    writing = Writing(cuts=("(", "（"))
    assert minor("416.87(已退款233.45)", 2, writing) == 416_87
    assert minor("468.32（已全额退款）", 2, writing) == 468_32


@given(st.text())
def test_words_are_one_visible_line(text: str) -> None:
    """Cleaned text has no blanks at its ends or in a row and nothing that cannot be seen."""
    cleaned = words(text)
    assert cleaned == " ".join(cleaned.split())
    assert cleaned.isprintable()


def test_masked_balances() -> None:
    """Letters without a digit and asterisks are masks, figures are not."""
    assert masked("xx,yyyy.zz")
    assert masked("1**4.00")
    assert masked("")
    assert not masked("1,234.00")


DATES = [
    ("2026-02-01", DateOrder.YMD),
    ("2026/2/1", DateOrder.YMD),
    ("2026.02.01", DateOrder.DMY),
    ("20260201", DateOrder.MDY),
    ("2026年2月1日", DateOrder.YMD),
    ('="20260201"', DateOrder.YMD),
    ("２０２６-０２-０１", DateOrder.YMD),
    ("01/02/2026", DateOrder.DMY),
    ("1.2.2026", DateOrder.DMY),
    ("02/01/2026", DateOrder.MDY),
    ("2/1/26", DateOrder.MDY),
    ("1 Feb 2026", DateOrder.YMD),
    ("01-FEB-2026", DateOrder.YMD),
    ("February 1, 2026", DateOrder.YMD),
]


@pytest.mark.parametrize(("cell", "order"), DATES)
def test_a_date_in_any_dress(cell: str, order: DateOrder) -> None:
    """The first of February 2026, however it is written, also when it was read before."""
    dates = Dates(order)
    assert [dates.read(cell) for _ in range(3)] == [(date(2026, 2, 1), "")] * 3


@pytest.mark.parametrize(
    "cell",
    ["2026-02-01 09:05:07", "2026-02-01T09:05:07Z", "20260201 09:05:07", "20260201090507", " 2026-02-01  9:05:07\t"],
)
def test_a_date_with_its_time(cell: str) -> None:
    """The time of day stands beside the day, however often the day was read before."""
    dates = Dates(DateOrder.YMD)
    dates.read("2026-02-01")
    dates.read("20260201")
    assert [dates.read(cell) for _ in range(2)] == [(date(2026, 2, 1), "09:05:07")] * 2


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("2026-02-30", '"2026-02-30" is no day of the calendar.'),
        ("20261301", '"20261301" is no day of the calendar.'),
        ("0000-01-01", '"0000-01-01" is no day of the calendar.'),
        ("1 Foo 2026", '"1 Foo 2026" is no day of the calendar.'),
        ("01/02/2026", '"01/02/2026" does not begin with its year, as the dates here do.'),
        ("2026-02-01 soon", '"2026-02-01 soon" is not a date.'),
        ("2026-02", '"2026-02" is not a date.'),
        ("１月", '"1月" is not a date.'),
        ("", '"" is not a date.'),
    ],
)
def test_what_is_no_date(cell: str, why: str) -> None:
    """The reason says which: no date, no day of the calendar, or another order; the same after a good row."""
    dates = Dates(DateOrder.YMD)
    for _ in range(2):
        with pytest.raises(RowUnread) as caught:
            dates.read(cell)
        assert str(caught.value.why) == why
        dates.read("2026-02-01")


@given(st.dates(), st.sampled_from(DateOrder), st.sampled_from("/-."))
def test_a_day_is_read_back(day: date, order: DateOrder, mark: str) -> None:
    """A day written in an order and read in it is the same day."""
    parts = {"y": f"{day.year:04}", "m": f"{day.month:02}", "d": f"{day.day:02}"}
    assert Dates(order).read(mark.join(parts[letter] for letter in order)) == (day, "")


@pytest.mark.parametrize(
    ("cell", "time"),
    [
        ("123456", "12:34:56"),
        ("9:05", "09:05:00"),
        ("24:00:00", ""),
        ("12:60:00", ""),
        ("noon", ""),
        ("", ""),
        (" 00:00:00 ", "00:00:00"),
    ],
)
def test_a_time_of_day(cell: str, time: str) -> None:
    """A time is HH:MM:SS, and nothing where it is none."""
    assert clock(cell) == time
