"""Reports as JSON, CSV and tables: what scripts rely on."""

from __future__ import annotations

import csv
import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.strategies import CNY, COMMODITIES, HOSTILE, ORDINARY

from cloudbooks.core.account import Account, AccountKind
from cloudbooks.core.balance import monthly
from cloudbooks.core.chart import Chart
from cloudbooks.core.entry import EntryKind, PostedEntry, Posting
from cloudbooks.core.party import Party
from cloudbooks.core.period import Period
from cloudbooks.errors import Sentence
from cloudbooks.reports.balance import account_balances
from cloudbooks.reports.balance_sheet import balance_sheet
from cloudbooks.reports.columns import By
from cloudbooks.reports.csv_text import csv_lines, neutral
from cloudbooks.reports.frame import Frame
from cloudbooks.reports.income import income_statement
from cloudbooks.reports.journal import journal
from cloudbooks.reports.layout import lay_out
from cloudbooks.reports.ledger import ledger
from cloudbooks.reports.measure import Measure
from cloudbooks.reports.names import Names
from cloudbooks.reports.table import Amount, Column, Only, Report, Row, RowKind, Table, Text, say_english
from cloudbooks.reports.trial_balance import trial_balance

TODAY = date(2026, 11, 20)
CHART = Chart(
    (
        Account("b", "1002", "银行存款", AccountKind.ASSET),
        Account("b1", "1002.01", "ICBC", AccountKind.ASSET, parent="b"),
        Account("b2", "1002.02", "=HYPERLINK(1)", AccountKind.ASSET, parent="b"),
        Account("c", "3001", "实收资本", AccountKind.EQUITY),
        Account("s", "5001", "主营业务收入", AccountKind.INCOME),
        Account("e", "5602.01", "办公费", AccountKind.EXPENSE),
    )
)


def cny(account: str, amount: int, party: str = "") -> Posting:
    """A posting in the base."""
    return Posting(account, "CNY", amount, amount, party=party)


ENTRIES = (
    PostedEntry("e1", "记", 1, date(2026, 9, 1), "Capital", 0, (cny("b1", 1000000), cny("c", -1000000))),
    PostedEntry(
        "e2", "记", 1, date(2026, 10, 8), "INV-77", 1, (Posting("b2", "USD", 10000, 71234), cny("s", -71234, "p1"))
    ),
    PostedEntry("e3", "记", 2, date(2026, 10, 9), "@SUM(A1)", 1, (cny("e", 30000), cny("b1", -30000))),
    PostedEntry(
        "e4",
        "记",
        3,
        date(2026, 10, 31),
        "结转损益",
        2,
        (cny("s", 71234), cny("e", -30000), cny("c", -41234)),
        kind=EntryKind.CLOSING,
    ),
)
BALANCES = monthly(ENTRIES)
NAMES = Names("CNY", CHART, COMMODITIES, {"p1": Party("p1", "Acme GmbH")})


def frame(text: str = "2026-10", by: By | None = None, *, compare: bool = False) -> Frame:
    """A frame in the base."""
    return Frame(Period.parse(text, TODAY), Measure(CNY), by, compare)


def money(text: str) -> dict[str, str]:
    """An amount of the base in JSON."""
    return {"amount": text, "commodity": "CNY"}


def reports(of: Frame) -> list[Report]:
    """Every report of the same book."""
    return [
        trial_balance(BALANCES, CHART, of),
        account_balances(BALANCES, CHART, of, COMMODITIES),
        income_statement(BALANCES, CHART, of),
        balance_sheet(BALANCES, CHART, of),
        ledger(ENTRIES, BALANCES, NAMES, CHART["b"], of),
        journal(ENTRIES, NAMES, of),
    ]


def test_the_trial_balance_in_json() -> None:
    """Amounts are texts with their commodity; credit is positive; opening and closing are signed."""
    data = trial_balance(BALANCES, CHART, frame()).data()
    assert data["period"] == {"from": "2026-10-01", "to": "2026-10-31"}
    accounts = {one["code"]: one for one in json.loads(json.dumps(data["accounts"]))}
    assert accounts["1002.01"] == {
        "code": "1002.01",
        "name": "ICBC",
        "kind": "asset",
        "commodity": "CNY",
        "opening": money("10000.00"),
        "debit": money("0.00"),
        "credit": money("300.00"),
        "closing": money("9700.00"),
    }
    assert accounts["5001"]["closing"] == money("0.00")
    assert data["totals"] == {"debit": money("1724.68"), "credit": money("1724.68")}


def test_a_tree_tells_levels() -> None:
    """In a tree an account holds what is below it, and says how deep it stands."""
    of = Frame(Period.parse("2026-10", TODAY), Measure(CNY), tree=True)
    accounts = trial_balance(BALANCES, CHART, of).data()["accounts"]
    assert isinstance(accounts, list)
    assert [(one["code"], one["level"], one["closing"]["amount"]) for one in accounts][:3] == [
        ("1002", 1, "10412.34"),
        ("1002.01", 2, "9700.00"),
        ("1002.02", 2, "712.34"),
    ]


def test_balances_name_what_is_held_in_other_commodities() -> None:
    """A row in the base lists the foreign amounts behind it; with columns it has a closing for each."""
    data = account_balances(BALANCES, CHART, frame("2026-09..2026-10", By.MONTH), COMMODITIES, {"b1", "b2"}).data()
    assert data["columns"] == ["2026-09", "2026-10"]
    accounts = data["accounts"]
    assert isinstance(accounts, list)
    assert [one["code"] for one in accounts] == ["1002.01", "1002.02"]
    assert accounts[0]["closings"] == [money("10000.00"), money("9700.00")]
    assert accounts[1]["amounts"] == [{"amount": "100.00", "commodity": "USD"}]
    assert "amounts" not in accounts[0]


def test_one_commodity_alone() -> None:
    """Asked for dollars, a report counts the postings in dollars and nothing else, and its balance sheet balances."""
    of = Frame(Period.parse("2026-10", TODAY), Measure(COMMODITIES["USD"], in_base=False))
    accounts = trial_balance(BALANCES, CHART, of).data()["accounts"]
    assert isinstance(accounts, list)
    assert [(one["code"], one["debit"]) for one in accounts] == [("1002.02", {"amount": "100.00", "commodity": "USD"})]
    sheet = balance_sheet(BALANCES, CHART, of)
    assert sheet.amounts("assets") == sheet.amounts("liabilities-and-equity") == (10000,)
    assert [line.amounts for line in sheet.lines if line.line == "exchanged"] == [(10000,)]


def test_the_income_statement_in_json() -> None:
    """Income is positive, expenses negative, net that of the whole period; closing entries do not empty it."""
    data = income_statement(BALANCES, CHART, frame("2026-09..2026-10", By.MONTH)).data()
    assert data["columns"] == ["2026-09", "2026-10"]
    rows = data["rows"]
    assert isinstance(rows, list)
    assert [(row["line"], row["label"], row["level"], row["amounts"][1]["amount"]) for row in rows] == [
        ("5001", "主营业务收入", 1, "712.34"),
        ("income", "Total income", 0, "712.34"),
        ("5602.01", "办公费", 1, "-300.00"),
        ("expenses", "Total expenses", 0, "-300.00"),
        ("net", "Net profit", 0, "412.34"),
    ]
    assert data["net"] == money("412.34")


def test_a_comparison_stands_behind_the_period() -> None:
    """The same months of the last year follow as columns of their own, and do not count in net or total."""
    report = income_statement(BALANCES, CHART, frame("2026-10", compare=True))
    assert report.data()["columns"] == ["2026-10", "2025-10"]
    assert report.net == 41234
    assert report.lines[-1].amounts == (41234, 0)


def test_the_balance_sheet_in_json() -> None:
    """Before the result is closed it stands in equity by itself, afterwards within its account."""
    data = balance_sheet(monthly(ENTRIES[:3]), CHART, frame()).data()["rows"]
    assert isinstance(data, list)
    lines = {row["line"]: row["amounts"][0]["amount"] for row in data}
    assert lines["1002"] == lines["assets"] == lines["equity"] == lines["liabilities-and-equity"] == "10412.34"
    assert lines["result"] == "412.34"
    closed = balance_sheet(BALANCES, CHART, frame())
    assert "result" not in {line.line for line in closed.lines}
    assert closed.amounts("equity") == (1041234,)


def test_the_ledger_in_json() -> None:
    """Each entry has its postings on the account, the balance after it, and the codes on the other side."""
    data = ledger(ENTRIES, BALANCES, NAMES, CHART["b"], frame()).data()
    assert data["opening"] == money("10000.00")
    assert data["closing"] == money("10412.34")
    entries = data["entries"]
    assert isinstance(entries, list)
    assert entries[0] == {
        "id": "e2",
        "number": "记-0001",
        "date": "2026-10-08",
        "summary": "INV-77",
        "batch": 1,
        "postings": [
            {
                "account": "b2",
                "code": "1002.02",
                "amount": {"amount": "100.00", "commodity": "USD"},
                "value": money("712.34"),
            }
        ],
        "balance": money("10712.34"),
        "counter": ["5001"],
    }


def test_the_journal_in_json() -> None:
    """Entries have all their postings, parties by name, and say what kind they are."""
    entries = journal(ENTRIES, NAMES, frame()).data()["entries"]
    assert isinstance(entries, list)
    assert [entry["number"] for entry in entries] == ["记-0001", "记-0002", "记-0003"]
    assert entries[0]["postings"][1] == {
        "account": "s",
        "code": "5001",
        "amount": money("-712.34"),
        "party": "Acme GmbH",
    }
    assert entries[2]["kind"] == "closing"


@pytest.mark.parametrize("by", [None, *By])
@pytest.mark.parametrize("compare", [False, True])
def test_every_report_has_all_forms(by: By | None, compare: bool) -> None:  # noqa: FBT001 - a table
    """Data is JSON, the table has a cell for each column, its CSV as many fields in every line, and it can be laid."""
    for report in reports(frame("2026q4", by, compare=compare)):
        json.dumps(report.data(say_english))
        table = report.table()
        assert all(len(row.cells) == len(table.columns) for row in table.rows)
        rows = list(csv.reader(csv_lines(table)))
        assert len({len(row) for row in rows}) == 1
        assert lay_out(table, 80)
        assert all(bar.amount.commodity == "CNY" for bar in report.chart())


def test_labels_speak_the_readers_language_and_names_stay() -> None:
    """Sentences go through the reader's language, account names come out of JSON as they are."""

    def say(text: Text) -> str:
        return f"<{text.template}>" if isinstance(text, Sentence) else "never"

    rows = income_statement(BALANCES, CHART, frame()).data(say)["rows"]
    assert isinstance(rows, list)
    assert {row["label"] for row in rows} == {
        "主营业务收入",
        "办公费",
        "<Total income>",
        "<Total expenses>",
        "<Net profit>",
    }


def test_the_trial_balance_as_csv() -> None:
    """Heads are English keys, amounts plain numbers, no total is among the rows, and a name is no formula."""
    assert list(csv_lines(trial_balance(BALANCES, CHART, frame()).table()))[:3] == [
        "code,name,kind,commodity,opening,debit,credit,closing",
        "1002.01,ICBC,asset,CNY,10000.00,0.00,300.00,9700.00",
        "1002.02,'=HYPERLINK(1),asset,CNY,0.00,712.34,0.00,712.34",
    ]


def test_the_journal_as_csv_has_whole_rows() -> None:
    """Every posting has date, number and summary, the amount in its commodity and its side in the base."""
    lines = list(csv_lines(journal(ENTRIES, NAMES, frame()).table()))
    assert lines[0] == "date,number,summary,text,code,account,party,amount,amount_commodity,debit,credit,commodity"
    assert lines[1] == "2026-10-08,记-0001,INV-77,,1002.02,'=HYPERLINK(1),,100.00,USD,712.34,,CNY"
    assert lines[4] == "2026-10-09,记-0002,'@SUM(A1),,1002.01,ICBC,,-300.00,CNY,,300.00,CNY"


def test_an_income_statement_as_csv_keeps_its_totals() -> None:
    """Totals have names of their own there, and every line its level."""
    lines = list(csv_lines(income_statement(BALANCES, CHART, frame()).table()))
    assert lines[0] == "line,level,code,label,2026-10,commodity"
    assert lines[-1] == "net,0,,Net profit,412.34,CNY"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", " =", "＝", "＠"])
def test_formulas_are_neutralised(start: str) -> None:
    """Text that a spreadsheet would run gets an apostrophe in front."""
    assert neutral(f"{start}1+1").startswith("'")


@pytest.mark.parametrize("text", ["", "a=b", "2026-10-03", "摘要 -300", "'quoted'"])
def test_other_text_stays(text: str) -> None:
    """Text that is no formula is not touched."""
    assert text == neutral(text)


@given(st.text(ORDINARY + HOSTILE + "=+-@\t\r\n\",'", max_size=20), st.integers(-(10**9), 10**9))
def test_no_csv_field_runs_or_breaks_its_line(text: str, minor: int) -> None:
    """Whatever a text holds, its field begins harmlessly, its line is one line, and the number reads back plain."""
    table = Table(
        "", (Column("a"), Column("b"), Column("c", only=Only.TEXT)), (Row((text, Amount(minor, 2, "CNY"), "x")),)
    )
    lines = list(csv_lines(table))
    assert len(lines) == 2
    assert not set("\r\n\x1b") & set(lines[1])
    field, number = next(csv.reader([lines[1]]))
    assert not field.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert number == f"{'-' if minor < 0 else ''}{abs(minor) // 100}.{abs(minor) % 100:02}"


def test_totals_without_names_are_left_out_of_csv() -> None:
    """A total row is shown in CSV only where the table says that it can be told from the others."""
    rows = (Row(("x",)), Row(("Total",), 0, RowKind.TOTAL))
    assert list(csv_lines(Table("", (Column("a"),), rows))) == ["a", "x"]
    assert list(csv_lines(Table("", (Column("a"),), rows, totals=True))) == ["a", "x", "Total"]


def test_a_red_line_stays_on_its_side() -> None:
    """In the journal a red credit is a negative number in the credit column."""
    red = PostedEntry(
        "e9", "记", 9, date(2026, 10, 9), "红冲", 9, (Posting("s", "CNY", 500, 500, red=True), cny("b1", -500))
    )
    lines = list(csv_lines(journal([red], NAMES, frame()).table()))
    assert lines[1].endswith(",5.00,CNY,,-5.00,CNY")
