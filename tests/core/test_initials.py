"""Initials, as accountants type them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudbooks.core.initials import initials


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("银行存款", "yhck"),
        ("工行 ICBC", "ghi"),
        ("应交税费", "yjsf"),
        ("会计师事务所", "kjssws"),
        ("长期股权投资", "cqgqtz"),
        ("行政管理", "xzgl"),
        ("深圳市鑫达贸易", "szsxdmy"),
        ("Accounts receivable", "ar"),
        ("Property, plant & equipment", "ppe"),
        ("ＶＡＴ 进项", "vjx"),
        ("2026", ""),
        ("🙂", ""),
        ("", ""),
    ],
)
def test_initials(name: str, letters: str) -> None:
    """Chinese characters give their pinyin initial, words of letters their first letter, the rest nothing."""
    assert letters == initials(name)


@given(st.text(max_size=40))
def test_any_text_has_initials(name: str) -> None:
    """Initials are lower case, never more than the characters, and the same for a text said twice."""
    result = initials(name)
    assert result == result.casefold()
    assert result == initials(name)
