"""How a person's word finds an account, and how accounts stand under each other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.strategies import charts

from cloudbooks.core.account import Account, AccountKind
from cloudbooks.core.chart import AccountAmbiguous, AccountUnknown, Chart

ASSET, EXPENSE = AccountKind.ASSET, AccountKind.EXPENSE
ACCOUNTS = (
    Account("a1", "1002", "银行存款", ASSET),
    Account("a2", "1002.01", "工行 Bank ICBC", ASSET, parent="a1"),
    Account("a3", "1002.02", "招行 Bank CMB", ASSET, parent="a1"),
    Account("a4", "1012.01", "支付宝 Alipay bank", ASSET),
    Account("a5", "5602", "管理费用", EXPENSE),
    Account("a6", "5602.01", "办公费", EXPENSE, parent="a5"),
    Account("a7", "5602.02", "办公费 old", EXPENSE, parent="a5", closed=True),
    Account("a8", "1122", "Accounts receivable", ASSET),
)
CHART = Chart(ACCOUNTS)


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("1002", "1002"),
        (" 1002.01 ", "1002.01"),
        ("银行存款", "1002"),
        ("办公费", "5602.01"),
        ("yhck", "1002"),
        ("YHCK", "1002"),
        ("bgf", "5602.01"),
        ("ar", "1122"),
        ("icbc", "1002.01"),
        ("支付", "1012.01"),
        ("accounts RECEIVABLE", "1122"),
        ("602 管", "5602"),
        ("100201", "1002.01"),
    ],
)
def test_a_word_finds_its_account(word: str, code: str) -> None:
    """A code, an exact name, initials or a part that only one account has find it, in that order."""
    assert code == CHART.find(word).code


def test_an_unknown_word_offers_near_accounts_and_takes_none() -> None:
    """A mistyped code is refused with up to three accounts that look like it."""
    with pytest.raises(AccountUnknown) as caught:
        CHART.find("5620")
    assert str(caught.value) == 'no account matches "5620".'
    assert "5602 管理费用" in str(caught.value.hint)
    assert 1 <= len(caught.value.near) <= 3


@pytest.mark.parametrize("word", ["", "  ", "zzz", "5602.02", "办公费 old"])
def test_nothing_is_found_where_nothing_fits(word: str) -> None:
    """Empty words, foreign words and closed accounts find nothing."""
    with pytest.raises(AccountUnknown):
        CHART.find(word)


def test_a_word_that_fits_several_is_refused_with_all_of_them() -> None:
    """A guess is never taken: the accounts that fit are named."""
    with pytest.raises(AccountAmbiguous) as caught:
        CHART.find("bank")
    assert [account.code for account in caught.value.fits] == ["1002.01", "1002.02", "1012.01"]
    message = '"bank" fits 3 accounts: 1002.01 工行 Bank ICBC, 1002.02 招行 Bank CMB, 1012.01 支付宝 Alipay bank.'
    assert message == str(caught.value)


def test_the_code_of_a_closed_account_finds_the_open_one() -> None:
    """After an account is closed, its code may be given again and means the new account."""
    closed = ACCOUNTS[5]._replace(id="old", closed=True)
    assert Chart((closed, ACCOUNTS[5])).find("5602.01").id == "a6"


@given(charts())
def test_every_open_account_is_found_by_its_code(chart: Chart) -> None:
    """Whatever names accounts have, a code finds exactly its account."""
    for account in chart:
        assert account == chart.find(account.code)


@given(charts(), st.text(max_size=12))
def test_a_word_finds_one_account_or_is_refused(chart: Chart, word: str) -> None:
    """No word ends in anything but an account that fits it, or one of the two refusals."""
    try:
        found = chart.find(word)
    except (AccountUnknown, AccountAmbiguous):
        return
    assert found in tuple(chart)


@given(charts())
def test_above_and_below_mirror_each_other(chart: Chart) -> None:
    """An account stands below those above it; depth counts them; children are one level deeper."""
    for account in chart:
        assert len(chart.above(account)) == chart.depth(account)
        assert all(account in chart.below(above) for above in chart.above(account))
        assert all(chart.above(child)[0] == account for child in chart.children(account.id))
    assert {one.id for top in chart.children("") for one in chart.below(top)} == {one.id for one in chart}


def test_a_circle_of_a_damaged_book_ends() -> None:
    """Two accounts that name each other as parent are no endless walk."""
    chart = Chart((ACCOUNTS[0]._replace(parent="a2"), ACCOUNTS[1]))
    assert chart.depth(chart["a1"]) == 2
    assert [one.id for one in chart.below(chart["a1"])] == ["a1", "a2"]
