"""Strict YAML gives plain text with places, and refuses everything that hides or guesses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudbooks.core.text import show
from cloudbooks.notation import strict_yaml
from cloudbooks.notation.strict_yaml import YamlRefused, read

GUESSED_BY_OTHERS = [
    "no",
    "Yes",
    "on",
    "010",
    "12:30:45",
    "0.10",
    "2026-10-01",
    "1e5",
    "=",
    "1_000",
    "0x1F",
    "True",
    ".inf",
]

REFUSED = {
    "anchor": "a: &x 1",
    "alias": "a: &x 1\nb: *x",
    "lone alias": "a: *x",
    "tag": "a: !!python/object/apply:os.system [ls]",
    "own tag": "a: !secret b",
    "plain tag": "a: !!str 1",
    "merge key": "a: {<<: {b: 1}}",
    "duplicate key": "a: 1\nb: 2\na: 3",
    "duplicate key, quoted": 'a: 1\n"a": 3',
    "duplicate key below": "a: {b: 1, b: 2}",
    "second document": "a: 1\n---\nb: 2",
    "21 levels": "[" * 21 + "]" * 21,
    "5000 brackets": "[" * 5000,
    "list as key": "? [a]\n: b",
    "mapping as key": "{a: b}: c",
    "unclosed": "a: [1, 2",
    "unclosed quote": "a: 'b",
    "tab": "\ta: b",
    "control character": "a: \x00",
    "escape": "a: \x1b[31m",
    "byte order mark inside": "a: \ufeff\ufffe",
    "half of a character": 'a: "\\ud800"',
    "unknown escape": 'a: "\\q"',
    "unknown version": "%YAML 9.9\n---\na: 1",
    "reserved": "a: @b",
}


def refusal(data: bytes) -> YamlRefused | None:
    """How the bytes are refused, or `None` where they are read."""
    try:
        read(data, "r.yaml")
    except YamlRefused as refused:
        return refused
    return None


@pytest.mark.parametrize("text", GUESSED_BY_OTHERS)
def test_what_other_readers_guess_stays_text(text: str) -> None:
    """Words that YAML 1.1 reads as truth, number, time or date are text here, as they were written."""
    assert read(f"a: {text}".encode(), "r.yaml").value == {"a": text}


def test_only_true_false_and_null_are_more_than_text() -> None:
    """Plain true, false, null, ~ and nothing have values of their own; in quotes they are text."""
    found = read(b"[true, false, null, ~, 'true', \"null\", '']", "r.yaml").value
    assert found == [True, False, None, None, "true", "null", ""]


def test_an_empty_file_is_nothing() -> None:
    """A file without a document has no value, and its place is the beginning."""
    document = read(b"# only a remark\n", "r.yaml")
    assert (document.value, document.where(())) == (None, "r.yaml:1:1")


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_what_hides_or_guesses_is_refused(text: str) -> None:
    """Each is refused, with its file, line and column and with the line itself."""
    with pytest.raises(YamlRefused) as refused:
        read(text.encode(), "r.yaml")
    name, line, column = refused.value.place.split(":")
    assert (name, int(line) >= 1, int(column) >= 1) == ("r.yaml", True, True)
    assert "^" in refused.value.excerpt


def test_too_large_and_no_utf_8_are_refused() -> None:
    """More than 1 MiB is not read at all, and bytes that are no UTF-8 are named by their number."""
    with pytest.raises(YamlRefused, match="larger than 1 MiB"):
        read(b"a" * (strict_yaml.BYTES_MAX + 1), "r.yaml")
    with pytest.raises(YamlRefused, match="byte 3"):
        read(b"a: \xff", "r.yaml")


def test_a_byte_order_mark_at_the_beginning_is_no_part_of_the_text() -> None:
    """Files of Windows editors begin with a mark; the first key is found all the same."""
    assert read(b"\xef\xbb\xbfa: b", "r.yaml").value == {"a": "b"}


def test_places_of_values_and_keys() -> None:
    """Lines and columns count from 1, in characters, for keys and for values."""
    document = read("规则:\n- {名: 甲, when: [x, y]}\n".encode(), "r.yaml")
    path = ("规则", 0, "when")
    assert document.where(path, key=True) == "r.yaml:2:10"
    assert document.where((*path, 1)) == "r.yaml:2:20"
    assert document.where((*path, 1, "deeper")) == "r.yaml:2:20"


def test_the_mark_stands_under_the_word() -> None:
    """The mark is as wide as the word, and Chinese before it counts two cells a character."""
    document = read("{招商: x, contain: STAPLES}\n".encode(), "r.yaml")
    assert document.excerpt(("contain",), key=True) == (
        "    1 | {招商: x, contain: STAPLES}\n      |           ^^^^^^^"
    )
    assert document.excerpt(("contain",)).endswith("\n      |                    ^^^^^^^")


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r", "\x85", "\u2028"])
def test_lines_end_where_the_parser_ends_them(line_end: str) -> None:
    """Whatever ends a line, the place and the excerpt are those of the line that is meant."""
    with pytest.raises(YamlRefused) as refused:
        read(line_end.join(["a: 1", "b: 2", "b: 3"]).encode(), "r.yaml")
    assert refused.value.place == "r.yaml:3:1"
    assert refused.value.excerpt.startswith("    3 | b: 3\n")


def test_an_excerpt_is_short_and_shows_what_is_hidden() -> None:
    """Of a long line the piece around the place is shown, and characters that nobody sees stand as their codes."""
    text = f"{{a: {'x' * 5000}\u202ey, b: 1, b: 2}}"
    with pytest.raises(YamlRefused) as refused:
        read(text.encode(), "r.yaml")
    shown, mark = refused.value.excerpt.split("\n")
    assert len(shown) < 200
    assert "\\u202Ey, b: 1, b: 2" in shown
    assert shown[mark.index("^") :].startswith("b: 2")


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_with_a_place(text: str) -> None:
    """No text whatever brings the reader down, and nothing in its answer hides."""
    refused = refusal(text.encode(errors="replace"))
    assert refused is None or refused.place.startswith("r.yaml:")
    assert refused is None or all(show(line) == line for line in refused.excerpt.split("\n"))


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """No bytes whatever bring the reader down."""
    refused = refusal(data)
    assert refused is None or refused.place.startswith("r.yaml")


@given(
    st.dictionaries(st.from_regex(r"[a-z]{1,8}", fullmatch=True), st.from_regex(r"[A-Za-z0-9 ]{0,9}", fullmatch=True))
)
def test_quoted_text_comes_back_as_it_was(words: dict[str, str]) -> None:
    """What stands in quotes is the value, whatever it looks like."""
    text = "\n".join(f'{key}: "{value}"' for key, value in words.items())
    assert read(text.encode(), "r.yaml").value == (words or None)
