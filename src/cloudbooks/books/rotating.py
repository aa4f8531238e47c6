"""`member rotate`: another key for a member, promised beforehand or given by an admin."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cloudbooks.books.at_once import post_at_once
from cloudbooks.books.desk import Desk, named_member
from cloudbooks.books.membership import MemberAdded, fitting_key, require_admin, require_promise, restated
from cloudbooks.chain.canonical import s256
from cloudbooks.chain.note import Signer
from cloudbooks.errors import Refusal, sentence
from cloudbooks.store import reading
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.reading import MemberRow
from cloudbooks.system import keyfile
from cloudbooks.system.chance import new_id


class NextKeyMissing(Refusal):
    """The key that was promised as the next one is not on this machine, and the member has no right to take another."""

    code = "next-key-missing"

    def __init__(self, member: MemberRow) -> None:
        message = sentence("the key that {member} promised as the next one is not on this machine.", member=member.name)
        if not member.next_key:
            message = sentence("{member} has promised no next key.", member=member.name)
        super().__init__(
            message,
            hint=sentence(
                'copy its file into the keys folder, or an admin gives a new one: cloudbooks member rotate "{member}"'
                " --key VKEY",
                member=member.name,
            ),
        )


@dataclass(frozen=True, slots=True)
class Rotated:
    """A member with another key: `promised` says that it was the one announced before."""

    done: MemberAdded
    promised: bool


def rotate(desk: Desk, passphrase: Callable[[], bytes | None]) -> Rotated:
    """Replace the key of the member who works here by the one promised, and promise another.

    An admin whose promised key is not here takes a new one. `passphrase` wraps the keys that are made, plain for
    `None`. Raises `NextKeyMissing`, `MemberUnknown`, and what the store refuses; then no new key is left behind.
    """
    with desk.open() as book:
        member, signer = desk.signer(book)
        held = {s256(key.encode()): named for key, named in keyfile.held(desk.state, book.id).items()}
        named = held.get(member.next_key, "") if member.next_key else ""
        if not named and "admin" not in member.rights:
            raise NextKeyMissing(member)
        wrapped = passphrase()
        made: list[str] = []
        try:
            if named:
                following = keyfile.load(desk.state, book.id, named, desk.passphrase)
            else:
                following = _made(desk, book, wrapped, made, signer)
            promised = keyfile.promise(_made(desk, book, wrapped, made, following).vkey)
            return Rotated(_stated(desk, book, (member, signer), following, promised), promised=bool(named))
        except BaseException:
            if any(one.id == member.id and one.key == member.key for one in reading.members(book)):
                for key in made:
                    keyfile.forget(desk.state, book.id, key)
            raise


def _made(desk: Desk, book: BookFile, passphrase: bytes | None, made: list[str], before: Signer) -> Signer:
    made.append(new_id(desk.clock))
    return keyfile.create(desk.state, book.id, made[-1], passphrase, follows=before.vkey)


def _stated(desk: Desk, book: BookFile, by: tuple[MemberRow, Signer], following: Signer, promised: str) -> MemberAdded:
    member, _ = by
    stated = restated(member, key=str(following.vkey), next_key=promised)
    summary = sentence("member rotate {name}", name=member.name)
    done = post_at_once(desk, book, by, [stated], verb="member rotate", summary=summary, then_signs=following)
    row = MemberRow(stated.id, stated.name, stated.key, stated.rights, stated.revoked, promised)
    return MemberAdded(row, done.head, done.findings, done.waits)


def give_key(desk: Desk, word: str, key: str, next_key: str = "") -> Rotated:
    """Give another member a key that was made where that member works: the old one was lost. An admin signs.

    Raises `MemberUnknown`, `KeyUnfit`, `KeyKnown`, `NextKeyUnfit`, `NotAdmin`, and what the store refuses.
    """
    with desk.open() as book:
        require_admin(book, desk.who(book))
        require_promise(next_key)
        member = named_member(book, word)
        stated = restated(member, key=str(fitting_key(book, key)), next_key=next_key)
        summary = sentence("member rotate {name}", name=member.name)
        done = post_at_once(desk, book, desk.signer(book), [stated], verb="member rotate", summary=summary)
        row = MemberRow(stated.id, stated.name, stated.key, stated.rights, stated.revoked, stated.next_key)
        return Rotated(MemberAdded(row, done.head, done.findings, done.waits), promised=False)
