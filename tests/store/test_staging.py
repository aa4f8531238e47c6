"""Statements as they are staged: what is known, what is withdrawn, and what a large one costs."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.store.working_book import (
    ANN,
    BANK,
    OFFICE,
    dump,
    movement,
    post,
    settling,
    staged,
    statement,
    statement_id,
    working_book,
)

from cloudbooks.chain import record
from cloudbooks.core.statement import Fate, StatementLine, Unreadable, fingerprints
from cloudbooks.errors import sentence
from cloudbooks.store import operations, working
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.row_text import plain
from cloudbooks.store.staged import (
    LINES_MAX,
    Mark,
    StagedLine,
    StatementTooLong,
    StatementUnknown,
    line_of,
    line_row,
    statement_of,
    statement_row,
)
from cloudbooks.store.unit import operation

texts = st.text(st.characters(codec="utf-8"), max_size=12)
movements = st.builds(
    StatementLine,
    row=st.integers(1, 10**6),
    date=st.dates(),
    amount=st.integers(-(10**18), 10**18),
    commodity=texts,
    text=texts,
    party=texts,
    reference=texts,
    kind=texts,
    time=texts,
    balance=st.none() | st.integers(-(10**18), 10**18),
    raw=texts,
    undecided=st.booleans(),
)
staged_lines = st.builds(
    StagedLine,
    place=st.integers(1, LINES_MAX),
    line=movements,
    fingerprint=st.binary(min_size=16, max_size=16),
    occurrence=st.integers(1, 10**6),
    fate=st.sampled_from(Fate),
    reason=texts,
    draft=st.integers(0, 10**9),
    entry=texts,
    statement=st.integers(1, 10**6),
)


@given(staged_lines)
def test_a_line_read_is_the_line_staged(given_line: StagedLine) -> None:
    """Reading what was written gives an equal line, whatever the bank wrote in it."""
    assert line_of(line_row(given_line.statement, given_line, plain)) == given_line


def test_a_statement_read_is_the_statement_staged() -> None:
    """A statement keeps its file, balances, and the rows that gave no line, with their reasons as sentences."""
    unreadable = Unreadable(7, "2026-02-30,x", sentence('"{text}" is no day.', text="2026-02-30"))
    given_statement = replace(statement(3, 5), unreadable=(unreadable,))
    assert statement_of(statement_row(given_statement, plain)) == given_statement


def imported(book: BookFile, number: int, lines: list[StatementLine]) -> dict[Fate, int]:
    """Import as the operations do: what is known is seen, the rest is new."""
    marked = list(fingerprints(lines, BANK))
    known = working.known(book, [one.fingerprint for one in marked])
    kept = [
        StagedLine(
            place, one.line, one.fingerprint, one.occurrence, Fate.SEEN if one.fingerprint in known else Fate.NEW
        )
        for place, one in enumerate(marked, start=1)
    ]
    with operation(book, verb="import", summary="import", by=ANN) as unit:
        unit.stage(statement(number, len(kept)), kept)
    return {fate: sum(line.fate is fate for line in kept) for fate in (Fate.NEW, Fate.SEEN)}


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=30), st.integers(0, 30), st.integers(0, 30))
@settings(max_examples=40, deadline=None)
def test_importing_twice_or_overlapping_adds_nothing(amounts: list[int], first: int, last: int) -> None:
    """Each line of a file is new once, equal lines included; a part of the file again is all seen."""
    book = working_book()
    lines = [StatementLine(n, date(2026, 10, 1), amount, "CNY", "coffee") for n, amount in enumerate(amounts, 1)]
    assert imported(book, 1, lines) == {Fate.NEW: len(lines), Fate.SEEN: 0}
    assert imported(book, 2, lines) == {Fate.NEW: 0, Fate.SEEN: len(lines)}
    part = lines[min(first, last) : max(first, last)]
    if part:
        assert imported(book, 3, part) == {Fate.NEW: 0, Fate.SEEN: len(part)}


def test_a_withdrawn_statement_is_known_no_longer() -> None:
    """Withdrawing frees the fingerprints and ids, discards the drafts, and undo takes all that back."""
    book = working_book()
    lines = staged(movement(1, -500, reference="id-1"), movement(2, -700, reference="id-2"))
    with operation(book, verb="import", summary="import", by=ANN) as unit:
        unit.stage(statement(1, 2), lines)
        unit.keep_drafts([settling(f"{statement_id(1)}/{place}") for place in (1, 2)])
    before = dump(book)
    prints = [line.fingerprint for line in lines]
    assert working.known(book, prints) == set(prints)
    assert working.known_references(book, BANK, ["id-2", "id-3", ""]) == {
        "id-2": working.KnownLine(1, 2, 20261003, -700)
    }
    assert working.known_references(book, OFFICE, ["id-2"]) == {}
    with operation(book, verb="withdraw", summary="withdraw", by=ANN) as unit:
        assert unit.withdraw(1) == (1, 2)
    assert working.known(book, prints) == set()
    assert working.known_references(book, BANK, ["id-2"]) == {}
    assert working.drafts(book) == []
    assert [line.draft for line in working.lines(book, 1)] == [0, 0]
    assert working.statement(book, 1).state == "withdrawn"
    operations.undo(book, by=ANN)
    assert dump(book) == before


def test_lines_that_repeat_a_known_line_make_nothing_known() -> None:
    """When the statement that a line came from is withdrawn, a later copy of it does not keep it known."""
    book = working_book()
    line = movement(1, -500)
    imported(book, 1, [line])
    imported(book, 2, [line])
    with operation(book, verb="withdraw", summary="withdraw", by=ANN) as unit:
        unit.withdraw(1)
    assert imported(book, 3, [line]) == {Fate.NEW: 1, Fate.SEEN: 0}


def test_a_posted_statement_waits_no_longer() -> None:
    """The record of a statement in a batch marks it; a record that was stated anew since goes on waiting."""
    book = working_book()
    old = record.Party(id=statement_id(9), salt="0" * 32, name="Acme")
    new = record.Party(id=statement_id(9), salt="1" * 32, name="Acme Ltd")
    other = record.Party(id=statement_id(8), salt="2" * 32, name="Staples")
    with operation(book, verb="import", summary="import", by=ANN) as unit:
        unit.stage(statement(1, 1), staged(movement(1, -500)))
        unit.put_pending(old)
        unit.put_pending(other)
    stated = record.Statement(
        id=statement_id(1),
        account=BANK,
        commodity="CNY",
        file=record.Attachment("b3:", "s256:", 1, "text/csv", "x"),
        profile="icbc",
        first="2026-10-01",
        last="2026-10-31",
        lines=1,
    )
    with operation(book, verb="party", summary="party", by=ANN) as unit:
        unit.put_pending(new)
    with post(book) as unit:
        unit.posted([], [old, other, stated], ANN, sentence("post"))
    assert working.statement(book, 1).state == "posted"
    assert working.pending(book) == [new]
    assert working.pending_count(book) == 1


def test_records_wait_in_the_order_in_which_they_were_put() -> None:
    """A record stated again keeps its place, so that what names it still comes after it."""
    book = working_book()
    parties = [record.Party(id=statement_id(9 - n), salt=f"{n:032x}", name=f"Party {n}") for n in range(3)]
    again = record.Party(id=parties[0].id, salt="f" * 32, name="Party 0 Ltd")
    with operation(book, verb="party", summary="party", by=ANN) as unit:
        for party in (*parties, again):
            unit.put_pending(party)
    assert working.pending(book) == [again, *parties[1:]]


def test_what_is_not_there_is_refused_by_name() -> None:
    """A statement or line that is not there is named in the refusal, also one that cannot be."""
    book = working_book()
    with operation(book, verb="import", summary="import", by=ANN) as unit:
        unit.stage(statement(1, 1), staged(movement(1, -500)))
    for number in (2, 10**30):
        with pytest.raises(StatementUnknown, match=f"S-{number}"):
            working.statement(book, number)
        with pytest.raises(StatementUnknown), operation(book, verb="x", summary="x", by=ANN) as unit:
            unit.withdraw(number)
    for place in (2, LINES_MAX + 2, -1):
        with pytest.raises(StatementUnknown, match=f"line {place}"):
            working.line(book, 1, place)
        with pytest.raises(StatementUnknown), operation(book, verb="x", summary="x", by=ANN) as unit:
            unit.mark_lines(1, {1: Mark(reason="first"), place: Mark()})
    assert working.line(book, 1, 1).reason == ""


def test_lines_must_be_as_many_as_the_statement_says() -> None:
    """Too few, too many or misnumbered lines are a fault of the program, and a statement has an end."""
    book = working_book()
    lines = staged(movement(1, -500), movement(2, -600))
    for wrong in (lines[:1], [*lines, lines[0]], lines[::-1]):
        with pytest.raises(ValueError, match=r"\d"), operation(book, verb="x", summary="x", by=ANN) as unit:
            unit.stage(statement(1, 2), wrong)
    with pytest.raises(StatementTooLong), operation(book, verb="x", summary="x", by=ANN) as unit:
        unit.stage(statement(1, LINES_MAX + 1), lines)
    assert not any(dump(book).values())


def many(count: int) -> Iterator[StagedLine]:
    """Lines one by one, as a reader gives them."""
    for place in range(1, count + 1):
        yield StagedLine(place, movement(place, -place), place.to_bytes(16), 1, Fate.NEW)


def peak(count: int) -> int:
    """The most memory that staging, undoing and redoing so many lines takes at once, the library's aside."""
    book = working_book()
    tracemalloc.start()
    try:
        with operation(book, verb="import", summary="import", by=ANN) as unit:
            unit.stage(statement(1, count), many(count))
        operations.undo(book, by=ANN)
        operations.redo(book, by=ANN)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        book.connection.close()


def test_a_large_statement_needs_no_more_memory_than_a_small_one() -> None:
    """Staging, undo and redo take lines a thousand at a time."""
    few = peak(2_000)
    assert peak(10_000) < 3 * few
