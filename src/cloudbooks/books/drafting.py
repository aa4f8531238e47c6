"""`add` and `draft …`: drafts made by hand, changed, accepted, held, discarded."""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from cloudbooks.books.desk import Desk
from cloudbooks.books.duties import changed_by
from cloudbooks.books.fitting import fit, fit_tags
from cloudbooks.books.next_batch import CommodityUnknown, book_series, chart_of, valuation
from cloudbooks.books.valuing import Valuation
from cloudbooks.core.chart import Chart
from cloudbooks.core.draft import BALANCING, Draft, DraftLine, DraftState
from cloudbooks.core.entry import Attachment
from cloudbooks.core.money import canonical, typed
from cloudbooks.errors import Refusal, Sentence, counted, joined, sentence
from cloudbooks.store import reading, working
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.unit import operation
from cloudbooks.system import files

ATTACHMENT_BYTES_MAX = 50 << 20
_SERIES_MAX = 32
"""Bytes of UTF-8 that a voucher series may have (FORMAT.md section 1)."""


class AttachmentUnreadable(Refusal):
    """A file to attach cannot be read, or is too large."""

    code = "attachment-unreadable"

    def __init__(self, path: Path, why: Sentence) -> None:
        super().__init__(
            sentence('"{path}" cannot be attached: {why}', path=str(path), why=why),
            hint=sentence("cloudbooks draft attach D-1 FILE takes a readable file of at most 50 MB"),
        )


@dataclass(frozen=True, slots=True)
class LineChange:
    """What `draft edit --line N` says; `None` leaves a field as it is. Accounts and amounts are words as typed.

    The amount `=` is what the other lines leave.
    """

    line: int
    account: str | None = None
    amount: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class DraftChange:
    """What `draft edit` says; `None` leaves a field as it is."""

    day: date | None = None
    summary: str | None = None
    series: str | None = None
    tags: tuple[str, ...] | None = None
    lines: tuple[LineChange, ...] = ()


class LineUnknown(Refusal):
    """A draft has no line of the number that was given."""

    code = "draft-line-unknown"

    def __init__(self, draft: Draft, line: int) -> None:
        super().__init__(
            sentence("{name} has {n} lines, and no line {line}.", name=draft.name, n=len(draft.lines), line=line),
            hint=sentence("cloudbooks draft show {name}", name=draft.name),
        )


class SeriesUnfit(Refusal):
    """A voucher series is blank, or longer than the format allows."""

    code = "series-unfit"

    def __init__(self, series: str) -> None:
        super().__init__(
            sentence(
                '"{series}" cannot be a voucher series: it has 1 to {most} bytes.', series=series, most=_SERIES_MAX
            ),
            hint=sentence("--series with one word, such as 记 or J"),
        )


class NothingToBalance(Refusal):
    """`=` was given for an amount, and another line's amount or value is not known, or the line is in a currency."""

    code = "nothing-to-balance"

    def __init__(self, draft: Draft, line: int) -> None:
        super().__init__(
            sentence("nothing says what line {line} of {name} is to balance.", line=line, name=draft.name),
            hint=sentence("cloudbooks draft edit {name} --line {line} --amount AMOUNT", name=draft.name, line=line),
        )


def add(desk: Desk, day: date, summary: str, debit: str, amount: str, credit: str, commodity: str = "") -> Draft:
    """Draft an entry of two lines, ready to post: debit account, amount, credit account.

    Raises `AccountUnknown`, `AccountAmbiguous` or `NotAnAmount`; without a price for `commodity` it is incomplete.
    """
    with desk.open() as book:
        chart = chart_of(book)
        prices = valuation(book)
        code = commodity.upper() or prices.base
        minor = typed(amount, _scale(prices, code))
        value = prices.value(minor, code, day)
        negated = None if value is None else -value
        draft = Draft(
            date=day,
            series=book_series(book),
            summary=fit(summary),
            lines=(
                DraftLine(chart.find(debit).id, code, minor, value),
                DraftLine(chart.find(credit).id, code, -minor, negated),
            ),
            state=DraftState.READY,
            made_by=desk.who(book).id,
        ).judged(prices.base, prices.base_scale)
        with operation(book, verb="add", summary=sentence("add {summary}", summary=summary), by=draft.made_by) as unit:
            return unit.keep_draft(draft)


def _scale(prices: Valuation, code: str) -> int:
    if code not in prices.commodities:
        raise CommodityUnknown(code)
    return prices.commodities[code].scale


def drafts(desk: Desk, states: Sequence[DraftState] | None = None) -> tuple[Draft, ...]:
    """The drafts in these states (all of them for `None`), by date and number."""
    with desk.open() as book:
        return tuple(working.drafts(book, states))


def draft(desk: Desk, number: int) -> Draft:
    """One draft; raises `DraftUnknown`."""
    with desk.open() as book:
        return working.draft(book, number)


def belonging(desk: Desk, one: Draft) -> tuple[str, ...]:
    """The names of the drafts that are posted together: a replacement has its reversal with it, if that waits."""
    if not one.replaces:
        return (one.name,)
    with desk.open() as book:
        pairs = [other.name for other in working.drafts(book) if other.reverses == one.replaces]
    return (*pairs, one.name)


def edit(desk: Desk, number: int, change: DraftChange) -> Draft:
    """Change a draft; one that is complete after it is ready, since a person has looked at it."""
    with desk.open() as book:
        before = working.draft(book, number)
        after = _changed(book, before, change)
        by = desk.who(book).id
        after = changed_by(book, after, by)
        summary = sentence("edit {name} {summary}", name=before.name, summary=before.summary)
        with operation(book, verb="draft edit", summary=summary, by=by) as unit:
            return unit.keep_draft(after, over=before)


def _changed(book: BookFile, before: Draft, change: DraftChange) -> Draft:
    chart = chart_of(book)
    prices = valuation(book)
    lines = list(before.lines)
    for one in change.lines:
        if not 1 <= one.line <= len(lines):
            raise LineUnknown(before, one.line)
        written = one
        if one.amount in BALANCING:
            rest = _rest(before, lines, one.line, prices)
            written = replace(one, amount=canonical(rest, _scale(prices, lines[one.line - 1].commodity)))
        lines[one.line - 1] = _line(lines[one.line - 1], written, chart, prices)
    if change.day is not None:
        lines = [line if line.commodity == prices.base else replace(line, value=None) for line in lines]
    after = replace(
        before,
        date=change.day or before.date,
        summary=before.summary if change.summary is None else fit(change.summary),
        series=_series(change.series) if change.series else before.series,
        tags=before.tags if change.tags is None else fit_tags(change.tags),
        lines=tuple(lines),
        state=DraftState.READY,
        sure=False,
        reason="",
    )
    return prices.valued(after).judged(prices.base, prices.base_scale)


def _series(text: str) -> str:
    series = fit(text)
    if not series or len(series.encode()) > _SERIES_MAX:
        raise SeriesUnfit(text)
    return series


def _rest(draft: Draft, lines: Sequence[DraftLine], place: int, prices: Valuation) -> int:
    """What line `place` (from 1) must be for the draft to balance; raises `NothingToBalance`."""
    own = lines[place - 1].commodity
    others = [line for number, line in enumerate(lines, start=1) if number != place]
    if all(line.commodity == own for line in others):
        known = [line.amount for line in others]
    else:
        known = [line.amount if line.commodity == prices.base else line.value for line in others]
    if None in known or (own != prices.base and any(line.commodity != own for line in others)):
        raise NothingToBalance(draft, place)
    return -sum(value for value in known if value is not None)


def _line(line: DraftLine, change: LineChange, chart: Chart, prices: Valuation) -> DraftLine:
    amount, value = line.amount, line.value
    if change.amount is not None:
        amount = typed(change.amount, prices.commodities[line.commodity].scale)
        value = amount if line.commodity == prices.base else None
    return replace(
        line,
        account=chart.find(change.account).id if change.account is not None else line.account,
        amount=amount,
        value=value,
        text=line.text if change.text is None else fit(change.text),
    )


def accept(desk: Desk, numbers: Sequence[int], *, sure: bool) -> tuple[Draft, ...]:
    """Make proposed drafts ready: those named, or every sure one. Raises `DraftIncomplete` or `EntryUnbalanced`."""
    with desk.open() as book:
        facts = reading.facts(book)
        chosen = [working.draft(book, number) for number in numbers]
        if sure:
            proposed = working.drafts(book, [DraftState.PROPOSED])
            chosen += [one for one in proposed if one.sure and one.number not in numbers]
        if not chosen:
            return ()
        by = desk.who(book).id
        ready = [one.accepted(facts.base, facts.base_scale) for one in chosen]
        accepted = [replace(one, made_by=one.made_by or by) for one in ready]
        summary = counted("accept {n} draft", "accept {n} drafts", len(accepted))
        with operation(book, verb="draft accept", summary=summary, by=by) as unit:
            return tuple(unit.keep_drafts(accepted))


@dataclass(frozen=True, slots=True)
class Kept:
    """A draft as it was kept, and the number of the operation that keeps it: what goes on typing continues that one."""

    draft: Draft
    operation: int


def keep(desk: Desk, draft: Draft, *, over: Draft | None = None, continuing: int = 0) -> Kept:
    """Keep a draft as it stands, whatever it lacks: what is typed into a voucher is saved by this at every change.

    Values that prices give are filled in; a draft that lacks something is incomplete, and one that is complete stays
    what it says it is. A draft without a number gets one. `over` is what was read: if another program has changed it
    since, `DraftChanged` is raised. `continuing` is the operation of an earlier call: nothing else having been done in
    between, both are undone as one.
    """
    with desk.open() as book:
        prices = valuation(book)
        by = desk.who(book).id
        after = changed_by(book, draft if draft.made_by else replace(draft, made_by=by), by)
        after = prices.valued(after).judged(prices.base, prices.base_scale)
        summary = sentence("draft {summary}", summary=after.summary)
        if draft.number:
            summary = sentence("edit {name} {summary}", name=after.name, summary=after.summary)
        with operation(book, verb="draft keep", summary=summary, by=by, continuing=continuing) as unit:
            return Kept(unit.keep_draft(after, over=over), unit.number)


def hold(desk: Desk, numbers: Sequence[int], reason: str) -> tuple[Draft, ...]:
    """Keep drafts out of the next post, with the reason, until they are accepted again.

    What is incomplete stays so, and keeps the reason too.
    """
    with desk.open() as book:
        facts = reading.facts(book)
        chosen = [working.draft(book, number) for number in numbers]
        held = [
            replace(one, state=DraftState.HELD, sure=False, reason=reason).judged(facts.base, facts.base_scale)
            for one in chosen
        ]
        summary = sentence("hold {names}: {reason}", names=joined([one.name for one in held]), reason=reason)
        with operation(book, verb="draft hold", summary=summary, by=desk.who(book).id) as unit:
            return tuple(unit.keep_drafts(held))


def discard(desk: Desk, numbers: Sequence[int]) -> tuple[Draft, ...]:
    """Drop drafts; their statement lines stay and show that they have no draft. Raises `DraftUnknown` for any."""
    with desk.open() as book:
        dropped = tuple(working.draft(book, number) for number in numbers)
        summary = sentence("discard {names}", names=joined([one.name for one in dropped]))
        with operation(book, verb="draft discard", summary=summary, by=desk.who(book).id) as unit:
            for one in dropped:
                unit.discard_draft(one.number)
        return dropped


def attach(desk: Desk, number: int, path: Path) -> Draft:
    """Attach a file to a draft; its digests stand in the entry when it is posted."""
    try:
        if path.stat().st_size > ATTACHMENT_BYTES_MAX:
            raise AttachmentUnreadable(path, sentence("it is larger than 50 MB."))
        data = path.read_bytes()
    except OSError as error:
        raise AttachmentUnreadable(path, sentence("{why}.", why=files.reason(error))) from None
    media = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    with desk.open() as book:
        before = working.draft(book, number)
        summary = sentence("attach {file} to {name}", file=path.name, name=before.name)
        with operation(book, verb="draft attach", summary=summary, by=desk.who(book).id) as unit:
            digest = unit.attach(data)
            part = Attachment(digest, f"s256:{hashlib.sha256(data).hexdigest()}", len(data), media, path.name)
            return unit.keep_draft(replace(before, attachments=(*before.attachments, part)), over=before)
