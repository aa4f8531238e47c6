"""`draft approve` and `draft return`: a member looks at what another made, signs the entry, or sends it back."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import replace

from cloudbooks.books.at_once import require_right
from cloudbooks.books.desk import Desk
from cloudbooks.books.duties import Duties
from cloudbooks.books.fitting import fit_name
from cloudbooks.books.next_batch import all_commodities, valuation
from cloudbooks.books.planning import DraftNotReady
from cloudbooks.books.recording import entry_record
from cloudbooks.chain.approving import approval_text
from cloudbooks.chain.note import Signer
from cloudbooks.core.draft import Draft, DraftApproval, DraftState
from cloudbooks.errors import Refusal, joined, sentence
from cloudbooks.store import reading, working
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.reading import MemberRow
from cloudbooks.store.unit import operation
from cloudbooks.system.chance import new_id
from cloudbooks.system.clock import instant


class ApprovesItself(Refusal):
    """Whoever made an entry does not approve it."""

    code = "approval-self"

    def __init__(self, draft: Draft, member: MemberRow, others: Sequence[str]) -> None:
        super().__init__(
            sentence(
                "{name} was made by {member}; another member approves it: {others}.",
                name=draft.name,
                member=member.name,
                others=joined(others),
            )
            if others
            else sentence(
                "{name} was made by {member}, and no other member may approve.", name=draft.name, member=member.name
            ),
            hint=sentence('add --as "{name}" where the key of {name} is', name=others[0])
            if others
            else sentence("cloudbooks member add NAME --rights approve --key VKEY, or --here"),
        )


class ApprovedBefore(Refusal):
    """A member has approved a draft already."""

    code = "approved-before"

    def __init__(self, draft: Draft, member: MemberRow) -> None:
        super().__init__(
            sentence("{member} has approved {name} already.", member=member.name, name=draft.name),
            hint=sentence("cloudbooks draft show {name}", name=draft.name),
        )


def approve(desk: Desk, numbers: Sequence[int]) -> tuple[Draft, ...]:
    """Sign the entries that drafts are to become; whatever is changed in one afterwards takes its approval away.

    Raises `RightMissing`, `ApprovesItself`, `ApprovedBefore`, `DraftNotReady`, and what a draft lacks.
    """
    with desk.open() as book:
        member, signer = desk.signer(book)
        require_right(book, member, "approve")
        approved = [_approved(desk, book, working.draft(book, number), (member, signer)) for number in numbers]
        names = joined([draft.name for draft in approved])
        with operation(
            book, verb="draft approve", summary=sentence("approve {names}", names=names), by=member.id
        ) as unit:
            return tuple(unit.keep_drafts(approved))


def _approved(desk: Desk, book: BookFile, draft: Draft, by: tuple[MemberRow, Signer]) -> Draft:
    member, signer = by
    prices = valuation(book)
    draft = prices.valued(draft)
    if draft.lacks(prices.base, prices.base_scale):
        raise draft.refusal(prices.base, prices.base_scale)
    if draft.state not in (DraftState.READY, DraftState.WAITING):
        raise DraftNotReady(draft, sentence("it is to be accepted before it is approved."),
                            sentence("cloudbooks draft accept {name}", name=draft.name))  # fmt: skip
    if draft.made_by == member.id:
        others = [one.name for one in reading.members(book)
                  if "approve" in one.rights and not one.revoked and one.id != member.id]  # fmt: skip
        raise ApprovesItself(draft, member, others)
    standing = Duties.of(book, None).standing(draft)
    if any(one.by == member.id for one in standing):
        raise ApprovedBefore(draft, member)
    entry_id = draft.entry_id or new_id(desk.clock)
    scales = {code: commodity.scale for code, commodity in all_commodities(book).items()}
    entry = entry_record(draft.entry(prices.base, prices.base_scale), entry_id, scales)
    at = instant(desk.clock.now())
    signature = b64encode(signer.sign(approval_text(book.id, entry, at))).decode()
    approvals = (*standing, DraftApproval(member.id, at, signature, member.key))
    return replace(draft, state=DraftState.READY, entry_id=entry_id,
                   approvals=tuple(sorted(approvals, key=lambda one: one.by)))  # fmt: skip


def send_back(desk: Desk, numbers: Sequence[int], reason: str) -> tuple[Draft, ...]:
    """Return drafts to whoever made them, with the reason; an approval that one had is gone."""
    with desk.open() as book:
        why = fit_name(sentence("the reason"), reason)
        facts = reading.facts(book)
        by = desk.who(book)
        if facts.separate_duties:
            require_right(book, by, "approve")
        returned = [
            replace(
                working.draft(book, number),
                state=DraftState.RETURNED,
                sure=False,
                reason=why,
                approvals=(),
                entry_id="",
            ).judged(facts.base, facts.base_scale)
            for number in numbers
        ]
        names = joined([draft.name for draft in returned])
        summary = sentence("return {names}: {reason}", names=names, reason=why)
        with operation(book, verb="draft return", summary=summary, by=by.id) as unit:
            return tuple(unit.keep_drafts(returned))
