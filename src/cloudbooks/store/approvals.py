"""Drafts as a book that separates duties keeps them: no way of keeping one goes around it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from cloudbooks.core.draft import Draft, DraftState
from cloudbooks.store.draft_text import draft_of
from cloudbooks.store.working_rows import DRAFT, read_one

if TYPE_CHECKING:
    from cloudbooks.store.sqlite import Connection


def judged(connection: Connection, drafts: Iterable[Draft]) -> list[Draft]:
    """Drafts with their approvals dropped where the entry changed, and waiting where another member must approve.

    A draft that is approved, or is in a book that does not separate duties, waits for nobody.
    """
    row = connection.execute("SELECT separate_duties FROM book").fetchone()
    separated = bool(row and row[0])
    return [_judged(connection, draft, separated=separated) for draft in drafts]


def _judged(connection: Connection, draft: Draft, *, separated: bool) -> Draft:
    if draft.approvals and _changed(connection, draft):
        draft = replace(draft, approvals=(), entry_id="")
    if draft.state is DraftState.READY and separated and not draft.approvals:
        return replace(draft, state=DraftState.WAITING)
    if draft.state is DraftState.WAITING and (draft.approvals or not separated):
        return replace(draft, state=DraftState.READY)
    return draft


def _changed(connection: Connection, draft: Draft) -> bool:
    """Whether the entry is another than the one that was approved; an approval given just now is of this one."""
    row = read_one(connection, DRAFT, draft.number) if draft.number else None
    if row is None:
        return True
    before = draft_of(row)
    return before.approvals == draft.approvals and not before.same_entry(draft)
