from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudbooks.importers import table
from cloudbooks.importers.table import QuoteOpen, RowsTooMany, RowTooLong, Table, cells_of

CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\r"), max_size=12)


@given(st.lists(st.lists(CELL, min_size=2, max_size=4), min_size=1), st.sampled_from(["\n", "\r\n"]))
def test_rows_are_read_with_their_places(rows: list[list[str]], end: str) -> None:
    """What a CSV writer wrote is read back, and the raw lines of all rows together are the file."""
    written = io.StringIO(newline="")
    csv.writer(written, lineterminator=end).writerows(rows)
    text = written.getvalue()
    found = Table.of(text, "bank.csv")
    read_back = list(found.rows(1))
    assert [cells for _, _, cells in read_back] == rows
    assert "".join("".join(found.lines[number - 1 : last]) for number, last, _ in read_back) == text
    assert [number for number, _, _ in read_back][1:] == [last + 1 for _, last, _ in read_back][:-1]


def test_raw_rows_keep_what_came() -> None:
    """A raw row is its lines with everything but the last line's end."""
    found = Table.of('a,"b\nc" ,d\r\n\r\n e,f', "bank.csv")
    assert [found.raw(number, last) for number, last, _ in found.rows(1)] == ['a,"b\nc" ,d', "", " e,f"]
    assert found.cut_off


def test_a_quotation_mark_that_is_never_closed() -> None:
    """The rest of a file is no cell: the refusal names the row of the open quotation mark."""
    rows = Table.of('a,b\nc,"d\ne,f\n', "bank.csv").rows(1)
    assert next(rows)[2] == ["a", "b"]
    with pytest.raises(QuoteOpen) as caught:
        list(rows)
    assert str(caught.value) == "the quotation mark opened in row 2 is never closed."


def test_a_row_beyond_all_bounds() -> None:
    """A line above 128 KB, and a cell of several lines above it, are refused with their row."""
    with pytest.raises(RowTooLong, match="row 2 is longer than 128 KB"):
        Table.of("a,b\nc," + "," * 140_000 + "\n", "bank.csv")
    rows = Table.of('a,b\nc,"' + ("x" * 1000 + "\n") * 140 + '"\n', "bank.csv").rows(1)
    with pytest.raises(RowTooLong, match="row 2 is longer than 128 KB"):
        list(rows)


def test_too_many_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file above the limit of rows is refused with its number."""
    monkeypatch.setattr(table, "ROWS_MAX", 3)
    with pytest.raises(RowsTooMany, match=r"bank\.csv has 4 rows, a statement at most 3"):
        Table.of("a\n" * 4, "bank.csv")


def test_a_line_alone() -> None:
    """One line is parted alone; one that cannot be is nothing."""
    assert cells_of('a,"b,c"\n', ",") == ["a", "b,c"]
    assert cells_of("x" * 140_000, ",") == []
