"""Widths: every line of a table is equally wide, no amount is cut, and nothing hostile reaches the terminal."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st
from rich.style import Style

from cloudbooks.errors import sentence
from cloudbooks.reports.table import Amount
from cloudbooks.system.locale import ENGLISH
from cloudbooks.tui.showing import Voice, cells, fitted
from cloudbooks.tui.table_drawing import Line, strip
from cloudbooks.tui.table_layout import GAP, Column, amount, widths

WORDS = st.text(max_size=40) | st.text(alphabet="银行存款工行éñ🙂👨‍👩‍👧ａ１ é️﷽", max_size=30)
COLUMNS = (
    Column("state", "", least=1, most=2),
    Column("date", sentence("Date"), least=5, most=10),
    Column("summary", sentence("Summary"), least=10, grows=True),
    Column("account", sentence("Account"), least=6, most=20, priority=1),
    amount("amount", sentence("Amount")),
    amount("balance", sentence("Balance"), priority=2),
)


@given(
    st.lists(st.tuples(WORDS, WORDS, st.integers(-(10**14), 10**14)), min_size=1, max_size=8),
    st.sampled_from([60, 78, 80, 118, 120]),
    st.booleans(),
)
def test_rows_are_equally_wide_and_amounts_whole(
    rows: list[tuple[str, str, int]],
    width: int,
    ascii_only: bool,  # noqa: FBT001 - drawn
) -> None:
    """Whatever the texts are, every line has exactly the width of the table, and each amount stands in it whole."""
    voice = Voice(ENGLISH, ascii_only)
    cut = voice.cut_mark
    texts = [
        [voice.cell(one) for one in (voice.glyph("posted"), "10-03", first, second, *(Amount(minor, 2, "CNY"),) * 2)]
        for first, second, minor in rows
    ]
    heads = [voice.say(column.head) for column in COLUMNS]
    natural = [max(cells(line[place]) for line in [heads, *texts]) for place in range(len(COLUMNS))]
    found = widths(COLUMNS, natural, width - 2)
    plain = Style()
    for (_, _, minor), line in zip(rows, texts, strict=True):
        drawn = strip(Line(">", line, COLUMNS, found, cut, plain, plain), width)
        assert drawn.cell_length == width
        assert cells(drawn.text) == width
        assert Amount(minor, 2, "CNY").shown() in drawn.text


@given(st.lists(st.integers(1, 90), min_size=6, max_size=6), st.integers(46, 200))
def test_columns_fit_the_room_and_what_matters_least_goes_first(natural: list[int], room: int) -> None:
    """Columns together fit the room as long as the amounts do; of the droppable ones the least needed goes first."""
    natural[4], natural[5] = min(natural[4], 16), min(natural[5], 16)
    found = widths(COLUMNS, natural, room)
    shown = [width for width in found if width >= 0]
    assert sum(shown) + GAP * (len(shown) - 1) <= max(room, 16 + 1 + 5 + 10 + 16 + 4)
    assert found[5] < 0 or found[3] >= 0 or room > 0
    if found[3] < 0:
        assert found[5] < 0


@given(WORDS, st.integers(0, 40), st.booleans())
def test_a_fitted_text_has_its_width(text: str, width: int, right: bool) -> None:  # noqa: FBT001 - drawn
    """A text fitted to a width has exactly that many cells, and begins as the text does."""
    shown = Voice().say(text)
    drawn = fitted(shown, width, right=right)
    assert cells(drawn) == width
    if cells(shown) > width > 1:
        assert drawn.rstrip(" ").endswith("…")


@given(st.text(max_size=60))
def test_what_is_said_holds_no_control(text: str) -> None:
    """Outside text reaches a widget without a control, format, private or unassigned character."""
    for character in Voice().say(text):
        assert unicodedata.category(character) not in {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}
