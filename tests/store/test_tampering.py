"""Another program's change to any posted row is found by verifying, and by the guard before anything is posted."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.chain.strategies import BOOK
from tests.store.posted_book import PostedBook, another_program, without_triggers

from cloudbooks.chain import sealing
from cloudbooks.chain.verdict import Policy
from cloudbooks.store import keeping_log, log, meta, receipt, sqlite, tables
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.commit import commit
from cloudbooks.store.comparing import verify_book
from cloudbooks.store.schema_posted import DERIVED_TABLES
from cloudbooks.store.whole import PostedChanged

TABLES = {table.name: table for table in tables.ALL}
OTHERS = {
    "log_block": ("number",),
    "log_batch": ("block", "part"),
    "attachment": ("b3",),
    "cosignature": ("size",),
    "timestamp": ("size",),
}


class WholeBook(PostedBook):
    """A book that can be put back: the bytes of its file and of its receipt."""

    whole: dict[Path, bytes]


@pytest.fixture(scope="module")
def template(ram_folder: Path) -> WholeBook:
    """A book with rows in nearly every table."""
    posted = WholeBook(ram_folder)
    posted.fill()
    posted.whole = {path: path.read_bytes() for path in (posted.path, receipt.path_of(posted.home, BOOK))}
    return posted


@pytest.fixture
def posted(template: WholeBook) -> PostedBook:
    """The same, to be touched: its file and receipt are put back as they were."""
    for name, data in template.whole.items():
        name.write_bytes(data)
    return template


def codes(posted: PostedBook) -> set[str]:
    """What verifying finds, but for the file of a statement that was never at hand, and that the file was touched."""
    verdict = posted.verdict()
    found = {finding.code for finding in verdict.findings} - {"attachment-missing", "file-touched"}
    assert verdict.valid == (not found)
    return found


def filled(connection: sqlite.Connection, name: str) -> bool:
    """Whether a table has a row."""
    return connection.execute(f"SELECT 1 FROM {name} LIMIT 1").fetchone() is not None


def other_values(connection: sqlite.Connection, table: str, column: str) -> list[str]:
    """SQL of other values that a column may take: another of its own kind, and an empty one."""
    (kind,) = connection.execute(f"SELECT typeof({column}) FROM {table} LIMIT 1").fetchone()
    return {
        "integer": [f"{column} + 1", f"-{column} - 1"],
        "text": [f"{column} || 'x'", f"CASE {column} WHEN '' THEN 'y' ELSE '' END"],
        "blob": [f"CAST({column} || x'00' AS BLOB)", "zeroblob(1)"],
        "null": ["1"],
    }[kind]


def test_an_untouched_book_is_clean(posted: PostedBook) -> None:
    """Nothing is found where nothing was touched."""
    assert codes(posted) == set()


def test_every_derived_table_is_known() -> None:
    """What a rebuild drops is what is compared."""
    assert set(TABLES) == set(DERIVED_TABLES)


@pytest.mark.parametrize("name", DERIVED_TABLES)
def test_every_column_of_every_derived_row_is_compared(posted: PostedBook, name: str) -> None:
    """Whichever column of whichever row is changed, verifying says that posted data was changed."""
    whole = posted.path.read_bytes()
    with another_program(posted.path) as connection:
        assert filled(connection, name) or name == "rules"
        columns = TABLES[name].columns if filled(connection, name) else ()
        changes = [(column, other) for column in columns for other in other_values(connection, name, column)]
    for column, other in changes:
        posted.path.write_bytes(whole)
        with another_program(posted.path) as connection:
            key = f"rowid IN (SELECT rowid FROM {name} LIMIT 1)"
            if name in {
                "node",
                "member_key",
                "identity",
                "salt",
                "posting",
                "settled",
                "balance",
                "leaf",
                "last_number",
            }:
                first = TABLES[name].columns[: TABLES[name].keys]
                key = f"({', '.join(first)}) = (SELECT {', '.join(first)} FROM {name} LIMIT 1)"
            try:
                without_triggers(connection, f"UPDATE {name} SET {column} = {other} WHERE {key}")
            except sqlite.IntegrityError:
                continue
        assert "posted-changed" in codes(posted), (column, other)


@pytest.mark.parametrize("name", DERIVED_TABLES)
def test_a_row_that_is_gone_is_missed(posted: PostedBook, name: str) -> None:
    """Whichever derived table loses its rows, verifying says so."""
    with another_program(posted.path) as connection:
        if not filled(connection, name):
            return
        without_triggers(connection, f"DELETE FROM {name}")
    assert "posted-changed" in codes(posted)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO posting SELECT entry, line + 10, account, date, commodity, amount, value, red, party FROM posting",
        "INSERT INTO posting SELECT entry + 90, line, account, date, commodity, amount, value, red, party FROM posting",
        """INSERT INTO entry SELECT key + 90, id, date, series, number + 90, summary, block, record, kind, made_by,
        NULL, replaces, more FROM entry""",
        "INSERT INTO balance SELECT account, commodity, month + 1, closing, 1, 1, 1, 1, 1 FROM balance",
        "INSERT INTO leaf VALUES (99, 1, 1, 1, 1, 1, 1, 1)",
        "INSERT INTO identity VALUES (x'00', 8, 1)",
        "INSERT INTO settled VALUES (1, 2, 2)",
        "INSERT INTO lock SELECT key + 1, id, closes, month + 1, through, reason, block, record FROM lock",
        """INSERT INTO account SELECT key + 90, zeroblob(16), salt, code || 'x', name, kind, class, parent, commodity,
        dimensions, closed, block, record FROM account""",
        "INSERT INTO salt VALUES (zeroblob(16), 0)",
        "INSERT INTO price SELECT key + 1, id, date, commodity, base, '9', block, record FROM price",
    ],
)
def test_a_row_that_was_never_posted_is_found(posted: PostedBook, statement: str) -> None:
    """The database takes rows that fit its tables; verifying does not."""
    with another_program(posted.path) as connection:
        connection.execute(statement)
    assert "posted-changed" in codes(posted)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE log_block SET bytes = CAST(bytes || x'0a' AS BLOB) WHERE number = 1",
        "DELETE FROM log_block WHERE number = 1",
        "INSERT INTO log_block VALUES (-1, x'00')",
        "UPDATE log_batch SET first = first + 1",
        "UPDATE log_batch SET size = size + 1",
        "UPDATE log_batch SET digest = zeroblob(16)",
        "UPDATE log_batch SET bytes = zeroblob(9) WHERE block = 2",
        "DELETE FROM log_batch WHERE block = 1",
        "DELETE FROM log_batch",
        "INSERT INTO log_batch SELECT block, part + 1, first, size, digest, bytes FROM log_batch",
        "INSERT INTO log_batch SELECT block + 9, part, first, size, digest, bytes FROM log_batch",
    ],
)
def test_the_log_is_judged_by_its_bytes(posted: PostedBook, statement: str) -> None:
    """Whatever is done to the log's own rows is found, by hashes or as something that belongs nowhere."""
    with another_program(posted.path) as connection:
        without_triggers(connection, statement)
    verdict = posted.verdict()
    assert {finding.code for finding in verdict.findings} - {"attachment-missing", "file-touched"}
    assert not verdict.valid


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE checkpoint SET size = size + 1",
        "UPDATE checkpoint SET digest = zeroblob(16)",
        "UPDATE checkpoint SET text = CAST(text || x'0a' AS BLOB)",
        "UPDATE attachment SET b3 = zeroblob(32)",
        "UPDATE attachment SET size = size + 1",
        "UPDATE attachment SET bytes = CAST(bytes || x'00' AS BLOB)",
        "UPDATE cosignature SET line = CAST(line || x'00' AS BLOB)",
        "UPDATE cosignature SET key_id = zeroblob(4)",
        "UPDATE cosignature SET size = size - 1",
        "UPDATE timestamp SET token = CAST(token || x'00' AS BLOB)",
        "UPDATE timestamp SET size = size - 1",
        "UPDATE timestamp SET digest = zeroblob(16)",
        "UPDATE meta SET value = value || 'x' WHERE key = 'last_write'",
        "UPDATE meta SET digest = zeroblob(16) WHERE key = 'migrations'",
        "DELETE FROM meta WHERE key = 'unverified'",
        "INSERT INTO meta VALUES ('other', '', zeroblob(16))",
        "UPDATE _sqlite_migrations SET applied_at = 'never'",
        "INSERT INTO _sqlite_migrations (migration_set, name) VALUES ('cloudbooks', 'other')",
    ],
)
def test_what_is_beside_the_log_is_covered(posted: PostedBook, statement: str) -> None:
    """Files that no record names, signatures, and what the file keeps of itself: nothing is without a digest."""
    with posted.open() as book:
        keeping_log.keep_file(book, b"a voucher that no entry names yet")
        keeping_log.keep_cosignature(book, 3, b"\xe2\x80\x94 witness " + b"MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=" + b"\n")
        assert keeping_log.keep_timestamp(book, 3, b"a token", log.root_at(book, 3))
    before = {finding.code for finding in posted.verdict().findings} | {"file-touched"}
    with another_program(posted.path) as connection:
        without_triggers(connection, statement)
    assert {finding.code for finding in posted.verdict().findings} - before


def post(posted: PostedBook, book: BookFile) -> None:
    """Post one more entry on an open book."""
    made = posted.batch(posted.entry())
    commit(book, made, sealing.seal(made, posted.signed(made), posted.instant()))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE posting SET amount = amount + 1 WHERE entry = 1",
        "UPDATE entry SET summary = 'other' WHERE key = 2",
        "UPDATE leaf SET debit = debit + 1",
        "UPDATE balance SET debit = debit + 1",
        "UPDATE log_block SET bytes = x'00' WHERE number = 2",
        "DELETE FROM account WHERE key = 1",
        "UPDATE node SET hash = zeroblob(32)",
    ],
)
def test_nothing_is_posted_on_changed_data(posted: PostedBook, statement: str) -> None:
    """The guard sees that another program wrote, the whole book is verified, and the post is refused with findings."""
    with another_program(posted.path) as connection:
        without_triggers(connection, statement)
    before = posted.path.read_bytes()
    with posted.open() as book:
        with pytest.raises(PostedChanged) as caught:
            post(posted, book)
        assert caught.value.exit_status == 4
        assert caught.value.findings
    assert posted.path.read_bytes() == before


def test_a_harmless_change_is_verified_once(posted: PostedBook, verified: list[BookFile]) -> None:
    """Another program that wrote without changing anything posted costs one whole verification, and no more."""
    with another_program(posted.path) as connection:
        connection.execute("UPDATE setting SET value = value")
        connection.execute("CREATE TABLE other (a)")
        connection.execute("DROP TABLE other")
    with posted.open() as book:
        assert meta.read(book.connection, meta.COUNTER) != str(book.header.change_counter())
        post(posted, book)
        post(posted, book)
    with posted.open() as book:
        assert meta.read(book.connection, meta.COUNTER) == str(book.header.change_counter())
        post(posted, book)
    assert len(verified) == 1
    assert posted.verdict().valid


@pytest.mark.parametrize(
    "statement",
    ["UPDATE leaf SET debit = debit + 1, credit = credit + 1", "UPDATE balance SET postings = postings + 1"],
)
def test_the_guard_does_not_rest_on_the_counter_alone(posted: PostedBook, statement: str) -> None:
    """Leaves are checked against the last block's root, and months against leaves, even where the counter agrees."""
    with another_program(posted.path) as connection:
        without_triggers(connection, statement)
    with posted.open() as book:
        sqlite.let_write(book.connection)
        book.connection.execute("BEGIN IMMEDIATE")
        meta.write(book.connection, meta.COUNTER, str(book.header.change_counter() + 1))
        book.connection.execute("COMMIT")
        with pytest.raises(PostedChanged):
            post(posted, book)


def test_the_database_itself_refuses(posted: PostedBook) -> None:
    """Posted rows are neither changed nor deleted by plain SQL: triggers say so on every such table."""
    with posted.open() as book:
        sqlite.let_write(book.connection)
        for name in (*DERIVED_TABLES, *OTHERS):
            if not filled(book.connection, name):
                continue
            with pytest.raises(sqlite.IntegrityError, match="posted"):
                book.connection.execute(f"DELETE FROM {name}")
            if name not in {*(table.name for table in tables.SUMS)}:
                column = book.connection.execute(f"SELECT * FROM {name}").description[0][0]
                with pytest.raises(sqlite.IntegrityError, match=r"posted|later record"):
                    book.connection.execute(f"UPDATE {name} SET {column} = {column}")


def test_verifying_writes_nothing(posted: PostedBook) -> None:
    """A verification leaves the file as it is."""
    before = posted.path.read_bytes()
    with posted.open() as book:
        verify_book(book, Policy())
    assert posted.path.read_bytes() == before
