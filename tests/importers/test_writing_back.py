from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.importers.shipped import LAYOUTS, reading
from tests.importers.writing import MOVED, Moved, written

from cloudbooks.core.statement import fingerprints
from cloudbooks.importers.layout import Layout, Role
from cloudbooks.importers.options import Options


@pytest.mark.parametrize("layout", LAYOUTS.layouts, ids=lambda layout: layout.profile)
@settings(max_examples=30)
@given(rows=MOVED, preamble=st.integers(0, 30))
def test_a_file_of_our_own_is_read_back(layout: Layout, rows: list[Moved], preamble: int) -> None:
    """What is written in a layout is read back: the layout, each day, amount, text and party, in the same order."""
    found = reading(written(layout, rows, preamble), Options(commodity=layout.commodity or "CNY"))
    assert found.profile == layout.profile
    lines = found.statements[layout.commodity or "CNY"].lines
    assert [(line.date, line.amount) for line in lines] == [(row.day, row.amount) for row in rows]
    assert not any(line.undecided for line in lines)
    texts = len([column for column in layout.columns if column.role is Role.TEXT])
    assert [line.text for line in lines] == [" ".join([row.text] * texts) for row in rows]
    if layout.column(Role.PARTY):
        assert [line.party for line in lines] == [row.party for row in rows]
    first = found.header + 1
    if "\n" not in "".join(line.raw for line in lines):
        assert [line.row for line in lines] == list(range(first, first + len(rows)))


@pytest.mark.parametrize("layout", LAYOUTS.layouts, ids=lambda layout: layout.profile)
@settings(max_examples=20)
@given(rows=MOVED)
def test_the_encoding_is_no_part_of_what_is_read(layout: Layout, rows: list[Moved]) -> None:
    """UTF-8 with or without its mark, UTF-16 with its mark and GB18030 give the same lines."""
    text = written(layout, rows)
    options = Options(commodity=layout.commodity or "CNY")
    encodings = ["utf-8", "utf-8-sig", "utf-16"]
    # Bytes of GB18030 are detected only where the layout does not say another encoding of old bytes.
    encodings += ["gb18030"] if layout.fallback == "gb18030" else []
    assert len({reading(text.encode(encoding), options).statements[options.commodity] for encoding in encodings}) == 1


@given(rows=MOVED, cut=st.integers(0, 12))
def test_overlapping_files_have_the_same_fingerprints(rows: list[Moved], cut: int) -> None:
    """A line has one fingerprint in a file of the whole span and in one that holds only the later rows of it."""
    layout = LAYOUTS.named("cmb-debit")[0]
    unique = list({(row.day, row.amount): row for row in rows}.values())
    later = unique[min(cut, len(unique) - 1) :]
    whole, part = (
        [one.fingerprint for one in fingerprints(reading(written(layout, some)).statements["CNY"].lines, "1002")]
        for some in (unique, later)
    )
    assert whole[len(whole) - len(part) :] == part
    assert len(set(whole)) == len(whole)
