"""`book duties`: from now on an entry wants the approval of another member, or wants it no longer."""

from __future__ import annotations

from dataclasses import dataclass

from cloudbooks.books.at_once import AtOnce, post_at_once, require_right
from cloudbooks.books.desk import Desk
from cloudbooks.books.fitting import fit_name
from cloudbooks.books.membership import require_admin
from cloudbooks.chain import record
from cloudbooks.core.draft import Draft, DraftState
from cloudbooks.errors import Refusal, sentence
from cloudbooks.store import past, reading, working
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.unit import Unit
from cloudbooks.system.chance import new_id, new_salt
from cloudbooks.system.clock import instant


class DutiesBefore(Refusal):
    """Duties are separated already, or are not separated as it is."""

    code = "duties-before"

    def __init__(self, *, separated: bool) -> None:
        message = sentence("this book does not separate duties; nothing was written.")
        if separated:
            message = sentence("this book separates duties already; nothing was written.")
        super().__init__(message, hint=sentence("cloudbooks book show"))


class DutiesAlone(Refusal):
    """Nobody could post any more: there is no member who approves beside one who posts."""

    code = "duties-alone"

    def __init__(self) -> None:
        super().__init__(
            sentence("where duties are separated one member posts and another approves; here nobody else may approve."),
            hint=sentence("cloudbooks member add NAME --rights approve --key VKEY, or --here"),
        )


@dataclass(frozen=True, slots=True)
class DutiesChanged:
    """What a change of duties did: the block, and the drafts that wait for approval now, or no longer do."""

    separated: bool
    reason: str
    drafts: tuple[Draft, ...]
    done: AtOnce


def separate(desk: Desk, *, separated: bool, reason: str = "") -> DutiesChanged:
    """State the book again with duties separated, or not, in a batch of its own; a reason goes with it as a note.

    Drafts that are ready wait for approval in the same commit, or those that wait are ready. What was posted before
    stays as it was judged. Raises `DutiesBefore`, `DutiesAlone`, `NotAdmin`, `RightMissing`, what `Desk.signer`
    raises, or what the store refuses; then nothing was written.
    """
    with desk.open() as book:
        by = desk.signer(book)
        require_change(book, separated=separated)
        require_admin(book, by[0])
        records: list[record.AnyRecord] = [_stated(book, separated=separated)]
        if reason:
            require_right(book, by[0], "post")
            text = fit_name(sentence("the reason"), reason)
            records.append(record.Note(new_id(desk.clock), instant(desk.clock.now()), text, "separate_duties"))
        kept: list[Draft] = []

        def judge(unit: Unit) -> None:
            wait = DraftState.READY if separated else DraftState.WAITING
            kept.extend(unit.keep_drafts(working.drafts(book, [wait])))

        summary = sentence("book duties {word}", word="on" if separated else "off")
        done = post_at_once(desk, book, by, records, verb="book duties", summary=summary, also=judge)
        return DutiesChanged(separated, reason, tuple(one for one in kept if _turned(one, separated=separated)), done)


def require_change(book: BookFile, *, separated: bool) -> None:
    """Refuse what would change nothing, or leave nobody who could post; raises `DutiesBefore`, `DutiesAlone`."""
    if reading.facts(book).separate_duties == separated:
        raise DutiesBefore(separated=separated)
    here = [one for one in reading.members(book) if not one.revoked]
    pairs = [(a, b) for a in here if "approve" in a.rights for b in here if "post" in b.rights and a.id != b.id]
    if separated and not pairs:
        raise DutiesAlone


def _turned(draft: Draft, *, separated: bool) -> bool:
    return draft.state is (DraftState.WAITING if separated else DraftState.READY)


def _stated(book: BookFile, *, separated: bool) -> record.Book:
    """The book as it states itself, but for its duties, under a fresh salt."""
    before = past.book_record(book.connection)
    assert before is not None
    return record.Book(
        id=before.id, salt=new_salt(), name=before.name, base=before.base, created_at=before.created_at,
        blind=before.blind, fiscal_year_start=before.fiscal_year_start, jurisdiction=before.jurisdiction,
        chart=before.chart, tax_id=before.tax_id, separate_duties=separated,
    )  # fmt: skip
