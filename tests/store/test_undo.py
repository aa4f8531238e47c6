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
    post,
    settling,
    staged,
    statement,
    statement_id,
    working_book,
)

from cloudbooks.core.draft import DraftState
from cloudbooks.core.statement import Fate
from cloudbooks.errors import counted, sentence
from cloudbooks.store import working
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.checking_working import check_working
from cloudbooks.store.operations import (
    NothingToRedo,
    NothingToUndo,
    OperationKind,
    UndoPosted,
    keep_result,
    operations,
    redo,
    undo,
)
from cloudbooks.store.row_text import Row, WorkingRowDamaged
from cloudbooks.store.staged import Mark
from cloudbooks.store.unit import KeyTaken, Unit, operation


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

    @rule(amounts=st.lists(st.integers(-(10**6), 10**6), min_size=1, max_size=5), first=st.booleans())
    def stage(self, amounts: list[int], first: bool) -> None:  # noqa: FBT001 - drawn by hypothesis
        """Two statements, with drafts that settle their lines, made before them or after both."""
        numbers = [self.statements + 1, self.statements + 2]
        self.statements += 2
        lines = staged(*(movement(row, amount) for row, amount in enumerate(amounts)))
        drafts = [settling(f"{statement_id(number)}/{line.place}") for number in numbers for line in lines]

        def act(unit: Unit) -> None:
            kept = unit.keep_drafts(drafts) if first else []
            for number in numbers:
                drafted = {line.place: one.number for line, one in zip(lines, kept, strict=False)}
                del kept[: len(lines)]
                unit.stage(statement(number, len(lines)), [line.drafted(drafted.get(line.place)) for line in lines])
            if not first:
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
        found = working.statements(self.book)
        lines = working.lines(self.book, found[0].number) if found else []
        marks = {line.place: Mark(line.draft, entry, fate, "by hand") for line in lines}
        if marks:
            self.do(lambda unit: unit.mark_lines(1, marks))

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

        def act(unit: Unit) -> None:
            if value is None:
                unit.drop_setting(key)
            else:
                unit.put_setting(key, value)

        self.do(act)

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
TestBookkeeping.settings = settings(max_examples=30, stateful_step_count=20, deadline=None)


def test_a_post_is_not_undone() -> None:
    """Undo stops at a post and names it, its member, its time and its first voucher; what came after it is undone."""
    book = working_book()
    with operation(book, verb="add", summary="add", by=ANN) as unit:
        made = unit.keep_draft(draft())
    with post(book, block=42, voucher="记-0012") as unit:
        unit.posted([(made, "entry")], [], ANN, counted("post {n} entry", "post {n} entries", 6))
    posted = dump(book)
    with operation(book, verb="add", summary="add", by=ANN) as unit:
        unit.keep_draft(draft())
    undo(book, by=ANN)
    assert dump(book) == posted
    with pytest.raises(UndoPosted) as refused:
        undo(book, by=ANN)
    assert str(refused.value.message).startswith('the last operation is "post 6 entries" (')
    assert str(refused.value.message).endswith("); what is posted is not undone.")
    assert str(refused.value.hint) == "cloudbooks entry correct 记-0012"
    assert dump(book) == posted


def test_a_post_without_an_entry_points_to_its_block() -> None:
    """Where a post gave no voucher number, the hint names the block."""
    book = working_book()
    with post(book, block=3, voucher="") as unit:
        unit.put_setting("series", "J")
    with pytest.raises(UndoPosted) as refused:
        undo(book, by=ANN)
    assert str(refused.value.hint) == "cloudbooks batch show 3"


def test_a_post_forgets_what_led_to_it() -> None:
    """After a post no image of earlier rows is left in the file, while the log still tells of every operation."""
    book = working_book()
    with operation(book, verb="add", summary="add", by=ANN) as unit:
        unit.keep_draft(draft())
    with post(book) as unit:
        unit.put_setting("series", "J")
    assert book.connection.execute("SELECT count(*) FROM operation_image").fetchone() == (0,)
    assert [one.verb for one in operations(book, 10)] == ["post", "add"]
    with pytest.raises(NothingToRedo):
        redo(book, by=ANN)


def test_the_log_tells_of_undo_and_redo() -> None:
    """Each undo and redo is a row that names its operation; whether an operation stands is seen from the log."""
    book = working_book()
    with operation(book, verb="add", summary=sentence("add {summary}", summary="Staples"), by=ANN) as unit:
        unit.keep_draft(draft())
    assert undo(book, by=ANN).number == 1
    assert redo(book, by=ANN).number == 1
    assert undo(book, by="bob").number == 1
    log = operations(book, 10)
    assert [(one.kind, one.target, one.by) for one in log] == [
        (OperationKind.UNDO, 1, "bob"),
        (OperationKind.REDO, 1, ANN),
        (OperationKind.UNDO, 1, ANN),
        (OperationKind.DO, 0, ANN),
    ]
    assert [one.undone for one in log] == [False, False, False, True]
    assert str(log[0].summary) == "undo: add Staples"
    assert log[-1].summary == sentence("add {summary}", summary="Staples")
    assert [one.number for one in operations(book, 2)] == [4, 3]


def test_what_a_new_operation_cut_off_stays_undone() -> None:
    """After undo and something new, redo does the new one again and never what was cut off."""
    book = working_book()
    for summary in ("first", "second"):
        with operation(book, verb="add", summary=summary, by=ANN) as unit:
            unit.put_setting("last", summary)
    undo(book, by=ANN)
    undo(book, by=ANN)
    with operation(book, verb="add", summary="third", by=ANN) as unit:
        unit.put_setting("last", "third")
    assert book.connection.execute("SELECT count(*) FROM operation_image").fetchone() == (1,)
    assert str(undo(book, by=ANN).summary) == "third"
    assert str(redo(book, by=ANN).summary) == "third"
    assert working.setting(book, "last") == "third"
    with pytest.raises(NothingToRedo):
        redo(book, by=ANN)


def test_an_operation_that_changes_nothing_leaves_no_trace() -> None:
    """Keeping what is kept already is no operation, so that undo is never without effect."""
    book = working_book()
    with operation(book, verb="set", summary="set", by=ANN) as unit:
        unit.put_setting("series", "J")
    with operation(book, verb="set", summary="set", by=ANN) as unit:
        unit.put_setting("series", "J")
        unit.drop_setting("lang")
    assert len(operations(book, 10)) == 1


def test_an_operation_that_raises_leaves_no_trace() -> None:
    """When the block raises, nothing of it is kept, its number included."""
    book = working_book()
    with pytest.raises(KeyError):
        keep_then_raise(book)
    assert not any(dump(book).values())
    assert operations(book, 10) == []


def keep_then_raise(book: BookFile) -> None:
    """An operation that ends in an exception of the caller's."""
    with operation(book, verb="add", summary="add", by=ANN) as unit:
        unit.keep_drafts([draft(), draft()])
        raise KeyError


def test_a_key_is_kept_once_and_undone_with_its_operation() -> None:
    """A key names its first result; undoing what was done under it lets it be done anew."""
    book = working_book()
    with operation(book, verb="add", summary="add", by=ANN) as unit:
        unit.keep_draft(draft())
    keep_result(book, "K", '{"draft":"D-1"}')
    assert working.remembered(book, "K") == '{"draft":"D-1"}'
    for keep in (keep_result, remember):
        with pytest.raises(KeyTaken) as taken:
            keep(book, "K", "{}")
        assert taken.value.result == '{"draft":"D-1"}'
    undo(book, by=ANN)
    assert working.remembered(book, "K") is None
    with post(book) as unit:
        unit.put_setting("series", "J")
    keep_result(book, "K", "{}")
    assert working.remembered(book, "K") == "{}"
    assert list(check_working(book.connection)) == []


def remember(book: BookFile, key: str, result: str) -> None:
    """Keep a key in an operation of its own."""
    with operation(book, verb="x", summary="x", by=ANN) as unit:
        unit.remember(key, result)


def test_undo_refuses_rows_that_are_not_what_was_kept() -> None:
    """Where another program changed a row, undo names it and changes nothing."""
    book = working_book()
    with operation(book, verb="add", summary="add", by=ANN) as unit:
        unit.keep_drafts([draft(), draft()])
    book.connection.execute("UPDATE draft SET sure = 1 WHERE number = 2")
    before = dump(book)
    with pytest.raises(WorkingRowDamaged, match="draft D-2"):
        undo(book, by=ANN)
    assert dump(book) == before
    assert len(operations(book, 10)) == 1


def test_a_damaged_image_is_not_put_back() -> None:
    """What undo keeps is under a digest too: a changed image is named, and nothing is undone."""
    book = working_book()
    for value in ("J", "记"):
        with operation(book, verb="set", summary="set", by=ANN) as unit:
            unit.put_setting("series", value)
    book.connection.execute("UPDATE operation_image SET image = replace(image, 'J', 'K')")
    with pytest.raises(WorkingRowDamaged, match="what undo keeps of operation 2"):
        undo(book, by=ANN)
    assert working.setting(book, "series") == "记"


def test_what_continues_an_operation_is_undone_with_it() -> None:
    """A draft that is kept at every key press is one operation: one undo takes all of it back, one redo brings it."""
    book = working_book()
    with operation(book, verb="add", summary="earlier", by=ANN) as unit:
        old = unit.keep_draft(draft("before"))
    start = dump(book)
    with operation(book, verb="draft keep", summary="typed", by=ANN) as unit:
        first = unit.number
        new = unit.keep_draft(draft("a"))
    for summary in ("ab", "abc"):
        with operation(book, verb="draft keep", summary="typed", by=ANN, continuing=first) as unit:
            unit.keep_draft(replace(new, summary=summary))
            unit.keep_draft(replace(old, summary=summary))
    end = dump(book)
    assert [str(one.summary) for one in operations(book, 9)] == ["typed", "earlier"]
    undo(book, by=ANN)
    assert dump(book) == start
    redo(book, by=ANN)
    assert dump(book) == end


def test_what_was_done_in_between_ends_a_continued_operation() -> None:
    """After another operation or an undo, what is typed on is an operation of its own."""
    book = working_book()
    with operation(book, verb="draft keep", summary="typed", by=ANN) as unit:
        first = unit.number
        new = unit.keep_draft(draft("a"))
    with operation(book, verb="add", summary="another", by=ANN) as unit:
        unit.keep_draft(draft("other"))
    between = dump(book)
    with operation(book, verb="draft keep", summary="typed on", by=ANN, continuing=first) as unit:
        assert unit.number != first
        unit.keep_draft(replace(new, summary="ab"))
    undo(book, by=ANN)
    assert dump(book) == between
    with operation(book, verb="draft keep", summary="typed on", by=ANN, continuing=first + 2) as unit:
        assert unit.number > first + 2
