"""What a statement that was read gives to look at: gaps in its balances, and refunds of what was skipped."""

from __future__ import annotations

from collections.abc import Iterator

from cloudbooks.core.money import grouped
from cloudbooks.core.statement import BalanceBreak, Statement
from cloudbooks.core.text import shell_word, span
from cloudbooks.errors import Finding, Sentence, counted, sentence
from cloudbooks.importers.layout import NOT_CARRIED_OUT
from cloudbooks.importers.statement_reading import Reading

BREAKS_LISTED = 10
"""Breaks of a running balance that are listed one by one; what comes after is counted."""

REFERENCE_MIN = 8
"""Characters that an id needs before another that begins with it is taken as its refund."""


def findings(reading: Reading) -> tuple[Finding, ...]:
    """Unreadable rows, gaps and breaks of each statement's balances, and refunds whose payment was skipped."""
    return tuple(_findings(reading))


def _findings(reading: Reading) -> Iterator[Finding]:
    name = reading.options.name
    for row in reading.unreadable:
        yield Finding("row-unreadable", f"{name}:{row.row}", row.why, excerpt=row.raw)
    for commodity, statement in reading.statements.items():
        breaks = reading.breaks[commodity]
        scale = reading.scales[commodity]
        if statement.agrees is False:
            yield _gap(statement, breaks, scale, name)
        yield from (_break(one, scale, name) for one in breaks[:BREAKS_LISTED])
        if len(breaks) > BREAKS_LISTED:
            more = counted(
                "{n} more running balance does not follow; are they masked?",
                "{n} more running balances do not follow; are they masked?",
                len(breaks) - BREAKS_LISTED,
            )
            yield Finding("balance-break", name, more)
    yield from _refunds_of_skipped(reading)


def _gap(statement: Statement, breaks: tuple[BalanceBreak, ...], scale: int, name: str) -> Finding:
    opening, closing = statement.opening or 0, statement.closing or 0
    movement = sum(line.amount for line in statement.lines)
    figures = {
        "opening": grouped(opening, scale),
        "movement": grouped(movement, scale),
        "closing": grouped(closing, scale),
        "gap": grouped(abs(closing - opening - movement), scale),
    }
    if not breaks:
        message = sentence(
            "opening {opening} + movement {movement} is not closing {closing}: {gap} missing.", **figures
        )
        return Finding("statement-gap", name, message, _fetch(statement, None))
    first = breaks[0]
    message = sentence(
        "opening {opening} + movement {movement} is not closing {closing}: {gap} missing after line {row}.",
        row=first.previous,
        **figures,
    )
    return Finding("statement-gap", f"{name}:{first.previous}", message, _fetch(statement, first))


def _fetch(statement: Statement, first: BalanceBreak | None) -> Sentence:
    """The span to fetch again: the days beside the first break, else the whole statement."""
    days = {line.row: line.date for line in statement.lines}
    beside = [statement.first, statement.last] if first is None else sorted([days[first.previous], days[first.row]])
    return sentence("fetch {days} again; overlap is safe", days=span(beside[0], beside[-1]))


def _break(one: BalanceBreak, scale: int, name: str) -> Finding:
    message = sentence(
        "after row {row} the file says the balance is {said}; row {previous} and the amounts give {summed}.",
        row=one.row,
        said=grouped(one.said, scale),
        previous=one.previous,
        summed=grouped(one.summed, scale),
    )
    return Finding("balance-break", f"{name}:{one.row}", message)


def _refunds_of_skipped(reading: Reading) -> Iterator[Finding]:
    """A refund's id begins with the id of what it refunds; where that was skipped, only the refund is counted."""
    skipped = {
        row.reference: row.row
        for row in reading.skipped
        if row.reason in NOT_CARRIED_OUT and len(row.reference) >= REFERENCE_MIN
    }
    lengths = sorted({len(reference) for reference in skipped})
    for statement in reading.statements.values() if lengths else ():
        for line in statement.lines:
            for length in lengths:
                row = skipped.get(line.reference[:length]) if len(line.reference) > length else None
                if row:
                    yield _refund(reading.options.name, line.row, row)


def _refund(name: str, row: int, skipped: int) -> Finding:
    message = sentence(
        "row {row} refunds row {skipped}, which was skipped as closed: only the refund is counted.",
        row=row,
        skipped=skipped,
    )
    hint = sentence("cloudbooks statement sniff {name}", name=shell_word(name))
    return Finding("refund-of-skipped", f"{name}:{row}", message, hint, warning=True)
