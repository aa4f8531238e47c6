"""Generated books: charts, commodities and balanced entries, as the laws allow them."""

from __future__ import annotations

from datetime import date

from hypothesis import strategies as st

from cloudbooks.core.account import Account, AccountKind
from cloudbooks.core.chart import Chart
from cloudbooks.core.commodity import Commodity
from cloudbooks.core.entry import EntryKind, PostedEntry, Posting

CNY = Commodity("CNY", 2, "人民币")
COMMODITIES = {one.code: one for one in (CNY, Commodity("USD", 2), Commodity("JPY", 0), Commodity("BTC.X2", 8))}
FOREIGN = ("USD", "JPY", "BTC.X2")

ORDINARY = "abcXYZ 0123.,;:-=+@'\"()[]{}*!|#%&/\\~é招商银行摘要，。（）🙂"
HOSTILE = "\x00\x07\x1b\x9b\t\r\n\u200b\u202e\u2028\u3000\ue000\u0301\ufe0f\U000e0041"

names = st.text(ORDINARY, min_size=1, max_size=24)
texts = st.text(ORDINARY + HOSTILE, max_size=40)


def amounts(most: int = 10**12) -> st.SearchStrategy[int]:
    """Minor units, often small ones and zeros."""
    return st.one_of(st.integers(-2000, 2000), st.integers(-most, most))


@st.composite
def charts(draw: st.DrawFn) -> Chart:
    """Up to nine accounts in trees; kinds may differ between an account and the one above it, codes are distinct."""
    count = draw(st.integers(2, 9))
    accounts: list[Account] = []
    for place in range(count):
        parent = draw(st.sampled_from([None, *accounts]))
        suffix = draw(st.integers(1, 9)) * 100 + place
        accounts.append(
            Account(
                id=f"id{place}",
                code=f"{parent.code}.{suffix}" if parent else str(1000 + suffix),
                name=draw(names),
                kind=draw(st.sampled_from(AccountKind)),
                parent=parent.id if parent else "",
            )
        )
    return Chart(draw(st.permutations(accounts)))


@st.composite
def foreign_postings(draw: st.DrawFn, account: str) -> Posting:
    """A posting in another commodity than the base; amount and value never have opposite signs."""
    amount = draw(amounts())
    value = draw(amounts())
    if amount * value < 0:
        value = -value
    return Posting(account, draw(st.sampled_from(FOREIGN)), amount, value, red=draw(st.booleans()))


@st.composite
def balanced(draw: st.DrawFn, accounts: list[str]) -> tuple[Posting, ...]:
    """Two to five postings that balance, in the base, in others, or all in one other commodity."""
    account = st.sampled_from(accounts)
    if draw(st.integers(0, 5)) == 0:
        one = draw(foreign_postings(draw(account)))
        return one, Posting(draw(account), one.commodity, -one.amount, -one.value)
    lines = [
        draw(foreign_postings(draw(account)))
        if draw(st.booleans())
        else Posting(draw(account), "CNY", amount := draw(amounts()), amount, red=draw(st.booleans()))
        for _ in range(draw(st.integers(1, 4)))
    ]
    rest = -sum(line.value for line in lines)
    return (*lines, Posting(draw(account), "CNY", rest, rest))


@st.composite
def posted(draw: st.DrawFn, chart: Chart) -> tuple[PostedEntry, ...]:
    """Up to eight entries of two years, some of them closing ones, numbered as a book numbers them."""
    accounts = [account.id for account in chart]
    days = draw(st.lists(st.dates(date(2025, 9, 1), date(2026, 12, 31)), max_size=8))
    counts: dict[str, int] = {}
    entries = []
    for block, day in enumerate(days):
        month = day.isoformat()[:7]
        counts[month] = counts.get(month, 0) + 1
        entries.append(
            PostedEntry(
                id=f"e{block}",
                series="记",
                number=counts[month],
                date=day,
                summary=draw(texts),
                block=block,
                postings=draw(balanced(accounts)),
                kind=draw(st.sampled_from([None, None, None, EntryKind.CLOSING, EntryKind.OPENING])),
            )
        )
    return tuple(entries)


@st.composite
def books(draw: st.DrawFn) -> tuple[Chart, tuple[PostedEntry, ...]]:
    """A chart, and entries on its accounts."""
    chart = draw(charts())
    return chart, draw(posted(chart))
