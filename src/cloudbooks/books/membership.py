"""`member list` and `member add`: who may sign in a book. A clone has its own key, and posts once it was added."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cloudbooks.books.desk import Desk
from cloudbooks.books.fitting import fit
from cloudbooks.books.ordering import base_of
from cloudbooks.books.posting import LawBreached
from cloudbooks.books.signing import keep_new_checkpoint, signed_batch
from cloudbooks.chain import ed25519, record
from cloudbooks.chain.canonical import FormFault
from cloudbooks.chain.checkpoint import origin
from cloudbooks.chain.note import ED25519, Vkey
from cloudbooks.errors import Finding, Refusal, UsageError, joined, sentence
from cloudbooks.store import commit as commits
from cloudbooks.store import reading
from cloudbooks.store.book_file import BookFile, Head
from cloudbooks.store.reading import MemberRow
from cloudbooks.system import keyfile
from cloudbooks.system.chance import new_id, new_salt

RIGHTS: tuple[record.Right, ...] = ("admin", "approve", "close", "post")


class KeyUnfit(Refusal):
    """A verifier key is none, is of another book, or is no key that may sign."""

    code = "vkey-unfit"

    def __init__(self, key: str, name: str) -> None:
        super().__init__(
            sentence('"{key}" is no key of a member of this book: those begin with {name}+.', key=key, name=name),
            hint=sentence("cloudbooks init NAME --from URL prints it where the copy was made"),
        )


class KeyKnown(Refusal):
    """A member has this key already, or had it once."""

    code = "key-known"

    def __init__(self, member: MemberRow) -> None:
        super().__init__(
            sentence("{member} has this key already.", member=member.name), hint=sentence("cloudbooks member list")
        )


class NameTaken(Refusal):
    """Another member has this name."""

    code = "member-name-taken"

    def __init__(self, name: str) -> None:
        super().__init__(
            sentence('a member is called "{name}" already.', name=name), hint=sentence("cloudbooks member list")
        )


class RightUnknown(UsageError):
    """A word names no right."""

    code = "right-unknown"

    def __init__(self, word: str) -> None:
        super().__init__(
            sentence('"{word}" is no right; there are {rights}.', word=word, rights=joined(RIGHTS)),
            hint=sentence("--rights post,approve"),
        )


class NotAdmin(Refusal):
    """Only a member with the right `admin` may do this."""

    code = "not-admin"

    def __init__(self, member: MemberRow, admins: Sequence[str]) -> None:
        super().__init__(
            sentence("{member} has no right to do this; {admins} may.", member=member.name, admins=joined(admins)),
            hint=sentence('add --as "{name}" where the key of {name} is', name=admins[0] if admins else "?"),
        )


@dataclass(frozen=True, slots=True)
class ShownMember:
    """A member as last stated; `here` says that the key is on this machine."""

    member: MemberRow
    here: bool


@dataclass(frozen=True, slots=True)
class MemberAdded:
    """A member stated by a block of its own; `waits` says that a peer has yet to give it its place."""

    member: MemberRow
    head: Head
    findings: tuple[Finding, ...]
    waits: bool


def members(desk: Desk) -> tuple[ShownMember, ...]:
    """All members as last stated, revoked ones included."""
    with desk.open() as book:
        held = keyfile.held(desk.state, book.id)
        return tuple(ShownMember(one, one.key in held) for one in reading.members(book))


def keys_not_added(desk: Desk) -> tuple[str, ...]:
    """Keys of this machine that were made for this book and are no member's: an admin has yet to add them."""
    with desk.open() as book:
        stated = {one.key for one in reading.members(book)}
        return tuple(key for key in keyfile.held(desk.state, book.id) if key not in stated)


def rights_of(text: str) -> tuple[record.Right, ...]:
    """The rights that a text such as `post,approve` names, in the order of the format; raises `RightUnknown`."""
    words = {word.strip() for word in text.split(",") if word.strip()}
    for word in sorted(words):
        if word not in RIGHTS:
            raise RightUnknown(word)
    if not words:
        raise RightUnknown(text)
    return tuple(right for right in RIGHTS if right in words)


def add_member(desk: Desk, name: str, key: str, rights: tuple[record.Right, ...]) -> MemberAdded:
    """State a member with a key that was made elsewhere, in a batch of its own, signed by an admin.

    Raises `KeyUnfit`, `KeyKnown`, `NameTaken`, `NotAdmin`, or what the store refuses.
    """
    with desk.open() as book:
        vkey = _fitting(book, key)
        everyone = reading.members(book)
        for one in everyone:
            if Vkey.parse(one.key).key_id == vkey.key_id:
                raise KeyKnown(one)
            if one.name == name and not one.revoked:
                raise NameTaken(name)
        who = desk.who(book)
        if "admin" not in who.rights:
            raise NotAdmin(who, [one.name for one in everyone if "admin" in one.rights and not one.revoked])
        member = record.Member(new_id(desk.clock), new_salt(), fit(name), str(vkey), rights)
        return _post(desk, book, member)


def _fitting(book: BookFile, key: str) -> Vkey:
    name = origin(book.id)
    try:
        vkey = Vkey.parse(key.strip())
    except FormFault:
        raise KeyUnfit(key, name) from None
    if vkey.name != name or vkey.type != ED25519 or not ed25519.is_sound_point(vkey.public):
        raise KeyUnfit(key, name)
    return vkey


def _post(desk: Desk, book: BookFile, stated: record.Member) -> MemberAdded:
    """Make a batch of one record, sign it and commit it."""
    member, signer = desk.signer(book)
    try:
        batch, seal = signed_batch(desk, book.id, base_of(book), (member.id, signer), [stated])
        committed = commits.commit(book, batch, seal, command=desk.command)
    except FormFault as fault:
        raise LawBreached(fault) from None
    head_signed = keep_new_checkpoint(book, signer)
    header = committed.block.header
    head = Head(header.number, committed.block.hash, header.committed_at)
    added = MemberRow(stated.id, stated.name, stated.key, stated.rights, revoked=False)
    return MemberAdded(added, head, (*committed.findings, *head_signed.findings), head_signed.waits)
