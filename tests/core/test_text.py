"""What may be shown, and how wide it is."""

from __future__ import annotations

import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudbooks.core.text import MARKS_MAX, cells, cut, pad, pad_left, show, span

shown_texts = st.text(max_size=60).map(show)


@pytest.mark.parametrize(
    "text", ["招商银行", "é", "café 12:30", "上海（分）", "Straße", "🙂", "e\u0301", "ไทย", "हिन्दी"]
)
def test_ordinary_words_stay(text: str) -> None:
    """Chinese, accents, emoji and other scripts are shown as they are."""
    assert text == show(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("\x1b[2J", "\\u001B[2J"),
        ("\x9b31m", "\\u009B31m"),
        ("\x08", "\\u0008"),
        ("a\rb", "a\\u000Db"),
        ("a\nb", "a\\u000Ab"),
        ("a\tb", "a\\u0009b"),
        ("\u202etxt", "\\u202Etxt"),
        ("\u2066x", "\\u2066x"),
        ("a\u200bb", "a\\u200Bb"),
        ("a\u2028b", "a\\u2028b"),
        ("\ufeff", "\\uFEFF"),
        ("\u00ad", "\\u00AD"),
        ("\ue000", "\\uE000"),
        ("\ud800", "\\uD800"),
        ("\U000e0041", "\\U000E0041"),
    ],
)
def test_hidden_characters_are_shown_as_codes(text: str, code: str) -> None:
    """Escapes, C1 controls, bidi, zero width, line separators, private and unpaired characters become their codes."""
    assert code == show(text)


def test_a_heap_of_marks_is_cut_off() -> None:
    """Two hundred combining marks on one letter leave four marks and 196 codes."""
    result = show("a" + "\u0301" * 200)
    assert result.startswith("a" + "\u0301" * MARKS_MAX + "\\u0301")
    assert sum(1 for one in result if unicodedata.combining(one)) == MARKS_MAX


@given(st.text(max_size=80))
def test_nothing_that_steers_a_terminal_is_shown(text: str) -> None:
    """Whatever comes in, what is shown is printable, on one line, and shown the same when shown again."""
    result = show(text)
    assert all(one.isprintable() and unicodedata.category(one) not in {"Cc", "Cf", "Zl", "Zp", "Cs"} for one in result)
    assert result == show(result)


@pytest.mark.parametrize(
    ("text", "width"),
    [("", 0), ("abc", 3), ("银行", 4), ("e\u0301", 1), ("（）", 4), ("नमस्ते", 4), ("ไม้", 2), ("❤\ufe0f", 1), ("각", 2)],
)
def test_cells(text: str, width: int) -> None:
    """Wide characters take two cells; marks, variation selectors and inner jamo none."""
    assert width == cells(text)


def test_decomposed_korean_is_as_wide_as_composed() -> None:
    """A syllable in pieces takes the cells of the syllable."""
    assert cells("각") == cells(unicodedata.normalize("NFD", "각"))


@given(text=shown_texts, width=st.integers(-2, 40))
def test_cut_never_exceeds_its_width(text: str, width: int) -> None:
    """A cut text fits, and is a beginning of the text with the mark behind it unless the text fits as it is."""
    result = cut(text, width)
    assert cells(result) <= max(width, 0)
    assert result == text or text.startswith(result.removesuffix("…"))


@given(text=shown_texts, width=st.integers(0, 60))
def test_padding_fills_to_the_width(text: str, width: int) -> None:
    """A padded text is as wide as asked, or as wide as it was."""
    expected = max(width, cells(text))
    assert expected == cells(pad(text, width))
    assert expected == cells(pad_left(text, width))


def test_cut_leaves_wide_characters_whole() -> None:
    """A wide character that has room for half of itself only is left out."""
    assert cut("招商银行", 6) == "招商…"
    assert cut("招商银行", 8) == "招商银行"
    assert cut("招商银行", 1) == "…"
    assert cut("招商银行", 0) == ""
    assert cut("abcdef", 2, "...") == ".."


def test_a_span_of_one_day_is_that_day() -> None:
    """Whoever reads a range of one sees one."""
    assert span(date(2026, 10, 1), date(2026, 10, 31)) == "2026-10-01…2026-10-31"
    assert span(date(2026, 10, 1), date(2026, 10, 1)) == "2026-10-01"
