"""The laws of event records other than entries."""

from __future__ import annotations

from cloudbooks.chain.law import LawBroken, account_bound, account_closed, minor, no_account, no_commodity
from cloudbooks.chain.past import Standing, StatementFacts
from cloudbooks.chain.record import Close, Note, Price, Reopen, Rules, Statement
from cloudbooks.chain.state import State
from cloudbooks.errors import sentence


def keep_rules(_state: State, standing: Standing, record: Rules) -> None:
    """Admit a rule set; raises `LawBroken`."""
    standing.take_id(record.id)
    standing.rules.add(record.id)


def keep_statement(state: State, standing: Standing, record: Statement) -> None:
    """Admit a statement, on an open account that takes its commodity; raises `LawBroken`."""
    standing.take_id(record.id)
    account = state.accounts.get(record.account)
    commodity = state.commodities.get(record.commodity)
    if account is None:
        raise no_account(record.account)
    if account.closed:
        raise account_closed(account.code)
    if commodity is None:
        raise no_commodity(record.commodity)
    if account.commodity not in ("", record.commodity):
        raise account_bound(account.code, account.commodity, record.commodity)
    for text in (record.opening, record.closing):
        if text:
            minor(text, commodity.scale, commodity.code)
    standing.statements[record.id] = StatementFacts(account.id, commodity.code, record.lines)


def keep_price(state: State, standing: Standing, record: Price) -> None:
    """Admit a price of a commodity in another; raises `LawBroken`."""
    standing.take_id(record.id)
    for code in (record.commodity, record.base):
        if code not in state.commodities:
            raise no_commodity(code)


def keep_note(_state: State, standing: Standing, record: Note) -> None:
    """Admit a note; raises `LawBroken`."""
    standing.take_id(record.id)


def close_period(state: State, standing: Standing, record: Close) -> None:
    """Close an open period, and all before it; raises `LawBroken`."""
    standing.take_id(record.id)
    if state.closed and record.period <= state.closed[-1]:
        raise LawBroken("law.period", sentence("{period} is closed.", period=record.period))
    state.closed.append(record.period)


def reopen_period(state: State, standing: Standing, record: Reopen) -> None:
    """Open the last closed period; raises `LawBroken`."""
    standing.take_id(record.id)
    last = state.closed[-1] if state.closed else ""
    if record.period != last:
        raise LawBroken("law.period", sentence("{period} is not the last closed period.", period=record.period))
    state.closed.pop()
