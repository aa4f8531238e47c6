"""What a post would do: which drafts are ready, which are left and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from cloudbooks.books.desk import Desk
from cloudbooks.books.draft_balances import debit_total
from cloudbooks.books.duties import Duties
from cloudbooks.books.next_batch import valuation
from cloudbooks.books.valuing import Valuation
from cloudbooks.core.draft import Draft, DraftState
from cloudbooks.core.entry import EntryUnbalanced
from cloudbooks.core.period import Month
from cloudbooks.errors import Refusal, Sentence, joined, sentence
from cloudbooks.store import locks, reading, working
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.locks import LockRow
from cloudbooks.store.reading import MemberRow
from cloudbooks.store.staged import StagedStatement


class NothingReady(Refusal):
    """No draft is ready to post, and no record waits to be posted alone."""

    code = "nothing-ready"

    def __init__(self, left: Sequence[Left]) -> None:
        if not left:
            message = sentence("there is no draft to post.")
        else:
            message = sentence("no draft is ready: {states}.", states=joined(_counts(left)))
        super().__init__(message, hint=sentence("cloudbooks draft list"))


def _counts(left: Sequence[Left]) -> list[Sentence | str]:
    """How many drafts wait in each state that occurs, in the words of a list."""
    states = Counter(one.draft.state for one in left if not one.late)
    late = sum(one.late for one in left)
    said = {
        DraftState.INCOMPLETE: sentence("{n} incomplete", n=states[DraftState.INCOMPLETE]),
        DraftState.PROPOSED: sentence("{n} proposed", n=states[DraftState.PROPOSED]),
        DraftState.READY: sentence("{n} not to be posted alone", n=states[DraftState.READY]),
        DraftState.WAITING: sentence("{n} waiting for approval", n=states[DraftState.WAITING]),
        DraftState.RETURNED: sentence("{n} returned", n=states[DraftState.RETURNED]),
        DraftState.HELD: sentence("{n} held back", n=states[DraftState.HELD]),
    }
    closed = [sentence("{n} in a closed month", n=late)] if late else []
    return [*(part for state, part in said.items() if states[state]), *closed]


class DraftNotReady(Refusal):
    """A draft was named to be posted and is not ready."""

    code = "draft-not-ready"

    def __init__(self, draft: Draft, reason: Sentence, hint: Sentence | None = None) -> None:
        super().__init__(
            sentence("{name} is not ready: {reason}", name=draft.name, reason=reason),
            hint=hint or sentence("cloudbooks draft show {name}", name=draft.name),
        )


class PeriodClosed(Refusal):
    """An entry is dated in a closed period."""

    code = "period-closed"

    def __init__(self, day: date, lock: LockRow, through: Month, draft: str = "") -> None:
        first = through.shifted(1).first.isoformat()
        month = str(Month.from_key(lock.month))
        super().__init__(
            sentence(
                "{month} was closed on {day} by {name} (block {block}).",
                month=str(Month.of(day)),
                day=lock.at[:10],
                name=lock.by,
                block=lock.block,
            ),
            hint=sentence(
                "date it {day}: cloudbooks draft edit {draft} --date {day}; or: cloudbooks period reopen {month}",
                day=first,
                draft=draft,
                month=month,
            )
            if draft
            else sentence("date it {day}, or: cloudbooks period reopen {month}", day=first, month=month),
        )


@dataclass(frozen=True, slots=True)
class Left:
    """A draft that is not posted now, and why; `late` says that nothing is wrong with it but its closed month."""

    draft: Draft
    reason: Sentence
    late: bool = False


@dataclass(frozen=True, slots=True)
class Chosen:
    """A draft to be posted: as it was read, and with the values that it lacked filled in."""

    read: Draft
    draft: Draft


@dataclass(frozen=True, slots=True)
class Plan:
    """What a post would do: the drafts in order, those left with their reasons, and how many records go along.

    `debit` is the sum of debit values in minor units of the base; `duties` say whose approvals stand.
    """

    drafts: tuple[Chosen, ...]
    left: tuple[Left, ...]
    waiting_records: int
    debit: int
    base: str
    base_scale: int
    duties: Duties


@dataclass(frozen=True, slots=True)
class Forecast:
    """A draft of the batch, and the voucher number that it would get now."""

    draft: Draft
    voucher: str


@dataclass(frozen=True, slots=True)
class Batch:
    """What stands on the desk to be posted: every ready draft with its number, and what is left, each with its reason.

    `block` is the number of the block that a post would make; `debit` is in minor units of the base.
    """

    drafts: tuple[Forecast, ...]
    left: tuple[Left, ...]
    waiting_records: int
    debit: int
    base: str
    base_scale: int
    block: int


def batch_in(book: BookFile) -> Batch:
    """The batch as it stands: nothing is refused here, since what cannot be posted is left with its reason."""
    prices = valuation(book)
    closed = reading.closed_through(book)
    duties = Duties.of(book, None)
    ready: list[Chosen] = []
    left: list[Left] = []
    for read in working.drafts(book):
        draft = prices.valued(read).judged(prices.base, prices.base_scale)
        reason = _unready(draft, prices, duties, sure_too=False) or too_late(draft, closed)
        if reason is None:
            ready.append(Chosen(read, draft))
        else:
            left.append(Left(draft, reason))
    ordered = _in_order(ready)
    return Batch(
        tuple(_forecast(book, [one.draft for one in ordered])),
        tuple(left),
        len(working.pending(book)) + len(unposted_statements(book)),
        _debit(ordered, prices.base),
        prices.base,
        prices.base_scale,
        0 if book.head is None else book.head.number + 1,
    )


def _as_it_waits(draft: Draft, duties: Duties) -> Draft:
    """A draft whose approval no longer counts waits again."""
    waits = draft.state is DraftState.READY and duties.lacking(draft) is not None
    return replace(draft, state=DraftState.WAITING) if waits else draft


def too_late(draft: Draft, closed: int | None) -> Sentence | None:
    """That a draft is dated in a month that is closed; `closed` is the last such month (yyyymm)."""
    if closed is None or draft.date is None or Month.of(draft.date).key > closed:
        return None
    return sentence("{month} is closed; date it later.", month=str(Month.of(draft.date)))


def _forecast(book: BookFile, drafts: Iterable[Draft]) -> Iterator[Forecast]:
    numbers = reading.last_numbers(book)
    for draft in drafts:
        place = (draft.series, Month.of(draft.date).key if draft.date else 0)
        numbers[place] = numbers.get(place, 0) + 1
        yield Forecast(draft, f"{draft.series}-{numbers[place]:04d}")


def forecast(book: BookFile, draft: Draft) -> str:
    """The voucher number that a draft would get if it alone were posted now; empty without a date."""
    return next(_forecast(book, [draft])).voucher if draft.date and draft.series else ""


def plan(desk: Desk, wanted: Sequence[int], *, everything: bool) -> Plan:
    """What `post` would do now; writes nothing. Raises `NothingReady` or `DraftNotReady`."""
    with desk.open() as book:
        separated = reading.facts(book).separate_duties
        return plan_in(book, wanted, everything=everything, by=desk.who(book) if separated else None)


def plan_in(book: BookFile, wanted: Sequence[int], *, everything: bool, by: MemberRow | None) -> Plan:
    """The same, of a book that is open, for a post by a member; without one, whoever posts is nobody's approver."""
    prices = valuation(book)
    closed = reading.closed_through(book)
    duties = Duties.of(book, by)
    chosen: list[Chosen] = []
    left: list[Left] = []
    for read in working.drafts(book):
        draft = prices.valued(read).judged(prices.base, prices.base_scale)
        named = read.number in wanted
        reason = _unready(draft, prices, duties, sure_too=everything and not named and not duties.separated)
        if named and reason is not None:
            raise _refusal(draft, reason, prices, duties)
        if named:
            require_open(book, draft.date, draft.name)
        late = too_late(draft, closed) if reason is None else None
        if reason is None and late is None and (everything or named):
            chosen.append(Chosen(read, draft))
        else:
            why = reason or late or sentence("it is ready and was not named.")
            left.append(Left(_as_it_waits(draft, duties), why, late is not None))
    for number in sorted(set(wanted) - {one.read.number for one in chosen}):
        working.draft(book, number)
    chosen, early = _with_reversals(book, chosen, wanted)
    left += early
    records = len(working.pending(book)) + len(unposted_statements(book))
    if not chosen and (not records or wanted):
        raise NothingReady(left)
    return Plan(
        tuple(_in_order(chosen)),
        tuple(left),
        records,
        _debit(chosen, prices.base),
        prices.base,
        prices.base_scale,
        duties,
    )


def _with_reversals(book: BookFile, chosen: list[Chosen], wanted: Sequence[int]) -> tuple[list[Chosen], list[Left]]:
    """Who can be posted now: a replacement waits until what it replaces is reversed, before it or beside it.

    Raises `DraftNotReady` for one that was named.
    """
    reversed_here = {one.draft.reverses for one in chosen if one.draft.reverses}
    kept: list[Chosen] = []
    early: list[Left] = []
    for one in chosen:
        replaced = one.draft.replaces and one.draft.replaces not in reversed_here
        entry = reading.entry(book, one.draft.replaces) if replaced else None
        if entry is None or entry.reversed_by:
            kept.append(one)
            continue
        name = f"{Month.of(entry.date)}/{entry.voucher}"
        reason = sentence("it replaces {entry}, whose reversal is not posted.", entry=name)
        if one.read.number in wanted:
            raise DraftNotReady(one.draft, reason, _reversal_hint(book, one.draft, name))
        early.append(Left(one.draft, reason))
    return kept, early


def _reversal_hint(book: BookFile, draft: Draft, entry: str) -> Sentence:
    pair = next((other for other in working.drafts(book) if other.reverses == draft.replaces), None)
    if pair is None:
        return sentence("cloudbooks entry reverse {entry}", entry=entry)
    return sentence("cloudbooks post {names}", names=f"{pair.name} {draft.name}")


def _debit(chosen: Iterable[Chosen], base: str) -> int:
    return sum(debit_total(one.draft, base) for one in chosen)


def _refusal(draft: Draft, reason: Sentence, prices: Valuation, duties: Duties) -> Refusal:
    if draft.state in (DraftState.READY, DraftState.WAITING):
        return DraftNotReady(draft, reason, duties.remedy(draft))
    if draft.state is not DraftState.INCOMPLETE:
        return DraftNotReady(draft, reason)
    refusal = draft.refusal(prices.base, prices.base_scale)
    return refusal if isinstance(refusal, EntryUnbalanced) else DraftNotReady(draft, reason, refusal.hint)


def _unready(draft: Draft, prices: Valuation, duties: Duties, *, sure_too: bool) -> Sentence | None:
    """Why a draft cannot be posted now; `None` when it can. A sure proposal can where `sure_too`."""
    match draft.state:
        case DraftState.READY | DraftState.WAITING:
            reason = duties.lacking(draft)
        case DraftState.INCOMPLETE:
            reason = draft.lacks(prices.base, prices.base_scale)[0]
        case DraftState.PROPOSED:
            accepted = draft.sure and sure_too
            reason = None if accepted else sentence("it is proposed and not accepted.")
        case DraftState.RETURNED:
            reason = sentence("it was returned: {reason}", reason=draft.reason)
        case DraftState.HELD:
            reason = sentence("it is held back: {reason}", reason=draft.reason)
    return reason


def require_open(book: BookFile, day: date | None, draft: str = "") -> None:
    """Refuse a day in a closed period, for the draft of that name if there is one; raises `PeriodClosed`."""
    closed = reading.closed_through(book)
    if closed is None or day is None or Month.of(day).key > closed:
        return
    lock = locks.closing_of(book, Month.of(day).key)
    if lock is not None:
        raise PeriodClosed(day, lock, Month.from_key(closed), draft)


def _in_order(chosen: Iterable[Chosen]) -> list[Chosen]:
    """By date and number; a replacement follows the reversal that frees what it replaces."""
    ordered = sorted(chosen, key=lambda one: (one.draft.date, one.draft.number))
    reversed_here = {one.draft.reverses for one in ordered if one.draft.reverses}
    late = [one for one in ordered if one.draft.replaces in reversed_here]
    return [one for one in ordered if one not in late] + late if late else ordered


def unposted_statements(book: BookFile) -> list[StagedStatement]:
    """The statements whose records wait for the next batch."""
    return [statement for statement in working.statements(book) if statement.state == "staged"]
