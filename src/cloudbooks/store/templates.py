"""Entry templates: drafts without a day, each kept as a setting of the book under its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudbooks.core.draft import Draft, DraftState
from cloudbooks.store import working
from cloudbooks.store.draft_text import draft_of, draft_row
from cloudbooks.store.row_text import plain

if TYPE_CHECKING:
    from cloudbooks.store.book_file import BookFile
    from cloudbooks.store.unit import Unit

_SETTING = "template."


def templates(book: BookFile) -> dict[str, Draft]:
    """All templates of a book by name, each as a draft without number and day. Raises `WorkingRowDamaged`."""
    return {
        key.removeprefix(_SETTING): draft_of((0, DraftState.INCOMPLETE.value, 0, 0, "", value))
        for key, value in working.settings(book).items()
        if key.startswith(_SETTING)
    }


def put_template(unit: Unit, name: str, draft: Draft) -> None:
    """Keep a template under a name, in the place of one that had it, as part of an operation."""
    unit.put_setting(_SETTING + name, str(draft_row(draft, plain)[-1]))


def drop_template(unit: Unit, name: str) -> None:
    """Keep the template of a name no longer."""
    unit.drop_setting(_SETTING + name)
