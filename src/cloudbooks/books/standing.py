"""How drafts stand: who made and who approved them, and what is in the way of one that lacks nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cloudbooks.books.desk import Desk
from cloudbooks.books.duties import Duties
from cloudbooks.books.planning import too_late
from cloudbooks.core.draft import Draft, DraftState
from cloudbooks.core.period import Month
from cloudbooks.errors import Sentence, sentence
from cloudbooks.store import reading

_READY = (DraftState.READY, DraftState.WAITING)


@dataclass(frozen=True, slots=True)
class Approved:
    """Who approved a draft, when (UTC), and whether the approval counts still."""

    name: str
    at: str
    stands: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """How a draft stands: its maker's name (empty where duties are not separated), and its approvals.

    `obstacle` says why it cannot be posted although it lacks nothing, `remedy` is the command against that; both are
    `None` where nothing is in the way.
    """

    maker: str = ""
    approvals: tuple[Approved, ...] = ()
    obstacle: Sentence | None = None
    remedy: Sentence | None = None


def standings(desk: Desk, drafts: Sequence[Draft]) -> dict[int, Standing]:
    """How some drafts stand, by their numbers."""
    with desk.open() as book:
        duties, closed = Duties.of(book, None), reading.closed_through(book)
        return {draft.number: _standing(draft, duties, closed) for draft in drafts}


def _standing(draft: Draft, duties: Duties, closed: int | None) -> Standing:
    valid = duties.standing(draft)
    names = {id_: one.name for id_, one in duties.members.items()}
    approvals = tuple(Approved(names.get(one.by, one.by), one.at, one in valid) for one in draft.approvals)
    maker = names.get(draft.made_by, draft.made_by) if duties.separated else ""
    unapproved = duties.lacking(draft) if draft.state in _READY else None
    if unapproved is not None:
        return Standing(maker, approvals, unapproved, duties.remedy(draft))
    late = too_late(draft, closed)
    if late is None or closed is None:
        return Standing(maker, approvals)
    day = Month.from_key(closed).shifted(1).first.isoformat()
    remedy = sentence("cloudbooks draft edit {name} --date {day}", name=draft.name, day=day)
    return Standing(maker, approvals, late, remedy)
