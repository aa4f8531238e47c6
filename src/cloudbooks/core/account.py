"""Accounts and their five kinds."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class AccountKind(StrEnum):
    """What an account counts; assets and expenses normally have debit balances, the others credit."""

    ASSET = "asset"
    EQUITY = "equity"
    EXPENSE = "expense"
    INCOME = "income"
    LIABILITY = "liability"

    @property
    def debit_side(self) -> bool:
        """Whether the normal balance is a debit."""
        return self in (AccountKind.ASSET, AccountKind.EXPENSE)


class Account(NamedTuple):
    """One account of a chart. `klass` is the chart's own class (`cost`, `contra`), `parent` an account id or empty.

    `commodity` binds the account to one commodity, `dimensions` names those that each posting must carry.
    """

    id: str
    code: str
    name: str
    kind: AccountKind
    klass: str = ""
    parent: str = ""
    commodity: str = ""
    dimensions: tuple[str, ...] = ()
    closed: bool = False

    def __str__(self) -> str:
        return f"{self.code} {self.name}"
