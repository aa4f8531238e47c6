"""What a voucher on screen has to know of its book: accounts and what they are also called, parties, numbers, days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from cloudbooks.books.correcting import open_day
from cloudbooks.books.desk import Desk
from cloudbooks.books.naming import names_of
from cloudbooks.books.next_batch import book_series
from cloudbooks.books.packs import chart_names, chart_pack
from cloudbooks.books.planning import forecast
from cloudbooks.core.draft import Draft
from cloudbooks.core.entry import PostedEntry
from cloudbooks.reports.names import Names
from cloudbooks.store import reading, working
from cloudbooks.store.book_file import BookFile

USED_MAX = 30
"""Accounts that count as used lately."""


@dataclass(frozen=True, slots=True)
class VoucherFacts:
    """What a voucher needs. `used` are account ids, the last used first; `aliases` other names of accounts by code.

    `day` is the day of a new voucher, `series` its voucher series; `members` are names by id.
    """

    names: Names
    base_scale: int
    day: date
    today: date
    series: str
    used: tuple[str, ...]
    aliases: Mapping[str, tuple[str, ...]]
    members: Mapping[str, str]
    me: str


@dataclass(frozen=True, slots=True)
class Voucher:
    """A draft to be changed, the number that it would get, what it replaces, and the red draft that goes with it."""

    draft: Draft
    forecast: str
    reversal: Draft | None = None
    replaced: PostedEntry | None = None


def facts_in(book: BookFile, desk: Desk) -> VoucherFacts:
    """The facts as they stand now."""
    facts = reading.facts(book)
    drafts = working.drafts(book)
    lately = [line.account for draft in reversed(drafts) for line in draft.lines if line.account]
    used = dict.fromkeys([*lately, *reading.recent_accounts(book, USED_MAX)])
    return VoucherFacts(
        names=names_of(book),
        base_scale=facts.base_scale,
        day=open_day(book, desk.today),
        today=desk.today,
        series=book_series(book),
        used=tuple(used)[:USED_MAX],
        aliases=_aliases(facts.chart),
        members={member.id: member.name for member in reading.members(book)},
        me=desk.who(book).id,
    )


def _aliases(chart: str) -> dict[str, tuple[str, ...]]:
    """The names of the accounts of a shipped chart in both languages, by code."""
    if chart not in chart_names():
        return {}
    return {one.code: (one.name_zh, one.name_en) for one in chart_pack(chart).accounts}


def voucher_in(book: BookFile, number: int) -> Voucher:
    """A draft with what belongs to it; raises `DraftUnknown`."""
    draft = working.draft(book, number)
    replaced = reading.entry(book, draft.replaces) if draft.replaces else None
    red = None
    if draft.replaces:
        red = next((one for one in working.drafts(book) if one.reverses == draft.replaces), None)
    return Voucher(draft, forecast(book, draft), red, replaced)


def forecast_in(book: BookFile, draft: Draft) -> str:
    """The voucher number that a draft would get if it alone were posted now."""
    return forecast(book, draft)
