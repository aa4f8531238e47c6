"""The data that is shipped: charts of accounts, currencies, bank layouts and packs of rules."""

from __future__ import annotations

from collections import Counter

import pytest

from cloudbooks.books.packs import (
    ChartUnknown,
    PackAccount,
    RulePackUnknown,
    bank_layout_documents,
    chart_names,
    chart_pack,
    currencies,
    currency,
    rule_pack,
    rule_pack_names,
)
from cloudbooks.core.account import AccountKind
from cloudbooks.core.commodity import CODE, SCALE_MAX
from cloudbooks.core.initials import initials
from cloudbooks.notation import strict_yaml


def by_code(name: str) -> dict[str, PackAccount]:
    """The accounts of a chart by their code."""
    return {account.code: account for account in chart_pack(name).accounts}


def test_the_charts_that_are_shipped() -> None:
    """There is one for small firms in China and a generic one, each with its series, base and jurisdiction."""
    assert {"cn-small", "generic"} <= set(chart_names())
    small, generic = chart_pack("cn-small"), chart_pack("generic")
    assert (small.series, small.base, small.jurisdiction) == ("记", "CNY", "CN")
    assert (generic.series, generic.jurisdiction) == ("J", "")


def test_the_small_chart_is_the_whole_standard() -> None:
    """小企业会计准则 has 66 accounts: 32 assets, 12 liabilities, 5 of equity, 5 of cost, 4 of income, 8 of expense."""
    accounts = chart_pack("cn-small").accounts
    assert len(accounts) == 66
    groups = Counter(("cost" if account.klass == "cost" else account.kind.value) for account in accounts)
    assert groups == {"asset": 32, "liability": 12, "equity": 5, "cost": 5, "income": 4, "expense": 8}


@pytest.mark.parametrize(
    ("code", "name_zh", "kind", "klass"),
    [
        ("1002", "银行存款", AccountKind.ASSET, ""),
        ("1407", "商品进销差价", AccountKind.ASSET, "contra"),
        ("1602", "累计折旧", AccountKind.ASSET, "contra"),
        ("1622", "生产性生物资产累计折旧", AccountKind.ASSET, "contra"),
        ("1702", "累计摊销", AccountKind.ASSET, "contra"),
        ("2221", "应交税费", AccountKind.LIABILITY, ""),
        ("3103", "本年利润", AccountKind.EQUITY, ""),
        ("4001", "生产成本", AccountKind.ASSET, "cost"),
        ("5111", "投资收益", AccountKind.INCOME, ""),
        ("5801", "所得税费用", AccountKind.EXPENSE, ""),
    ],
)
def test_accounts_of_the_small_chart(code: str, name_zh: str, kind: AccountKind, klass: str) -> None:
    """Accounts have the kind of their balance; contra ones and those of 成本类 say so."""
    account = by_code("cn-small")[code]
    assert (account.name_zh, account.kind, account.klass) == (name_zh, kind, klass)


@pytest.mark.parametrize("name", chart_names())
def test_a_chart_can_be_founded(name: str) -> None:
    """Codes are distinct, both names are there, parents stand before what is below them, initials find the name."""
    seen: set[str] = set()
    for account in chart_pack(name).accounts:
        assert account.code not in seen
        assert account.name_zh
        assert account.name_en
        assert account.klass in {"", "contra", "cost"}
        assert not account.parent or account.parent in seen
        assert account.initials == initials(account.name_zh)
        seen.add(account.code)
    assert currency(chart_pack(name).base)


def test_an_unknown_chart_is_refused_with_the_known_ones() -> None:
    """A misspelt chart names those that there are."""
    with pytest.raises(ChartUnknown) as caught:
        chart_pack("cn-smal")
    assert "cn-small" in str(caught.value.hint)


def test_currencies_fit_the_format() -> None:
    """Codes and scales are those that a chain may hold, each code stands once, and ISO codes are in order."""
    listed = currencies()
    codes = [one.code for one in listed]
    assert len(codes) == len(set(codes)) >= 60
    assert all(CODE.fullmatch(one.code) and 0 <= one.scale <= SCALE_MAX and one.en and one.zh for one in listed)
    iso = codes[: codes.index("BTC")]
    assert iso == sorted(iso)
    assert all(len(code) == 3 for code in iso)


@pytest.mark.parametrize(
    ("code", "scale"),
    [("CNY", 2), ("USD", 2), ("JPY", 0), ("KRW", 0), ("KWD", 3), ("BTC", 8), ("ETH", 12), ("USDT", 6)],
)
def test_scales(code: str, scale: int) -> None:
    """Known commodities have their decimals."""
    found = currency(code)
    assert found
    assert found.scale == scale


@pytest.mark.parametrize("code", ["", "usd", "ZZZ", "e-CNY"])
def test_what_is_not_listed_is_not_known(code: str) -> None:
    """A code that is not in the list has no facts; e-CNY is CNY."""
    assert currency(code) is None


def test_bank_layouts_and_rule_packs_are_strict_yaml() -> None:
    """Every layout and pack that is shipped is read by the strict reader, and each has its name from its file."""
    documents = bank_layout_documents()
    assert [one.name for one in documents] == sorted(one.name for one in documents)
    assert all(isinstance(one.value, dict) for one in documents)
    for name in rule_pack_names():
        assert isinstance(strict_yaml.read(rule_pack(name), name).value, dict)


def test_an_unknown_pack_of_rules_is_refused() -> None:
    """A name that is not shipped is refused; one with a path in it too."""
    for name in ("nothing", "../charts/generic"):
        with pytest.raises(RulePackUnknown):
            rule_pack(name)
