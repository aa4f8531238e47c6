"""Tables and bars as lines: aligned, within the width, every amount whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.strategies import HOSTILE, ORDINARY

from cloudbooks.core.text import cells, show
from cloudbooks.errors import sentence
from cloudbooks.reports.bars import lay_bars
from cloudbooks.reports.layout import GAP, INDENT, TEXT_MIN, dropped, fit, lay_out, wrapped
from cloudbooks.reports.table import Align, Amount, Bar, Cell, Column, Only, Row, RowKind, Table

words = st.text(ORDINARY + HOSTILE + "工行 ", max_size=30)
amounts = st.builds(
    Amount,
    st.integers(-(10**14), 10**14),
    st.sampled_from([0, 2, 8]),
    st.sampled_from(["CNY", "BTC"]),
    st.booleans(),
)
columns = st.builds(
    Column,
    key=st.uuids().map(str),
    name=words,
    align=st.sampled_from(Align),
    priority=st.integers(0, 3),
    only=st.sampled_from([None, None, None, *Only]),
    indents=st.booleans(),
    once=st.booleans(),
    short=st.booleans(),
)
cell = st.one_of(words, amounts, st.lists(amounts, max_size=2).map(tuple))


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """Any table with a column that is always shown."""
    heads = (Column("first", "First", priority=0), *draw(st.lists(columns, max_size=4)))
    rows = [
        Row(
            tuple(draw(cell) for _ in heads),
            draw(st.integers(0, 3)),
            draw(st.sampled_from(RowKind)),
            draw(st.booleans()),
        )
        for _ in range(draw(st.integers(0, 4)))
    ]
    return Table("Title", heads, tuple(rows))


def shown_amounts(one: Cell) -> list[str]:
    """The amounts of a cell as they are shown."""
    if isinstance(one, Amount):
        return [one.shown()]
    return [amount.shown() for amount in one] if isinstance(one, tuple) else []


def narrowest(table: Table) -> int:
    """The width below which a table cannot go: its amounts whole, two cells for every text."""
    widths = []
    for place in range(len(table.columns)):
        least = TEXT_MIN
        for row in table.rows:
            indent = row.level * INDENT if table.columns[place].indents else 0
            parts = shown_amounts(row.cells[place])
            least = max([least, *map(cells, parts)] if parts else [least, indent + TEXT_MIN])
        widths.append(least)
    return sum(widths) + GAP * (len(widths) - 1)


@given(tables(), st.one_of(st.none(), st.integers(1, 100)), st.booleans())
def test_lines_are_equally_wide_and_fit(table: Table, width: int | None, ascii_only: bool) -> None:  # noqa: FBT001 - drawn
    """All lines take the same cells, and no more than asked unless the amounts alone need more."""
    lines = lay_out(table, width, ascii_only=ascii_only)
    widths = {cells(line) for line in lines}
    assert len(widths) == 1
    if width is not None:
        assert widths.pop() <= max(width, narrowest(fit(table, width)))
    assert all(line.isprintable() for line in lines)


@given(tables(), st.one_of(st.none(), st.integers(1, 100)))
def test_amounts_are_whole(table: Table, width: int | None) -> None:
    """Every amount of a column that is shown stands uncut in the lines."""
    text = "\n".join(lay_out(table, width))
    for row in fit(table, width).rows:
        for one in row.cells:
            assert all(part in text for part in shown_amounts(one)) or row.continues


@given(tables(), st.integers(1, 100))
def test_columns_go_in_the_order_of_their_priority(table: Table, width: int) -> None:
    """What is dropped was never more important than what stays, and priority 0 always stays."""
    fitted = fit(table, width)
    gone = dropped(table, fitted)
    assert all(column.priority > 0 for column in gone)
    if gone:
        least = min(column.priority for column in gone)
        assert all(column.priority <= least for column in fitted.columns)
    assert dropped(table, fit(table, None)) == ()


@given(tables(), st.integers(20, 100))
def test_no_word_is_lost(table: Table, width: int) -> None:
    """Wrapped text keeps every character that is not a blank."""
    fitted = fit(table, width)
    text = "".join(lay_out(table, width))
    for row in fitted.rows:
        for one, column in zip(row.cells, fitted.columns, strict=True):
            if isinstance(one, str) and not (row.continues and column.once):
                assert all(character in text for character in show(one) if character != " ")


@given(words.map(show), st.integers(2, 40))
def test_wrapping_keeps_the_text(text: str, width: int) -> None:
    """Lines are within the width and joined again are the text, blanks at the breaks aside."""
    lines = wrapped(text, width)
    assert all(cells(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_wrapping_breaks_between_words() -> None:
    """Words stay whole where they fit; Chinese breaks anywhere; a long word breaks where it must."""
    assert wrapped("Staples paper for the office", 12) == ["Staples", "paper for", "the office"]
    assert wrapped("收到货款 Acme 有限公司", 10) == ["收到货款", "Acme 有限", "公司"]
    assert wrapped("b3:0123456789abcdef", 8) == ["b3:01234", "56789abc", "def"]


MONEY = Table(
    sentence("Balances"),
    (
        Column("code", "Code", short=True),
        Column("name", "Account", indents=True),
        Column("party", "Party", priority=2),
        Column("closing", "Balance", Align.RIGHT),
    ),
    (
        Row(("1002", "银行存款", "", Amount(12512345, 2, "CNY"))),
        Row(("1002.01", "工行", "杭州云图科技", Amount(-30000, 2, "CNY")), 1),
        Row(("", "Total", "", Amount(12482345, 2, "CNY")), 0, RowKind.TOTAL),
    ),
)


def test_a_table_with_room() -> None:
    """Chinese takes two cells a character, levels are indented, numbers stand on the right, totals under a rule."""
    assert lay_out(MONEY) == [
        "Code     Account   Party            Balance",
        "───────────────────────────────────────────",
        "1002     银行存款                125,123.45",
        "1002.01    工行    杭州云图科技     -300.00",
        "───────────────────────────────────────────",
        "         Total                   124,823.45",
    ]


def test_a_table_without_room() -> None:
    """The party goes first, then names are wrapped; in ASCII the rule is made of dashes."""
    assert lay_out(MONEY, 27, ascii_only=True) == [
        "Code     Accoun     Balance",
        "         t                 ",
        "---------------------------",
        "1002     银行存  125,123.45",
        "         款                ",
        "1002.01    工行     -300.00",
        "---------------------------",
        "         Total   124,823.45",
    ]


def test_an_empty_column_that_may_be_dropped_is_not_shown() -> None:
    """A column without anything in it takes no room, unless it is an essential one."""
    table = Table("", MONEY.columns, (MONEY.rows[0],))
    assert [column.key for column in fit(table, None).columns] == ["code", "name", "closing"]


bars = st.lists(st.builds(Bar, words, amounts), min_size=1, max_size=6)


@given(bars, st.integers(1, 100), st.booleans())
def test_bars_fit_and_show_their_numbers(drawn: list[Bar], width: int, ascii_only: bool) -> None:  # noqa: FBT001 - drawn
    """All lines are equally wide, within the width where there is room, each ending in its whole number."""
    lines = lay_bars(drawn, width, ascii_only=ascii_only)
    widths = {cells(line) for line in lines}
    least = max(cells(bar.amount.shown()) for bar in drawn) + 4 + 4 + 1
    assert len(widths) == 1
    assert widths.pop() <= max(width, least)
    assert all(line.endswith(bar.amount.shown()) for line, bar in zip(lines, drawn, strict=True))


@given(st.lists(st.integers(-1000, 1000), min_size=2, max_size=6))
def test_longer_bars_are_larger_numbers(numbers: list[int]) -> None:
    """On each side of zero a larger number never has a shorter bar, and only zero has none."""
    lines = lay_bars([Bar("x", Amount(number, 0, "CNY")) for number in numbers], ascii_only=True)
    lengths = [line.count("#") for line in lines]
    for one, length in zip(numbers, lengths, strict=True):
        assert (length == 0) == (one == 0)
        for other, longer in zip(numbers, lengths, strict=True):
            if one * other > 0 and abs(one) < abs(other):
                assert length <= longer


@pytest.mark.parametrize("ascii_only", [False, True])
def test_bars_around_zero(ascii_only: bool) -> None:  # noqa: FBT001 - a table
    """A loss grows to the left of the line at zero, on the scale of the profits."""
    drawn = [Bar("2026-01", Amount(2800, 0, "CNY")), Bar("2026-02", Amount(-1400, 0, "CNY"))]
    expected = {
        False: ["2026-01       │██████████    2,800", "2026-02  █████│             -1,400"],
        True: ["2026-01       |##########    2,800", "2026-02  #####|             -1,400"],
    }
    assert expected[ascii_only] == lay_bars(drawn, 34, ascii_only=ascii_only)


def test_no_bars_are_no_lines() -> None:
    """Of nothing, nothing is drawn."""
    assert lay_bars([]) == []
