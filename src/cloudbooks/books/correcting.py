"""`entry reverse` and `entry correct`: linked red entries and their replacements, both drafts at first."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from cloudbooks.books.desk import Desk
from cloudbooks.books.finding_entries import find_entry
from cloudbooks.core.draft import Draft, DraftLine, DraftState
from cloudbooks.core.entry import PostedEntry, Posting, Source, SourceKind
from cloudbooks.core.period import Month
from cloudbooks.errors import Refusal, sentence
from cloudbooks.store import reading, working
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.unit import operation


class AlreadyReversed(Refusal):
    """An entry was reversed before, in the chain or by a draft that waits."""

    code = "entry-reversed"

    def __init__(self, entry: PostedEntry, by: str) -> None:
        super().__init__(
            sentence(
                "{voucher} of {date} is reversed by {by} already.",
                voucher=entry.voucher,
                date=entry.date.isoformat(),
                by=by,
            ),
            hint=sentence("cloudbooks draft show {name}", name=by)
            if by.startswith("D-")
            else sentence("cloudbooks entry show {by}", by=by),
        )


class ReversalStands(Refusal):
    """A reversal cannot be reversed."""

    code = "reversal-stands"

    def __init__(self, entry: PostedEntry) -> None:
        super().__init__(
            sentence(
                "{voucher} of {date} is itself a reversal, and a reversal stands.",
                voucher=entry.voucher,
                date=entry.date.isoformat(),
            ),
            hint=sentence("cloudbooks add makes a new entry"),
        )


@dataclass(frozen=True, slots=True)
class Correction:
    """The drafts of a correction: the red reversal, and its replacement unless the entry is only reversed."""

    entry: PostedEntry
    reversal: Draft
    replacement: Draft | None


def reverse(desk: Desk, word: str, day: date | None) -> Correction:
    """Draft the red reversal of a posted entry, ready to post; raises `EntryUnknown` or `AlreadyReversed`."""
    return _correct(desk, word, day, replaced=False)


def correct(desk: Desk, word: str, day: date | None) -> Correction:
    """Draft the red reversal of a posted entry and its replacement, a copy to be edited."""
    return _correct(desk, word, day, replaced=True)


def _correct(desk: Desk, word: str, day: date | None, *, replaced: bool) -> Correction:
    with desk.open() as book:
        entry = find_entry(book, word)
        _require_standing(book, entry)
        when = day or open_day(book, desk.today)
        zh = reading.facts(book).jurisdiction == "CN"
        by = desk.who(book).id
        verb = "entry correct" if replaced else "entry reverse"
        summary = sentence("{verb} {voucher}", verb=verb, voucher=entry.voucher)
        with operation(book, verb=verb, summary=summary, by=by) as unit:
            reversal = unit.keep_draft(_reversal(entry, when, by, zh=zh))
            replacement = unit.keep_draft(_replacement(entry, when, by, zh=zh)) if replaced else None
        return Correction(entry, reversal, replacement)


def _require_standing(book: BookFile, entry: PostedEntry) -> None:
    if entry.reverses:
        raise ReversalStands(entry)
    if entry.reversed_by:
        by = reading.entry(book, entry.reversed_by)
        raise AlreadyReversed(entry, f"{Month.of(by.date)}/{by.voucher}" if by else entry.reversed_by)
    for draft in working.drafts(book):
        if draft.reverses == entry.id:
            raise AlreadyReversed(entry, draft.name)


def open_day(book: BookFile, today: date) -> date:
    """Today, or the first day of the first open period if today's is closed."""
    closed = reading.closed_through(book)
    if closed is None or Month.of(today).key > closed:
        return today
    return Month.from_key(closed).shifted(1).first


def reversal_of(entry: PostedEntry, when: date, by: str, *, zh: bool) -> Draft:
    """The red draft that takes an entry back line by line (FORMAT.md section 2.1 law 4; 会计基础工作规范 art. 51)."""
    return _reversal(entry, when, by, zh=zh)


def _reversal(entry: PostedEntry, when: date, by: str, *, zh: bool) -> Draft:
    return Draft(
        date=when,
        series=entry.series,
        summary=_summary(entry, zh=zh, replaced=False),
        lines=tuple(_mirrored(posting) for posting in entry.postings),
        state=DraftState.READY,
        source=Source(SourceKind.REVERSAL, ref=_name(entry)),
        reverses=entry.id,
        kind=entry.kind,
        made_by=by,
    )


def _replacement(entry: PostedEntry, when: date, by: str, *, zh: bool) -> Draft:
    return Draft(
        date=when,
        series=entry.series,
        summary=_summary(entry, zh=zh, replaced=True),
        lines=tuple(DraftLine.of(posting) for posting in entry.postings),
        state=DraftState.PROPOSED,
        tags=entry.tags,
        attachments=entry.attachments,
        source=Source(SourceKind.MANUAL, ref=_name(entry)),
        replaces=entry.id,
        kind=entry.kind,
        made_by=by,
    )


def _mirrored(posting: Posting) -> DraftLine:
    """The negated line; it stays on its side in red, so that both sides' turnover falls back too."""
    line = DraftLine.of(posting)
    return replace(line, amount=-posting.amount, value=-posting.value, red=not posting.red, settles=())


def _name(entry: PostedEntry) -> str:
    return f"{Month.of(entry.date)}/{entry.voucher}"


def _summary(entry: PostedEntry, *, zh: bool, replaced: bool) -> str:
    if zh:
        verb = "订正" if replaced else "注销"
        return f"{verb}{entry.date.month}月{entry.date.day}日{entry.voucher}号凭证 {entry.summary}"
    verb = "Correction" if replaced else "Reversal"
    return f"{verb} of {entry.voucher} of {entry.date.isoformat()}: {entry.summary}"
