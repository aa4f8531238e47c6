"""Records that wait for nothing: members, closes and reopens are a batch at once, in a block of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from cloudbooks.books.desk import Desk
from cloudbooks.books.ordering import base_of
from cloudbooks.books.posting import LawBreached
from cloudbooks.books.signing import keep_new_checkpoint, signed_batch
from cloudbooks.chain import record
from cloudbooks.chain.canonical import FormFault
from cloudbooks.chain.note import Signer
from cloudbooks.errors import Finding, Refusal, Sentence, joined, sentence
from cloudbooks.store import commit as commits
from cloudbooks.store import reading
from cloudbooks.store.book_file import BookFile, Head
from cloudbooks.store.reading import MemberRow
from cloudbooks.store.unit import Unit


class RightMissing(Refusal):
    """The member who works here lacks the right that this needs."""

    code = "right-missing"

    def __init__(self, member: MemberRow, right: record.Right, holders: Sequence[str]) -> None:
        super().__init__(
            sentence(
                '{member} has no right "{right}", which this needs; {holders} may.',
                member=member.name,
                right=right,
                holders=joined(holders),
            )
            if holders
            else sentence('{member} has no right "{right}", and nobody has it.', member=member.name, right=right),
            hint=sentence('add --as "{name}" where the key of {name} is', name=holders[0])
            if holders
            else sentence("cloudbooks member list"),
        )


@dataclass(frozen=True, slots=True)
class AtOnce:
    """A block that was made at once: its head, what is to be said of it, and whether a peer has yet to place it."""

    head: Head
    findings: tuple[Finding, ...]
    waits: bool


def require_right(book: BookFile, member: MemberRow, right: record.Right) -> None:
    """Refuse what a member has no right to; raises `RightMissing` with the names of those who have it."""
    if right not in member.rights:
        holders = [one.name for one in reading.members(book) if right in one.rights and not one.revoked]
        raise RightMissing(member, right, holders)


def post_at_once(  # noqa: PLR0913 - who, what, how it stands in the log, and what goes with it
    desk: Desk,
    book: BookFile,
    by: tuple[MemberRow, Signer],
    records: Iterable[record.AnyRecord],
    *,
    verb: str,
    summary: Sentence,
    then_signs: Signer | None = None,
    also: Callable[[Unit], None] = lambda _: None,
) -> AtOnce:
    """Make a batch of records, sign it by a member, commit it, and sign the head.

    `then_signs` signs the head where the batch itself gave its author another key. `also` changes working state in the
    same commit, once the records hold. Raises `LawBreached`, and what the store refuses; then nothing was written.
    """
    member, signer = by
    try:
        batch, seal = signed_batch(desk, book.id, base_of(book), (member.id, signer), list(records))
    except FormFault as fault:
        raise LawBreached(fault) from None

    def entitle(unit: Unit) -> None:
        unit.entitle(verb=verb, summary=summary, by=member.id)
        if book.claim is not None:
            unit.keep_claim(*book.claim)
        also(unit)

    try:
        committed = commits.commit(book, batch, seal, also=entitle, command=desk.command)
    except FormFault as fault:
        raise LawBreached(fault) from None
    signed_head = keep_new_checkpoint(book, then_signs or signer)
    header = committed.block.header
    head = Head(header.number, committed.block.hash, header.committed_at)
    return AtOnce(head, (*committed.findings, *signed_head.findings), signed_head.waits)
