"""Seeded entries: the same seed gives the same books to every tool."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

SEED = 20261122
ACCOUNTS = 150
FIRST_DAY = date(2015, 1, 1)
DAYS = 3600
KINDS = (("1", "asset"), ("2", "liability"), ("3", "equity"), ("4", "income"), ("5", "expense"))
WORDS = (
    "Staples paper",
    "办公用品",
    "Acme GmbH INV",
    "工资",
    "Rent October",
    "快递费",
    "餐饮",
    "Service fee",
    "货款",
    "Taxi",
)
ROOTS = {"asset": "Assets", "liability": "Liabilities", "equity": "Equity", "income": "Income", "expense": "Expenses"}


@dataclass(frozen=True, slots=True)
class GeneratedAccount:
    """One of the 150 accounts: code, name and kind."""

    code: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class GeneratedEntry:
    """A balanced entry in CNY: its day, its summary, (account index, minor units) of 2 to 4 lines, and its series."""

    day: date
    summary: str
    lines: tuple[tuple[int, int], ...]
    series: str = "J"


def accounts() -> tuple[GeneratedAccount, ...]:
    """150 accounts, thirty of each kind."""
    per_kind = ACCOUNTS // len(KINDS)
    return tuple(
        GeneratedAccount(f"{digit}{place:03d}", f"{kind} {place}", kind)
        for digit, kind in KINDS
        for place in range(per_kind)
    )


def entries(count: int) -> Iterator[GeneratedEntry]:
    """`count` entries in order of date, 2.58 lines each on average."""
    chance = random.Random(SEED)
    for place in range(count):
        sizes = chance.choices((2, 3, 4), weights=(52, 38, 10))[0]
        chosen = chance.sample(range(ACCOUNTS), sizes)
        amounts = [chance.randrange(100, 2_000_000) for _ in range(sizes - 1)]
        lines = (*zip(chosen, amounts, strict=False), (chosen[-1], -sum(amounts)))
        day = FIRST_DAY + timedelta(days=place * DAYS // count)
        yield GeneratedEntry(day, f"{chance.choice(WORDS)} {chance.randrange(10_000)}", lines)


def _money(minor: int) -> str:
    sign = "-" if minor < 0 else ""
    return f"{sign}{abs(minor) // 100}.{abs(minor) % 100:02d}"


def write_ledger(path: Path, count: int) -> None:
    """The journal for hledger and ledger."""
    names = [f"{ROOTS[one.kind].lower()}:{one.code} {one.name}" for one in accounts()]
    with path.open("w", encoding="utf-8") as file:
        for one in entries(count):
            file.write(f"{one.day.isoformat()} {one.summary}\n")
            file.writelines(f"    {names[account]}  {_money(minor)} CNY\n" for account, minor in one.lines)
            file.write("\n")


def write_beancount(path: Path, count: int) -> None:
    """The journal for beancount."""
    names = [f"{ROOTS[one.kind]}:A{one.code}" for one in accounts()]
    with path.open("w", encoding="utf-8") as file:
        file.write('option "operating_currency" "CNY"\n')
        file.writelines(f"{FIRST_DAY.isoformat()} open {name} CNY\n" for name in names)
        for one in entries(count):
            file.write(f'\n{one.day.isoformat()} * "{one.summary}"\n')
            file.writelines(f"  {names[account]}  {_money(minor)} CNY\n" for account, minor in one.lines)
