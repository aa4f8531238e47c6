"""Every sample file, from the bank's bytes to a verified trial balance, by the program as a user runs it."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.books.program import Program

SAMPLES = Path(__file__).parent.parent / "samples"
CATCH_ALL = 'rules:\n- name: everything\n  when: {text: {regex: ".*"}}\n  then: {account: "OTHER"}\n'


@dataclass(frozen=True)
class Truth:
    """What a sample holds by an independent reading: (day, minor units, commodity) of every movement."""

    lines: tuple[tuple[date, int, str], ...]

    def sums(self) -> dict[str, int]:
        """The sum of each commodity."""
        sums: dict[str, int] = {}
        for _, amount, commodity in self.lines:
            sums[commodity] = sums.get(commodity, 0) + amount
        return sums


def rows(name: str, encoding: str, skip: int) -> Iterator[list[str]]:
    """The rows of a file after `skip` lines, cells stripped, empty rows left out."""
    lines = (SAMPLES / name).read_bytes().decode(encoding).split("\n")[skip:]
    for row in csv.reader(lines):
        cells = [cell.replace("\t", " ").strip() for cell in row]
        if any(cells):
            yield cells


def minor(text: str) -> int:
    """Minor units of `1,234.5`: digits only, no library."""
    found = re.match(r"[¥+]?(-?)([0-9,]+)(?:\.([0-9]+))?", text.strip())
    assert found, text
    return int((found[1] or "") + found[2].replace(",", "") + (found[3] or "").ljust(2, "0"))


def day(text: str, order: str = "ymd") -> date:
    """A date out of its digit groups in the order given."""
    groups = re.findall(r"[0-9]+", text)
    if len(groups[0]) == 8:
        groups = [groups[0][:4], groups[0][4:6], groups[0][6:8]]
    parts = dict(zip(order, groups, strict=False))
    return date(int(parts["y"]), int(parts["m"]), int(parts["d"]))


INWARDS = ("退款成功", "零钱充值", "零钱通转出-到零钱", "卖出")


def wallet(direction: str, words: str) -> int:
    """+1 or -1: the wallet's own word, or what its neutral rows mean (refunds, top-ups and sales come in)."""
    if direction in {"收入", "支出"}:
        return 1 if direction == "收入" else -1
    return 1 if any(word in words for word in INWARDS) else -1


def alipay() -> Iterator[tuple[date, int, str]]:
    """Closed deals are no movements."""
    for row in rows("bank-cn/alipay-2023-gb18030.csv", "gb18030", 25):
        if row[8] != "交易关闭":
            yield day(row[0]), wallet(row[5], " ".join(row)) * minor(row[6]), "CNY"


def wechat() -> Iterator[tuple[date, int, str]]:
    """Every row is a movement."""
    for row in rows("bank-cn/wechat-2019-utf8.csv", "utf-8", 17):
        yield day(row[0]), wallet(row[4], " ".join(row)) * minor(row[5]), "CNY"


def icbc() -> Iterator[tuple[date, int, str]]:
    """Rows begin with a date; income and expense have their own columns."""
    for row in rows("bank-cn/icbc-debit-v2.csv", "utf-8", 7):
        if row[0][:1].isdigit():
            yield day(row[0]), minor(row[9]) if row[9] else -minor(row[10]), "CNY"


def cmb() -> Iterator[tuple[date, int, str]]:
    """Signed amounts."""
    for row in rows("bank-cn/cmb-debit.csv", "utf-8", 1):
        yield day(row[0]), minor(row[2]), row[1]


def abc() -> Iterator[tuple[date, int, str]]:
    """Signed amounts, ragged rows."""
    for row in rows("bank-cn/abc-debit.csv", "utf-8", 1):
        yield day(row[0]), minor(row[3]), "CNY"


def bocom() -> Iterator[tuple[date, int, str]]:
    """Cr is money in."""
    for row in rows("bank-cn/bocom-debit.csv", "utf-8", 1):
        yield day(row[1]), (1 if "Cr" in row[4] else -1) * minor(row[5]), "CNY"


def boc() -> Iterator[tuple[date, int, str]]:
    """Booked on the second day of the row; two columns of amounts, and the currency in the row."""
    for row in rows("bank-cn/boc-credit.csv", "utf-8", 2):
        yield day(row[1]), minor(row[4]) if row[4] else -minor(row[5]), row[6]


def jd() -> Iterator[tuple[date, int, str]]:
    """The amount before the bracket; refunds are rows of their own."""
    for row in rows("bank-cn/jd-pay.csv", "utf-8-sig", 22):
        yield day(row[0]), wallet(row[6], row[5]) * minor(row[3]), "CNY"


def hsbc() -> Iterator[tuple[date, int, str]]:
    """Signed amounts, the currency in the row, newest first."""
    for row in rows("bank-intl/hsbchk-debit.csv", "ascii", 1):
        yield day(row[0], "dmy"), minor(row[2].strip('" ')), row[3]


def bmo() -> Iterator[tuple[date, int, str]]:
    """Signed amounts."""
    for row in rows("bank-intl/bmo-debit.csv", "ascii", 4):
        yield day(row[2]), minor(row[3]), "CAD"


def td() -> Iterator[tuple[date, int, str]]:
    """No header; the third column is money out."""
    for row in rows("bank-intl/td-no-header.csv", "ascii", 0):
        yield day(row[0], "mdy"), minor(row[3]) if row[3] else -minor(row[2]), "CAD"


@dataclass(frozen=True)
class Case:
    """One sample: its file, its base, the prices it needs, and how to read it by hand.

    `undecided` lines have a direction that neither the file nor its layout tells: they stand as money out, no rule
    makes them sure, and a person accepts them. `breaks` says that the running balances were masked by hand, so that
    they do not follow from the lines: the import says so, and stands.
    """

    file: str
    base: str
    read: Callable[[], Iterator[tuple[date, int, str]]]
    prices: tuple[tuple[str, str, str], ...] = ()
    undecided: int = 0
    breaks: bool = False

    @property
    def chart(self) -> str:
        """The chart of its country."""
        return "cn-small" if self.base == "CNY" else "generic"

    @property
    def account(self) -> str:
        """The bank account of that chart."""
        return "1002" if self.base == "CNY" else "1010"

    @property
    def other(self) -> str:
        """Where the one rule books everything."""
        return "2241" if self.base == "CNY" else "2050"


CASES = (
    Case("bank-cn/alipay-2023-gb18030.csv", "CNY", alipay),
    Case("bank-cn/wechat-2019-utf8.csv", "CNY", wechat, undecided=2),
    Case("bank-cn/icbc-debit-v2.csv", "CNY", icbc),
    Case("bank-cn/cmb-debit.csv", "CNY", cmb, breaks=True),
    Case("bank-cn/abc-debit.csv", "CNY", abc, breaks=True),
    Case("bank-cn/bocom-debit.csv", "CNY", bocom, breaks=True),
    Case("bank-cn/boc-credit.csv", "CNY", boc, (("USD", "7.1889", "2024-12-20"),)),
    Case("bank-cn/jd-pay.csv", "CNY", jd),
    Case("bank-intl/hsbchk-debit.csv", "HKD", hsbc, (("CNY", "1.0723", "2025-03-01"),), breaks=True),
    Case("bank-intl/bmo-debit.csv", "CAD", bmo),
    Case("bank-intl/td-no-header.csv", "CAD", td, breaks=True),
)


def begin(program: Program, case: Case) -> None:
    """A fresh book for a case, with the prices that it needs and the rule that takes every line."""
    program(
        "init", "book", "--name", "Sample", "--base", case.base, "--chart", case.chart, "--start", "2017-01",
        "--no-passphrase", "--as", "Li Na", "--yes",
    )  # fmt: skip
    (program.folder / "all.yaml").write_text(CATCH_ALL.replace("OTHER", case.other), encoding="utf-8")


def bring_in(program: Program, case: Case, account: str = "") -> Any:
    """Import a case's file with the one rule."""
    return program(
        "import", str(SAMPLES / case.file), "--account", account or case.account,
        "--rules", str(program.folder / "all.yaml"), status=int(case.breaks),
    )  # fmt: skip


def add_prices(program: Program, case: Case) -> None:
    """Enter the prices that a case needs."""
    for commodity, rate, when in case.prices:
        program("price", "add", commodity, rate, "--date", when)


def accept_undecided(program: Program) -> int:
    """Accept by hand what no rule may decide; how many that were."""
    unsure = [draft["id"] for draft in program("draft", "list")["drafts"] if not draft["sure"]]
    if unsure:
        program("draft", "accept", *unsure)
    return len(unsure)


@pytest.mark.parametrize("case", CASES, ids=lambda case: Path(case.file).stem)
def test_a_sample_becomes_a_verified_trial_balance(case: Case, tmp_path: Path, loaded_program: tuple[str, ...]) -> None:
    """Counts, sums and dates agree with an independent reading; importing again adds nothing; debits equal credits."""
    truth = Truth(tuple(case.read()))
    program = Program(tmp_path, loaded_program)
    begin(program, case)
    imported = bring_in(program, case)
    assert imported["lines"] == imported["new"] + imported["twins"] == imported["drafts"] == len(truth.lines)
    add_prices(program, case)
    assert accept_undecided(program) == case.undecided
    posted = program("post", "--all", "--yes")
    assert posted["entries"] == len(truth.lines)

    again = bring_in(program, case)
    assert (again["new"], again["twins"], again["drafts"], again["seen"]) == (0, 0, 0, len(truth.lines))

    verified = program("verify")
    assert (verified["valid"], verified["entries"]) == (True, len(truth.lines))
    assert verified["consistent"] == verified["signed"] == verified["blocks"]

    span = f"{min(truth.lines)[0]:%Y-%m}..{max(truth.lines)[0]:%Y-%m}"
    report = program("report", "trial-balance", "-p", span)
    assert report["totals"]["debit"] == report["totals"]["credit"]
    for commodity, total in truth.sums().items():
        told = program("report", "balance", "-p", span, "--commodity", commodity)
        closing = {row["code"]: row["closing"]["amount"] for row in told["accounts"]}
        assert minor(closing.get(case.account, "0.00")) == total

    entries = program("entry", "list", "-p", span)["entries"]
    assert sorted(entry["date"] for entry in entries) == sorted(when.isoformat() for when, _, _ in truth.lines)


def test_all_chinese_samples_live_in_one_book(tmp_path: Path) -> None:
    """All CNY samples go into one book, each to its own account, and it verifies with all their lines."""
    program = Program(tmp_path)
    cases = [case for case in CASES if case.base == "CNY"]
    begin(program, cases[0])
    total = 0
    for place, case in enumerate(cases, start=1):
        program("account", "add", f"1002.{place:02d}", Path(case.file).stem)
        imported = bring_in(program, case, f"1002.{place:02d}")
        total += imported["new"] + imported["twins"]
        add_prices(program, case)
    assert total == sum(len(tuple(case.read())) for case in cases)
    assert accept_undecided(program) == sum(case.undecided for case in cases)
    assert program("post", "--all", "--yes")["entries"] == total
    verified = program("verify")
    assert (verified["valid"], verified["entries"]) == (True, total)
    report = program("report", "trial-balance", "-p", "2017-01..2026-12")
    assert report["totals"]["debit"] == report["totals"]["credit"]
