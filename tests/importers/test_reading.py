from __future__ import annotations

import pytest
from tests.importers.shipped import amounts, reading, sample

from cloudbooks.errors import Refusal
from cloudbooks.importers.layout import SkipReason
from cloudbooks.importers.options import Options
from cloudbooks.importers.statement_reading import FileCutOff, RowsUnreadable, StatementEmpty

CMB = "记账日期,货币,交易金额,联机余额,交易摘要,对手信息,客户摘要\n"
KEEP = Options(name="bank.csv", commodity="CNY", keep_unreadable=True)


def _why(row: str, header: str = CMB) -> str:
    """The reason why a row is unreadable, between two good ones."""
    good = "2026-01-01,CNY,1.00,,,,\n" if header == CMB else ""
    found = reading(f"{header}2026-01-01,CNY,1.00,,,,\n{row}\n{good}", KEEP)
    assert [one.row for one in found.unreadable] == [3]
    assert found.unreadable[0].raw == row
    return str(found.unreadable[0].why)


UNREADABLE = [
    ("2026-02-30,CNY,1.00,,,,", '"2026-02-30" is no day of the calendar.'),
    ("soon,CNY,1.00,,,,", '"soon" is not a date.'),
    ("03/04/2026,CNY,1.00,,,,", '"03/04/2026" does not begin with its year, as the dates here do.'),
    ("2026-01-02,CNY,1.001,,,,", '"1.001" is not an amount with at most 2 decimals.'),
    ("2026-01-02,JPY,1.50,,,,", '"1.50" is not an amount with at most 0 decimals.'),
    ("2026-01-02,CNY,1.00x,,,,", '"1.00x" is not an amount with at most 2 decimals.'),
    ("2026-01-02,CNY,,,,,", "the row has no amount in 交易金额."),
    ("2026-01-02,CNY,1.00,12.0.0,,,", '"12.0.0" is not an amount with at most 2 decimals.'),
    ("2026-01-02,石头,1.00,,,,", 'the currency "石头" is not known.'),
    ("2026-01-02,CNY,1.00,,,,,more", "the row has 8 cells, the header 7."),
    ("2026-01-02,CNY", "the row has 2 cells, the header 7."),
    ("2026-01-02,CNY,1.00,,,," + "x" * 10_241, "a cell is longer than 10240 characters."),
]


@pytest.mark.parametrize(("row", "why"), UNREADABLE)
def test_a_row_that_cannot_be_read_has_its_reason(row: str, why: str) -> None:
    """Each fault of a row is told with the user's own text, and the other rows are read."""
    assert _why(row) == why


def test_all_unreadable_rows_refuse_the_file_at_once() -> None:
    """Without being told to keep them, every unreadable row is a finding of one refusal with its place and text."""
    with pytest.raises(RowsUnreadable) as caught:
        reading(CMB + "x,CNY,1.00,,,,\n2026-01-01,CNY,2.00,,,,\n2026-01-02,CNY,?,,,,\n")
    refusal = caught.value
    assert str(refusal) == "bank.csv: 2 rows cannot be read, beside 1 that can."
    assert [(one.where, one.excerpt) for one in refusal.findings] == [
        ("bank.csv:2", "x,CNY,1.00,,,,"),
        ("bank.csv:4", "2026-01-02,CNY,?,,,,"),
    ]
    assert "--keep-unreadable" in str(refusal.hint)


def test_a_file_of_unreadable_rows_is_refused_even_if_they_are_kept() -> None:
    """Where nothing can be read there is no statement."""
    with pytest.raises(RowsUnreadable, match="beside 0 that can"):
        reading(CMB + "x,CNY,1.00,,,,\n", KEEP)


def test_only_a_header_is_no_statement() -> None:
    """A file without a movement is refused, skipped rows counted."""
    with pytest.raises(StatementEmpty, match=r"bank.csv \(cmb-debit@1\) holds no movement; 1 row was skipped"):
        reading(CMB + "\n")


def test_blank_rows_and_repeated_headers_are_skipped() -> None:
    """Rows of nothing and the header once more are counted with their reasons."""
    row = "2026-01-01,CNY,1.00,,,,\n"
    found = reading(f"{CMB}\n{row},,,,,,\n \t \n{CMB}{row}")
    assert found.skipped_by_reason == {SkipReason.BLANK: 3, SkipReason.HEADER: 1}
    assert [line.row for line in found.statements["CNY"].lines] == [3, 7]


def test_equal_rows_stay_equal_lines() -> None:
    """Two coffees of one price on one day are two lines."""
    row = "2026-01-01,CNY,-5.00,,快捷支付,咖啡,\n"
    assert amounts(reading(CMB + row + row)) == [-500, -500]


def test_several_currencies_are_several_statements() -> None:
    """Each currency of a file has its own lines, scale and balances."""
    found = reading(CMB + "2026-01-01,USD,1.00,1.00,,,\n2026-01-01,JPY,100,100,,,\n2026-01-02,人民币,2.00,3.00,,,\n")
    assert {code: [(line.amount, line.balance) for line in one.lines] for code, one in found.statements.items()} == {
        "USD": [(100, 100)],
        "JPY": [(100, 100)],
        "CNY": [(200, 300)],
    }


def test_a_row_longer_than_the_header_by_blanks_is_read() -> None:
    """A comma at the end of rows adds nothing."""
    assert amounts(reading(CMB + "2026-01-01,CNY,1.00,,,,, ,\t\n")) == [100]


def test_missing_cells_at_the_end_are_blank() -> None:
    """A row may end after its amount where what follows is not needed, unless the file ends there."""
    assert amounts(reading(CMB + "2026-01-01,CNY,1.00\n2026-01-01,CNY,2.00,,,,\n")) == [100, 200]


def test_a_file_cut_off_in_a_row() -> None:
    """A last row without its line end and its last cells is a part of a row: 1,234 may have been 1,234,567."""
    with pytest.raises(RowsUnreadable) as caught:
        reading(CMB + "2026-01-01,CNY,1.00,,,,\n2026-01-02,CNY,1234")
    assert str(caught.value.findings[0].message) == "the file ends in the middle of this row."


def test_a_file_cut_off_before_its_totals() -> None:
    """A layout whose files end with a line of totals refuses a file without it, and tells of it if told to go on."""
    whole = sample("bank-cn/icbc-debit-v2.csv").decode()
    cut = "\n".join(whole.split("\n")[:14]) + "\n"
    with pytest.raises(FileCutOff, match=r'bank\.csv ends after row 14 without its line "合计"'):
        reading(cut)
    kept = reading(cut, KEEP)
    assert kept.lines == 7
    assert [str(doubt) for doubt in kept.doubts] == ['bank.csv ends after row 14 without its line "合计".']


def test_a_stray_quotation_mark_loses_no_row() -> None:
    """A quotation mark that takes in other rows makes its row unreadable instead of hiding them."""
    text = CMB + '2026-01-01,CNY,1.00,,"a,,\n2026-01-02,CNY,2.00,,b,,\n2026-01-03,CNY,3.00,,c",,\n'
    with pytest.raises(RowsUnreadable) as caught:
        reading(text)
    assert str(caught.value.findings[0].message) == "a quotation mark in this row takes in the rows up to 4."


def test_a_memo_over_two_lines_is_one_row() -> None:
    """A quoted text may hold a line end; the next row keeps its own number."""
    found = reading(CMB + '2026-01-01,CNY,1.00,,,,"a\nb"\n2026-01-02,CNY,2.00,,,,\n')
    assert [(line.row, line.text) for line in found.statements["CNY"].lines] == [(2, "a b"), (4, "")]
    assert found.statements["CNY"].lines[0].raw == '2026-01-01,CNY,1.00,,,,"a\nb"'


ALIPAY = "交易时间,交易分类,交易对方,对方账号,商品说明,收/支,金额,收/付款方式,交易状态,交易订单号,商家订单号,备注,\n"


@pytest.mark.parametrize(
    ("direction", "status", "text", "amount", "undecided"),
    [
        ("收入", "交易成功", "", 100, False),
        ("支出", "等待确认收货", "", -100, False),
        ("不计收支", "退款成功", "", 100, False),
        ("不计收支", "交易成功", "基金卖出至余额宝", 100, False),
        ("不计收支", "交易成功", "余额宝转入", -100, True),
        ("不计收支", "新状态", "", -100, True),
        ("", "交易成功", "", -100, True),
        ("其他", "交易成功", "", -100, True),
    ],
)
def test_a_direction_is_never_guessed(direction: str, status: str, text: str, amount: int, undecided: bool) -> None:  # noqa: FBT001 - the claim
    """What the layout does not list is to decide; such a line stands as money out until then."""
    row = f"2026-01-01 10:00:00 ,分类,对方,/,{text},{direction},1.00,余额,{status},1234567890\t,,,\n"
    line = reading(ALIPAY + row).statements["CNY"].lines[0]
    assert (line.amount, line.undecided) == (amount, undecided)
    assert (line.reference, line.time, line.text.split()[-1]) == ("1234567890", "10:00:00", "余额")


def test_money_in_and_out_in_one_row() -> None:
    """A row with both is unreadable; a zero beside an amount is nothing."""
    header = "交易日,银行记账日,卡号后四位,交易描述,存入,支出,币种\n"
    assert amounts(
        reading(header + "2026-01-01,2026-01-02,1,a,0.00,5.00,CNY\n2026-01-01,2026-01-02,1,a,5.00,,CNY\n")
    ) == [
        -500,
        500,
    ]
    with pytest.raises(RowsUnreadable) as caught:
        reading(header + "2026-01-01,2026-01-02,1,a,1.00,5.00,CNY\n")
    assert str(caught.value.findings[0].message) == "the row has both money in and money out."


def test_nothing_tells_the_currency() -> None:
    """Without a column, a layout or the user telling it, a row has no currency."""
    hsbc = "Date,Description,Billing amount,Billing currency,Balance,Balance currency\n01/02/2026,a,1.00,,,\n"
    with pytest.raises(RowsUnreadable) as caught:
        reading(hsbc, Options(name="bank.csv"))
    assert str(caught.value.findings[0].message) == "nothing tells the currency of this row."
    assert list(reading(hsbc, Options(commodity="EUR")).statements) == ["EUR"]


def test_a_balance_in_another_currency_is_no_balance_of_the_line() -> None:
    """A running balance counts only in the currency of its line."""
    hsbc = "Date,Description,Billing amount,Billing currency,Balance,Balance currency\n01/02/2026,a,1.00,USD,9.00,HKD\n"
    assert reading(hsbc).statements["USD"].lines[0].balance is None


def test_the_flag_overrides_the_order_of_dates_of_no_layout() -> None:
    """A layout knows its own order of dates."""
    hsbc = "Date,Description,Billing amount,Billing currency,Balance,Balance currency\n01/02/2026,a,1.00,USD,,\n"
    assert reading(hsbc).statements["USD"].lines[0].date.isoformat() == "2026-02-01"


@pytest.mark.parametrize(
    "written",
    [
        b"",
        b"\n\n",
        b"hello",
        b"a,b,c\n1,2,3\n",
        b"\x00\x01",
        b"<html><table></table></html>",
        b'"',
        b",,,,\n,,,\n",
        "日期\n2026-01-01\n".encode(),
        b"date,date\n1,2\n",
    ],
)
def test_files_that_are_no_statement(written: bytes) -> None:
    """Anything else is a refusal with a sentence and a hint."""
    with pytest.raises(Refusal) as caught:
        reading(written)
    assert str(caught.value).endswith(".")
    assert caught.value.hint is not None
