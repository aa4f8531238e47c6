"""Separated duties: who made an entry, who approves it and who posts it (FORMAT.md section 2.1, law 5)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cloudbooks.core.draft import Draft
from cloudbooks.errors import Sentence, sentence
from cloudbooks.store import reading
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.reading import MemberRow


@dataclass(frozen=True, slots=True)
class Duties:
    """Whether a book separates duties, who may approve in it (ids), and who posts (an id, empty for nobody known)."""

    separated: bool
    approvers: frozenset[str]
    author: str

    @classmethod
    def of(cls, book: BookFile, author: MemberRow | None) -> Duties:
        """Those of a book, for a post by a member."""
        able = (one.id for one in reading.members(book) if "approve" in one.rights and not one.revoked)
        return cls(reading.facts(book).separate_duties, frozenset(able), author.id if author else "")

    def lacking(self, draft: Draft) -> Sentence | None:
        """Why a draft may not be posted yet: nobody approved it who neither made it nor posts it. Else `None`."""
        if not self.separated:
            return None
        maker = draft.made_by or self.author
        if any(one.by in self.approvers and one.by not in (maker, self.author) for one in draft.approvals):
            return None
        if draft.approvals:
            return sentence("whoever approved it made it, posts it, or may not approve any more.")
        return sentence("it waits for approval: cloudbooks draft approve {name}", name=draft.name)


def changed_by(book: BookFile, draft: Draft, member: str) -> Draft:
    """Where duties are separated, whoever changes a draft has made it, and cannot approve it."""
    return replace(draft, made_by=member) if reading.facts(book).separate_duties else draft
