"""`member list|add|revoke`: who may sign in a book. A clone has its own key, and posts once it was added."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from cloudbooks.books.at_once import post_at_once
from cloudbooks.books.desk import Desk, named_member
from cloudbooks.books.fitting import fit_name
from cloudbooks.books.keys_here import WaitingKey, waiting_keys
from cloudbooks.chain import ed25519, record
from cloudbooks.chain.canonical import FormFault
from cloudbooks.chain.checkpoint import origin
from cloudbooks.chain.note import ED25519, Vkey
from cloudbooks.errors import Finding, Refusal, Sentence, UsageError, joined, sentence
from cloudbooks.store import reading
from cloudbooks.store.book_file import BookFile, Head
from cloudbooks.store.reading import MemberRow
from cloudbooks.system import keyfile
from cloudbooks.system.chance import new_id, new_salt

RIGHTS: tuple[record.Right, ...] = ("admin", "approve", "close", "post")

_DIGEST = re.compile(r"s256:[0-9a-f]{64}", re.ASCII)


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

    def __init__(self, member: MemberRow, *, given_up: bool = False) -> None:
        message = sentence("{member} has this key already.", member=member.name)
        if given_up:
            message = sentence("{member} had this key, and gave it up; nobody takes it again.", member=member.name)
        super().__init__(message, hint=sentence("cloudbooks member list"))


class NameTaken(Refusal):
    """Another member has this name."""

    code = "member-name-taken"

    def __init__(self, name: str) -> None:
        super().__init__(
            sentence('a member is called "{name}" already.', name=name), hint=sentence("cloudbooks member list")
        )


class NextKeyUnfit(UsageError):
    """What is to be the digest of the next key is none."""

    code = "next-key-unfit"

    def __init__(self, text: str) -> None:
        super().__init__(
            sentence('"{text}" is no digest of a key: that is s256: and 64 hex digits.', text=text),
            hint=sentence("cloudbooks init NAME --from URL prints it where the copy was made"),
        )


class RevokesItself(Refusal):
    """A member cannot revoke itself: nobody would be left to sign the head after it."""

    code = "revokes-itself"

    def __init__(self, member: MemberRow) -> None:
        super().__init__(
            sentence("{member} works here, and nobody revokes the own key.", member=member.name),
            hint=sentence("another admin does, or: cloudbooks member rotate"),
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


def keys_not_added(desk: Desk) -> tuple[WaitingKey, ...]:
    """Keys of this machine that were made for this book and are no member's: an admin has yet to add them."""
    with desk.open() as book:
        return waiting_keys(book, desk.state)


def rights_of(text: str) -> tuple[record.Right, ...]:
    """The rights that a text such as `post,approve` names, in the order of the format; raises `RightUnknown`."""
    words = {word.strip() for word in text.split(",") if word.strip()}
    for word in sorted(words):
        if word not in RIGHTS:
            raise RightUnknown(word)
    if not words:
        raise RightUnknown(text)
    return tuple(right for right in RIGHTS if right in words)


def add_member(desk: Desk, name: str, key: str, rights: tuple[record.Right, ...], next_key: str = "") -> MemberAdded:
    """State a member with a key that was made elsewhere, in a batch of its own, signed by an admin.

    `next_key` is the digest of the key that is to follow (`s256:…`), with which the member can replace it alone. Raises
    `KeyUnfit`, `KeyKnown`, `NameEmpty`, `NameTaken`, `NotAdmin`, `NextKeyUnfit`, or what the store refuses.
    """
    with desk.open() as book:
        vkey = fitting_key(book, key)
        require_promise(next_key)
        name = _new_name(book, name)
        require_admin(book, desk.who(book))
        member = record.Member(new_id(desk.clock), new_salt(), name, str(vkey), rights, next_key)
        return _stated(desk, book, member, sentence("member add {name}", name=name), "member add")


def add_member_here(desk: Desk, name: str, rights: tuple[record.Right, ...], passphrase: bytes | None) -> MemberAdded:
    """State a member whose keys are made on this machine: several people work at one desk.

    Raises `NameEmpty`, `NameTaken`, `NotAdmin`, or what the store refuses; then no key is left behind.
    """
    with desk.open() as book:
        name = _new_name(book, name)
        require_admin(book, desk.who(book))
        member_id, next_id = new_id(desk.clock), new_id(desk.clock)
        try:
            vkey = keyfile.create(desk.state, book.id, member_id, passphrase).vkey
            promised = keyfile.promise(keyfile.create(desk.state, book.id, next_id, passphrase, follows=vkey).vkey)
            member = record.Member(member_id, new_salt(), name, str(vkey), rights, promised)
            return _stated(desk, book, member, sentence("member add {name}", name=name), "member add")
        except BaseException:
            if all(one.id != member_id for one in reading.members(book)):
                for key in (member_id, next_id):
                    keyfile.forget(desk.state, book.id, key)
            raise


def revoke_member(desk: Desk, word: str) -> MemberAdded:
    """State that a member signs nothing more, in a batch of its own, signed by an admin; what was signed stands.

    Raises `MemberUnknown`, `MemberRevoked`, `NotAdmin`, `RevokesItself`, or what the store refuses.
    """
    with desk.open() as book:
        who = desk.who(book)
        member = named_member(book, word)
        require_admin(book, who)
        if member.id == who.id:
            raise RevokesItself(member)
        stated = restated(member, revoked=True)
        return _stated(desk, book, stated, sentence("member revoke {name}", name=member.name), "member revoke")


def restated(member: MemberRow, *, key: str = "", next_key: str = "", revoked: bool = False) -> record.Member:
    """The record that states a member again, under a fresh salt, with another key if one is given."""
    rights = tuple(right for right in RIGHTS if right in member.rights)
    promised = next_key if key else member.next_key
    return record.Member(member.id, new_salt(), member.name, key or member.key, rights, promised, revoked)


def _stated(desk: Desk, book: BookFile, member: record.Member, summary: Sentence, verb: str) -> MemberAdded:
    done = post_at_once(desk, book, desk.signer(book), [member], verb=verb, summary=summary)
    row = MemberRow(member.id, member.name, member.key, member.rights, member.revoked, member.next_key)
    return MemberAdded(row, done.head, done.findings, done.waits)


def _new_name(book: BookFile, text: str) -> str:
    """The name as the chain takes it, which is nobody's who stands; raises `NameEmpty`, `NameTaken`."""
    name = fit_name(sentence("the name of the member"), text)
    if any(one.name == name and not one.revoked for one in reading.members(book)):
        raise NameTaken(name)
    return name


def require_promise(next_key: str) -> None:
    """Refuse what is no digest of a next key; raises `NextKeyUnfit`."""
    if next_key and not _DIGEST.fullmatch(next_key):
        raise NextKeyUnfit(next_key)


def require_admin(book: BookFile, who: MemberRow) -> None:
    """Refuse a member without the right `admin`; raises `NotAdmin`."""
    if "admin" not in who.rights:
        raise NotAdmin(who, [one.name for one in reading.members(book) if "admin" in one.rights and not one.revoked])


def fitting_key(book: BookFile, key: str) -> Vkey:
    """The verifier key of this text, if it may be a member's; raises `KeyUnfit`, `KeyKnown`."""
    name = origin(book.id)
    try:
        vkey = Vkey.parse(key.strip())
    except FormFault:
        raise KeyUnfit(key, name) from None
    if vkey.name != name or vkey.type != ED25519 or not ed25519.is_sound_point(vkey.public):
        raise KeyUnfit(key, name)
    holder = reading.key_holder(book, vkey.key_id)
    if holder is not None:
        raise KeyKnown(holder, given_up=Vkey.parse(holder.key).key_id != vkey.key_id)
    return vkey
