"""Short codes of heads: they come back as they were, however they are typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudbooks.core.head_code import HeadCodeUnreadable, head_code, read_head_code

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
    for typed in (code.lower(), code.replace("-", " "), f"{head}-{rest.replace('-', '')}", f"{head}-{alike}"):
        assert read_head_code(typed) == wanted


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
