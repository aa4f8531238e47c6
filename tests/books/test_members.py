"""Members: one name, one key, and an approval that stands only while the key that gave it does."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from tests.books.small_book import ICBC, import_lines, small_book

from cloudbooks.books import approving, drafting, posting, reviewing, rotating
from cloudbooks.books.approving import ApprovedBefore
from cloudbooks.books.desk import Desk
from cloudbooks.books.fitting import NameEmpty
from cloudbooks.books.founding import Founding, found
from cloudbooks.books.membership import (
    KeyKnown,
    NameTaken,
    NextKeyUnfit,
    add_member,
    add_member_here,
    revoke_member,
)
from cloudbooks.books.planning import DraftNotReady, plan
from cloudbooks.books.verifying import verify_this_book
from cloudbooks.core.draft import Draft
from cloudbooks.core.period import Month
from cloudbooks.store import reading
from cloudbooks.system import keyfile


def _book(folder: Path, *, separated: bool = True) -> Desk:
    """A book of Lina, who posts, and of Bob and Eve, who approve."""
    folder.mkdir(exist_ok=True)
    desk = replace(small_book(folder / "other"), member="Lina", book=folder / "acme.cbk")
    founding = Founding("Acme", "CNY", "cn-small", Month(2026, 10), "Lina", zh=False, separate_duties=separated,
                        banks=((ICBC, "ICBC"),))  # fmt: skip
    found(desk, founding, passphrase=None)
    for name in ("Bob", "Eve"):
        add_member_here(desk, name, ("approve", "post"), None)
    return desk


def _as(desk: Desk, name: str) -> Desk:
    return replace(desk, member=name)


def _draft(desk: Desk) -> Draft:
    drafting.add(_as(desk, "Bob"), date(2026, 10, 20), "paper", "5602", "5", ICBC)
    return drafting.drafts(desk)[-1]


def _key(desk: Desk, name: str) -> str:
    with desk.open() as book:
        return next(one.key for one in reading.members(book) if one.name == name)


def _posted(desk: Desk, draft: Draft) -> None:
    posting.post(desk, [draft.number], everything=False)
    assert verify_this_book(desk).verdict.findings == ()
    with desk.open() as book:
        assert reading.entries(book)[-1].summary == "paper"


def _ended(desk: Desk, change: str) -> str:
    """Eve approved, and takes another key or is revoked; gives who may approve then."""
    if change == "rotate":
        rotating.rotate(_as(desk, "Eve"), lambda: None)
    elif change == "give":
        with desk.open() as book:
            new = keyfile.create(desk.state, book.id, "eve-2", None)
        rotating.give_key(desk, "Eve", str(new.vkey))
    else:
        revoke_member(desk, "Eve")
        add_member_here(desk, "Ann", ("approve",), None)
        return "Ann"
    return "Eve"


@pytest.mark.parametrize("change", ["rotate", "give", "revoke"])
def test_an_approval_ends_with_its_key(tmp_path: Path, change: str) -> None:
    """Where duties are separated the draft says so, and is posted once it is approved anew."""
    desk = _book(tmp_path)
    draft = _draft(desk)
    approving.approve(_as(desk, "Eve"), [draft.number])
    again = _ended(desk, change)
    with pytest.raises(DraftNotReady, match="Eve approved it"):
        plan(desk, [draft.number], everything=False)
    with pytest.raises(DraftNotReady):
        posting.post(desk, [draft.number], everything=False)
    (approved,) = approving.approve(_as(desk, again), [draft.number])
    assert len(approved.approvals) == 1
    _posted(desk, draft)


@pytest.mark.parametrize("change", ["rotate", "give", "revoke"])
def test_an_approval_that_ended_is_left_out_where_none_is_needed(tmp_path: Path, change: str) -> None:
    """Where duties are not separated the entry is posted without it."""
    desk = _book(tmp_path, separated=False)
    draft = _draft(desk)
    approving.approve(_as(desk, "Eve"), [draft.number])
    _ended(desk, change)
    _posted(desk, draft)


def test_two_approvals_are_two(tmp_path: Path) -> None:
    """Another member's approval is added; one that stands is not given twice."""
    desk = _book(tmp_path)
    add_member_here(desk, "Ann", ("approve",), None)
    draft = _draft(desk)
    approving.approve(_as(desk, "Eve"), [draft.number])
    with pytest.raises(ApprovedBefore):
        approving.approve(_as(desk, "Eve"), [draft.number])
    (approved,) = approving.approve(_as(desk, "Ann"), [draft.number])
    assert len(approved.approvals) == 2
    _posted(desk, draft)


def test_a_proposal_of_a_rule_may_be_approved(tmp_path: Path) -> None:
    """What nobody but the import made has a maker too, so that its approval is over what is posted."""
    desk = _book(tmp_path, separated=False)
    import_lines(_as(desk, "Bob"), [("2026-10-05", "shop", "paper", "-9.00")])
    (draft,) = reviewing.decide(_as(desk, "Bob"), 1, [1], "5602").drafts
    approving.approve(_as(desk, "Eve"), [draft.number])
    posting.post(desk, [draft.number], everything=False)
    assert verify_this_book(desk).verdict.findings == ()


@pytest.mark.parametrize("name", ["Bob", "Bob ", "\tBob"])
def test_a_name_is_one_members(tmp_path: Path, name: str) -> None:
    """As the chain takes it: blanks and other forms of the same letters make no second one."""
    desk = _book(tmp_path)
    with pytest.raises(NameTaken):
        add_member_here(desk, name, ("post",), None)
    add_member_here(desk, "Ren\u00e9", ("post",), None)
    with pytest.raises(NameTaken):
        add_member_here(desk, "Rene\u0301", ("post",), None)


@pytest.mark.parametrize("name", ["", " ", "\u200b"])
def test_a_member_has_a_name(tmp_path: Path, name: str) -> None:
    """A name that holds nothing is refused before a key is made or used."""
    desk = _book(tmp_path)
    with desk.open() as book:
        new = keyfile.create(desk.state, book.id, "elsewhere", None)
        held = keyfile.held(desk.state, book.id)
    with pytest.raises(NameEmpty):
        add_member_here(desk, name, ("post",), None)
    with pytest.raises(NameEmpty):
        add_member(desk, name, str(new.vkey), ("post",))
    with desk.open() as book:
        assert keyfile.held(desk.state, book.id) == held


def test_a_key_that_was_given_up_comes_to_nobody_again(tmp_path: Path) -> None:
    """Neither to another member nor to the one who had it: whoever holds it could sign again."""
    desk = _book(tmp_path)
    old = _key(desk, "Bob")
    rotating.rotate(_as(desk, "Bob"), lambda: None)
    assert _key(desk, "Bob") != old
    with pytest.raises(KeyKnown, match="Bob"):
        add_member(desk, "Ann", old, ("post",))
    with pytest.raises(KeyKnown, match="Bob"):
        rotating.give_key(desk, "Eve", old)
    with pytest.raises(KeyKnown, match="Bob"):
        rotating.give_key(desk, "Bob", old)


def test_the_next_key_is_a_digest(tmp_path: Path) -> None:
    """Of a key that is given, too: anything else is named before a block is made."""
    desk = _book(tmp_path)
    with desk.open() as book:
        new = keyfile.create(desk.state, book.id, "bob-2", None)
    with pytest.raises(NextKeyUnfit, match="nonsense"):
        rotating.give_key(desk, "Bob", str(new.vkey), "nonsense")
    following = keyfile.promise(new.vkey)
    assert rotating.give_key(desk, "Bob", str(new.vkey), following).done.member.next_key == following
