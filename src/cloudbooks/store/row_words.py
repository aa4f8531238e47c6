"""Rows of the derived tables as people know them: an entry by its number, a balance by its account and month."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cloudbooks.core.text import span
from cloudbooks.errors import Sentence, sentence
from cloudbooks.store import tables
from cloudbooks.store.tables import Cell, Row, Table

COLUMNS: Mapping[str, Sentence] = {
    "account": sentence("account"),
    "amount": sentence("amount"),
    "closed": sentence("whether it is closed"),
    "code": sentence("code"),
    "commodity": sentence("commodity"),
    "credit": sentence("credit"),
    "credit_value": sentence("credit in the base currency"),
    "date": sentence("date"),
    "debit": sentence("debit"),
    "debit_value": sentence("debit in the base currency"),
    "name": sentence("name"),
    "number": sentence("number"),
    "party": sentence("party"),
    "postings": sentence("number of lines"),
    "revoked": sentence("whether the member is revoked"),
    "rights": sentence("rights"),
    "summary": sentence("summary"),
    "value": sentence("value in the base currency"),
}
"""Columns in the user's words; what is not here is told by the column's own name."""

_SHOWN = 60
_CODE, _NAME = tables.ACCOUNT.columns.index("code"), tables.ACCOUNT.columns.index("name")

_NAMES: dict[Table, Callable[[Row], Sentence]] = {
    tables.BOOK: lambda _: sentence("what the book says of itself"),
    tables.MEMBER: lambda row: sentence('member "{name}"', name=str(row[3])),
    tables.COMMODITY: lambda row: sentence("commodity {code}", code=str(row[3])),
    tables.ACCOUNT: lambda row: sentence("account {code}", code=str(row[3])),
    tables.PARTY: lambda row: sentence('party "{name}"', name=str(row[3])),
    tables.RULES: lambda row: sentence('the rules "{name}"', name=str(row[2])),
    tables.LOCK: lambda row: _lock(_month(row[3]), closes=bool(row[2])),
    tables.NOTE: lambda row: sentence("the note of {at}", at=str(row[2])),
    tables.BLOCK: lambda row: sentence("the row of block {number}", number=str(row[0])),
    tables.LAST_NUMBER: lambda row: sentence(
        "the last number of {series} in {month}", series=str(row[0]), month=_month(row[1])
    ),
}
"""Rows that people know by what stands in them."""


class RowNames:
    """What rows are called, by the accounts and commodities that `states` of the log knows by their keys."""

    def __init__(self, states: Mapping[Table, Mapping[Cell, Row]]) -> None:
        self._states = states

    def what(self, table: Table, row: Row, entry: Row | None = None) -> Sentence:
        """A row in the user's words; a line of an entry is told with its entry."""
        if table is tables.ENTRY:
            return _named(row)
        if table is tables.POSTING:
            if entry is None:
                return sentence("line {line} of the entry with key {key}", line=row[1], key=row[0])
            return sentence("line {line} of {entry}", line=row[1], entry=_named(entry))
        if table in _NAMES:
            return _NAMES[table](row)
        named = self._of_account(table, row)
        if named is not None:
            return named
        key = ", ".join(cell.hex() if isinstance(cell, bytes) else str(cell) for cell in row[: table.keys])
        return sentence('the row {key} of the table "{table}"', key=key[:_SHOWN], table=table.name)

    def _of_account(self, table: Table, row: Row) -> Sentence | None:
        """A row about an account or a commodity that the log knows; `None` for any other."""
        if table is tables.PRICE and (code := self._commodity(row[3])):
            return sentence("the price of {commodity} on {day}", commodity=code, day=_day(row[2]))
        if table is tables.STATEMENT and (account := self._account(row[2])):
            days = span(_day(row[4]), _day(row[5]))
            return sentence("the statement of {account}, {days}", account=account, days=days)
        return self._sum(table, row) if table in {tables.BALANCE, tables.LEAF} else None

    def _sum(self, table: Table, row: Row) -> Sentence | None:
        """A balance of a month, or a total, of an account and a commodity that the log knows."""
        account, commodity = self._account(row[0]), self._commodity(row[1])
        if not account or not commodity:
            return None
        if table is tables.LEAF:
            return sentence("the total of {account} in {commodity}", account=account, commodity=commodity)
        facts = {"account": account, "commodity": commodity, "month": _month(row[2])}
        if row[3]:
            return sentence("what closing entries add to {account} in {month}, {commodity},", **facts)
        return sentence("the movement of {account} in {month}, {commodity},", **facts)

    def _account(self, key: Cell) -> str:
        row = self._states[tables.ACCOUNT].get(key)
        return "" if row is None else f"{row[_CODE]!s} {row[_NAME]!s}"

    def _commodity(self, key: Cell) -> str:
        row = self._states[tables.COMMODITY].get(key)
        return "" if row is None else str(row[_CODE])


def _month(cell: Cell) -> str:
    text = str(cell)
    return f"{text[:4]}-{text[4:]}"


def _day(cell: Cell) -> str:
    text = str(cell)
    return f"{text[:4]}-{text[4:6]}-{text[6:]}"


def _lock(month: str, *, closes: bool) -> Sentence:
    return sentence("the close of {month}", month=month) if closes else sentence("the reopen of {month}", month=month)


def _named(entry: Row) -> Sentence:
    """An entry by its month and number: numbers begin anew each month."""
    day, series, number = entry[2:5]
    month = f"{day // 10000}-{day // 100 % 100:02d}" if isinstance(day, int) else str(day)
    digits = f"{number:04d}" if isinstance(number, int) else str(number)
    return sentence("entry {month}/{series}-{number}", month=month, series=str(series), number=digits)
