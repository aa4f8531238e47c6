"""`post`: ready drafts and what waits with them become one batch, one block, and their voucher numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from cloudbooks import __version__
from cloudbooks.books.desk import Desk
from cloudbooks.books.pricing import valuation
from cloudbooks.books.recording import entry_record, fit
from cloudbooks.books.signing import keep_new_checkpoint
from cloudbooks.chain import batch as batches
from cloudbooks.chain import note, record, sealing
from cloudbooks.chain.admitting import LawBroken
from cloudbooks.chain.note import Signer
from cloudbooks.chain.rows import NumberRow
from cloudbooks.core.draft import Draft, DraftState
from cloudbooks.core.money import canonical
from cloudbooks.core.period import Month
from cloudbooks.errors import Finding, Refusal, Sentence, counted, sentence
from cloudbooks.store import commit as commits
from cloudbooks.store import past, reading, working
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.reading import MemberRow
from cloudbooks.store.unit import Unit
from cloudbooks.store.working import StagedStatement
from cloudbooks.system.chance import new_id
from cloudbooks.system.clock import instant

PROGRAM = f"cloudbooks/{__version__}"
_ORDER = (record.Book, record.Member, record.Commodity, record.Account, record.Party, record.Rules, record.Price)


class NothingReady(Refusal):
    """No draft is ready to post, and no record waits to be posted alone."""

    code = "nothing-ready"

    def __init__(self, left: Sequence[Left]) -> None:
        if not left:
            message = sentence("there is no draft to post.")
        else:
            states = Counter(one.draft.state.value for one in left)
            message = sentence(
                "no draft is ready: {incomplete} incomplete, {proposed} proposed, {waiting} waiting, {held} held back.",
                incomplete=states["incomplete"],
                proposed=states["proposed"],
                waiting=states["waiting"],
                held=states["held"] + states["returned"],
            )
        super().__init__(message, hint=sentence("cloudbooks draft list"))


class DraftNotReady(Refusal):
    """A draft was named to be posted and is not ready."""

    code = "draft-not-ready"

    def __init__(self, draft: Draft, reason: Sentence) -> None:
        super().__init__(
            sentence("{name} is not ready: {reason}", name=draft.name, reason=reason),
            hint=sentence("cloudbooks draft show {name}", name=draft.name),
        )


class PeriodClosed(Refusal):
    """An entry is dated in a closed period."""

    code = "period-closed"

    def __init__(self, draft: Draft, closed: Month) -> None:
        super().__init__(
            sentence("{name} is dated in {month}, and {closed} is closed.", name=draft.name, month=str(draft.date)[:7],
                     closed=str(closed)),
            hint=sentence("date it {day} or later: cloudbooks draft edit {name} --date {day}",
                          day=closed.shifted(1).first.isoformat(), name=draft.name),
        )


class DraftChanged(Refusal):
    """A draft was changed by someone else while it was being posted."""

    code = "draft-changed"

    def __init__(self, draft: Draft) -> None:
        super().__init__(
            sentence("{name} was changed by another program meanwhile.", name=draft.name),
            hint=sentence("cloudbooks draft show {name}", name=draft.name),
        )


class LawBreached(Refusal):
    """The records would break a law of the chain; they stay drafts."""

    code = "law-broken"

    def __init__(self, fault: LawBroken) -> None:
        super().__init__(
            sentence("the batch would break a law of the chain ({law}): {what}", law=fault.code, what=fault.message),
            hint=sentence("cloudbooks draft list"),
        )


@dataclass(frozen=True, slots=True)
class Left:
    """A draft that is not posted now, and why."""

    draft: Draft
    reason: Sentence


@dataclass(frozen=True, slots=True)
class Plan:
    """What a post would do: the drafts in order, those left with their reasons, and how many records go along.

    `debit` is the sum of debit values in minor units of the base.
    """

    drafts: tuple[Draft, ...]
    left: tuple[Left, ...]
    waiting_records: int
    debit: int
    base: str
    base_scale: int


@dataclass(frozen=True, slots=True)
class PostedBlock:
    """One block that a post made."""

    number: int
    hash: str
    entries: int
    numbers: tuple[NumberRow, ...]


@dataclass(frozen=True, slots=True)
class Posted:
    """What a post did: its blocks (one, unless FORMAT.md's limits split the batch) and the drafts left."""

    blocks: tuple[PostedBlock, ...]
    left: tuple[Left, ...]
    findings: tuple[Finding, ...]
    repeated: bool = False


def plan(desk: Desk, wanted: Sequence[int], *, everything: bool) -> Plan:
    """What `post` would do now; writes nothing. Raises `NothingReady` or `DraftNotReady`."""
    with desk.open() as book:
        return _plan(book, wanted, everything=everything)


def post(desk: Desk, wanted: Sequence[int], *, everything: bool) -> Posted:
    """Post the drafts named, or all that are ready or sure, as one batch signed by the member who works here.

    Raises `NothingReady`, `DraftNotReady`, `PeriodClosed`, `LawBreached`, or what the store refuses; then nothing was
    written. A finding `receipt-not-written` says that the batch stands although the receipt could not be kept.
    """
    with desk.open() as book:
        intended = _plan(book, wanted, everything=everything)
        member, signer = desk.signer(book)
        blocks: list[PostedBlock] = []
        findings: list[Finding] = []
        for records, drafts in _batches(desk, book, intended, member):
            committed = _commit(desk, book, member, signer, records, drafts)
            findings.extend(committed.findings)
            blocks.append(
                PostedBlock(
                    committed.block.header.number,
                    committed.block.hash,
                    len(committed.admitted.entries),
                    committed.admitted.numbers,
                )
            )
        keep_new_checkpoint(book, signer)
        return Posted(tuple(blocks), intended.left, tuple(findings))


def _plan(book: BookFile, wanted: Sequence[int], *, everything: bool) -> Plan:
    prices = valuation(book)
    closed = reading.closed_through(book)
    chosen: list[Draft] = []
    left: list[Left] = []
    for draft in working.drafts(book):
        judged = prices.valued(draft).judged(prices.base, prices.base_scale)
        reason = _unready(judged, prices.base, prices.base_scale, everything=everything, named=draft.number in wanted)
        if reason is None and (everything or draft.number in wanted):
            _require_open(judged, closed)
            chosen.append(judged)
        elif draft.number in wanted and reason is not None:
            raise DraftNotReady(judged, reason)
        else:
            left.append(Left(judged, reason or sentence("it is ready and was not named.")))
    missing = set(wanted) - {draft.number for draft in chosen}
    for number in sorted(missing):
        working.draft(book, number)
    records = len(working.pending(book)) + len(_unposted_statements(book))
    if not chosen and (not records or wanted):
        raise NothingReady(left)
    debit = sum(max(line.value if line.value is not None else line.amount or 0, 0) for d in chosen for line in d.lines)
    return Plan(tuple(_in_order(chosen)), tuple(left), records, debit, prices.base, prices.base_scale)


def _unready(draft: Draft, base: str, scale: int, *, everything: bool, named: bool) -> Sentence | None:
    """Why a draft cannot be posted now; `None` when it can."""
    if draft.state is DraftState.READY:
        return None
    if draft.state is DraftState.INCOMPLETE:
        return draft.lacks(base, scale)[0]
    if draft.state is DraftState.PROPOSED:
        if draft.sure and everything and not named:
            return None
        return sentence("it is proposed and not accepted.")
    if draft.state is DraftState.WAITING:
        return sentence("it waits for approval.")
    if draft.state is DraftState.RETURNED:
        return sentence("it was returned: {reason}", reason=draft.reason)
    return sentence("it is held back: {reason}", reason=draft.reason)


def _require_open(draft: Draft, closed: int | None) -> None:
    if closed is not None and draft.date is not None and Month.of(draft.date).key <= closed:
        raise PeriodClosed(draft, Month.from_key(closed))


def _in_order(drafts: Iterable[Draft]) -> list[Draft]:
    """By date and number; a replacement follows the reversal that frees what it replaces."""
    ordered = sorted(drafts, key=lambda draft: (draft.date, draft.number))
    reversals = {draft.reverses: draft for draft in ordered if draft.reverses}
    late = [draft for draft in ordered if draft.replaces in reversals]
    return [draft for draft in ordered if draft not in late] + late if late else ordered


def _unposted_statements(book: BookFile) -> list[StagedStatement]:
    return [statement for statement in working.statements(book) if statement.state == "staged"]


def _batches(
    desk: Desk, book: BookFile, intended: Plan, member: MemberRow
) -> list[tuple[list[record.AnyRecord], list[Draft]]]:
    """The records of each batch: what waits goes first, in the order in which later records may name it."""
    commodities = reading.commodities(book)
    waiting = working.pending(book)
    scales = {code: commodity.scale for code, commodity in commodities.items()}
    scales |= {one.code: one.scale for one in waiting if isinstance(one, record.Commodity)}
    first: list[record.AnyRecord] = [one for kind in _ORDER for one in waiting if isinstance(one, kind)]
    first += [_statement_record(statement, scales) for statement in _unposted_statements(book)]
    entries = [
        entry_record(replace(draft, made_by=draft.made_by or member.id).entry(intended.base, intended.base_scale),
                     new_id(desk.clock), scales)
        for draft in intended.drafts
    ]
    parts: list[tuple[list[record.AnyRecord], list[Draft]]] = []
    at = 0
    while at < len(entries) or not parts:
        room = sealing.entries_that_fit(entries[at:], [] if parts else first)
        parts.append(([*([] if parts else first), *entries[at : at + room]], list(intended.drafts[at : at + room])))
        at += room
    return parts


def _statement_record(statement: StagedStatement, scales: dict[str, int]) -> record.Statement:
    scale = scales[statement.commodity]
    return record.Statement(
        id=statement.id,
        account=statement.account,
        commodity=statement.commodity,
        file=record.Attachment(
            statement.file.b3, statement.file.s256, statement.file.size, statement.file.media, fit(statement.file.name)
        ),
        profile=fit(statement.profile),
        first=statement.first.isoformat(),
        last=statement.last.isoformat(),
        lines=statement.lines,
        opening="" if statement.opening is None else canonical(statement.opening, scale),
        closing="" if statement.closing is None else canonical(statement.closing, scale),
    )


def _commit(
    desk: Desk,
    book: BookFile,
    member: MemberRow,
    signer: Signer,
    records: list[record.AnyRecord],
    drafts: list[Draft],
) -> commits.Committed:
    """Sign the batch without a place, then give it its place: everything before the commit may be repeated."""
    state = past.load_state(book)
    now = instant(desk.clock.now())
    batch = batches.make(
        author=member.id,
        base=batches.Base(state.frontier.root_text, state.frontier.size),
        book=book.id,
        id=new_id(desk.clock),
        made_at=now,
        program=PROGRAM,
        records=records,
    )
    seal = sealing.seal(batch, note.signed(batches.note_text(batch), signer), now)
    names = {one.id for one in records}
    summary = counted("post {n} entry", "post {n} entries", len(drafts))

    def settle(unit: Unit) -> None:
        for draft in drafts:
            if unit.draft_now(draft.number) is None:
                raise DraftChanged(draft)
        unit.posted(drafts, names, member.id, summary)

    try:
        return commits.commit(book, batch, seal, also=settle, command=desk.command)
    except LawBroken as fault:
        raise LawBreached(fault) from None
