"""Undo: until a post, everything can be taken back, byte for byte, and done again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.store.working_book import (
    ANN,
    account,
    draft,
    dump,
    movement,
    settling,
    staged,
    statement,
    statement_id,
    working_book,
)

from cloudbooks.core.draft import DraftState
from cloudbooks.core.statement import Fate
from cloudbooks.store import working
from cloudbooks.store.checking_working import check_working
from cloudbooks.store.operations import (
    NothingToRedo,
    NothingToUndo,
    keep_result,
    redo,
    undo,
)
from cloudbooks.store.row_text import Row
from cloudbooks.store.staged import Mark
from cloudbooks.store.unit import Unit, operation


class Bookkeeping(RuleBasedStateMachine):
    """Random operations with undos and redos among them; `past` and `future` are the states that must come back."""

    @initialize()
    def open(self) -> None:
        """An empty book."""
        self.book = working_book()
        self.past: list[dict[str, list[Row]]] = []
        self.future: list[dict[str, list[Row]]] = []
        self.statements = 0
        self.salt = 0

    def do(self, act: Callable[[Unit], object]) -> None:
        """One operation; if it changes nothing, there is nothing to undo."""
        before = dump(self.book)
        with operation(self.book, verb="test", summary="test", by=ANN) as unit:
            act(unit)
        if dump(self.book) != before:
            self.past.append(before)
            self.future.clear()

    @rule(amounts=st.lists(st.integers(1, 10**9), min_size=1, max_size=4))
    def add(self, amounts: list[int]) -> None:
        """New drafts."""
        self.do(lambda unit: unit.keep_drafts([draft(amount=amount) for amount in amounts]))

    @rule(summary=st.text(st.characters(codec="utf-8"), max_size=8))
    def edit(self, summary: str) -> None:
        """Some drafts said anew, some of them discarded, one made, all in one operation."""
        kept = working.drafts(self.book)
        changed = kept[::2]
        dropped = [one.number for one in kept[1::4]]

        def act(unit: Unit) -> None:
            unit.keep_drafts([*(replace(one, summary=summary) for one in changed), draft(summary)])
            unit.discard_drafts(dropped)
            unit.keep_drafts([replace(one, sure=True) for one in changed])

        self.do(act)

    @rule()
    def accept(self) -> None:
        """All drafts accepted; accepting again changes nothing."""
        kept = working.drafts(self.book)
        self.do(lambda unit: unit.keep_drafts([replace(one, state=DraftState.READY) for one in kept]))

    @rule(amounts=st.lists(st.integers(-(10**6), 10**6), min_size=1, max_size=5), drafted=st.booleans())
    def stage(self, amounts: list[int], drafted: bool) -> None:  # noqa: FBT001 - drawn by hypothesis
        """A statement, with drafts that settle its lines, made after it or before it."""
        self.statements += 1
        number = self.statements
        lines = staged(*(movement(row, amount) for row, amount in enumerate(amounts)))
        drafts = [settling(f"{statement_id(number)}/{line.place}") for line in lines]

        def act(unit: Unit) -> None:
            if drafted:
                kept = unit.keep_drafts(drafts)
                unit.stage(
                    statement(number, len(lines)),
                    [line.drafted(one.number) for line, one in zip(lines, kept, strict=True)],
                )
            else:
                unit.stage(statement(number, len(lines)), lines)
                unit.keep_drafts(drafts)

        self.do(act)

    @rule(last=st.booleans())
    def withdraw(self, last: bool) -> None:  # noqa: FBT001 - drawn by hypothesis
        """The first or the last statement taken back."""
        found = working.statements(self.book)
        if found:
            self.do(lambda unit: unit.withdraw(found[-1 if last else 0].number))

    @rule(entry=st.sampled_from(["", "019a9c3e-7b00-7000-8000-000000000900"]), fate=st.sampled_from(Fate))
    def mark(self, entry: str, fate: Fate) -> None:
        """Lines marked by hand."""
        for one in working.statements(self.book)[:1]:
            marks = {
                line.place: Mark(line.draft, entry, fate, "by hand") for line in working.lines(self.book, one.number)
            }
            self.do(lambda unit, number=one.number, marks=marks: unit.mark_lines(number, marks))

    @rule(code=st.sampled_from(["5602", "5603"]), name=st.sampled_from(["Office", "Travel", "差旅费"]))
    def state_account(self, code: str, name: str) -> None:
        """An account that waits, stated for the first time or anew."""
        self.salt += 1
        self.do(lambda unit: unit.put_pending(account(code, name, self.salt)))

    @rule()
    def drop_account(self) -> None:
        """An account that waits no longer."""
        self.do(lambda unit: unit.drop_pending(account("5602", "Office", 0).id, "no such id"))

    @rule(key=st.sampled_from(["series", "lang"]), value=st.sampled_from([None, "记", "J"]))
    def set(self, key: str, value: str | None) -> None:
        """A setting put or dropped."""
        self.do(lambda unit: unit.drop_setting(key) if value is None else unit.put_setting(key, value))

    @rule(key=st.sampled_from("abc"), later=st.booleans())
    def remember(self, key: str, later: bool) -> None:  # noqa: FBT001 - drawn by hypothesis
        """A key with its result, kept in the operation or added to it."""
        if working.remembered(self.book, key) is not None:
            return

        def act(unit: Unit) -> None:
            unit.put_setting("last", key)
            if not later:
                unit.remember(key, '{"done":true}')

        before = len(self.past)
        self.do(act)
        if later and len(self.past) > before:
            keep_result(self.book, key, '{"done":true}')

    @precondition(lambda self: self.past)
    @rule()
    def undo(self) -> None:
        """One step back."""
        now = dump(self.book)
        undo(self.book, by=ANN)
        assert dump(self.book) == self.past.pop()
        self.future.append(now)

    @precondition(lambda self: self.future)
    @rule()
    def redo(self) -> None:
        """One step forward again."""
        now = dump(self.book)
        redo(self.book, by=ANN)
        assert dump(self.book) == self.future.pop()
        self.past.append(now)

    @precondition(lambda self: not self.future)
    @rule()
    def redo_nothing(self) -> None:
        """What a new operation cut off is not done again."""
        with pytest.raises(NothingToRedo):
            redo(self.book, by=ANN)

    @invariant()
    def whole(self) -> None:
        """The digests and tallies agree at every moment."""
        assert list(check_working(self.book.connection)) == []

    def teardown(self) -> None:
        """From wherever it stands, undo leads back to the beginning, and then says that there is nothing."""
        if not hasattr(self, "book"):
            return
        while self.past:
            undo(self.book, by=ANN)
            assert dump(self.book) == self.past.pop()
        with pytest.raises(NothingToUndo):
            undo(self.book, by=ANN)
        assert not any(dump(self.book).values())
        self.book.connection.close()


TestBookkeeping = Bookkeeping.TestCase
TestBookkeeping.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)
