"""Separated duties: who made an entry, who approves it and who posts it (FORMAT.md section 2.1, law 5)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cloudbooks.core.draft import Draft, DraftApproval
from cloudbooks.errors import Sentence, joined, sentence
from cloudbooks.store import reading
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.reading import MemberRow


@dataclass(frozen=True, slots=True)
class Duties:
    """Whether a book separates duties, its members by id, and who posts (an id, empty for nobody known)."""

    separated: bool
    members: dict[str, MemberRow]
    author: str

    @classmethod
    def of(cls, book: BookFile, author: MemberRow | None) -> Duties:
        """Those of a book, for a post by a member."""
        members = {one.id: one for one in reading.members(book)}
        return cls(reading.facts(book).separate_duties, members, author.id if author else "")

    def standing(self, draft: Draft) -> tuple[DraftApproval, ...]:
        """The approvals whose members may still give them, under the keys that they sign with now."""
        return tuple(one for one in draft.approvals if self._stands(one))

    def _stands(self, approval: DraftApproval) -> bool:
        member = self.members.get(approval.by)
        return member is not None and _may_approve(member) and approval.key in ("", member.key)

    def lacking(self, draft: Draft) -> Sentence | None:
        """Why a draft may not be posted yet: nobody approved it who neither made it nor posts it. Else `None`."""
        if not self.separated or any(one.by not in (self._maker(draft), self.author) for one in self.standing(draft)):
            return None
        if draft.approvals:
            return self._void(draft.approvals[0])
        others = self._others(draft)
        if not others:
            return sentence("it waits for approval, and no other member may approve.")
        return sentence("it waits for approval by {names}.", names=joined([one.name for one in others]))

    def _void(self, approval: DraftApproval) -> Sentence:
        """Why an approval does not count."""
        member = self.members.get(approval.by)
        name = approval.by if member is None else member.name
        if member is None or not _may_approve(member):
            return sentence("{name} approved it, and may not approve any more.", name=name)
        if not self._stands(approval):
            return sentence("{name} approved it with a key that was replaced since.", name=name)
        if approval.by == self.author:
            return sentence("{name} approved it, and whoever approves does not post.", name=name)
        return sentence("{name} approved it, and whoever makes an entry does not approve it.", name=name)

    def remedy(self, draft: Draft) -> Sentence:
        """The command after which nothing is lacking."""
        own = any(one.by == self.author for one in self.standing(draft))
        posters = [one for one in self.members.values() if _may(one, "post") and one.id != self.author]
        if own and posters:
            poster = next((one for one in posters if one.id == draft.made_by), posters[0])
            return sentence('cloudbooks post {draft} --as "{name}"', draft=draft.name, name=poster.name)
        others = self._others(draft)
        if not others:
            return sentence("cloudbooks member add NAME --rights approve --key VKEY, or --here")
        return sentence('cloudbooks draft approve {draft} --as "{name}"', draft=draft.name, name=others[0].name)

    def _maker(self, draft: Draft) -> str:
        return draft.made_by or self.author

    def _others(self, draft: Draft) -> list[MemberRow]:
        apart = (self._maker(draft), self.author)
        return [one for one in self.members.values() if _may_approve(one) and one.id not in apart]


def _may(member: MemberRow, right: str) -> bool:
    return right in member.rights and not member.revoked


def _may_approve(member: MemberRow) -> bool:
    return _may(member, "approve")


def changed_by(book: BookFile, draft: Draft, member: str) -> Draft:
    """Where duties are separated, whoever changes a draft has made it, and cannot approve it."""
    return replace(draft, made_by=member) if reading.facts(book).separate_duties else draft
