"""No verb, import, rule, undo, hand-made batch or SQL through our connection gets an entry into a closed period."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.books.small_book import CMB, ICBC, import_lines, small_book

from cloudbooks.books import closing, correcting, drafting, posting, returning, statements, undoing
from cloudbooks.books.desk import Desk
from cloudbooks.books.ordering import base_of
from cloudbooks.books.planning import PeriodClosed
from cloudbooks.books.signing import signed
from cloudbooks.books.verifying import verify_this_book
from cloudbooks.chain import batch as batches
from cloudbooks.chain import record, sealing
from cloudbooks.chain.canonical import FormFault
from cloudbooks.core.period import Month
from cloudbooks.errors import CloudBooksError
from cloudbooks.store import commit as commits
from cloudbooks.store import locks, reading, sqlite, working
from cloudbooks.store.rebuilding import rebuild
from cloudbooks.store.writing import writing
from cloudbooks.system.chance import new_id
from cloudbooks.system.clock import instant

RULES = """
rules:
  - name: fees
    when: {text: {contains: fee}}
    then: {account: "5603"}
"""
DAYS = tuple(date(2026, month, day) for month in (8, 9, 10, 11) for day in (1, 15, 28))
MONTHS = tuple(Month(2026, month) for month in (8, 9, 10, 11))
Act = Callable[[Desk, random.Random], object]


def _add(desk: Desk, chance: random.Random) -> object:
    return drafting.add(desk, chance.choice(DAYS), "paper", "5602", "5", ICBC)


def _redate(desk: Desk, chance: random.Random) -> object:
    drafts = drafting.drafts(desk)
    number = chance.choice(drafts).number if drafts else 1
    return drafting.edit(desk, number, drafting.DraftChange(day=chance.choice(DAYS)))


def _import(desk: Desk, chance: random.Random) -> object:
    day = chance.choice(DAYS).isoformat()
    lines = [(day, "bank", "fee", f"-{chance.randint(1, 9999)}.00"), (day, "shop", "ink", "-3.00")]
    return import_lines(desk, lines, chance.choice((ICBC, CMB)), f"{chance.randint(0, 99)}.csv")


def _accept(desk: Desk, chance: random.Random) -> object:
    drafts = drafting.drafts(desk)
    return drafting.accept(desk, [chance.choice(drafts).number] if drafts else [], sure=chance.random() < 0.5)


def _post_all(desk: Desk, _chance: random.Random) -> object:
    return posting.post(desk, [], everything=True)


def _post_one(desk: Desk, chance: random.Random) -> object:
    drafts = drafting.drafts(desk)
    return posting.post(desk, [chance.choice(drafts).number if drafts else 1], everything=False)


def _correct(desk: Desk, chance: random.Random) -> object:
    with desk.open() as book:
        entries = list(reading.entries(book))
    word = chance.choice(entries).id
    day = chance.choice((None, *DAYS))
    return chance.choice((correcting.reverse, correcting.correct))(desk, word, day)


def _withdraw(desk: Desk, chance: random.Random) -> object:
    return statements.withdraw(desk, chance.randint(1, 4))


def _undo(desk: Desk, chance: random.Random) -> object:
    return chance.choice((undoing.undo, undoing.redo))(desk)


def _close(desk: Desk, chance: random.Random) -> object:
    return closing.close(desk, chance.choice(MONTHS), "as far as known")


def _reopen(desk: Desk, chance: random.Random) -> object:
    return closing.reopen(desk, chance.choice(MONTHS), "an invoice came late")


def _by_hand(desk: Desk, chance: random.Random) -> object:
    """A batch that no verb made, with an entry in any month, committed by the store itself."""
    with desk.open() as book:
        member, signer = desk.signer(book)
        chart = {one.code: one.id for one in reading.accounts(book)}
        entry = record.Entry(
            new_id(desk.clock), chance.choice(DAYS).isoformat(), "记", "by hand",
            (record.Line(chart["5602"], "CNY", "1.00"), record.Line(chart[ICBC], "CNY", "-1.00")), member.id,
        )  # fmt: skip
        now = instant(desk.clock.now())
        batch = batches.make(author=member.id, base=base_of(book), book=book.id, id=new_id(desk.clock), made_at=now,
                             program="by hand", records=[entry])  # fmt: skip
        return commits.commit(book, batch, sealing.seal(batch, signed(batches.note_text(batch), signer), now))


_COPY = (
    "INSERT INTO entry SELECT (SELECT max(key) + 1 FROM entry), randomblob(16), ?, series, number + 900, summary,"
    " (SELECT max(number) + 1 FROM log_block), 1, kind, made_by, NULL, NULL, more FROM entry LIMIT 1"
)


def _sql(desk: Desk, chance: random.Random) -> object:
    """An entry written into its table without a batch; what is not refused is rolled back."""
    day = chance.choice(DAYS)
    with desk.open() as book:
        if chance.random() < 0.5:
            return book.connection.execute(_COPY, (day.year * 10000 + day.month * 100 + day.day,))
        closed = reading.closed_through(book) or 0
        with writing(book):
            book.connection.execute(_COPY, (day.year * 10000 + day.month * 100 + day.day,))
            assert Month.of(day).key > closed
            raise sqlite.Error


def _sql_change(desk: Desk, chance: random.Random) -> object:
    """A posted entry moved to another day, or a lock taken away: never done."""
    statement = chance.choice(
        ("UPDATE entry SET date = 20260801", "DELETE FROM lock", "UPDATE lock SET through = 0",
         "UPDATE posting SET date = 20260801")
    )  # fmt: skip
    with desk.open() as book, writing(book):
        done = book.connection.execute(statement)
        assert done.rowcount == 0
        raise sqlite.Error


ACTS: tuple[Act, ...] = (
    _add, _add, _redate, _import, _accept, _post_all, _post_all, _post_one, _correct, _withdraw, _undo, _close, _close,
    _reopen, _by_hand, _sql, _sql_change,
)  # fmt: skip


def _entries(desk: Desk) -> dict[str, tuple[int, int]]:
    """The posted entries with their month and block."""
    with desk.open() as book:
        return {one.id: (Month.of(one.date).key, one.block) for one in reading.entries(book)}


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from(range(len(ACTS))), st.integers(0, 1 << 32)), min_size=8, max_size=40))
def test_nothing_enters_a_closed_period(steps: list[tuple[int, int]]) -> None:
    """Whatever is done in whatever order, an entry that appears is dated after the last closed month, and it verifies.

    Every step may be refused; none may end in anything but a refusal, a broken law, or a word of SQLite's.
    """
    with TemporaryDirectory() as folder:
        desk = small_book(Path(folder), rules=RULES)
        known = _entries(desk)
        for act, seed in steps:
            with desk.open() as book:
                closed = reading.closed_through(book) or 0
            with suppress(CloudBooksError, FormFault, sqlite.Error):
                ACTS[act](desk, random.Random(seed))
            now = _entries(desk)
            assert known.items() <= now.items()
            assert all(month > closed for one, (month, _) in now.items() if one not in known)
            known = now
        verdict = verify_this_book(desk).verdict
        assert verdict.valid
        assert verdict.consistent == verdict.blocks
        # A batch made by hand is signed, and the head after it is not.
        assert {one.code for one in verdict.findings} <= {"checkpoint-behind"}
        with desk.open() as book:
            rebuild(book)
        assert _entries(desk) == known


def test_the_walk_is_no_row_of_refusals(tmp_path: Path) -> None:
    """Of many random steps each kind that may succeed does: what the property says is said of things that happen."""
    desk = small_book(tmp_path, rules=RULES)
    chance, done = random.Random(7), set()
    for _ in range(250):
        act = chance.choice(ACTS)
        with suppress(CloudBooksError, FormFault, sqlite.Error):
            act(desk, chance)
            done.add(act)
    assert done == {*ACTS} - {_sql, _sql_change}


def _closed_book(folder: Path) -> Desk:
    desk = small_book(folder, rules=RULES)
    drafting.add(desk, date(2026, 10, 5), "paper", "5602", "5", ICBC)
    posting.post(desk, [], everything=True)
    closing.close(desk, Month(2026, 10), "as far as known")
    return desk


def test_sql_cannot_put_an_entry_into_a_closed_period(tmp_path: Path) -> None:
    """The table itself refuses it, inside a write transaction of our own; an open month is none of its business."""
    desk = _closed_book(tmp_path)
    with desk.open() as book:
        with pytest.raises(sqlite.IntegrityError, match="closed period"), writing(book):
            book.connection.execute(_COPY, (20261031,))
        with pytest.raises(sqlite.OperationalError, match="readonly"):
            book.connection.execute(_COPY, (20261101,))


def test_a_withdrawal_reverses_into_the_open_period(tmp_path: Path) -> None:
    """Entries of a closed month get reversals in an open one, whose posting is no trouble."""
    desk = small_book(tmp_path, rules=RULES)
    import_lines(desk, [("2026-10-05", "bank", "fee", "-7.00")])
    drafting.accept(desk, [], sure=True)
    posting.post(desk, [], everything=True)
    closing.close(desk, Month(2026, 11), "as far as known")
    (reversal,) = statements.withdraw(desk, 1).reversals
    assert reversal.date == date(2026, 12, 1)
    posting.post(desk, [reversal.number], everything=False)
    assert verify_this_book(desk).verdict.valid


def test_a_batch_that_returns_from_a_closed_period_waits(tmp_path: Path) -> None:
    """What gives way to another copy's close becomes a draft, and its post is refused with the day to use instead."""
    desk = _closed_book(tmp_path)
    with desk.open() as book:
        entry = next(one for one in reading.entries(book) if one.summary == "paper")
        draft = returning._draft(entry, closing.PeriodNotLast(Month(2026, 10), None).message)
    kept = drafting.keep(desk, draft).draft
    drafting.accept(desk, [kept.number], sure=False)
    with pytest.raises(PeriodClosed, match="2026-10 was closed"):
        posting.post(desk, [kept.number], everything=False)


def test_a_correction_never_lands_in_a_closed_period(tmp_path: Path) -> None:
    """Without a day it is dated in the first open period; a closed day is refused before any draft is made."""
    desk = _closed_book(tmp_path)
    closing.close(desk, Month(2026, 11), "as far as known")
    with pytest.raises(PeriodClosed):
        correcting.correct(desk, "2026-10/记-2", date(2026, 11, 30))
    assert drafting.drafts(desk) == ()
    done = correcting.correct(desk, "2026-10/记-2", None)
    assert {one.date for one in (done.reversal, done.replacement) if one} == {date(2026, 12, 1)}


def test_the_texts_of_a_correction_say_which_entry(tmp_path: Path) -> None:
    """会计基础工作规范 art. 51: 注销某月某日某号凭证, 订正某月某日某号凭证; another year is said."""
    desk = _closed_book(tmp_path)
    done = correcting.correct(desk, "2026-10/记-2", date(2026, 11, 3))
    assert done.reversal.summary == "注销10月5日记-0002号凭证 paper"
    assert done.replacement is not None
    assert done.replacement.summary == "订正10月5日记-0002号凭证 paper"
    undoing.undo(desk)
    done = correcting.reverse(desk, "2026-10/记-2", date(2027, 1, 3))
    assert done.reversal.summary == "注销2026年10月5日记-0002号凭证 paper"


def test_a_reopen_gives_back_the_close_before_it(tmp_path: Path) -> None:
    """Closed through October, then November: the reopen of November leaves October closed, by its own close."""
    desk = _closed_book(tmp_path)
    closing.close(desk, Month(2026, 11), "as far as known")
    assert closing.reopen(desk, Month(2026, 11), "late").through == Month(2026, 10)
    with desk.open() as book:
        assert locks.closing_of(book, 202611) is None
        october, september = locks.closing_of(book, 202610), locks.closing_of(book, 202609)
        assert october == september
        assert october is not None
        assert october.month == 202610
        assert working.drafts(book) == []
    assert [row.reopened is not None for row in closing.periods(desk)] == [False, True]
