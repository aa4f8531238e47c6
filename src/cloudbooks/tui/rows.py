"""How entries, drafts and postings become rows of tables, and lines beside them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from rich.text import Text

from cloudbooks.books.draft_balances import debit_total
from cloudbooks.books.listing import place_of
from cloudbooks.core.draft import Draft, DraftState
from cloudbooks.core.listing import EntryRow
from cloudbooks.errors import sentence
from cloudbooks.reports.names import Names
from cloudbooks.reports.table import Amount
from cloudbooks.tui.showing import Voice, Words, fitted
from cloudbooks.tui.table_layout import Column, amount
from cloudbooks.tui.table_window import Row, Tone

STATES = {
    DraftState.INCOMPLETE: sentence("incomplete"),
    DraftState.PROPOSED: sentence("proposed"),
    DraftState.READY: sentence("ready"),
    DraftState.WAITING: sentence("waiting"),
    DraftState.RETURNED: sentence("returned"),
    DraftState.HELD: sentence("held"),
}


def day_words(day: date | None, *, short: bool) -> Words:
    """A day: `10-03` where the year is that of the period, else in full; a word where there is none."""
    if day is None:
        return sentence("no date")
    return day.isoformat()[5:] if short else day.isoformat()


def entry_columns() -> tuple[Column, ...]:
    """The columns of a list of entries and drafts."""
    return (
        Column("state", "", least=1, most=2),
        Column("date", sentence("Date"), least=5, most=10),
        Column("number", sentence("Voucher no."), least=7, most=12),
        Column("summary", sentence("Summary"), least=12, most=60, grows=True),
        Column("debit", sentence("Debit"), least=9, most=22),
        Column("credit", sentence("Credit"), least=9, most=22, priority=1),
        amount("amount", sentence("Amount")),
    )


def entry_row(row: EntryRow | Draft, names: Names, voice: Voice, *, short: bool) -> Row:
    """An entry or a draft as a row of `entry_columns`."""
    return (
        _posted(row, names, voice, short=short) if isinstance(row, EntryRow) else _draft(row, names, voice, short=short)
    )


def _posted(row: EntryRow, names: Names, voice: Voice, *, short: bool) -> Row:
    glyph = voice.glyph("reversed" if row.reversed else "posted")
    cells: tuple[Words | Amount, ...] = (
        glyph,
        day_words(row.date, short=short),
        row.voucher,
        row.summary,
        accounts_words(row.debits, names),
        accounts_words(row.credits, names),
        base_amount(row.amount, names),
    )
    tone = Tone.RED if row.reverses else Tone.DIM if row.reversed else Tone.PLAIN
    return Row(row.id, cells, place_of(row), tone, about=row)


def _draft(draft: Draft, names: Names, voice: Voice, *, short: bool) -> Row:
    sides: dict[bool, list[str]] = {True: [], False: []}
    for line in draft.lines:
        if line.account:
            sides[((line.amount or line.value or 0) >= 0) != line.red].append(line.account)
    cells: tuple[Words | Amount, ...] = (
        voice.glyph("draft"),
        day_words(draft.date, short=short),
        draft.name,
        draft.summary,
        accounts_words(sides[True], names),
        accounts_words(sides[False], names),
        base_amount(debit_total(draft, names.base), names),
    )
    return Row(draft.name, cells, place_of(draft), draft_tone(draft), about=draft)


def draft_tone(draft: Draft) -> Tone:
    """How a draft stands out in a list: what lacks something before what takes an entry back."""
    return Tone.ALERT if draft.state is DraftState.INCOMPLETE else Tone.RED if draft.reverses else Tone.PLAIN


def accounts_words(accounts: Sequence[str], names: Names) -> Words:
    """The accounts of one side: the first with its name, and how many more there are."""
    known = [str(names.chart[one]) for one in dict.fromkeys(accounts) if one in names.chart]
    if len(known) > 1:
        return f"{known[0].split(' ')[0]} +{len(known) - 1}"
    return known[0] if known else "?"


def base_amount(minor: int, names: Names) -> Amount:
    """Minor units of the base as an amount."""
    return Amount(minor, names.commodities[names.base].scale, names.base)


def draft_state(draft: Draft) -> Words:
    """A draft's state in words."""
    if draft.state is DraftState.PROPOSED and draft.sure:
        return sentence("proposed, sure")
    return STATES[draft.state]


def fact(voice: Voice, label: Words, value: Words | Amount, width: int = 14) -> Text:
    """A line of a pane: what it is, and what it is for this row."""
    text = Text(fitted(voice.say(label), width), style="dim", end="")
    text.append(voice.cell(value), "not dim")
    return text
