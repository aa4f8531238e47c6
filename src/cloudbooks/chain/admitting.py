"""Admitting: all laws of FORMAT.md over one batch, and what follows from it; posting and verifying are its folds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cloudbooks.chain import events, stating
from cloudbooks.chain.batch import Batch
from cloudbooks.chain.canonical import FormFault
from cloudbooks.chain.entering import Entering
from cloudbooks.chain.law import LawBroken
from cloudbooks.chain.past import Standing
from cloudbooks.chain.record import (
    Account,
    AnyRecord,
    Book,
    Close,
    Commodity,
    Entry,
    Member,
    Note,
    Party,
    Price,
    Record,
    Reopen,
    Rules,
    Statement,
)
from cloudbooks.chain.rights import author, require_right
from cloudbooks.chain.rows import Admitted, EntryRows
from cloudbooks.chain.state import State
from cloudbooks.errors import sentence

__all__ = ["LawBroken", "admit"]

_LAWS: dict[type[Record], Callable[[State, Standing, Any], None]] = {
    Book: stating.state_book,
    Member: stating.state_member,
    Commodity: stating.state_commodity,
    Account: stating.state_account,
    Party: stating.state_party,
    Rules: events.keep_rules,
    Statement: events.keep_statement,
    Price: events.keep_price,
    Note: events.keep_note,
    Close: events.close_period,
    Reopen: events.reopen_period,
}
"""The law of each type of record but entries; each changes the state or what stands, or raises `LawBroken`."""


def admit(state: State, batch: Batch, number: int, committed_at: str) -> Admitted:
    """Admit a batch as block `number`, committed at an instant: judge it by all laws, and change `state` by it.

    Signatures of approvals are verified here; the author's note is verified before, by `rights.verify_author`.
    Raises `LawBroken`, with the record at fault where it is one record's; the state must then be dropped. The log
    itself (`state.head`, `state.size`) grows only by `state.grow`, when the block is made.
    """
    _require_place(state, number, committed_at)
    signed_by = author(state, batch)
    _require_base(state, batch)
    standing = Standing(state.past, state.kinds, batch, number)
    standing.take_id(batch.header.id)
    entering = Entering(state, standing, signed_by)
    others: list[tuple[int, AnyRecord]] = []
    place = 0
    try:
        for place, record in enumerate(batch.records, start=1):
            if type(record) is Entry:
                entering.add(place, record)
                continue
            require_right(state, signed_by, record)
            _LAWS[type(record)](state, standing, record)
            others.append((place, record))
            entering.look_again()
    except FormFault as fault:
        fault.record = fault.record or place
        raise
    entering.post_leaves()
    numbers = entering.numbering.rows()
    state.numbers.update({(row.series, row.period): row.last for row in numbers})
    state.past.learn(standing)
    firsts = {(row.series, row.period): row.first for row in numbers}
    entries = EntryRows(batch.records, entering.count, firsts)
    return Admitted(number, entries, others, numbers, state.balances_root())


def _require_place(state: State, number: int, committed_at: str) -> None:
    if number != state.size:
        raise LawBroken(
            "chain", sentence("Block {number} cannot follow {size} blocks.", number=number, size=state.size)
        )
    if committed_at < state.committed_at:
        raise LawBroken(
            "time",
            sentence("The block was committed at {at}, before the last one at {last}.", at=committed_at,
                     last=state.committed_at),
        )  # fmt: skip


def _require_base(state: State, batch: Batch) -> None:
    """Law 7: the base of a batch is a true earlier state of this log, and only the first batch has none."""
    base = batch.header.base
    if state.size == 0:
        if base is not None:
            raise LawBroken("law.base", sentence("The first batch has no base."))
        return
    if base is None:
        raise LawBroken("law.base", sentence("The batch names no base."))
    if base.size > state.size:
        raise LawBroken("law.base", sentence("The base has {n} blocks, the log {size}.", n=base.size, size=state.size))
    root = state.root if base.size == state.size else "s256:" + state.past.root_at(base.size).hex()
    if base.root != root:
        raise LawBroken("law.base", sentence("The base is not the state that the log had at {n} blocks.", n=base.size))
