from __future__ import annotations

import pytest
from tests.importers.shipped import LAYOUTS, SCALES, reading, sample

from cloudbooks.errors import Refusal
from cloudbooks.importers.explaining import RowUnknown, explain
from cloudbooks.importers.findings import BREAKS_LISTED, findings
from cloudbooks.importers.layout import Mark, Role
from cloudbooks.importers.options import Options
from cloudbooks.importers.sniffing import sniff

HSBC = "Date,Description,Billing amount,Billing currency,Balance,Balance currency\n"
CMB = "记账日期,货币,交易金额,联机余额,交易摘要,对手信息,客户摘要\n"


def test_a_sniff_of_a_known_file() -> None:
    """Layout, encoding, columns, lines, days and what the file announces of itself are told without a book."""
    found = sniff(sample("bank-cn/alipay-2023-gb18030.csv"), LAYOUTS)
    assert (found.layout.profile, found.encoding, found.header) == ("alipay@1", "GB18030", 25)
    assert (found.lines, len(found.skipped), dict(found.commodities)) == (8, 2, {"CNY": 8})
    assert (found.first.isoformat(), found.last.isoformat()) == ("2023-01-09", "2023-07-10")
    assert found.marks[Mark.ACCOUNT] == "xx@gmail.com"
    assert [str(doubt) for doubt in found.doubts] == ["the file announces 66 rows and holds 10."]
    assert {column.name: column.role for column in found.columns}["金额"] is Role.AMOUNT


def test_a_sniff_tells_what_is_to_decide() -> None:
    """Lines without a direction are counted among the doubts."""
    doubts = [str(doubt) for doubt in sniff(sample("bank-cn/wechat-2019-utf8.csv"), LAYOUTS).doubts]
    assert doubts[0] == "2 lines do not tell whether money came in or went out."


def test_a_sniff_reads_on_where_an_import_would_refuse() -> None:
    """Unreadable rows are told, not refused; a currency that nothing tells is told too."""
    text = (
        "Date,Description,Billing amount,Billing currency,Balance,Balance currency\n01/02/2026,a,1.00,,,\nx,a,1.00,,,\n"
    )
    found = sniff(text.encode(), LAYOUTS)
    assert ([one.row for one in found.unreadable], found.lines) == ([3], 1)
    assert [str(doubt) for doubt in found.doubts] == ["no column tells the currency: it will be that of the account."]


def test_a_sniff_refuses_what_is_no_statement() -> None:
    """What cannot be understood at all is refused as an import refuses it."""
    with pytest.raises(Refusal) as caught:
        sniff(b"hello\n", LAYOUTS, Options(name="x.csv"))
    assert caught.value.code == "header-unknown"


def test_bytes_read_by_the_fallback_are_a_doubt_where_no_word_proves_it() -> None:
    """An English file whose bytes only GB18030 could read may be mojibake."""
    text = HSBC + "01/02/2026,caf\xe9t,1.00,USD,,\n"
    found = sniff(text.encode("latin-1"), LAYOUTS, scales=SCALES)
    assert [str(doubt) for doubt in found.doubts] == ["the bytes are not UTF-8 and were read as GB18030."]


def test_a_layout_has_an_encoding_of_its_own_for_old_bytes() -> None:
    """A Canadian bank's accents are windows-1252, not GB18030."""
    header = "First Bank Card,Transaction Type,Date Posted, Transaction Amount,Description"
    text = f"{header}\n'1',DEBIT,20260102,-1.0,caf\xe9tier\n"
    found = reading(text.encode("latin-1"))
    assert (found.encoding, found.statements["CAD"].lines[0].text) == ("windows-1252", "cafétier")


def test_a_line_is_explained_cell_by_cell() -> None:
    """Each column has its role, the cell as it came and the value understood; columns of no role say so."""
    explained = explain(reading(sample("bank-cn/jd-pay.csv")), 45)
    cells = {cell.column: (cell.role, cell.raw, cell.value) for cell in explained.cells}
    assert cells["金额"] == (Role.AMOUNT, "416.87(已退款233.45)", "-416.87 CNY")
    assert cells["交易时间"] == (Role.DATE, "2024-12-10 23:40:50\t", "2024-12-10 23:40:50")
    assert cells["商家订单号"] == (None, "1000345234234223\t", "")
    assert explained.line is not None
    assert explained.reason is None


def test_a_balance_and_a_currency_are_explained() -> None:
    """Running balance and currency show what was understood of them."""
    explained = explain(reading(sample("bank-intl/hsbchk-debit.csv")), 8)
    cells = {cell.column: cell.value for cell in explained.cells}
    assert (cells["Balance"], cells["Billing currency"], cells["Balance currency"]) == ("12500.00 CNY", "CNY", "CNY")


def test_a_skipped_and_an_unreadable_row_are_explained() -> None:
    """A row that became no line shows its cells and its reason."""
    closed = explain(reading(sample("bank-cn/alipay-2023-gb18030.csv")), 33)
    assert (closed.line, str(closed.reason)) == (None, "closed: no money moved")
    assert "交易关闭" in [cell.value for cell in closed.cells]
    kept = Options(name="bank.csv", commodity="CNY", keep_unreadable=True)
    unread = explain(reading(CMB + '2026-01-01,CNY,1.00,,,,\n2026-01-02,CNY,"?",,,,\n', kept), 3)
    assert str(unread.reason) == '"?" is not an amount with at most 2 decimals.'


def test_a_row_that_is_not_there() -> None:
    """A row of the preamble or beyond the file is refused."""
    with pytest.raises(RowUnknown, match=r"bank\.csv has no row that begins in line 7"):
        explain(reading(sample("bank-cn/icbc-debit-v2.csv")), 7)


def _cmb(*rows: tuple[str, str, str]) -> str:
    return CMB + "".join(f"{day},CNY,{amount},{balance},,,\n" for day, amount, balance in rows)


def test_a_gap_names_the_line_and_the_days_to_fetch() -> None:
    """Opening, movement and closing that do not meet are one finding after the line where the balance breaks."""
    text = _cmb(
        ("2026-02-10", "1000.00", "121000.00"),
        ("2026-02-11", "-60.00", "120940.00"),
        ("2026-02-12", "40.00", "121180.00"),
    )
    gap, broken = findings(reading(text))
    assert (gap.code, gap.where) == ("statement-gap", "bank.csv:3")
    assert str(gap.message) == (
        "opening 120,000.00 + movement 980.00 is not closing 121,180.00: 200.00 missing after line 3."
    )
    assert str(gap.hint) == "fetch 2026-02-11…2026-02-12 again; overlap is safe"
    assert str(broken.message) == (
        "after row 4 the file says the balance is 121,180.00; row 3 and the amounts give 120,980.00."
    )


def test_a_whole_statement_has_no_findings() -> None:
    """Where balances follow there is nothing to look at."""
    assert findings(reading(_cmb(("2026-02-10", "1.00", "2.00"), ("2026-02-11", "-2.00", "0.00")))) == ()


def test_many_breaks_are_counted() -> None:
    """A balance that is masked throughout does not flood: ten breaks are listed, the rest is a number."""
    text = _cmb(*((f"2026-02-{n:02}", "1.00", f"{n * n}.00") for n in range(1, 29)))
    found = [one for one in findings(reading(text)) if one.code == "balance-break"]
    assert len(found) == BREAKS_LISTED + 1
    assert str(found[-1].message) == "17 more running balances do not follow; are they masked?"


def test_a_refund_of_what_was_skipped_is_a_warning() -> None:
    """A refund is counted and its payment, closed by it, was skipped: somebody should look."""
    found = findings(reading(sample("bank-cn/alipay-2023-gb18030.csv")))
    assert [(one.code, one.where, one.warning) for one in found] == [
        ("refund-of-skipped", "bank.csv:32", True),
    ]
    assert str(found[0].message) == "row 32 refunds row 33, which was skipped as closed: only the refund is counted."


def test_unreadable_rows_are_findings_with_their_text() -> None:
    """Rows that were kept raw are findings with their place, reason and text."""
    kept = Options(name="bank.csv", commodity="CNY", keep_unreadable=True)
    found = findings(reading(CMB + "2026-01-01,CNY,1.00,,,,\n2026-01-02,CNY,x,,,,\n", kept))
    assert [(one.code, one.where, one.excerpt) for one in found] == [
        ("row-unreadable", "bank.csv:3", "2026-01-02,CNY,x,,,,"),
    ]


@pytest.mark.parametrize("amount", ["0.00000001", "12345678901234.00"])
def test_a_sniff_needs_no_scale(amount: str) -> None:
    """Without a book, amounts of many decimals and amounts of many digits are both read."""
    assert sniff(f"{CMB}2026-01-01,BTC,{amount},,,,\n".encode(), LAYOUTS).lines == 1
