from __future__ import annotations

import pytest
from tests.importers.shipped import amounts, reading

from cloudbooks.errors import Refusal
from cloudbooks.importers.layout import DateOrder, Role
from cloudbooks.importers.options import Options

ICBC_CORPORATE = """\
[HISTORYDETAIL]
凭证号,交易时间,对方单位,对方账号,转入金额,转出金额,余额,用途,摘要,附言
1,2026-04-01 10:00:00,甲公司,1,"1,000.00",,"11,000.00",货款,转账,
2,2026-04-02 10:00:00,乙公司,2,,"300.00","10,700.00",房租,转账,四月
3,2026-04-03 10:00:00,丙公司,3,,"700.00","10,000.00",工资,代发,
"""
CCB = """\
账号,账户名称,交易时间,借方发生额（支取）,贷方发生额（收入）,余额,币种,对方户名,对方账号,对方开户机构,记账日期,摘要,备注,账户明细编号-交易流水号
1,甲,20260410 17:07:09,0.00,500.00,1500.00,人民币,乙,2,丙,20260410,货款,,A1
1,甲,20260411 09:00:00,200.00,0.00,1300.00,人民币,丁,3,丙,20260411,房租,,A2
"""


def _refusal(text: str, **options: str) -> Refusal:
    with pytest.raises(Refusal) as caught:
        reading(text, _options(**options))
    return caught.value


def _options(**options: str) -> Options:
    order = DateOrder(options.pop("date_order")) if "date_order" in options else None
    return Options(name="bank.csv", commodity="CNY", date_order=order, amount_column=options.get("amount", ""))


def _roles(text: str, **options: str) -> dict[str, str]:
    return {column.name: column.role.value for column in reading(text, _options(**options)).layout.columns}


def test_a_corporate_export_is_understood() -> None:
    """Columns are known by their names below a line that is none, and the running balance proves in and out."""
    found = reading(ICBC_CORPORATE)
    assert (found.profile, found.header, found.layout.proposed, found.doubts) == ("generic@1", 2, True, ())
    assert amounts(found) == [1000_00, -300_00, -700_00]
    line = found.statements["CNY"].lines[1]
    assert (line.party, line.text, line.time, line.row) == ("乙公司", "房租 转账 四月", "10:00:00", 4)
    assert found.statements["CNY"].agrees is True


def test_on_a_chinese_bank_statement_jiefang_is_money_out() -> None:
    """借方发生额 is the bank's debit: money out for the customer."""
    found = reading(CCB)
    assert amounts(found) == [500_00, -200_00]
    assert _roles(CCB)["借方发生额（支取）"] == "out"
    assert [line.reference for line in found.statements["CNY"].lines] == ["A1", "A2"]


def test_names_are_taken_at_their_word_without_a_balance() -> None:
    """Columns named for in and out need no balance, but the doubt is told."""
    text = "日期,摘要,收入,支出\n2026-01-01,a,5.00,\n2026-01-02,b,,3.00\n"
    found = reading(text)
    assert amounts(found) == [500, -300]
    assert [str(doubt) for doubt in found.doubts] == [
        "no running balance proves it: money in is 收入, money out is 支出, by their names."
    ]


def test_a_running_balance_proves_names_wrong() -> None:
    """A firm's own book exports 借方 as money in: the balance proves it, and the doubt is told."""
    rows = "2026-01-01,a,5.00,,15.00\n2026-01-02,b,,3.00,12.00\n2026-01-03,c,2.00,,14.00\n"
    text = "日期,摘要,借方金额,贷方金额,余额\n" + rows
    found = reading(text)
    assert amounts(found) == [500, -300, 200]
    assert [str(doubt) for doubt in found.doubts] == [
        "the running balance proves that 借方金额 is money in, against its name."
    ]


SIGNED = "Date,Description,Amount\n2026-01-01,a,-5.00\n2026-01-02,b,3.00\n"


def test_a_single_signed_amount_is_asked_for() -> None:
    """Nothing says which way a sign goes, so the flag is asked for, and answers in both directions."""
    refusal = _refusal(SIGNED)
    assert refusal.code == "column-unsure"
    assert str(refusal) == "bank.csv: nothing tells whether a positive Amount is money in or money out."
    assert amounts(reading(SIGNED, _options(amount="amount"))) == [-500, 300]
    assert amounts(reading(SIGNED, _options(amount="-Amount"))) == [500, -300]
    assert amounts(reading(SIGNED, _options(amount="3"))) == [-500, 300]


@pytest.mark.parametrize(
    ("balances", "expected", "doubts"),
    [
        (("95.00", "98.00", "91.00"), [-500, 300, -700], 0),
        (("105.00", "102.00", "109.00"), [500, -300, 700], 1),
    ],
)
def test_a_running_balance_proves_a_sign(balances: tuple[str, ...], expected: list[int], doubts: int) -> None:
    """With a balance a signed amount needs no flag, on a debit account or on a card where spending is positive."""
    moved = ("-5.00", "3.00", "-7.00")
    rows = "".join(f"2026-01-0{n},x,{a},{b}\n" for n, (a, b) in enumerate(zip(moved, balances, strict=True), start=1))
    found = reading("Date,Description,Amount,Balance\n" + rows)
    assert (amounts(found), len(found.doubts)) == (expected, doubts)
    assert found.statements["CNY"].agrees is True


def test_equal_amounts_prove_nothing_by_themselves() -> None:
    """Where both signs would follow, one in each order, the days decide; on one day nothing does."""
    rows = ["5.00,105.00", "5.00,110.00", "5.00,115.00"]
    dated = "".join(f"2026-01-0{n},x,{row}\n" for n, row in enumerate(rows, start=1))
    assert amounts(reading("Date,Description,Amount,Balance\n" + dated)) == [500, 500, 500]
    same_day = "".join(f"2026-01-01,x,{row}\n" for row in rows)
    assert _refusal("Date,Description,Amount,Balance\n" + same_day).code == "column-unsure"


@pytest.mark.parametrize("words", [("贷", "借"), ("收入", "支出"), ("CR", "DR"), ("Credit", "Debit"), ("C", "D")])
def test_a_direction_column_tells_the_sign(words: tuple[str, str]) -> None:
    """An unsigned amount takes its direction from the words beside it; an unknown word is to decide."""
    rows = f"2026-01-01,a,{words[0]},5.00\n2026-01-02,b,{words[1]},3.00\n2026-01-02,b,?,1.00\n"
    text = "日期,摘要,借贷标志,交易金额\n" + rows
    found = reading(text)
    assert amounts(found) == [500, -300, -100]
    assert [line.undecided for line in found.statements["CNY"].lines] == [False, False, True]


def test_two_columns_that_look_like_the_amount() -> None:
    """One column for out and one for an amount may mean two things: both are named, and the flag answers."""
    text = "记账日期,摘要,借方发生额,金额\n2026-01-01,a,5.00,7.00\n2026-01-02,b,3.00,1.00\n"
    refusal = _refusal(text)
    assert (refusal.code, str(refusal)) == (
        "column-unsure",
        "bank.csv: two columns look like the amount, 借方发生额 and 金额.",
    )
    assert str(refusal.hint) == "cloudbooks import bank.csv --amount 借方发生额 (remembered for this layout)"
    assert amounts(reading(text, _options(amount="借方发生额"))) == [-500, -300]
    assert amounts(reading(text, _options(amount="金额"))) == [700, 100]


def test_columns_that_say_the_same_are_no_doubt() -> None:
    """A signed amount beside in and out that repeats them does not make a file unsure."""
    text = "日期,收入,支出,金额\n2026-01-01,5.00,,5.00\n2026-01-02,,3.00,-3.00\n"
    assert amounts(reading(text)) == [500, -300]


def test_several_columns_that_look_like_the_amount() -> None:
    """More than two are counted and all named."""
    refusal = _refusal("日期,收入,支出,金额\n2026-01-01,5.00,,6.00\n2026-01-02,,3.00,-3.00\n")
    assert str(refusal) == "bank.csv: 3 columns look like the amount: 收入, 支出, 金额."


def test_money_out_that_is_written_with_a_minus() -> None:
    """A column of money out that is negative throughout is money out; one minus among others is a reversal."""
    assert amounts(reading("日期,收入,支出\n2026-01-01,0.00,-5.00\n2026-01-02,1.00,0.00\n")) == [-500, 100]
    assert amounts(reading("日期,收入,支出\n2026-01-01,,5.00\n2026-01-02,,-5.00\n")) == [-500, 500]


AMBIGUOUS = "date,description,in,out\n03/04/2026,a,5.00,\n05/05/2026,b,,3.00\n"


def test_dates_that_may_be_two_are_asked_for() -> None:
    """Where no day is above 12 the refusal shows both readings, and the flag answers."""
    refusal = _refusal(AMBIGUOUS)
    assert (refusal.code, refusal.place) == ("date-ambiguous", "bank.csv:2")
    assert str(refusal) == 'line 2 "03/04/2026" may be 3 April or 4 March; no line of the file decides.'
    assert str(refusal.hint) == "--date-order dmy or mdy"
    days = {order: reading(AMBIGUOUS, _options(date_order=order)) for order in ("dmy", "mdy")}
    assert {order: found.statements["CNY"].first.isoformat() for order, found in days.items()} == {
        "dmy": "2026-04-03",
        "mdy": "2026-03-04",
    }


def test_one_day_above_12_decides_for_all() -> None:
    """A single row proves the order of the whole file, wherever it stands."""
    found = reading(AMBIGUOUS + "13/04/2026,c,1.00,\n")
    assert [line.date.isoformat() for line in found.statements["CNY"].lines] == [
        "2026-04-03",
        "2026-05-05",
        "2026-04-13",
    ]
    assert reading(AMBIGUOUS + "04/13/2026,c,1.00,\n").layout.date_order is DateOrder.MDY


def test_dates_that_are_one_day_either_way_need_no_answer() -> None:
    """05/05 is the fifth of May."""
    assert reading("date,in,out\n05/05/2026,1.00,\n").statements["CNY"].first.isoformat() == "2026-05-05"


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_any_usual_delimiter_is_found(delimiter: str) -> None:
    """Comma, tab, semicolon and bar part the cells of unknown files."""
    rows = [["date", "payee", "memo", "in", "out"], ["2026-01-01", "a", "b, c", "1.00", ""]]
    text = "".join(delimiter.join(f'"{cell}"' for cell in row) + "\n" for row in rows)
    line = reading(text).statements["CNY"].lines[0]
    assert (line.amount, line.party, line.text) == (100, "a", "b, c")


def test_a_decimal_comma_is_proven_by_the_amounts() -> None:
    """1.234,56 can only be read with a decimal comma, and then 5,001 has three decimals."""
    text = "date;in;out;balance\n2026-01-01;1.234,56;;1.234,56\n2026-01-02;;34,56;1.200,00\n"
    assert amounts(reading(text)) == [1234_56, -34_56]
    assert _refusal(text + "2026-01-03;5,001;;\n").code == "rows-unreadable"


def test_a_header_without_an_amount_names_its_columns() -> None:
    """The refusal lists the columns, and one that is named is taken."""
    text = "日期,说明,数目\n2026-01-01,a,5.00\n"
    refusal = _refusal(text)
    assert str(refusal) == "bank.csv: no column is known to hold the amount; its columns are 日期, 说明, 数目."
    assert amounts(reading(text, _options(amount="数目"))) == [500]
    unknown = _refusal(text, amount="数")
    assert (unknown.code, str(unknown.hint)) == ("column-unknown", "did you mean 数目?")


def test_no_header_at_all() -> None:
    """Rows of an unknown shape without a header are refused."""
    refusal = _refusal("2026-01-01,a,5.00\n2026-01-02,b,3.00\n")
    assert refusal.code == "header-unknown"
    assert str(refusal) == "bank.csv fits no layout, and no header stands in its first 2 lines."


def test_rows_that_are_faulty_stay_unreadable_in_a_proposed_layout() -> None:
    """A proof looks over faulty rows, the reading tells them."""
    refusal = _refusal(ICBC_CORPORATE + "4,2026-04-31,丁,4,1.00,,10001.00,,,\n")
    assert [str(one.message) for one in refusal.findings] == ['"2026-04-31" is no day of the calendar.']


def test_what_was_understood_is_shown() -> None:
    """A proposed layout names each column with its role, and its fingerprint is that of the header."""
    found = reading(ICBC_CORPORATE)
    assert _roles(ICBC_CORPORATE) == {
        "交易时间": "date",
        "对方单位": "party",
        "余额": "balance",
        "用途": "text",
        "摘要": "text",
        "附言": "text",
        "转入金额": "in",
        "转出金额": "out",
    }
    assert found.layout.fingerprint == reading(ICBC_CORPORATE.replace("房租", "水费")).layout.fingerprint
    assert found.layout.column(Role.DATE) is not None


def test_a_header_of_very_many_amounts_is_asked_about_at_once() -> None:
    """A file whose columns all look like the amount costs no more than a refusal."""
    names = ",".join(["日期", *["收入", "支出"] * 300])
    refusal = _refusal(f"{names}\n2026-01-01{',1.00' * 600}\n")
    assert str(refusal).startswith("bank.csv: 600 columns look like the amount")


def test_a_named_half_of_a_pair_takes_the_other_half() -> None:
    """Naming the column of money in or of money out, with or without its brackets, keeps its counterpart."""
    text = "日期,贷方发生额（收入）,借方发生额（支取）,金额\n2026-01-01,5.00,,9.00\n2026-01-02,,3.00,9.00\n"
    assert _refusal(text).code == "column-unsure"
    for name in ("贷方发生额（收入）", "借方发生额", "2"):
        assert amounts(reading(text, _options(amount=name))) == [500, -300]
    assert amounts(reading(text, _options(amount="4"))) == [900, 900]


def test_a_time_stands_for_a_date_where_none_is_named() -> None:
    """交易时间 may hold day and time, where no other column is the date."""
    line = reading("交易时间,收入,支出\n2026-01-01 08:00:00,5.00,\n").statements["CNY"].lines[0]
    assert (line.date.isoformat(), line.time) == ("2026-01-01", "08:00:00")
