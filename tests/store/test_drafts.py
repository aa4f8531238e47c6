"""Drafts as they are kept: numbered, listed, counted, and the same when they are read."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.store.working_book import ANN, draft, movement, post, settling, staged, statement, statement_id, working_book

from cloudbooks.core.draft import Draft, DraftLine, DraftState
from cloudbooks.core.entry import Attachment, EntryKind, Source, SourceKind
from cloudbooks.errors import sentence
from cloudbooks.store import operations, working
from cloudbooks.store.draft_text import DraftChanged, DraftUnknown, draft_of, draft_row
from cloudbooks.store.row_text import encoder, plain
from cloudbooks.store.unit import operation

texts = st.text(st.characters(codec="utf-8"), max_size=12)
amounts = st.integers(-(10**18), 10**18)
names = st.lists(st.from_regex(r"\A[0-9a-f-]{1,8}/[1-9]\Z"), max_size=2, unique=True).map(tuple)
lines = st.builds(
    DraftLine,
    account=texts,
    commodity=texts,
    amount=st.none() | amounts,
    value=st.none() | amounts,
    party=texts,
    text=texts,
    tax=texts,
    dimensions=st.lists(st.tuples(texts, texts), max_size=2).map(tuple),
    settles=names,
    red=st.booleans(),
)
attachments = st.builds(Attachment, texts, texts, st.integers(0, 2**53), texts, texts)
drafts = st.builds(
    Draft,
    date=st.none() | st.dates(),
    series=texts,
    summary=texts,
    lines=st.lists(lines, max_size=3).map(tuple),
    state=st.sampled_from(DraftState),
    sure=st.booleans(),
    reason=texts,
    tags=st.lists(texts, max_size=2).map(tuple),
    attachments=st.lists(attachments, max_size=2).map(tuple),
    source=st.builds(Source, st.sampled_from(SourceKind), texts, texts, texts),
    reverses=texts,
    replaces=texts,
    kind=st.none() | st.sampled_from(EntryKind),
    made_by=texts,
    trace=st.lists(texts, max_size=2).map(tuple),
)


@given(drafts)
def test_a_draft_read_is_the_draft_kept(given_draft: Draft) -> None:
    """Reading what was written gives an equal draft, whatever stands in it, and writing that the same row."""
    row = draft_row(given_draft, plain)
    assert draft_of(row) == given_draft
    assert draft_row(draft_of(row), plain) == row


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@given(json_values)
def test_bulk_and_single_rows_have_the_same_text(value: object) -> None:
    """The encoder for many rows writes the bytes of the encoder for one, or a digest would depend on the batch."""
    assert encoder(10**6)(value) == plain(value)


@given(st.lists(drafts, max_size=6), st.sets(st.sampled_from(DraftState)), st.booleans())
@settings(max_examples=40, deadline=None)
def test_drafts_are_listed_by_date_and_state(made: list[Draft], states: set[DraftState], sure: bool) -> None:  # noqa: FBT001 - drawn
    """A list holds exactly the drafts asked for, by date and number, undated ones first; pages join to the list."""
    book = working_book()
    with operation(book, verb="add", summary="add", by=ANN) as unit:
        kept = unit.keep_drafts(made)
    wanted = [one for one in kept if one.state in states and one.sure >= sure]
    listed = working.drafts(book, states, sure=sure)
    assert listed == sorted(wanted, key=lambda one: (one.date or date.min, one.date is not None, one.number))
    first = working.drafts(book, states, sure=sure, limit=2)
    rest = working.drafts(book, states, sure=sure, after=first[-1]) if first else []
    assert [*first, *rest] == listed


def test_drafts_are_counted_by_state_without_reading_them() -> None:
    """Counts come from an index alone: a damaged body does not matter to them."""
    book = working_book()
    with operation(book, verb="add", summary="add", by=ANN) as unit:
        unit.keep_drafts([draft(), replace(draft(), sure=True), replace(draft(), state=DraftState.HELD)])
    book.connection.execute("UPDATE draft SET body = ''")
    assert working.draft_counts(book) == {
        (DraftState.PROPOSED, False): 1,
        (DraftState.PROPOSED, True): 1,
        (DraftState.HELD, False): 1,
    }


def test_each_draft_reads_every_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading one by one gives what the list gives, over any number of pages."""
    monkeypatch.setattr(working, "PAGE", 3)
    book = working_book()
    with operation(book, verb="add", summary="add", by=ANN) as unit:
        unit.keep_drafts([draft(day=date(2026, 1, 1 + n % 5)) for n in range(9)])
    assert list(working.each_draft(book)) == working.drafts(book)
    assert list(working.each_draft(book, [DraftState.HELD])) == []


def test_numbers_are_not_given_twice() -> None:
    """A number is not given again after its draft was discarded or posted; undo gives it back."""
    book = working_book()
    with operation(book, verb="add", summary="add", by=ANN) as unit:
        first, second = unit.keep_drafts([draft(), draft()])
        unit.discard_draft(second.number)
    with post(book) as unit:
        unit.posted([(first, "entry")], [], ANN, sentence("post"))
    with operation(book, verb="add", summary="add", by=ANN) as unit:
        assert unit.keep_draft(draft()).name == "D-3"
    operations.undo(book, by=ANN)
    with operation(book, verb="add", summary="add", by=ANN) as unit:
        assert unit.keep_draft(draft()).name == "D-3"


def test_a_draft_that_is_not_there_is_unknown() -> None:
    """Every way to name a draft that is not there is refused by its number, also one that no draft can have."""
    book = working_book()
    for number in (7, 10**30):
        with pytest.raises(DraftUnknown, match=f"D-{number}"):
            working.draft(book, number)
        with pytest.raises(DraftUnknown), operation(book, verb="x", summary="x", by=ANN) as unit:
            unit.discard_draft(number)
        with pytest.raises(DraftUnknown), operation(book, verb="x", summary="x", by=ANN) as unit:
            unit.keep_draft(replace(draft(), number=number))


def test_an_edit_of_an_outdated_draft_is_refused() -> None:
    """Who edits what someone else changed meanwhile is told, and the change stands."""
    book = working_book()
    with operation(book, verb="add", summary="add", by=ANN) as unit:
        read = unit.keep_draft(draft())
    with operation(book, verb="edit", summary="edit", by=ANN) as unit:
        other = unit.keep_draft(replace(read, summary="other"), over=read)
    with pytest.raises(DraftChanged, match="D-1"), operation(book, verb="edit", summary="edit", by=ANN) as unit:
        unit.keep_draft(replace(read, summary="mine"), over=read)
    assert working.draft(book, 1) == other


def test_posting_an_outdated_draft_is_refused() -> None:
    """A draft that was changed between reading and commit is not posted as it was read."""
    book = working_book()
    with operation(book, verb="add", summary="add", by=ANN) as unit:
        read = unit.keep_draft(draft())
    with operation(book, verb="edit", summary="edit", by=ANN) as unit:
        unit.keep_draft(replace(read, summary="other"))
    with pytest.raises(DraftChanged), post(book) as unit:
        unit.posted([(read, "entry")], [], ANN, sentence("post"))
    assert working.draft(book, 1).summary == "other"


def test_lines_follow_the_drafts_that_settle_them() -> None:
    """A staged line names the draft that settles it, is free when that is edited or discarded, and names its entry."""
    book = working_book()
    name = f"{statement_id(1)}/1"

    def fate() -> tuple[int, str]:
        line = working.line(book, 1, 1)
        return line.draft, line.entry

    with operation(book, verb="import", summary="import", by=ANN) as unit:
        unit.stage(statement(1, 1), staged(movement(1, -30000)))
        made = unit.keep_draft(settling(name))
    assert fate() == (1, "")
    with operation(book, verb="edit", summary="edit", by=ANN) as unit:
        unit.keep_draft(replace(draft(), number=1))
    assert fate() == (0, "")
    with operation(book, verb="edit", summary="edit", by=ANN) as unit:
        unit.keep_draft(made)
        unit.keep_draft(settling(name))
    assert fate() == (1, "")
    with operation(book, verb="discard", summary="discard", by=ANN) as unit:
        unit.discard_draft(2)
    assert fate() == (1, "")
    with operation(book, verb="discard", summary="discard", by=ANN) as unit:
        unit.discard_draft(1)
    assert fate() == (0, "")
    with operation(book, verb="add", summary="add", by=ANN) as unit:
        made = unit.keep_draft(settling(name))
    with post(book) as unit:
        unit.posted([(made, "entry-id")], [], ANN, sentence("post"))
    assert fate() == (0, "entry-id")
    assert working.drafts(book) == []
