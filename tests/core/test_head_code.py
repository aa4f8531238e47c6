"""Short codes of heads: they come back as they were, however they are typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudbooks.core.head_code import HeadCodeUnreadable, head_code, letters_apart, read_head_code, read_printed

HASHES = st.binary(min_size=32, max_size=32).map(lambda data: f"b3:{data.hex()}")


@given(st.integers(0, 10**9), HASHES)
def test_a_code_names_its_block(number: int, hash_: str) -> None:
    """The number, and the first twenty hex digits of the hash."""
    code = head_code(number, hash_)
    assert read_head_code(code) == (number, hash_[3:23])
    assert len(code.partition("-")[2]) == 19


@given(st.integers(0, 999), HASHES)
def test_a_code_is_read_as_people_type_it(number: int, hash_: str) -> None:
    """Small letters, blanks for hyphens, none at all, O for 0 and I or L for 1."""
    code = head_code(number, hash_)
    wanted = read_head_code(code)
    head, _, rest = code.partition("-")
    alike = rest.replace("0", "O").replace("1", "l")
    wide = "".join(chr(ord(one) + 0xFEE0) for one in code)
    for typed in (code.lower(), code.replace("-", " "), f"{head}-{rest.replace('-', '')}", f"{head}-{alike}",
                  wide, code.replace("-", "\u2013")):  # fmt: skip
        assert read_head_code(typed) == wanted


@given(st.integers(0, 999), HASHES)
def test_a_head_is_read_as_it_was_printed(number: int, hash_: str) -> None:
    """The lines below a report, copied whole, or one half of them."""
    code = head_code(number, hash_)
    wanted = read_head_code(code)
    assert read_printed(f"Head: block {number}, code {code}\n  {hash_}") == (hash_, wanted)
    assert read_printed(f"短码：{code}") == ("", wanted)
    assert read_printed(f"链头：第 {number} 区块，{hash_}") == (hash_, None)
    assert read_printed(hash_[3:].upper()) == (hash_, None)


def test_two_heads_at_once_are_none() -> None:
    """Which of them is meant is not guessed."""
    with pytest.raises(HeadCodeUnreadable):
        read_printed("41-7F3K-9Q2M-0XHB-CDEV 42-7F3K-9Q2M-0XHB-CDEV")


def test_letters_that_differ_are_counted() -> None:
    """What is read as the same letter is no difference."""
    assert letters_apart("41-7F3K-9Q2M-0XHB-CDEV", "41-7f3k-9q2m-oxhb-cdew") == 1


@given(HASHES, HASHES)
def test_other_heads_have_other_codes(one: str, other: str) -> None:
    """Two hashes share a code only where their first eighty bits agree."""
    assert (head_code(1, one) == head_code(1, other)) == (one[:23] == other[:23])


@pytest.mark.parametrize(
    "text", ["", "41", "41-7F3K", "x-7F3K-9Q2M-0XHB-CDEV", "41-7F3K-9Q2M-0XHB-CDEU", "41-" + "0" * 17]
)
def test_what_is_no_code_is_refused(text: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(HeadCodeUnreadable):
        read_head_code(text)
