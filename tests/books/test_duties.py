"""Separated duties: whatever three members do in whatever order, what is posted was approved by another of them."""

from __future__ import annotations

import random
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.books.small_book import Seconds, import_lines

from cloudbooks.books import approving, correcting, drafting, posting, reviewing, undoing
from cloudbooks.books.desk import Desk
from cloudbooks.books.founding import Founding, found
from cloudbooks.books.membership import NotAdmin, add_member_here
from cloudbooks.books.separating import DutiesAlone, DutiesBefore, separate
from cloudbooks.books.verifying import verify_this_book
from cloudbooks.chain.canonical import FormFault
from cloudbooks.core.draft import DraftState
from cloudbooks.core.period import Month
from cloudbooks.errors import CloudBooksError
from cloudbooks.store import log, reading

MEMBERS = ("Lina", "Bob", "Eve")


def _book(folder: Path) -> Desk:
    desk = Desk(folder / "acme.cbk", folder / "home", Seconds(), "test", lambda: b"", member="Lina")
    founding = Founding("Acme", "CNY", "cn-small", Month(2026, 10), "Lina", zh=False, separate_duties=True,
                        banks=(("1002.01", "ICBC"),))  # fmt: skip
    found(desk, founding, passphrase=None)
    for name in MEMBERS[1:]:
        add_member_here(desk, name, ("approve", "post"), None)
    return desk


def _step(desk: Desk, chance: random.Random) -> object:  # noqa: PLR0911 - one line a verb
    number = chance.randint(1, 4)
    match chance.randint(0, 9):
        case 0 | 1:
            return drafting.add(desk, date(2026, 10, 20), "paper", "5602", str(chance.randint(1, 9)), "1002.01")
        case 2:
            return drafting.edit(desk, number, drafting.DraftChange(summary=chance.choice("abc")))
        case 3 | 4:
            return approving.approve(desk, [number])
        case 5:
            return approving.send_back(desk, [number], "look again")
        case 6:
            return drafting.accept(desk, [number], sure=True)
        case 7:
            return posting.post(desk, [], everything=True)
        case 8:
            with desk.open() as book:
                entries = list(reading.entries(book))
            return correcting.correct(desk, chance.choice(entries).id, None)
        case _:
            if chance.random() < 0.5:
                return undoing.undo(desk)
            return import_lines(desk, [("2026-10-05", "shop", "ink", f"-{chance.randint(1, 99)}.00")], "1002.01")


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from(MEMBERS), st.integers(0, 1 << 32)), min_size=10, max_size=60))
def test_every_entry_has_another_members_approval(steps: list[tuple[str, int]]) -> None:
    """Never the maker's, never the author's of the batch; and no step ends in a batch that breaks a law."""
    with TemporaryDirectory() as folder:
        desk = _book(Path(folder))
        for name, seed in steps:
            with suppress(CloudBooksError, IndexError):
                try:
                    _step(replace(desk, member=name), random.Random(seed))
                except posting.LawBreached as breach:
                    raise FormFault("law", breach.message) from breach
        with desk.open() as book:
            authors = {row.number: row.author for row in log.blocks(book)}
            for entry in reading.entries(book):
                others = set(entry.approved_by) - {entry.made_by, authors[entry.block]}
                assert others, f"{entry.voucher} has no approval of another member"
        assert verify_this_book(desk).verdict.valid


def test_the_walk_posts(tmp_path: Path) -> None:
    """The property speaks of books with entries: a fixed walk of the same steps posts several."""
    desk, chance = _book(tmp_path), random.Random(3)
    for _ in range(400):
        with suppress(CloudBooksError, IndexError):
            _step(replace(desk, member=chance.choice(MEMBERS)), chance)
    with desk.open() as book:
        assert reading.entry_count(book) > 2


def test_who_books_a_line_has_made_its_entry(tmp_path: Path) -> None:
    """One imports, another says in the review where a line goes: that one cannot approve it, the first one can."""
    desk = _book(tmp_path)
    import_lines(desk, [("2026-10-05", "shop", "ink", "-9.00")], "1002.01")
    bob = replace(desk, member="Bob")
    (draft,) = reviewing.decide(bob, 1, [1], "5602").drafts
    with pytest.raises(approving.ApprovesItself):
        approving.approve(bob, [draft.number])
    assert approving.approve(desk, [draft.number])[0].approvals


def test_a_draft_of_before_wants_another_member_once_duties_are_separated(tmp_path: Path) -> None:
    """Who made it is known from before: that one cannot approve it. Given up again, what waits is ready."""
    desk = Desk(tmp_path / "acme.cbk", tmp_path / "home", Seconds(), "test", lambda: b"", member="Lina")
    found(desk, Founding("Acme", "CNY", "cn-small", Month(2026, 10), "Lina", zh=False), passphrase=None)
    with pytest.raises(DutiesAlone):
        separate(desk, separated=True)
    add_member_here(desk, "Bob", ("approve", "post"), None)
    bob = replace(desk, member="Bob")
    draft = drafting.add(bob, date(2026, 10, 20), "paper", "5602", "5", "1002")
    with pytest.raises(NotAdmin):
        separate(bob, separated=True)
    assert [one.state for one in separate(desk, separated=True).drafts] == [DraftState.WAITING]
    with pytest.raises(DutiesBefore):
        separate(desk, separated=True)
    with pytest.raises(approving.ApprovesItself):
        approving.approve(bob, [draft.number])
    with pytest.raises(CloudBooksError):
        posting.post(desk, [], everything=True)
    assert [one.state for one in separate(desk, separated=False, reason="alone").drafts] == [DraftState.READY]
    posting.post(desk, [], everything=True)
    verdict = verify_this_book(desk).verdict
    assert (verdict.valid, verdict.entries) == (True, 1)
