"""The voucher as a sheet: where Enter goes, what a text means in a cell, what is out of balance, what the draft is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudbooks.books.vouchers import VoucherFacts
from cloudbooks.core.account import Account, AccountKind
from cloudbooks.core.chart import AccountUnknown, Chart
from cloudbooks.core.commodity import Commodity
from cloudbooks.core.draft import Draft, DraftLine, DraftState
from cloudbooks.core.money import NotAnAmount
from cloudbooks.core.party import Party
from cloudbooks.reports.names import Names
from cloudbooks.tui.screens.voucher.cells import DifferenceUnknown, PartyUnclear, balanced, cell_text, put
from cloudbooks.tui.screens.voucher.sheet import Cell, Line, Sheet

ASSET, INCOME = AccountKind.ASSET, AccountKind.INCOME
CHART = Chart(
    [
        Account("bank", "1002", "银行存款", ASSET),
        Account("usd", "1003", "美元户", ASSET, commodity="USD"),
        Account("customers", "1122", "应收账款", ASSET, dimensions=("客户", "项目")),
        Account("sales", "5001", "主营业务收入", INCOME),
    ]
)
NAMES = Names(
    "CNY",
    CHART,
    {"CNY": Commodity("CNY", 2, "yuan"), "USD": Commodity("USD", 2, "dollar")},
    {"p1": Party("p1", "Acme 有限公司"), "p2": Party("p2", "青山贸易")},
)
DAY = date(2026, 10, 21)
FACTS = VoucherFacts(NAMES, 2, DAY, DAY, "记", (), {}, {"me": "李娜"}, "me")


def typed(*cells: str, sheet: Sheet | None = None) -> Sheet:
    """A sheet after texts were typed, each followed by Enter."""
    found = sheet or Sheet.new(FACTS)
    for text in cells:
        found = put(found, text).after()
    return found


def test_enter_walks_and_skips_the_other_side() -> None:
    """Summary, account, debit, then the next row; credit is asked only where debit stayed empty."""
    sheet = Sheet.new(FACTS)
    walked = [sheet.cell]
    for text in ("sale", "1002", "300", "", "5001", "", "300"):
        sheet = put(sheet, text).after()
        walked.append(sheet.cell)
    assert [one.value for one in walked] == [
        *("summary", "account", "debit", "summary", "account", "debit", "credit", "summary"),
    ]
    assert (sheet.row, sheet.balanced) == (2, True)


def test_enter_back_is_the_same_way() -> None:
    """Shift+Tab stops where Enter stopped."""
    sheet = typed("sale", "1002", "300", "", "5001", "", "300")
    seen = []
    for _ in range(6):
        sheet = sheet.before()
        seen.append((sheet.row, sheet.cell.value))
    assert seen == [(1, "credit"), (1, "account"), (1, "summary"), (0, "debit"), (0, "account"), (0, "summary")]


def test_what_an_account_demands_is_asked_between_account_and_amount() -> None:
    """Customer and project, the party by name or initials; another account forgets them."""
    sheet = typed("sale", "1122")
    assert (sheet.cell, sheet.strip) == (Cell.STRIP, 0)
    with pytest.raises(PartyUnclear):
        put(sheet, "nobody")
    sheet = typed("qsmy", "P-7", sheet=sheet)
    assert sheet.cell is Cell.DEBIT
    assert (sheet.line.party, dict(sheet.line.dimensions)) == ("p2", {"客户": "青山贸易", "项目": "P-7"})
    assert typed("1002", sheet=sheet.at(0, Cell.ACCOUNT)).line.dimensions == ()


def test_a_demand_without_an_answer_is_found() -> None:
    """The first account that lacks what it demands is named with its place; nothing is left once all is said."""
    sheet = typed("sale", "1002", "300", "", "1122", "qsmy")
    assert sheet.unanswered_demand() == (1, 1, "项目")
    assert typed("P-7", sheet=sheet).unanswered_demand() is None


@pytest.mark.parametrize(
    ("text", "summary"), [("//", "first"), ("／／", "first"), ("..", "second"), ("。。", "second"), ("", "second")]
)
def test_summaries_are_taken_from_above(text: str, summary: str) -> None:
    """`//` is the first row's, `..` and nothing the row's above, also as an input method sends them."""
    sheet = typed("first", "1002", "1", "second", "5001", "", "1")
    assert typed(text, sheet=sheet).rows[2].summary == summary


@pytest.mark.parametrize("side", [Cell.DEBIT, Cell.CREDIT])
def test_the_difference_goes_where_it_is_wanted(side: Cell) -> None:
    """`=` in either amount cell puts what is missing on the side that misses it."""
    sheet = balanced(typed("a", "1002", "300", "", "5001").at(1, side))
    assert (sheet.line.amount, sheet.line.credit, sheet.cell) == (30000, True, Cell.CREDIT)
    assert sheet.balanced
    assert put(sheet, "＝").line == sheet.line


def test_an_amount_is_computed_or_refused() -> None:
    """Full-width digits count, a leading minus is red, letters are refused, an emptied cell is empty."""
    sheet = typed("a", "1002")
    assert put(sheet, "３００＊１。１３").line.amount == 33900
    red = put(sheet, "-300")
    assert (red.line.amount, red.line.signed, red.line.credit) == (-30000, -30000, False)
    with pytest.raises(NotAnAmount):
        put(sheet, "abc")
    assert put(put(sheet, "5"), "").line.amount is None


def test_space_swaps_the_side() -> None:
    """The amount goes to the other column, and the cursor with it."""
    sheet = put(typed("a", "1002"), "300").swapped()
    assert (sheet.line.credit, sheet.line.signed, sheet.cell) == (True, -30000, Cell.CREDIT)
    assert sheet.swapped().line.signed == 30000


def test_a_foreign_line_counts_by_its_value() -> None:
    """An account bound to a currency takes it; without a price the difference is not known, with one it is."""
    sheet = typed("a", "1003", "100")
    assert (sheet.rows[0].commodity, sheet.unvalued) == ("USD", True)
    with pytest.raises(DifferenceUnknown):
        balanced(typed("", "5001", sheet=sheet))
    draft = sheet.to_draft(DraftState.PROPOSED)
    priced = replace(draft, lines=tuple(replace(line, value=71200) for line in draft.lines))
    assert balanced(typed("", "5001", sheet=sheet.absorbed(priced))).line.amount == 71200


def test_an_unknown_account_is_refused_and_nothing_changes() -> None:
    """A word that means no account is never guessed."""
    sheet = typed("a")
    with pytest.raises(AccountUnknown):
        put(sheet, "9999")
    assert put(sheet, "").line.account == ""
    assert cell_text(put(sheet, "yhck")) == "1002"


def test_rows_come_and_go_and_blank_ones_are_not_kept() -> None:
    """Insert above, remove, the last stays; what says nothing is no line of the draft."""
    sheet = typed("a", "1002", "300", "", "5001", "", "300", "")
    assert len(sheet.rows) == 3
    assert len(sheet.to_draft(DraftState.READY).lines) == 2
    assert sheet.at(0, Cell.DEBIT).inserted().rows[0] == Line()
    for _ in range(4):
        sheet = sheet.removed()
    assert sheet.rows == (Line(),)
    assert sheet.to_draft(DraftState.READY).lines == ()


lines = st.builds(
    DraftLine,
    account=st.sampled_from(["", "bank", "sales"]),
    commodity=st.just("CNY"),
    amount=st.none() | st.integers(-(10**10), 10**10).filter(bool),
    value=st.none(),
    party=st.sampled_from(["", "p1"]),
    text=st.sampled_from(["", "other words"]),
    tax=st.sampled_from(["", "13%"]),
    settles=st.sampled_from([(), ("s/1",)]),
    red=st.booleans(),
).map(lambda line: replace(line, value=line.amount, red=line.red and line.amount is not None))
said = lines.filter(lambda line: bool(line.account) or line.amount is not None)


@given(st.lists(said, min_size=1, max_size=5), st.sampled_from(list(DraftState)))
def test_a_draft_comes_back_as_it_was(parts: list[DraftLine], state: DraftState) -> None:
    """Opening a draft in a sheet and keeping it changes no line and nothing that the sheet does not show."""
    draft = Draft(DAY, "记", "summary", tuple(parts), number=7, state=state, tags=("t",))
    again = Sheet.of(draft, FACTS).to_draft(state)
    assert replace(again, lines=()) == replace(draft, lines=())
    for line, before in zip(again.lines, parts, strict=True):
        assert replace(line, text="") == replace(before, text="")


@given(st.lists(st.tuples(st.integers(1, 10**9), st.booleans()), min_size=1, max_size=6))
def test_the_difference_always_balances(amounts: list[tuple[int, bool]]) -> None:
    """Whatever stands in the other rows, `=` leaves no difference."""
    rows = tuple(Line("s", "bank", amount, credit, "CNY") for amount, credit in amounts)
    sheet = replace(Sheet.new(FACTS), rows=(*rows, Line("s", "sales"))).at(len(rows), Cell.DEBIT)
    debit, credit = balanced(sheet).sides()
    assert debit == credit
