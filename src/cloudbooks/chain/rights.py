"""Law 5, rights, and law 6, the beginning: who signs a batch, and what may stand in it (FORMAT.md section 2.1)."""

from __future__ import annotations

from itertools import islice

from cloudbooks.chain import note as notes
from cloudbooks.chain.batch import Batch, note_text
from cloudbooks.chain.canonical import s256
from cloudbooks.chain.law import LawBroken
from cloudbooks.chain.note import SignedNote, Vkey
from cloudbooks.chain.record import (
    Account,
    AnyRecord,
    Book,
    Close,
    Commodity,
    Entry,
    Member,
    Note,
    Party,
    Price,
    Record,
    Reopen,
    Right,
    Rules,
    Statement,
)
from cloudbooks.chain.state import State
from cloudbooks.errors import Sentence, sentence

RIGHTS: dict[type[Record], Right] = {
    Book: "admin",
    Member: "admin",
    Commodity: "post",
    Account: "post",
    Party: "post",
    Rules: "post",
    Statement: "post",
    Entry: "post",
    Price: "post",
    Note: "post",
    Close: "close",
    Reopen: "close",
}
"""The right that the author needs for a record of each type."""

_FIRST = 3
"""A first batch begins with the book, its base commodity and its author."""


def author(state: State, batch: Batch) -> Member:
    """Who signs the batch, as stated before it; in a first batch, as its third record states.

    Raises `LawBroken` (`law.rights`, or `law.beginning` for a first batch that does not begin as it must).
    """
    if state.book is None:
        return _founder(batch)
    if batch.header.book != state.book.id:
        raise LawBroken("law.beginning", sentence("The batch is of another book, {book}.", book=batch.header.book))
    member = state.members.get(batch.header.author)
    if member is None:
        raise LawBroken("law.rights", sentence('The author "{id}" is no member.', id=batch.header.author))
    if member.revoked:
        raise LawBroken("law.rights", sentence("The author {name} was revoked.", name=member.name))
    return member


def verify_author(batch: Batch, note: bytes, member: Member) -> None:
    """Verify the author's note by the key that `member` had before the batch; raises `FormFault`."""
    notes.verify_author(SignedNote.parse(note), note_text(batch), Vkey.parse(member.key))


def require_right(state: State, member: Member, record: AnyRecord) -> None:
    """Refuse a record that `member`, the author as stated before the batch, has no right to; raises `LawBroken`."""
    right = RIGHTS[type(record)]
    if right in member.rights:
        return
    if isinstance(record, Member) and record.id == member.id:
        _require_own_key(state.members[member.id], record, signed_with=member.key)
        return
    raise LawBroken(
        "law.rights",
        sentence('{name} has no right to "{right}", which this record needs.', name=member.name, right=right),
    )


def _require_own_key(before: Member, after: Member, *, signed_with: str) -> None:
    """Without `admin` a member may only take the key that was promised, in a batch signed with the one given up."""
    if (after.name, after.rights, after.revoked) != (before.name, before.rights, before.revoked):
        _refuse_own_key(sentence("{name} may change nothing but the own key.", name=before.name))
    if before.key != signed_with:
        _refuse_own_key(sentence("{name} changes the own key twice in one batch.", name=before.name))
    if s256(after.key.encode()) != before.next_key:
        _refuse_own_key(sentence("The new key of {name} is not the one that was promised.", name=before.name))


def _refuse_own_key(message: Sentence) -> None:
    raise LawBroken("law.rights", message)


def _founder(batch: Batch) -> Member:
    """The author of a first batch, which begins with the book, its base commodity, and this member."""
    if len(batch.records) < _FIRST:
        _refuse_beginning(sentence("The first batch has fewer than three records."), len(batch.records))
    book, commodity, member = islice(batch.records, _FIRST)
    if not isinstance(book, Book) or book.id != batch.header.book:
        _refuse_beginning(sentence("The first batch does not begin with its book."), 1)
    elif not isinstance(commodity, Commodity) or commodity.code != book.base:
        _refuse_beginning(sentence('The second record is not the base commodity, "{code}".', code=book.base), 2)
    elif isinstance(member, Member) and member.id == batch.header.author:
        if not member.revoked and {"admin", "post"} <= set(member.rights):
            return member
        _refuse_beginning(sentence("{name} begins a book without the rights to do so.", name=member.name), _FIRST)
    raise LawBroken("law.beginning", sentence("The third record is not the member who signed the batch."), _FIRST)


def _refuse_beginning(message: Sentence, record: int) -> None:
    raise LawBroken("law.beginning", message, record)
