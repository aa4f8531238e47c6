from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.importers.shipped import reading, sample

from cloudbooks.errors import Refusal
from cloudbooks.importers import decoding
from cloudbooks.importers.decoding import Decoded, EncodingUnknown, FileBinary, TextCorrupted, decode
from cloudbooks.importers.options import Options

CHINESE = "记账日期,货币,交易金额\n2026-01-01,CNY,1.00\n"


def _refusal(written: bytes, declared: str = "") -> Refusal:
    with pytest.raises(Refusal) as caught:
        decode(written, "bank.csv", declared)
    return caught.value


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8"), ("gb18030", "GB18030"), ("utf-16", "UTF-16 LE")],
)
def test_an_encoding_is_found(encoding: str, shown: str) -> None:
    """A mark decides, else strict UTF-8, else GB18030, and what was taken is shown."""
    decoded = decode(CHINESE.encode(encoding), "bank.csv")
    assert (decoded.text, decoded.encoding) == (CHINESE, shown)
    assert decoded.sure is (encoding != "gb18030")


def test_utf_16_big_endian_is_found_by_its_mark() -> None:
    """FE FF is the mark of UTF-16 with the high byte first."""
    assert decode(b"\xfe\xff" + CHINESE.encode("utf-16-be"), "bank.csv").text == CHINESE


@given(st.text(alphabet=st.characters(codec="gb18030", exclude_categories=["Cc", "Cs", "Cn"]), min_size=1))
def test_a_declared_encoding_is_taken(text: str) -> None:
    """What is declared overrides what the bytes look like."""
    written = f"x{text}\n".encode("gb18030")
    assert decode(written, "bank.csv", "GB18030").text == f"x{text}\n"


def test_damage_in_utf_8_is_told_by_its_row() -> None:
    """One damaged byte among UTF-8 is a refusal with its row, and no mojibake of another encoding."""
    written = (CHINESE + "2026-01-02,CNY,2.00\n" * 4 + "2026-01-03,人民币元,3.00\n").encode()
    damaged = written.replace("民".encode(), b"\xb0\xa1\xff")
    assert str(_refusal(damaged)) == "bank.csv: corrupted UTF-8 in row 7."


def test_bytes_of_no_known_encoding_are_told_by_their_row() -> None:
    """What is neither UTF-8 nor GB18030 is refused with the row where GB18030 ends."""
    assert str(_refusal(b"a,b\nc,\xff\xff\xff\n")) == "bank.csv: row 2 is neither UTF-8 nor GB18030."


def test_a_declared_encoding_that_does_not_fit() -> None:
    """Bytes that are not text in the declared encoding are refused, with a command that names another."""
    refusal = _refusal("交易,\n1,é\n".encode("gb18030") + b"\xff\n", "utf-8")
    assert (refusal.code, str(refusal)) == ("text-corrupted", "bank.csv: corrupted UTF-8 in row 1.")
    assert "--encoding gbk" in str(refusal.hint)


@pytest.mark.parametrize("name", ["rot13", "base64", "zlib", "idna", "unicode_escape", "klingon", "utf-7", ""])
def test_only_encodings_of_statements_may_be_declared(name: str) -> None:
    """Codecs that are no encodings of statements are refused; nothing declared is detection."""
    if not name:
        assert decode(b"a,b\n", "bank.csv", name) == Decoded("a,b\n", "UTF-8", sure=True)
        return
    with pytest.raises(EncodingUnknown, match=name):
        decode(b"a,b\n", "bank.csv", name)


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (b"PK\x03\x04", "ZIP (XLSX)"),
        (b"%PDF-1.7", "PDF"),
        (b"\xef\xbb\xbf <HTML>", "HTML"),
        (b"<?xml ?>", "XML"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "XLS"),
    ],
)
def test_a_known_kind_of_file_is_named(start: bytes, kind: str) -> None:
    """A spreadsheet or document is refused by its name, with the way to a CSV."""
    refusal = _refusal(start + b"\x00" * 40)
    assert str(refusal) == f"bank.csv holds {kind}, not rows of text."
    assert str(refusal.hint) == "open it in a spreadsheet and save it as CSV in UTF-8"


def test_the_spreadsheet_sample_is_no_text() -> None:
    """The XLSX sample is refused as a spreadsheet."""
    with pytest.raises(FileBinary, match="XLSX"):
        reading(sample("bank-cn/wechat.xlsx"))


@pytest.mark.parametrize("written", [b"a,b\n\x00\n", CHINESE.encode("utf-16-le"), b"a\x01\x02\x03\x04b\n"])
def test_other_bytes_that_are_no_text(written: bytes) -> None:
    """NUL bytes and control characters are refused with their row."""
    assert _refusal(written).code == "file-binary"


@pytest.mark.parametrize("written", [b"", b"  \n\n\t"])
def test_an_empty_file(written: bytes) -> None:
    """A file without a sign is empty."""
    assert _refusal(written).code == "file-empty"


def test_a_file_that_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file above the limit is refused before anything of it is looked at."""
    monkeypatch.setattr(decoding, "BYTES_MAX", 1024 * 1024)
    assert str(_refusal(b"x" * (1024 * 1024 + 1))) == "bank.csv has 2 MB, a statement at most 1 MB."


def test_a_flag_overrides_detection_for_a_whole_file() -> None:
    """A GBK file whose bytes happen to be read otherwise is read by the flag."""
    header = "交易日期,交易时间,交易摘要,交易金额,本次余额,对手信息,日 志 号,交易渠道,交易附言"
    text = f"{header}\n20260101,,联通,-1.00,1.00,,,,\n"
    found = reading(text.encode("gbk"), Options(name="bank.csv", encoding="gbk"))
    assert found.encoding == "GBK"
    assert found.statements["CNY"].lines[0].kind == "联通"


@given(st.binary(max_size=400))
def test_any_bytes_are_text_or_refused(written: bytes) -> None:
    """Whatever the bytes are, they are decoded or refused, and decoded text encodes to the same bytes."""
    try:
        decoded = decode(written, "bank.csv")
    except Refusal:
        return
    if decoded.encoding == "UTF-8":
        assert decoded.text.encode() == written.removeprefix(b"\xef\xbb\xbf")
    else:
        assert not decoded.sure or decoded.encoding.startswith("UTF-16")


def test_corruption_is_no_other_fault() -> None:
    """A truncated multi-byte sign at the end of UTF-8 is told as corrupted UTF-8."""
    with pytest.raises(TextCorrupted, match=r"corrupted UTF-8 in row 2"):
        decode(("日期,金额,摘要,说明,备注\n" + "2026-01-01,1.00,中").encode()[:-1], "bank.csv")
