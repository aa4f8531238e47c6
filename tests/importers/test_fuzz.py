from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.importers.shipped import LAYOUTS, SAMPLES, SCALES, sample

from cloudbooks.core.statement import StatementLine
from cloudbooks.errors import Refusal
from cloudbooks.importers.explaining import explain
from cloudbooks.importers.findings import findings
from cloudbooks.importers.options import Options
from cloudbooks.importers.sniffing import sniff
from cloudbooks.importers.statement_reading import Reading, read_statement

NAMES = sorted(path.relative_to(SAMPLES).as_posix() for path in SAMPLES.glob("bank-*/*"))
SPLICES = st.sampled_from(
    [
        b'"',
        b",",
        b"\n",
        b"\r",
        b"\x00",
        b"\t",
        b"\xff",
        b"\xe4",
        b"1",
        b"-",
        b"",
        b"\xef\xbb\xbf",
        b"2026-02-30",
        "合计".encode(),
        b"9" * 40,
        b"x" * 11_000,
        b'","',
        b"=",
        b"(",
        b"\x1b[2J",
    ]
)


def _read(written: bytes, *, keep: bool) -> Reading | None:
    """What becomes of any bytes: a reading, or a refusal with a sentence and a hint; never another exception."""
    options = Options(name="bank.csv", commodity="CNY", keep_unreadable=keep)
    try:
        return read_statement(written, LAYOUTS, options, SCALES)
    except Refusal as caught:
        refusal = caught
    assert str(refusal).endswith(".")
    assert refusal.code != "refused"
    assert refusal.hint is not None
    return None


def _whole(found: Reading) -> None:
    """Every row has one fate, every line can be explained, and what is told can be said."""
    lines: list[StatementLine] = [line for one in found.statements.values() for line in one.lines]
    rows = [line.row for line in lines] + [row.row for row in found.skipped] + [row.row for row in found.unreadable]
    assert len(set(rows)) == len(rows)
    assert all(line.commodity in SCALES and abs(line.amount) < 10**18 for line in lines)
    assert all(line.text.isprintable() and line.party.isprintable() for line in lines)
    assert all(str(finding.message).endswith((".", "?")) for finding in findings(found))
    for row in rows[:5]:
        assert explain(found, row).row == row


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=25)
@given(st.data())
def test_a_damaged_sample_is_read_or_refused(name: str, data: st.DataObject) -> None:
    """Cut, spliced and damaged samples give rows with fates or a refusal, whether unreadable rows are kept or not."""
    written = bytearray(sample(name))
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(written)))
        written[start : start + data.draw(st.integers(0, 30))] = data.draw(SPLICES | st.binary(max_size=6))
    damaged = bytes(written[: data.draw(st.integers(0, len(written)))]) if data.draw(st.booleans()) else bytes(written)
    for keep in (False, True):
        found = _read(damaged, keep=keep)
        if found is not None:
            _whole(found)
            assert keep or not found.unreadable


@pytest.mark.parametrize("name", NAMES)
def test_every_truncation_of_a_sample_is_read_or_refused(name: str) -> None:
    """A sample cut off anywhere loses no line silently: the lines that are read are the first of the whole file."""
    whole = sample(name)
    full = _read(whole, keep=True)
    lines = {line.row: line for one in full.statements.values() for line in one.lines} if full else {}
    for length in range(0, len(whole), max(1, len(whole) // 60)):
        found = _read(whole[:length], keep=False)
        if found is None or found.profile == "generic@1":
            continue
        read_in = [line for one in found.statements.values() for line in one.lines]
        # Only the last row may have lost the end of its last cell, which no reader can see.
        for line in sorted(read_in, key=lambda line: line.row)[:-1]:
            assert line == lines[line.row]


@given(st.binary(max_size=300) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_refused_or_read(written: bytes) -> None:
    """Bytes of no bank are refused."""
    _read(written, keep=True)


@given(
    st.lists(
        st.lists(
            st.sampled_from(
                [
                    "日期",
                    "date",
                    "金额",
                    "amount",
                    "借方",
                    "贷方",
                    "余额",
                    "balance",
                    "摘要",
                    "2026-01-01",
                    "03/04/2026",
                    "13/04/2026",
                    "1.00",
                    "-2,000.00",
                    "1.234,56",
                    "",
                    "CNY",
                    "借",
                    "-",
                    "x",
                    '"',
                    "1" * 20,
                ]
            ),
            max_size=6,
        ),
        max_size=8,
    ),
    st.sampled_from(",;\t|"),
)
def test_any_table_is_understood_or_refused(rows: list[list[str]], delimiter: str) -> None:
    """Tables of plausible cells never break the mapper."""
    text = "\n".join(delimiter.join(row) for row in rows)
    found = _read(text.encode(), keep=True)
    if found is not None:
        _whole(found)
        assert sniff(text.encode(), LAYOUTS).lines == found.lines
