"""Answers to statement lines: each is one operation, and what they make can be posted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.books.small_book import CMB, LINES, RULES, import_lines, small_book

from cloudbooks.books import correcting, drafting, planning, reviewing, undoing
from cloudbooks.books.desk import Desk
from cloudbooks.books.posting import post
from cloudbooks.core.draft import Draft, DraftIncomplete, DraftState
from cloudbooks.store import working
from cloudbooks.store.reviewing import Counts, next_open


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A book with one statement, of whose five lines a rule decides one."""
    made = small_book(tmp_path, rules=RULES)
    import_lines(made, LINES)
    return made


def counts(desk: Desk, number: int = 1) -> Counts:
    """How the lines of a statement stand."""
    with desk.open() as book:
        return reviewing.reviewed_in(book, number).counts


def state(desk: Desk) -> object:
    """Everything in the working state that an answer can change."""
    with desk.open() as book:
        return working.drafts(book), [working.lines(book, one.number) for one in working.statements(book)]


def test_lines_are_counted_where_they_stand(desk: Desk) -> None:
    """Five lines: one sure, four to decide."""
    assert counts(desk) == Counts(open=4, sure=1, seen=0, posted=0, ignored=0, ready=0, lines=5)


def test_one_answer_books_many_lines(desk: Desk) -> None:
    """Several lines go to one account in one operation, are ready, and one undo takes all of it back."""
    before = state(desk)
    answered = reviewing.decide(desk, 1, [3, 4], "5602")
    assert [one.state for one in answered.drafts] == [DraftState.READY] * 2
    assert counts(desk).ready == 2
    undoing.undo(desk)
    assert state(desk) == before


def test_a_line_of_which_the_bank_says_nothing_is_ready_with_its_account(tmp_path: Path) -> None:
    """A bank's line without a word has no summary; booked to an account, the entry says that account's name."""
    made = small_book(tmp_path / "mute")
    import_lines(made, [("2026-10-03", "", "", "-300.00")])
    (draft,) = reviewing.decide(made, 1, [1], "5602").drafts
    assert (draft.state, draft.summary) == (DraftState.READY, "Administrative expenses")


def test_a_line_that_is_ignored_stays_with_its_reason(desk: Desk) -> None:
    """Its draft is gone, it is open no longer; taking it up gives it a draft again; each is undone as one."""
    before = state(desk)
    assert reviewing.ignore(desk, 1, [3, 4], "private") == 2
    assert (counts(desk).ignored, counts(desk).open) == (2, 2)
    with desk.open() as book:
        assert [line.staged.reason for line in reviewing.lines_in(book, 1, 3, 4)] == ["private", "private"]
    taken = reviewing.take_up(desk, 1, [3])
    assert (counts(desk).ignored, len(taken.drafts)) == (1, 1)
    undoing.undo(desk)
    undoing.undo(desk)
    assert state(desk) == before


def test_a_transfer_takes_its_other_side_along(desk: Desk) -> None:
    """Of two accounts' statements of one transfer one entry is made, which settles both lines."""
    import_lines(desk, [("2026-10-06", "ICBC", "transfer", "5000.00")], account=CMB, name="cmb-10.csv")
    answered = reviewing.transfer(desk, 1, [2], CMB)
    assert answered.paired == ((2, 1),)
    with desk.open() as book:
        assert working.line(book, 2, 1).draft == answered.drafts[0].number
    post(desk, [answered.drafts[0].number], everything=False)
    with desk.open() as book:
        assert working.line(book, 1, 2).entry == working.line(book, 2, 1).entry != ""


def test_a_tie_is_not_paired(desk: Desk) -> None:
    """Where two lines could be the other side, none is taken."""
    lines = [("2026-10-06", "ICBC", "transfer", "5000.00")] * 2
    import_lines(desk, lines, account=CMB, name="cmb-10.csv")
    assert reviewing.transfer(desk, 1, [2], CMB).paired == ()


def test_own_accounts_are_those_with_statements_and_beside_it(desk: Desk) -> None:
    """A transfer is offered to the other bank accounts."""
    with desk.open() as book:
        account = working.statement(book, 1).account
        assert [one.code for one in reviewing.own_accounts_in(book, account)] == [CMB]


def test_yes_and_yes_again(desk: Desk) -> None:
    """Yes makes a proposal ready, yes again a proposal, as sure as it was; an incomplete draft is refused."""
    before = state(desk)
    reviewing.answer(desk, 1, [1])
    assert counts(desk).ready == 1
    reviewing.answer(desk, 1, [1])
    assert state(desk) == before
    with pytest.raises(DraftIncomplete):
        reviewing.answer(desk, 1, [3])


def test_what_is_posted_is_answered(desk: Desk) -> None:
    """A posted line takes no other answer."""
    post(desk, (), everything=True)
    with pytest.raises(reviewing.LineSettled):
        reviewing.decide(desk, 1, [1], "5602")
    with pytest.raises(reviewing.LineSettled):
        reviewing.ignore(desk, 1, [1], "no")


def test_the_next_open_line_is_found_by_key(desk: Desk) -> None:
    """From a line to the next that wants an answer, and back."""
    reviewing.decide(desk, 1, [3], "5602")
    with desk.open() as book:
        assert [next_open(book, 1, place) for place in (0, 2, 4, 5)] == [2, 4, 5, None]
        assert [next_open(book, 1, place, back=True) for place in (5, 4, 2)] == [4, 2, None]


def test_the_batch_forecasts_what_a_post_gives(desk: Desk) -> None:
    """Numbers, block and sum of the batch are those of the post that follows."""
    reviewing.decide(desk, 1, [2, 3], "5602")
    with desk.open() as book:
        batch = planning.batch_in(book)
    assert [one.voucher for one in batch.drafts] == ["记-0002", "记-0003"]
    assert (batch.debit, batch.block, len(batch.left)) == (502800, 1, 3)
    posted = post(desk, [one.draft.number for one in batch.drafts], everything=False)
    (number,) = posted.blocks[0].numbers
    assert (number.first, number.last, posted.blocks[0].number) == (2, 3, 1)


def test_a_red_reversal_takes_its_debits_from_the_sum(desk: Desk) -> None:
    """What a correction reverses and what it books again come to nothing in the batch."""
    post(desk, [one.number for one in reviewing.decide(desk, 1, [2], "5602").drafts], everything=False)
    made = correcting.correct(desk, "记-0002", None)
    assert made.replacement is not None
    drafting.accept(desk, [made.reversal.number, made.replacement.number], sure=False)
    with desk.open() as book:
        batch = planning.batch_in(book)
    assert (len(batch.drafts), batch.debit) == (2, 0)


def test_a_held_draft_is_left_until_it_is_accepted(desk: Desk) -> None:
    """Holding back keeps the reason, and one undo takes it back."""
    (ready,) = reviewing.decide(desk, 1, [2], "5602").drafts
    before = state(desk)
    (held,) = drafting.hold(desk, [ready.number], "receipt?")
    assert (held.state, held.reason) == (DraftState.HELD, "receipt?")
    with desk.open() as book:
        assert planning.batch_in(book).drafts == ()
    (accepted,) = drafting.accept(desk, [ready.number], sure=False)
    assert (accepted.state, accepted.reason) == (DraftState.READY, "")
    undoing.undo(desk)
    undoing.undo(desk)
    assert state(desk) == before


def test_a_draft_is_kept_with_whatever_it_lacks(desk: Desk) -> None:
    """What is typed is kept at every change as one operation, and incomplete until nothing lacks."""
    before = state(desk)
    (line,) = reviewing.decide(desk, 1, [3], "5602").drafts
    undoing.undo(desk)
    first = drafting.keep(desk, line_free(line))
    assert first.draft.state is DraftState.INCOMPLETE
    changed = drafting.keep(desk, full(first.draft, line), over=first.draft, continuing=first.operation)
    assert (changed.draft.number, changed.draft.state) == (first.draft.number, DraftState.PROPOSED)
    assert changed.operation == first.operation
    undoing.undo(desk)
    assert state(desk) == before


def line_free(line: Draft) -> Draft:
    """A draft of which only the summary was typed."""
    return Draft(date=line.date, series="记", summary="half", lines=())


def full(kept: Draft, line: Draft) -> Draft:
    """The same draft with lines."""
    lines = tuple(replace(one, settles=()) for one in line.lines)
    return replace(kept, lines=lines)
