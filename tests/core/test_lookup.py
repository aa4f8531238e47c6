"""Looking up accounts by what accountants type."""

from __future__ import annotations

import pytest

from cloudbooks.core.account import Account, AccountKind
from cloudbooks.core.chart import Chart
from cloudbooks.core.lookup import look_up

ASSET = AccountKind.ASSET
CHART = Chart(
    [
        Account("a", "1001", "库存现金", ASSET),
        Account("b", "1002", "银行存款", ASSET),
        Account("c", "1002.01", "工行", ASSET, parent="b"),
        Account("d", "5602.01", "办公费", AccountKind.EXPENSE),
        Account("e", "5602.02", "办公楼租金", AccountKind.EXPENSE),
        Account("f", "9999", "办公旧账", ASSET, closed=True),
    ]
)
ALIASES = {"1002": ("Bank deposits",)}


@pytest.mark.parametrize(
    ("word", "first"),
    [("1002", "b"), ("１００２．０１", "c"), ("yhck", "b"), ("YHCK", "b"), ("bgf", "d"), ("租金", "e"),
     ("bank dep", "b"), ("bd", "b"), ("gh", "c"), ("100201", "c"), ("10020", "c"), ("５６０２０２", "e")],
)  # fmt: skip
def test_an_account_is_found_by_code_name_alias_and_initials(word: str, first: str) -> None:
    """The likeliest stands first, whatever the width or case of what was typed."""
    assert look_up(CHART, word, aliases=ALIASES)[0].id == first


def test_last_used_comes_first_among_equals() -> None:
    """Of two names that begin alike the one used last is first, and without a word all open accounts come so."""
    assert [one.id for one in look_up(CHART, "办公")] == ["d", "e"]
    assert [one.id for one in look_up(CHART, "办公", used=["e", "d"])] == ["e", "d"]
    assert [one.id for one in look_up(CHART, "", used=["d"])] == ["d", "a", "c", "e", "b"]


def test_accounts_below_what_was_meant_come_after_it() -> None:
    """The initials of 银行存款 bring its bank accounts along, since one books to those."""
    assert [one.id for one in look_up(CHART, "yhck")] == ["b", "c"]
    assert [one.id for one in look_up(CHART, "银行", used=["c"])] == ["b", "c"]


def test_closed_accounts_and_strange_words_are_not_found() -> None:
    """A closed account is not offered, and nothing is guessed."""
    assert [one.id for one in look_up(CHART, "旧账")] == []
    assert look_up(CHART, "zzz") == ()
