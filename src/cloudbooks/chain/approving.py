"""Approvals: members' signatures over an entry as it is before it is approved (FORMAT.md section 2)."""

from __future__ import annotations

import msgspec

from cloudbooks.chain import ed25519
from cloudbooks.chain.canonical import b3, encode_lines
from cloudbooks.chain.law import LawBroken
from cloudbooks.chain.note import Vkey, base64_strictly
from cloudbooks.chain.record import Approval, Entry, Member
from cloudbooks.chain.state import State
from cloudbooks.errors import sentence


def approval_text(book: str, entry: Entry, at: str) -> bytes:
    """What a member signs to approve an entry at the instant `at`; approvals that it has already are left out.

    The entry's strings are taken as they are: one that is to be posted has them in NFC.
    """
    bare = b3(encode_lines([msgspec.structs.replace(entry, approvals=())]))
    return f"cloudbooks/approval/v1\n{book}\n{bare}\n{at}\n".encode()


def is_approval(book: str, entry: Entry, key: str, at: str, signature: str) -> bool:
    """Whether a signature approves an entry at the instant `at`, by a member's key."""
    text = approval_text(book, entry, at)
    return ed25519.verifies(Vkey.parse(key).public, base64_strictly(signature) or b"", text)


def require_approvals(state: State, author: Member, entry: Entry) -> None:
    """Refuse an entry with an approval that does not verify, or without the one that separated duties demand.

    Raises `LawBroken` (`law.reference`, `law.rights`, `signature`).
    """
    satisfied = False
    for approval in entry.approvals:
        member = state.members.get(approval.by)
        if member is None or (member.revoked and not entry.reverses):
            raise LawBroken("law.reference", sentence('An approval is by "{id}", who is no member.', id=approval.by))
        _verify(state, member, entry, approval)
        apart = approval.by not in (entry.made_by, author.id)
        satisfied = satisfied or (apart and not member.revoked and "approve" in member.rights)
    assert state.book
    if state.book.separate_duties and not satisfied:
        raise LawBroken(
            "law.rights",
            sentence("It has no approval by a member who neither made it nor posts it."),
        )


def _verify(state: State, member: Member, entry: Entry, approval: Approval) -> None:
    assert state.book
    if not is_approval(state.book.id, entry, member.key, approval.at, approval.signature):
        raise LawBroken("signature", sentence("The approval by {name} does not verify.", name=member.name))
