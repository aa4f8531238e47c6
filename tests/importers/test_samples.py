"""Every named sample, read a second time by straight-line code of its own, and against figures counted by hand."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest
from tests.importers.shipped import SCALES, amounts, reading, sample

from cloudbooks.core.statement import StatementLine
from cloudbooks.importers.layout import SkipReason
from cloudbooks.importers.options import Options

Movement = tuple[str, str, Decimal]
"""Day, currency, signed amount."""


def _table(name: str, encoding: str, header: int) -> Iterator[list[str]]:
    """The rows below line `header` with stripped cells, blank ones left out."""
    lines = sample(name).decode(encoding).split("\n")[header:]
    for cells in csv.reader(io.StringIO("\n".join(lines))):
        if any(cell.strip() for cell in cells):
            yield [cell.strip() for cell in cells]


def _figure(cell: str) -> Decimal:
    return Decimal(cell.replace(",", "").replace("¥", "") or "0")


def _abc() -> Iterator[Movement]:
    for row in _table("bank-cn/abc-debit.csv", "utf-8", 1):
        yield f"{row[0][:4]}-{row[0][4:6]}-{row[0][6:]}", "CNY", _figure(row[3])


def _alipay() -> Iterator[Movement]:
    for row in _table("bank-cn/alipay-2023-gb18030.csv", "gb18030", 25):
        if row[8] == "交易关闭":
            continue
        inward = row[5] == "收入" or row[8] == "退款成功" or "卖出" in row[4]
        yield row[0][:10], "CNY", _figure(row[6]) if inward else -_figure(row[6])


def _wechat() -> Iterator[Movement]:
    for row in _table("bank-cn/wechat-2019-utf8.csv", "utf-8", 17):
        inward = row[4] == "收入" or row[1] in {"零钱充值", "零钱通转出-到零钱"}
        yield row[0][:10], "CNY", _figure(row[5]) if inward else -_figure(row[5])


def _jd() -> Iterator[Movement]:
    for row in _table("bank-cn/jd-pay.csv", "utf-8-sig", 22):
        figure = _figure(row[3].split("(")[0])
        yield row[0][:10], "CNY", figure if row[5] == "退款成功" else -figure


def _icbc() -> Iterator[Movement]:
    for row in _table("bank-cn/icbc-debit-v2.csv", "utf-8", 7):
        if row[0] != "人民币合计":
            yield row[0], "CNY", _figure(row[9]) - _figure(row[10])


def _icbc_credit() -> Iterator[Movement]:
    for row in _table("bank-cn/icbc-credit.csv", "utf-8", 7):
        if row[0] != "合计金额":
            yield row[1], "CNY", _figure(row[8]) - _figure(row[9])


def _cmb() -> Iterator[Movement]:
    for row in _table("bank-cn/cmb-debit.csv", "utf-8", 1):
        yield row[0], row[1], _figure(row[2])


def _bocom() -> Iterator[Movement]:
    for row in _table("bank-cn/bocom-debit.csv", "utf-8", 1):
        yield row[1], "CNY", _figure(row[5]) * (1 if row[4].startswith("贷") else -1)


def _boc() -> Iterator[Movement]:
    for row in _table("bank-cn/boc-credit.csv", "utf-8", 2):
        yield row[1], row[6], _figure(row[4]) - _figure(row[5])


def _hsbc() -> Iterator[Movement]:
    for row in _table("bank-intl/hsbchk-debit.csv", "ascii", 1):
        day, month, year = row[0].split("/")
        yield f"{year}-{month}-{day}", row[3], _figure(row[2])


def _bmo() -> Iterator[Movement]:
    for row in _table("bank-intl/bmo-debit.csv", "ascii", 4):
        yield f"{row[2][:4]}-{row[2][4:6]}-{row[2][6:]}", "CAD", _figure(row[3])


def _td() -> Iterator[Movement]:
    for row in _table("bank-intl/td-no-header.csv", "ascii", 0):
        month, day, year = row[0].split("/")
        yield f"{year}-{month}-{day}", "CAD", _figure(row[3]) - _figure(row[2])


INDEPENDENT: dict[str, Callable[[], Iterator[Movement]]] = {
    "bank-cn/abc-debit.csv": _abc,
    "bank-cn/alipay-2023-gb18030.csv": _alipay,
    "bank-cn/wechat-2019-utf8.csv": _wechat,
    "bank-cn/jd-pay.csv": _jd,
    "bank-cn/icbc-debit-v2.csv": _icbc,
    "bank-cn/icbc-credit.csv": _icbc_credit,
    "bank-cn/cmb-debit.csv": _cmb,
    "bank-cn/bocom-debit.csv": _bocom,
    "bank-cn/boc-credit.csv": _boc,
    "bank-intl/hsbchk-debit.csv": _hsbc,
    "bank-intl/bmo-debit.csv": _bmo,
    "bank-intl/td-no-header.csv": _td,
}

# Counted and added up by hand: profile, encoding, then by currency lines, sum, first and last day.
COUNTED = {
    "bank-cn/abc-debit.csv": ("abc-debit@1", "UTF-8", {"CNY": (5, "-2355.88", "2024-01-01", "2024-01-04")}),
    "bank-cn/alipay-2023-gb18030.csv": ("alipay@1", "GB18030", {"CNY": (8, "222232.23", "2023-01-09", "2023-07-10")}),
    "bank-cn/wechat-2019-utf8.csv": ("wechat@1", "UTF-8", {"CNY": (27, "-21107.37", "2017-10-20", "2024-06-07")}),
    "bank-cn/jd-pay.csv": ("jd-pay@1", "UTF-8", {"CNY": (26, "-1684.04", "2024-12-05", "2024-12-30")}),
    "bank-cn/icbc-debit-v2.csv": ("icbc-debit@2", "UTF-8", {"CNY": (11, "-1399.34", "2023-02-08", "2023-05-02")}),
    "bank-cn/icbc-credit.csv": ("icbc-credit@1", "UTF-8", {"CNY": (9, "4257.88", "2023-03-20", "2023-05-05")}),
    "bank-cn/cmb-debit.csv": ("cmb-debit@1", "UTF-8", {"CNY": (5, "-779.14", "2024-01-01", "2024-01-27")}),
    "bank-cn/bocom-debit.csv": ("bocom-debit@1", "UTF-8", {"CNY": (6, "-102.75", "2024-02-02", "2025-01-01")}),
    "bank-cn/boc-credit.csv": (
        "boc-credit@1",
        "UTF-8",
        {"CNY": (13, "-238.25", "2024-12-14", "2024-12-31"), "USD": (1, "-3.72", "2024-12-24", "2024-12-24")},
    ),
    "bank-intl/hsbchk-debit.csv": (
        "hsbchk-debit@1",
        "UTF-8",
        {"HKD": (9, "9478.95", "2025-03-01", "2025-03-24"), "CNY": (1, "12500.00", "2025-03-12", "2025-03-12")},
    ),
    "bank-intl/bmo-debit.csv": ("bmo-debit@1", "UTF-8", {"CAD": (4, "-158.31", "2023-05-01", "2023-06-12")}),
    "bank-intl/td-no-header.csv": ("td-no-header@1", "UTF-8", {"CAD": (9, "13.06", "2023-05-01", "2023-05-03")}),
}

SKIPPED: dict[str, dict[SkipReason, int]] = {
    "bank-cn/alipay-2023-gb18030.csv": {SkipReason.CLOSED: 2},
    "bank-cn/icbc-debit-v2.csv": {SkipReason.BLANK: 1, SkipReason.TOTAL: 1},
    "bank-cn/icbc-credit.csv": {SkipReason.BLANK: 1, SkipReason.TOTAL: 1},
    "bank-intl/bmo-debit.csv": {SkipReason.BLANK: 2},
    "bank-intl/td-no-header.csv": {SkipReason.BLANK: 2},
}


def _movement(line: StatementLine) -> Movement:
    return line.date.isoformat(), line.commodity, Decimal(line.amount).scaleb(-SCALES[line.commodity])


@pytest.mark.parametrize("name", INDEPENDENT)
def test_a_sample_read_twice_says_the_same(name: str) -> None:
    """The importer and straight-line code for this one file find the same days, currencies and signed amounts."""
    found = reading(sample(name))
    lines = [_movement(line) for statement in found.statements.values() for line in statement.lines]
    assert Counter(lines) == Counter(INDEPENDENT[name]())


@pytest.mark.parametrize("name", COUNTED)
def test_a_sample_against_the_hand(name: str) -> None:
    """Layout, encoding, lines, sums and days are those that were counted by hand."""
    profile, encoding, statements = COUNTED[name]
    found = reading(sample(name))
    assert (found.profile, found.encoding) == (profile, encoding)
    counted = {
        code: (
            len(one.lines),
            str(Decimal(sum(line.amount for line in one.lines)).scaleb(-2)),
            one.first.isoformat(),
            one.last.isoformat(),
        )
        for code, one in found.statements.items()
    }
    assert counted == statements


@pytest.mark.parametrize("name", COUNTED)
def test_what_a_sample_leaves_out_is_counted(name: str) -> None:
    """Rows that are no movement are counted with their reason, and none is unreadable."""
    found = reading(sample(name))
    assert found.skipped_by_reason == SKIPPED.get(name, {})
    assert found.unreadable == ()


@pytest.mark.parametrize("name", COUNTED)
def test_every_row_of_a_sample_has_one_fate(name: str) -> None:
    """Each line of the file below its header is the beginning of exactly one line or skipped row."""
    found = reading(sample(name))
    rows = [line.row for one in found.statements.values() for line in one.lines]
    rows += [row.row for row in found.skipped]
    encoding = "gb18030" if found.encoding == "GB18030" else "utf-8-sig"
    last = len(sample(name).decode(encoding).splitlines())
    assert sorted(rows) == list(range(found.header + 1, last + 1))


def test_closed_rows_of_alipay() -> None:
    """A payment that was never made and one that was refunded are both skipped, the refund is told of."""
    found = reading(sample("bank-cn/alipay-2023-gb18030.csv"))
    assert [(row.row, row.reason, str(row.why)) for row in found.skipped] == [
        (31, SkipReason.CLOSED, "closed: no money moved"),
        (33, SkipReason.CLOSED, "closed: no money moved"),
    ]


def test_a_ragged_row_of_abc() -> None:
    """A row without its two last cells keeps the party where it always stands."""
    line = reading(sample("bank-cn/abc-debit.csv")).statements["CNY"].lines[2]
    assert (line.row, line.amount, line.balance) == (4, -12345_89, 1943_12)
    assert (line.kind, line.party, line.text, line.time) == ("正常还款", "12341234123412341", "", "")


def test_an_amount_of_wechat_with_one_decimal() -> None:
    """¥50.0 is fifty."""
    lines = reading(sample("bank-cn/wechat-2019-utf8.csv")).statements["CNY"].lines
    assert next(line.amount for line in lines if line.row == 42) == -50_00


def test_what_wechat_does_not_decide() -> None:
    """Money between a bank and 零钱通 is to decide; all other rows are decided."""
    lines = reading(sample("bank-cn/wechat-2019-utf8.csv")).statements["CNY"].lines
    assert [(line.row, line.kind) for line in lines if line.undecided] == [
        (23, "转入零钱通-来自工商银行(9876)"),
        (32, "零钱通转出-到工商银行(9876)"),
    ]


def test_a_refund_of_jd_is_counted_once() -> None:
    """The payment keeps its amount before the bracket and the refund is its own row."""
    lines = {line.row: line.amount for line in reading(sample("bank-cn/jd-pay.csv")).statements["CNY"].lines}
    assert (lines[45], lines[44]) == (-416_87, 233_45)
    assert (lines[36], lines[35], lines[34]) == (-468_32, 397_84, 70_48)


def test_masked_balances_of_icbc_are_no_balances() -> None:
    """xx,yyyy.zz is not checked and gives no opening or closing."""
    statement = reading(sample("bank-cn/icbc-debit-v2.csv")).statements["CNY"]
    assert {line.balance for line in statement.lines} == {None}
    assert (statement.opening, statement.closing, statement.agrees) == (None, None, None)


def test_balances_of_hsbc_run_backwards_and_by_currency() -> None:
    """Newest first is detected; the one break of the sample is found at its row; the other currency agrees."""
    found = reading(sample("bank-intl/hsbchk-debit.csv"))
    assert (found.statements["HKD"].opening, found.statements["HKD"].closing) == (10555_88, 3612_17)
    assert [(one.row, one.previous, one.said, one.summed) for one in found.breaks["HKD"]] == [(7, 9, 4288_67, 20711_33)]
    assert found.breaks["CNY"] == ()
    assert found.statements["CNY"].agrees is True


def test_td_is_known_by_its_shape_and_says_so() -> None:
    """A file without a header is read, with the doubt told, and its one masked row is a break."""
    found = reading(sample("bank-intl/td-no-header.csv"))
    assert found.header == 0
    assert [str(doubt) for doubt in found.doubts] == ["the file has no header: it was known by the shape of its rows."]
    assert [one.row for one in found.breaks["CAD"]] == [4]


def test_a_name_that_lies() -> None:
    """Tab-separated GB18030 text named .xls, with ="..." cells, is read by what it holds."""
    found = reading(sample("bank-cn/hxsec-tsv-named.xls"))
    assert (found.encoding, found.layout.delimiter, found.layout.proposed) == ("GB18030", "\t", True)
    assert amounts(found)[:4] == [128000_00, 2500_00, 0, -126000_13]


def test_the_file_name_changes_nothing() -> None:
    """The same bytes under another name give the same statements."""
    read_in = [reading(sample("bank-cn/cmb-debit.csv"), Options(name=name)).statements for name in ("a.csv", "b.xls")]
    assert dict(read_in[0]) == dict(read_in[1])
