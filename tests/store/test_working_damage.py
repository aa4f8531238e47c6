"""What another program, or rot, does to the working state is found: every column of every table, lost and old rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.store.working_book import (
    ANN,
    account,
    draft,
    movement,
    post,
    settling,
    staged,
    statement,
    statement_id,
    working_book,
)

from cloudbooks.store import operations, working
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.checking_working import check_working
from cloudbooks.store.row_text import TextNotUnicode, WorkingRowDamaged
from cloudbooks.store.unit import operation
from cloudbooks.store.working_rows import TABLES


def full_book() -> BookFile:
    """A book with rows in every table of the working state."""
    book = working_book()
    with operation(book, verb="import", summary="import", by=ANN) as unit:
        unit.stage(statement(1, 2), staged(movement(1, -500, reference="id-1"), movement(2, 700)))
        unit.keep_drafts([settling(f"{statement_id(1)}/1"), draft()])
        unit.put_pending(account("5602", "Office", 1))
        unit.put_setting("series", "记")
        unit.remember("K", "{}")
    with post(book) as unit:
        unit.put_setting("lang", "zh")
    with operation(book, verb="set", summary="set", by=ANN) as unit:
        unit.put_setting("series", "J")
    return book


def codes(book: BookFile) -> list[tuple[str, str]]:
    """What is found, by code and table."""
    return [(finding.code, finding.where.split()[1].rstrip(",")) for finding in check_working(book.connection)]


COLUMNS = [(table.name, column) for table in TABLES.values() for column in table.columns]


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_any_changed_column_is_found(table: str, column: str) -> None:
    """Whichever column of whichever table is changed in one row, that table is named."""
    book = full_book()
    assert codes(book) == []
    book.connection.execute("DROP TRIGGER operation_not_changed")
    key = TABLES[table].columns[0]
    book.connection.execute(
        f"UPDATE {table} SET {column} = CASE typeof({column}) WHEN 'integer' THEN {column} + 77"
        f" WHEN 'text' THEN {column} || 'x' ELSE CAST(x'00' || substr({column}, 2) AS BLOB) END"
        f" WHERE {key} = (SELECT max({key}) FROM {table} WHERE {column} IS NOT NULL)"
    )
    assert book.connection.execute("SELECT changes()").fetchone() == (1,)
    assert ("working-row-damaged", table) in codes(book)


@pytest.mark.parametrize("table", sorted(TABLES.keys() - {"working_tally"}))
def test_a_lost_row_is_found(table: str) -> None:
    """A row that is gone leaves no digest behind to disagree; the tally of its table does."""
    book = full_book()
    book.connection.execute("DROP TRIGGER operation_not_removed")
    key = TABLES[table].columns[0]
    book.connection.execute(f"DELETE FROM {table} WHERE {key} = (SELECT min({key}) FROM {table})")
    assert codes(book) == [("working-rows-lost", table)]


def test_a_lost_tally_is_found() -> None:
    """A table with rows and without a tally was tampered with."""
    book = full_book()
    book.connection.execute("DELETE FROM working_tally WHERE name = 'draft'")
    assert codes(book) == [("working-rows-lost", "draft")]


def test_an_old_row_put_back_is_found() -> None:
    """A row that was true once, digest and all, is not taken for the one that was kept last."""
    book = full_book()
    old = book.connection.execute("SELECT state, sure, body, digest FROM draft WHERE number = 2").fetchone()
    with operation(book, verb="edit", summary="edit", by=ANN) as unit:
        unit.keep_draft(replace(working.draft(book, 2), summary="other"))
    book.connection.execute("UPDATE draft SET state = ?, sure = ?, body = ?, digest = ? WHERE number = 2", old)
    assert working.draft(book, 2).summary == "Staples paper"
    assert codes(book) == [("working-rows-lost", "draft")]


def _add(book: BookFile) -> None:
    with operation(book, verb="add", summary="add", by=ANN) as unit:
        unit.keep_draft(draft())


READERS: dict[str, tuple[str, Callable[[BookFile], object]]] = {
    "draft": ("UPDATE draft SET state = 'held'", lambda book: working.draft(book, 1)),
    "drafts": ("UPDATE draft SET body = '{}'", working.drafts),
    "statement": ("UPDATE staged_statement SET state = 'posted'", lambda book: working.statement(book, 1)),
    "statements": ("UPDATE staged_statement SET account = ''", working.statements),
    "lines": ("UPDATE staged_line SET amount = 1", lambda book: working.lines(book, 1)),
    "line": ("UPDATE staged_line SET fate = 'seen'", lambda book: working.line(book, 1, 2)),
    "pending": ("UPDATE pending SET place = 7", working.pending),
    "setting": ("UPDATE setting SET value = 'X'", lambda book: working.setting(book, "series")),
    "settings": ("UPDATE setting SET value = 'X'", working.settings),
    "remembered": ("UPDATE remembered SET result = '[]'", lambda book: working.remembered(book, "K")),
    "operations": ("UPDATE operation SET member = 'eve'", lambda book: operations.operations(book, 10)),
    "counter": ("UPDATE counter SET last = 0", _add),
}


@pytest.mark.parametrize("name", READERS)
def test_a_changed_row_is_not_read_as_true(name: str) -> None:
    """Every reader checks the digests of the rows that it reads."""
    change, read = READERS[name]
    book = full_book()
    book.connection.execute("DROP TRIGGER operation_not_changed")
    read(book)
    book.connection.execute(change)
    with pytest.raises(WorkingRowDamaged):
        read(book)


def test_a_damaged_draft_can_be_discarded() -> None:
    """What the finding tells to do works: the draft goes, its lines are free, and nothing is found any more."""
    book = full_book()
    book.connection.execute("UPDATE draft SET state = 'posted', digest = x'00' WHERE number = 1")
    finding, *_ = check_working(book.connection)
    assert str(finding.hint) == "cloudbooks draft discard D-1"
    with operation(book, verb="draft discard", summary="discard", by=ANN) as unit:
        unit.discard_draft(1)
    assert codes(book) == []
    assert working.line(book, 1, 1).draft == 0
    assert [one.number for one in working.drafts(book)] == [2]


def test_recounting_takes_the_rows_for_true() -> None:
    """After a loss that is accepted, the book is at peace with itself again."""
    book = full_book()
    book.connection.execute("DELETE FROM setting")
    with operation(book, verb="doctor", summary="recount", by=ANN) as unit:
        unit.recount()
    assert codes(book) == []


GARBAGE = [
    "UPDATE draft SET body = CAST(x'ff' AS TEXT)",
    "UPDATE staged_line SET fingerprint = x''",
    "DROP TABLE draft",
    "DROP TABLE working_tally",
    "UPDATE working_tally SET name = CAST(x'ff' AS TEXT) WHERE name = 'draft'",
    "UPDATE working_tally SET sum = x'', rows = -9223372036854775807",
    "UPDATE operation_image SET first = 1.5, last = x'00'",
    "UPDATE setting SET value = char(0)",
]


@pytest.mark.parametrize("change", GARBAGE)
def test_garbage_is_a_finding(change: str) -> None:
    """Nothing that stands in the file makes the check raise, and none of it goes unsaid."""
    book = full_book()
    book.connection.execute(change)
    assert codes(book)


def test_what_is_found_says_what_to_do() -> None:
    """Findings speak of drafts, lines and statements, not of rows."""
    book = full_book()
    book.connection.execute("UPDATE staged_line SET amount = 1 WHERE draft = 0")
    (finding,) = check_working(book.connection)
    assert str(finding.message).startswith("line 2 of statement S-1 was changed outside this program")
    assert str(finding.hint) == "cloudbooks statement withdraw S-1, then import its file again"


def test_half_a_character_is_refused() -> None:
    """A text that no file can keep, as a terminal in another encoding passes it, is refused in words."""
    book = working_book()
    with pytest.raises(TextNotUnicode), operation(book, verb="add", summary="add", by=ANN) as unit:
        unit.keep_draft(draft("caf\udce9"))
    with pytest.raises(TextNotUnicode), operation(book, verb="add", summary="add", by=ANN) as unit:
        unit.keep_drafts([draft("caf\udce9")] * 1000)
    with pytest.raises(TextNotUnicode), operation(book, verb="add", summary="caf\udce9", by=ANN) as unit:
        unit.put_setting("series", "J")
    with pytest.raises(TextNotUnicode), operation(book, verb="add", summary="add", by=ANN) as unit:
        unit.put_setting("series", "\udce9")


def test_the_log_of_operations_only_grows() -> None:
    """SQL alone can neither change nor remove what was done and by whom."""
    book = full_book()
    for change in ("UPDATE operation SET member = 'eve'", "DELETE FROM operation"):
        with pytest.raises(Exception, match="only grows"):
            book.connection.execute(change)
