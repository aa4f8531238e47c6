"""The desk: which book is worked on, by whom, and where this machine keeps its state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from cloudbooks.errors import Noticed, Refusal, joined, sentence
from cloudbooks.system.clock import Clock

if TYPE_CHECKING:
    from cloudbooks.chain.note import Signer
    from cloudbooks.store.book_file import BookFile
    from cloudbooks.store.reading import MemberRow


_MEMBERS = sentence("cloudbooks member list shows the members and the keys that are here")


class MemberUnknown(Refusal):
    """Nobody in the book has the name or id that was given, or nobody's key is on this machine."""

    code = "member-unknown"

    def __init__(self, word: str, names: tuple[str, ...]) -> None:
        message = sentence('no member is called "{word}"; the book knows {names}.', word=word, names=joined(names))
        super().__init__(message, hint=_MEMBERS)


class NoMemberHere(Refusal):
    """No member was named, and nobody's key is on this machine, or the key there is no member's yet."""

    code = "member-unknown"

    def __init__(self, names: tuple[str, ...], *, waits: bool) -> None:
        message = sentence("no member's key is on this machine; the book knows {names}.", names=joined(names))
        if waits:
            message = sentence(
                "the key on this machine is no member's yet; the book knows {names}.", names=joined(names)
            )
        super().__init__(message, hint=_MEMBERS)


class MemberRevoked(Refusal):
    """The member who was named, or whose key alone is on this machine, is revoked, and signs nothing more."""

    code = "member-revoked"

    def __init__(self, name: str, names: tuple[str, ...]) -> None:
        message = sentence('"{word}" is revoked and signs nothing more; the book knows {names}.', word=name,
                           names=joined(names))  # fmt: skip
        super().__init__(message, hint=_MEMBERS)


class KeyReplaced(Refusal):
    """Of a member's keys only one is on this machine that was replaced by another, and signs nothing more."""

    code = "key-replaced"

    def __init__(self, member: MemberRow, folder: Path) -> None:
        super().__init__(
            sentence("the key of {name} on this machine was replaced by another, which is not here.", name=member.name),
            hint=sentence(
                'copy its file into {folder}, or an admin gives another: cloudbooks member rotate "{name}" --key VKEY',
                folder=str(folder),
                name=member.name,
            ),
        )


class MemberAmbiguous(Refusal):
    """Keys of several members are on this machine, and none was named."""

    code = "member-ambiguous"

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(
            sentence("keys of {n} members are on this machine: {names}.", n=len(names), names=joined(names)),
            hint=sentence('add --as "{name}"', name=names[0]),
        )


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything an operation needs to know about its surroundings.

    `state` is this machine's state folder (receipts, keys), `passphrase` is asked only when a key is wrapped,
    `member` is the name or id given with `--as`, `key` the idempotency key, and `claim` what the
    act itself keeps under it. `writes` says that the command changes the
    book, so that what bars writing is raised before anything else is looked at; `noticed` gathers what opening told.
    `policy` is the file that says whom this desk trusts where a command is given no other.
    """

    book: Path
    state: Path
    clock: Clock
    command: str
    passphrase: Callable[[], bytes]
    member: str = ""
    key: str = ""
    claim: str = ""
    writes: bool = False
    noticed: Noticed = field(default_factory=Noticed)
    policy: Path | None = None

    @property
    def today(self) -> date:
        """The local calendar day."""
        return self.clock.now().astimezone().date()

    def open(self) -> BookFile:
        """The book, opened as RELIABILITY.md section 3 says; use it as a context manager.

        Raises what bars writing where this desk `writes`: a `ChainFault`, or that an earlier program made the book.
        """
        from cloudbooks.store.book_file import Claim  # noqa: PLC0415 - loaded when a book is opened
        from cloudbooks.store.opening_book import open_book  # noqa: PLC0415 - loaded when a book is opened

        book = open_book(self.book, state=self.state, clock=self.clock, command=self.command)
        if book.stopped is not None:
            _point_to_peer(book)
        if self.writes and (bars := book.barred or book.older) is not None:
            book.close()
            raise bars
        self.noticed.add(book.faults, book.stopped, book.path.name)
        if self.key and self.claim:
            book.claim = Claim(self.key, self.claim)
        return book

    def signer(self, book: BookFile) -> tuple[MemberRow, Signer]:
        """The member who works here, and their key; raises what `who` does, and `KeyReplaced`."""
        from cloudbooks.system import keyfile  # noqa: PLC0415 - cryptography is loaded only to sign

        member = self.who(book)
        # A key that was replaced may lie beside it, under the member's own name: the key that signs now is looked for.
        held = keyfile.held(self.state, book.id)
        if member.key not in held and member.id in held.values():
            raise KeyReplaced(member, keyfile.path_of(self.state, book.id, member.id).parent)
        return member, keyfile.load(self.state, book.id, held.get(member.key, member.id), self.passphrase)

    def who(self, book: BookFile) -> MemberRow:
        """The member who works here: named with `--as`, or the only one whose key is on this machine.

        Raises `MemberUnknown`, `MemberRevoked`, `NoMemberHere` or `MemberAmbiguous`.
        """
        from cloudbooks.store import reading  # noqa: PLC0415 - keeps the desk light
        from cloudbooks.system import keyfile  # noqa: PLC0415 - cryptography is loaded only to sign

        if self.member:
            return named_member(book, self.member)
        members = reading.members(book)
        everyone = [member for member in members if not member.revoked]
        names = tuple(member.name for member in everyone)
        held = keyfile.held(self.state, book.id)
        here = [member for member in everyone if member.key in held]
        if not here:
            # A file that cannot be read is named when it is to be used.
            here = [member for member in everyone if keyfile.exists(self.state, book.id, member.id)]
        if not here:
            from cloudbooks.books.keys_here import waiting_keys  # noqa: PLC0415 - only to say what is missing

            waits = bool(waiting_keys(book, self.state))
            gone = [member.name for member in members if member.revoked and member.key in held]
            raise MemberRevoked(gone[0], names) if gone and not waits else NoMemberHere(names, waits=waits)
        if len(here) > 1:
            raise MemberAmbiguous(tuple(member.name for member in here))
        return here[0]


def named_member(book: BookFile, word: str) -> MemberRow:
    """The member of this name or id who stands; raises `MemberUnknown` or `MemberRevoked`."""
    from cloudbooks.store import reading  # noqa: PLC0415 - keeps the desk light

    fit = [member for member in reading.members(book) if word in (member.name, member.id)]
    found = next((member for member in fit if not member.revoked), None)
    if found is None:
        names = tuple(member.name for member in reading.members(book) if not member.revoked)
        raise MemberRevoked(fit[0].name, names) if fit else MemberUnknown(word, names)
    return found


def _point_to_peer(book: BookFile) -> None:
    """Where a book is behind its receipt and a peer may have what is missing, the way back is to fetch it there."""
    from cloudbooks.books.known_peers import peers_of  # noqa: PLC0415 - only where a book is stopped
    from cloudbooks.store.trusting import BookBehind  # noqa: PLC0415 - the same

    if isinstance(book.stopped, BookBehind) and (peers := peers_of(book)):
        book.stopped.hint = sentence("cloudbooks sync fetches it from {peer}", peer=peers[0].name)
