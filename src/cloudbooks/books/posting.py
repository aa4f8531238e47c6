"""`post`: ready drafts and what waits with them become one batch, one block, and their voucher numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from cloudbooks import __version__
from cloudbooks.books.desk import Desk
from cloudbooks.books.pricing import all_commodities, valuation
from cloudbooks.books.recording import entry_record, fit
from cloudbooks.books.signing import keep_new_checkpoint, signed
from cloudbooks.books.valuing import Valuation
from cloudbooks.chain import batch as batches
from cloudbooks.chain import record, sealing
from cloudbooks.chain.canonical import FormFault
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
            sentence(
                "{name} is dated in {month}, and {closed} is closed.",
                name=draft.name,
                month=str(draft.date)[:7],
                closed=str(closed),
            ),
            hint=sentence(
                "date it {day} or later: cloudbooks draft edit {name} --date {day}",
                day=closed.shifted(1).first.isoformat(),
                name=draft.name,
            ),
        )


class LawBreached(Refusal):
    """The records would break a law of the chain; they stay drafts."""

    code = "law-broken"

    def __init__(self, fault: FormFault) -> None:
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
class Chosen:
    """A draft to be posted: as it was read, and with the values that it lacked filled in."""

    read: Draft
    draft: Draft


@dataclass(frozen=True, slots=True)
class Plan:
    """What a post would do: the drafts in order, those left with their reasons, and how many records go along.

    `debit` is the sum of debit values in minor units of the base.
    """

    drafts: tuple[Chosen, ...]
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
        for records, origins in list(_batches(desk, book, intended, member)):
            committed = _commit(desk, book, member, signer, records, origins)
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
    chosen: list[Chosen] = []
    left: list[Left] = []
    for read in working.drafts(book):
        draft = prices.valued(read).judged(prices.base, prices.base_scale)
        named = read.number in wanted
        reason = _unready(draft, prices, sure_too=everything and not named)
        if reason is None and (everything or named):
            _require_open(draft, closed)
            chosen.append(Chosen(read, draft))
        elif named and reason is not None:
            raise DraftNotReady(draft, reason)
        else:
            left.append(Left(draft, reason or sentence("it is ready and was not named.")))
    for number in sorted(set(wanted) - {one.read.number for one in chosen}):
        working.draft(book, number)
    records = len(working.pending(book)) + len(_unposted_statements(book))
    if not chosen and (not records or wanted):
        raise NothingReady(left)
    return Plan(tuple(_in_order(chosen)), tuple(left), records, _debit(chosen), prices.base, prices.base_scale)


def _debit(chosen: Iterable[Chosen]) -> int:
    lines = (line for one in chosen for line in one.draft.lines)
    return sum(max(line.amount if line.value is None else line.value, 0) for line in lines if line.amount is not None)


def _unready(draft: Draft, prices: Valuation, *, sure_too: bool) -> Sentence | None:
    """Why a draft cannot be posted now; `None` when it can. A sure proposal can where `sure_too`."""
    if draft.state is DraftState.READY:
        return None
    if draft.state is DraftState.INCOMPLETE:
        return draft.lacks(prices.base, prices.base_scale)[0]
    if draft.state is DraftState.PROPOSED:
        if draft.sure and sure_too:
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


def _in_order(chosen: Iterable[Chosen]) -> list[Chosen]:
    """By date and number; a replacement follows the reversal that frees what it replaces."""
    ordered = sorted(chosen, key=lambda one: (one.draft.date, one.draft.number))
    reversed_here = {one.draft.reverses for one in ordered if one.draft.reverses}
    late = [one for one in ordered if one.draft.replaces in reversed_here]
    return [one for one in ordered if one not in late] + late if late else ordered


def _unposted_statements(book: BookFile) -> list[StagedStatement]:
    return [statement for statement in working.statements(book) if statement.state == "staged"]


def _batches(
    desk: Desk, book: BookFile, intended: Plan, member: MemberRow
) -> Iterator[tuple[list[record.AnyRecord], list[tuple[Draft, str]]]]:
    """The records of each batch, and which draft became which entry; what waits goes first, as later records name it."""
    scales = {code: commodity.scale for code, commodity in all_commodities(book).items()}
    waiting = working.pending(book)
    first: list[record.AnyRecord] = [one for kind in _ORDER for one in waiting if isinstance(one, kind)]
    first += [_statement_record(statement, scales) for statement in _unposted_statements(book)]
    entries = [
        entry_record(
            replace(one.draft, made_by=one.draft.made_by or member.id).entry(intended.base, intended.base_scale),
            new_id(desk.clock),
            scales,
        )
        for one in intended.drafts
    ]
    origins = [(one.read, entry.id) for one, entry in zip(intended.drafts, entries, strict=True)]
    at = sealing.entries_that_fit(entries, first)
    yield [*first, *entries[:at]], origins[:at]
    while at < len(entries):
        room = sealing.entries_that_fit(entries[at:])
        yield list(entries[at : at + room]), origins[at : at + room]
        at += room


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
    origins: list[tuple[Draft, str]],
) -> commits.Committed:
    """Sign the batch without a place, then give it its place: everything before the commit may be repeated."""
    frontier = past.load_state(book).frontier
    now = instant(desk.clock.now())
    batch = batches.make(
        author=member.id,
        base=batches.Base(f"s256:{frontier.root.hex()}", frontier.size),
        book=book.id,
        id=new_id(desk.clock),
        made_at=now,
        program=PROGRAM,
        records=records,
    )
    seal = sealing.seal(batch, signed(batches.note_text(batch), signer), now)
    summary = counted("post {n} entry", "post {n} entries", len(origins))

    def settle(unit: Unit) -> None:
        unit.posted(origins, records, member.id, summary)

    try:
        return commits.commit(book, batch, seal, also=settle, command=desk.command)
    except FormFault as fault:
        raise LawBreached(fault) from None
