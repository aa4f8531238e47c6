"""`post`: ready drafts and what waits with them become one batch, one block, and their voucher numbers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from cloudbooks.books.desk import Desk
from cloudbooks.books.fitting import fit
from cloudbooks.books.next_batch import all_commodities
from cloudbooks.books.ordering import base_of
from cloudbooks.books.planning import Left, Plan, plan_in, unposted_statements
from cloudbooks.books.recording import entry_record
from cloudbooks.books.signing import keep_new_checkpoint, signed_batch
from cloudbooks.chain import record, sealing
from cloudbooks.chain.canonical import FormFault
from cloudbooks.chain.note import Signer
from cloudbooks.chain.rows import NumberRow
from cloudbooks.core.digest import short
from cloudbooks.core.draft import Draft
from cloudbooks.core.money import canonical
from cloudbooks.errors import Finding, Refusal, Sentence, counted, joined, sentence
from cloudbooks.store import commit as commits
from cloudbooks.store import log, working
from cloudbooks.store import posted as stored
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.draft_text import DraftChanged, DraftUnknown
from cloudbooks.store.reading import MemberRow
from cloudbooks.store.unit import Unit
from cloudbooks.store.working import StagedStatement
from cloudbooks.system.chance import new_id

WAITING = (
    record.Note,
    record.Book,
    record.Member,
    record.Commodity,
    record.Account,
    record.Party,
    record.Rules,
    record.Price,
)
"""The records that wait for the next batch, in the order in which they stand there: later ones name earlier ones."""


_TURNS = 5
"""How often a post is planned, where others post in between."""


class LawBreached(Refusal):
    """The records would break a law of the chain; they stay drafts."""

    code = "law-broken"

    def __init__(self, fault: FormFault) -> None:
        super().__init__(
            sentence("the batch would break a law of the chain ({law}): {what}", law=fault.code, what=fault.message),
            hint=sentence("cloudbooks draft list"),
        )


def spans_of(numbers: Sequence[NumberRow]) -> tuple[str, ...]:
    """Voucher numbers as `2026-10/记-0012 … 记-0017`: a span for each series and month."""
    return tuple(
        f"{span.period}/{span.series}-{span.first:04d}"
        + (f" … {span.series}-{span.last:04d}" if span.last > span.first else "")
        for span in numbers
    )


@dataclass(frozen=True, slots=True)
class PostedBlock:
    """One block that a post made."""

    number: int
    hash: str
    entries: int
    numbers: tuple[NumberRow, ...]

    @property
    def spans(self) -> tuple[str, ...]:
        """The voucher numbers given, as `2026-10/记-0012 … 记-0017`: a span for each series and month."""
        return spans_of(self.numbers)

    @property
    def said(self) -> Sentence:
        """The block with its entries and voucher numbers, as every face says it."""
        if not self.entries:
            return sentence("Posted as block {number}, head {hash}: no entry.", number=self.number,
                            hash=short(self.hash))  # fmt: skip
        return counted(
            "Posted {n} entry, {numbers}, as block {number}, head {hash}.",
            "Posted {n} entries, {numbers}, as block {number}, head {hash}.",
            self.entries,
            numbers=joined(self.spans),
            number=self.number,
            hash=short(self.hash),
        )


@dataclass(frozen=True, slots=True)
class Posted:
    """What a post did: its blocks (one, unless FORMAT.md's limits split the batch) and the drafts left."""

    blocks: tuple[PostedBlock, ...]
    left: tuple[Left, ...]
    findings: tuple[Finding, ...]
    repeated: bool = False


def post(desk: Desk, wanted: Sequence[int], *, everything: bool) -> Posted:
    """Post the drafts named, or all that are ready or sure, as one batch signed by the member who works here.

    Raises `NothingReady`, `DraftNotReady`, `PeriodClosed`, `LawBreached`, or what the store refuses; then nothing was
    written. A finding `receipt-not-written` says that the batch stands although the receipt could not be kept.
    """
    with desk.open() as book:
        before = _posted_before(desk, book)
        if before is not None:
            return before
        by = desk.signer(book)
        for turn in range(1, _TURNS + 1):
            head, blocks = book.refresh(), list[PostedBlock]()
            try:
                return _post(desk, book, by, plan_in(book, wanted, everything=everything, by=by[0]), blocks)
            except (LawBreached, DraftUnknown, DraftChanged):
                # Others may have posted the same drafts, or what waits with them, since the plan was made: what is
                # left is planned anew, and says what became of the rest.
                if blocks or turn == _TURNS or book.refresh() == head:
                    raise
    raise AssertionError(_TURNS)


def _post(
    desk: Desk, book: BookFile, by: tuple[MemberRow, Signer], intended: Plan, blocks: list[PostedBlock]
) -> Posted:
    """Commit the batches of a plan, adding to `blocks` what stands."""
    findings: list[Finding] = []
    parts = list(_batches(desk, book, intended, by[0]))
    for part in parts:
        committed = _commit(desk, book, by, part, len(parts))
        findings.extend(committed.findings)
        blocks.append(
            PostedBlock(
                committed.block.header.number,
                committed.block.hash,
                len(committed.admitted.entries),
                committed.admitted.numbers,
            )
        )
    findings.extend(keep_new_checkpoint(book, by[1]).findings)
    return Posted(tuple(blocks), intended.left, tuple(findings))


def posted_before(desk: Desk) -> Posted | None:
    """What an earlier post under this desk's key did, if it came to its end; `None` where there is nothing of it."""
    if not desk.key:
        return None
    with desk.open() as book:
        return _posted_before(desk, book)


@dataclass(frozen=True, slots=True)
class Part:
    """One batch of a post: its records, which draft became which entry, and which part it is, from 1."""

    records: list[record.AnyRecord]
    origins: list[tuple[Draft, str]]
    number: int


def _batches(desk: Desk, book: BookFile, intended: Plan, member: MemberRow) -> Iterator[Part]:
    """The batches of a post; what waits goes first, since later records name it."""
    scales = {code: commodity.scale for code, commodity in all_commodities(book).items()}
    waiting = working.pending(book)
    first: list[record.AnyRecord] = [one for kind in WAITING for one in waiting if isinstance(one, kind)]
    first += [_statement_record(statement, scales) for statement in unposted_statements(book)]
    entries = [
        entry_record(
            replace(one.draft, made_by=one.draft.made_by or member.id).entry(intended.base, intended.base_scale),
            one.draft.entry_id or new_id(desk.clock),
            scales,
            intended.duties.standing(one.draft),
        )
        for one in intended.drafts
    ]
    origins = [(one.read, entry.id) for one, entry in zip(intended.drafts, entries, strict=True)]
    at = sealing.entries_that_fit(entries, first)
    number = 1
    yield Part([*first, *entries[:at]], origins[:at], number)
    while at < len(entries):
        room = sealing.entries_that_fit(entries[at:])
        number += 1
        yield Part(list(entries[at : at + room]), origins[at : at + room], number)
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


def _posted_before(desk: Desk, book: BookFile) -> Posted | None:
    """What an earlier post under this desk's key did, if it came to its end; `None` where there is nothing of it."""
    if not desk.key:
        return None
    kept = working.remembered(book, f"post {desk.key}")
    if kept is None:
        return None
    rows = [row for row in log.blocks(book) if row.batch_id == json.loads(kept)["last"]]
    blocks = tuple(
        PostedBlock(row.number, row.hash, row.entries, stored.block(book, row.number)[1].numbers) for row in rows
    )
    return Posted(blocks, (), (), repeated=True)


def _commit(desk: Desk, book: BookFile, by: tuple[MemberRow, Signer], part: Part, parts: int) -> commits.Committed:
    """Sign the batch without a place, then give it its place: everything before the commit may be repeated."""
    member, signer = by
    try:
        batch, seal = signed_batch(desk, book.id, base_of(book), (member.id, signer), part.records)
    except FormFault as fault:
        raise LawBreached(fault) from None
    summary = counted("post {n} entry", "post {n} entries", len(part.origins))

    def settle(unit: Unit) -> None:
        unit.posted(part.origins, part.records, member.id, summary)
        if desk.key and part.number == parts:
            unit.remember(f"post {desk.key}", json.dumps({"last": batch.header.id}))

    try:
        return commits.commit(book, batch, seal, also=settle, command=desk.command)
    except FormFault as fault:
        raise LawBreached(fault) from None
