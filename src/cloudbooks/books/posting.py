"""`post`: ready drafts and what waits with them become one batch, one block, and their voucher numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from cloudbooks import __version__
from cloudbooks.books.desk import Desk
from cloudbooks.books.planning import Left, Plan, plan_in, unposted_statements
from cloudbooks.books.pricing import all_commodities
from cloudbooks.books.recording import entry_record, fit
from cloudbooks.books.signing import keep_new_checkpoint, signed
from cloudbooks.chain import batch as batches
from cloudbooks.chain import record, sealing
from cloudbooks.chain.canonical import FormFault
from cloudbooks.chain.note import Signer
from cloudbooks.chain.rows import NumberRow
from cloudbooks.core.draft import Draft
from cloudbooks.core.money import canonical
from cloudbooks.errors import Finding, Refusal, counted, sentence
from cloudbooks.store import commit as commits
from cloudbooks.store import past, working
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.reading import MemberRow
from cloudbooks.store.unit import Unit
from cloudbooks.store.working import StagedStatement
from cloudbooks.system.chance import new_id
from cloudbooks.system.clock import instant

PROGRAM = f"cloudbooks/{__version__}"
_ORDER = (record.Book, record.Member, record.Commodity, record.Account, record.Party, record.Rules, record.Price)


class LawBreached(Refusal):
    """The records would break a law of the chain; they stay drafts."""

    code = "law-broken"

    def __init__(self, fault: FormFault) -> None:
        super().__init__(
            sentence("the batch would break a law of the chain ({law}): {what}", law=fault.code, what=fault.message),
            hint=sentence("cloudbooks draft list"),
        )


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


def post(desk: Desk, wanted: Sequence[int], *, everything: bool) -> Posted:
    """Post the drafts named, or all that are ready or sure, as one batch signed by the member who works here.

    Raises `NothingReady`, `DraftNotReady`, `PeriodClosed`, `LawBreached`, or what the store refuses; then nothing was
    written. A finding `receipt-not-written` says that the batch stands although the receipt could not be kept.
    """
    with desk.open() as book:
        intended = plan_in(book, wanted, everything=everything)
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


def _batches(
    desk: Desk, book: BookFile, intended: Plan, member: MemberRow
) -> Iterator[tuple[list[record.AnyRecord], list[tuple[Draft, str]]]]:
    """The records of each batch, and which draft became which entry; what waits goes first: later records name it."""
    scales = {code: commodity.scale for code, commodity in all_commodities(book).items()}
    waiting = working.pending(book)
    first: list[record.AnyRecord] = [one for kind in _ORDER for one in waiting if isinstance(one, kind)]
    first += [_statement_record(statement, scales) for statement in unposted_statements(book)]
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
