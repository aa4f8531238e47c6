"""A book as a journal for hledger, which ledger reads too: the same balances, to the last digit.

Amounts stand in their commodity, and what is not in the base carries its value as total cost (`@@`), so that
`hledger balance` gives our amounts and `hledger balance -B` our values. One thing those journals cannot say: a posting
without an amount in its commodity that still has a value, as a revaluation has. It is written as an amount of the base
and marked with the tag `revaluation`, so its value counts, and its account shows that much of the base.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Protocol

from cloudbooks.core.account import Account, AccountKind
from cloudbooks.core.chart import Chart
from cloudbooks.core.commodity import Commodity
from cloudbooks.core.entry import PostedEntry, Posting
from cloudbooks.core.money import Rate, canonical
from cloudbooks.core.text import show

_TOPS = {
    AccountKind.ASSET: ("assets", "A"),
    AccountKind.LIABILITY: ("liabilities", "L"),
    AccountKind.EQUITY: ("equity", "E"),
    AccountKind.INCOME: ("income", "R"),
    AccountKind.EXPENSE: ("expenses", "X"),
}
_IN_NAMES = str.maketrans({";": "；", "|": "｜", "(": "（", ")": "）", ":": "："})
_IN_TAGS = str.maketrans({";": "；", ",": "，", "[": "［", "]": "］"})
_LETTERS = re.compile(r"[A-Z]+", re.ASCII)


class BookFacts(Protocol):
    """What the journal says about its book: its name and the code of its base."""

    @property
    def name(self) -> str:
        """What its owner calls it."""
        ...

    @property
    def base(self) -> str:
        """The commodity of its values."""
        ...


def export(
    facts: BookFacts,
    chart: Chart,
    commodities: Mapping[str, Commodity],
    entries: Iterable[PostedEntry],
    prices: Iterable[tuple[date, str, Rate]] = (),
) -> Iterator[str]:
    """The lines of the journal, without line ends: commodities, accounts, prices, then the entries as they come.

    `commodities` are by code and hold the base. Accounts are named `assets:1002 Bank:1002.01 ICBC`, entries have their
    voucher number as code and what the other tools have no word for as tags.
    """
    names = account_names(chart)
    yield f"; {_safe(facts.name)}: debit is positive, values are in {facts.base}"
    yield ""
    for commodity in sorted(commodities.values(), key=lambda one: one.code):
        yield from _commodity(commodity)
    yield ""
    for account in chart:
        yield f"account {names[account.id]}"
        yield f"    ; type: {_TOPS[account.kind][1]}"
    yield ""
    for day, code, rate in prices:
        yield f"P {day.isoformat()} {_symbol(code)} {rate} {_symbol(facts.base)}"
    money = _Money(facts.base, commodities)
    for entry in entries:
        yield ""
        yield from _entry(entry, names, money)


def account_names(chart: Chart) -> dict[str, str]:
    """The journal's name of each account, by id: distinct even where two accounts have one code and name."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for account in chart:
        lineage = (*reversed(chart.above(account)), account)
        name = ":".join((_TOPS[account.kind][0], *map(_part, lineage)))
        unique, count = name, 1
        while unique in taken:
            count += 1
            unique = f"{name} #{count}"
        taken.add(unique)
        names[account.id] = unique
    return names


def _part(account: Account) -> str:
    return _safe(f"{account.code} {account.name}")


def _safe(text: str, signs: Mapping[int, str] = _IN_NAMES) -> str:
    """Text that means nothing to the journal's reader: `signs` in full width, single blanks, nothing invisible."""
    return show(" ".join(text.translate(signs).split()))


def _symbol(code: str) -> str:
    return code if _LETTERS.fullmatch(code) else f'"{code}"'


def _commodity(commodity: Commodity) -> Iterator[str]:
    """A directive that fixes the decimals; one without decimals has no format that both tools read, and needs none."""
    yield f"commodity {_symbol(commodity.code)}"
    if commodity.scale:
        yield f"    format 1,000.{'0' * commodity.scale} {_symbol(commodity.code)}"


class _Money:
    """How amounts are written in a book with this base."""

    def __init__(self, base: str, commodities: Mapping[str, Commodity]) -> None:
        self._base = base
        self._scales = {code: commodity.scale for code, commodity in commodities.items()}

    def text(self, minor: int, code: str) -> str:
        return f"{canonical(minor, self._scales[code])} {_symbol(code)}"

    def without_amount(self, posting: Posting) -> bool:
        """Whether a posting has a value and no amount that could bear it as a cost."""
        return posting.commodity != self._base and posting.amount == 0 and posting.value != 0

    def of(self, posting: Posting) -> str:
        if self.without_amount(posting):
            return self.text(posting.value, self._base)
        amount = self.text(posting.amount, posting.commodity)
        if posting.commodity == self._base:
            return amount
        return f"{amount} @@ {self.text(abs(posting.value), self._base)}"


def _entry(entry: PostedEntry, names: Mapping[str, str], money: _Money) -> Iterator[str]:
    yield f"{entry.date.isoformat()} * ({_safe(entry.voucher)}) {_safe(entry.summary)}".rstrip()
    for key, value in _entry_tags(entry):
        yield f"    ; {key}: {_safe(value, _IN_TAGS)}"
    for posting in entry.postings:
        yield f"    {names[posting.account]}    {money.of(posting)}"
        for key, value in _posting_tags(posting, money):
            yield f"        ; {key}: {_safe(value, _IN_TAGS)}"


def _entry_tags(entry: PostedEntry) -> Iterator[tuple[str, str]]:
    yield "id", entry.id
    yield "block", str(entry.block)
    yield "source", entry.source.kind.value
    optional = (
        ("kind", entry.kind.value if entry.kind else ""),
        ("reference", entry.source.ref),
        ("rule", entry.source.rule),
        ("reverses", entry.reverses),
        ("replaces", entry.replaces),
    )
    yield from ((key, value) for key, value in optional if value)
    yield from (("tag", tag) for tag in entry.tags)
    yield from (("attachment", f"{attachment.name} {attachment.b3}") for attachment in entry.attachments)


def _posting_tags(posting: Posting, money: _Money) -> Iterator[tuple[str, str]]:
    if money.without_amount(posting):
        yield "revaluation", posting.commodity
    if posting.red:
        yield "red", "yes"
    optional = (("text", posting.text), ("party", posting.party), ("tax", posting.tax))
    yield from ((key, value) for key, value in optional if value)
    yield from (("settles", line) for line in posting.settles)
    yield from ((_key(name), value) for name, value in posting.dimensions)


def _key(name: str) -> str:
    """A tag's name is one word, and none that would date the posting."""
    return "dimension-" + _safe(name, _IN_NAMES | _IN_TAGS).replace(" ", "-")
