"""Separated duties: who made an entry, who approves it and who posts it (FORMAT.md section 2.1, law 5)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cloudbooks.core.draft import Draft, DraftApproval
from cloudbooks.errors import Sentence, sentence
from cloudbooks.store import reading
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.reading import MemberRow


class Approvals:
    """Which approvals of drafts stand in a book now: those by members who stand, given with the keys that they have."""

    def __init__(self, book: BookFile) -> None:
        self._book = book
        self._keys = {one.id: one.key for one in reading.members(book) if not one.revoked}
        self._others = reading.members_with_other_keys(book)

    def standing(self, draft: Draft) -> tuple[DraftApproval, ...]:
        """Those of a draft that has its values; of one that lacks anything, all, since it is not posted as it is."""
        return tuple(one for one in draft.approvals if one.by in self._keys and self._is_by_key(draft, one))

    def _is_by_key(self, draft: Draft, approval: DraftApproval) -> bool:
        if approval.by not in self._others:
            return True
        from cloudbooks.books.next_batch import all_commodities  # noqa: PLC0415 - only after a key was replaced
        from cloudbooks.books.recording import entry_record  # noqa: PLC0415 - the same
        from cloudbooks.chain.approving import is_approval  # noqa: PLC0415 - the same

        facts = reading.facts(self._book)
        if draft.lacks(facts.base, facts.base_scale):
            return True
        scales = {code: commodity.scale for code, commodity in all_commodities(self._book).items()}
        entry = entry_record(draft.entry(facts.base, facts.base_scale), draft.entry_id, scales)
        return is_approval(facts.id, entry, self._keys[approval.by], approval.at, approval.signature)


@dataclass(frozen=True, slots=True)
class Duties:
    """Whether a book separates duties, who may approve in it (ids), and who posts (an id, empty for nobody known)."""

    separated: bool
    approvers: frozenset[str]
    author: str
    approvals: Approvals

    @classmethod
    def of(cls, book: BookFile, author: MemberRow | None) -> Duties:
        """Those of a book, for a post by a member."""
        able = (one.id for one in reading.members(book) if "approve" in one.rights and not one.revoked)
        return cls(reading.facts(book).separate_duties, frozenset(able), author.id if author else "", Approvals(book))

    def lacking(self, draft: Draft) -> Sentence | None:
        """Why a draft may not be posted yet: nobody approved it who neither made it nor posts it. Else `None`.

        Whether duties are separated or not, an approval that stands no more would make the batch a broken one. The
        draft has its values.
        """
        if self.approvals.standing(draft) != draft.approvals:
            return sentence(
                "an approval of it ended, since that member was revoked or took another key:"
                " cloudbooks draft approve {name}",
                name=draft.name,
            )
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
