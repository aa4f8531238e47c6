"""R15: books that earlier programs made are read as they are, and are migrated whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Outcome, Run
from tests.golden.books import EARLIER, HERE, expected, unpack
from tests.store.posted_book import another_program

from cloudbooks.chain.note import Vkey
from cloudbooks.chain.verdict import Policy
from cloudbooks.store import migrating, migrations, receipt, schema, trusting, whole
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.comparing import verify_book
from cloudbooks.store.exclusive import OutcomeUnknown
from cloudbooks.store.log import StoredLog
from cloudbooks.store.opening_book import open_book
from cloudbooks.store.sqlite import IntegrityError
from cloudbooks.system.clock import SystemClock

COPY = "acme.cbk.version-1"
TABLES = (
    *("draft", "pending", "operation", "staged_line", "setting", "log_block", "log_batch", "checkpoint", "attachment"),
    "cosignature",
)


@pytest.fixture(params=EARLIER)
def kept(request: pytest.FixtureRequest, run: Run) -> str:
    """Each kept book in turn, laid in the folder in which commands are run, with the state of its machine."""
    assert callable(run)
    name: str = request.param
    unpack(name, Path.cwd())
    Path("state").rename(os.environ["CLOUDBOOKS_HOME"])
    return name


def home() -> Path:
    """The state folder."""
    return Path(os.environ["CLOUDBOOKS_HOME"])


def opened(path: str = "acme.cbk") -> BookFile:
    """A book, opened by this program."""
    return open_book(Path(path), state=home(), clock=SystemClock())


def rows(path: str, question: str) -> list[Any]:
    """What another program reads from a book."""
    with another_program(Path(path)) as connection:
        return connection.execute(question).fetchall()


def the_schema(path: str) -> list[Any]:
    """Every object of a book's schema with its text."""
    return rows(path, "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name")


def says_what_it_said(run: Run, name: str, path: str = "acme.cbk") -> None:
    """Verify a book, and compare head, counts and totals with what the program that made it said."""
    said = expected(name)
    verified = run("verify", "--json", "-b", path)
    assert verified.status == 0, verified
    facts = verified.json["data"]
    assert facts["valid"]
    assert facts["head"] == said["head"]
    assert facts["consistent"] == facts["signed"] == facts["blocks"] == said["blocks"]
    assert (facts["records"], facts["entries"]) == (said["records"], said["entries"])
    report = run("report", "trial-balance", "-p", "2026", "--json", "-b", path).json["data"]
    assert report["totals"] == said["totals"]
    assert {one["code"]: one["closing"]["amount"] for one in report["accounts"]} == said["accounts"]


def test_every_version_has_its_book() -> None:
    """No schema version is given up, and no kept book is left out of these tests."""
    assert set(EARLIER.values()) == set(range(1, schema.VERSION))
    assert {path.stem for path in HERE.glob("*.zip")} == set(EARLIER)


def test_an_earlier_book_is_read_as_it_is(run: Run, kept: str) -> None:
    """All that it says is said, with a warning that names the way on; nothing of the file changes."""
    before = Path("acme.cbk").read_bytes()
    says_what_it_said(run, kept)
    for command in ("status", "draft list", "entry list", "statement list", "member list", "period list", "chain head"):
        outcome = run(*command.split())
        assert outcome.status == 0, outcome
        assert "warning[book-older]: " in outcome.err
        assert "cloudbooks book migrate" in outcome.err
    with opened() as book:
        log = StoredLog(book)
        ((size, key_id, _),) = log.cosignatures()
        assert (size, key_id) == (7, Vkey.parse(expected(kept)["witness"]).key_id.hex())
        assert log.checkpoint() is not None
    assert Path("acme.cbk").read_bytes() == before
    assert run("chain", "export", "folder").status == 0
    assert run("verify", "folder").status == 0


@pytest.mark.parametrize(
    "command",
    [
        "add 2026-10-20 Paper 6400 300 1010.01",
        "post --all --yes",
        "undo",
        "draft discard D-4 --yes",
        "close 2026-10 --yes",
        "account add 6400.02 Ink",
        "entry reverse 2026-10/J-0001 --yes",
        "peer add shared ../shared",
    ],
)
@pytest.mark.parametrize("kept", ["version-1"], indirect=True)
def test_nothing_writes_an_earlier_book(run: Run, kept: str, command: str) -> None:
    """Every writing command is refused by name, before it asks for anything, and the file stays as it is."""
    assert kept == "version-1"
    before = Path("acme.cbk").read_bytes()
    refused = run(*command.split())
    assert refused.status == 3
    assert refused.err.startswith("error[book-older]: this book has schema version 1")
    assert Path("acme.cbk").read_bytes() == before


def test_a_migrated_book_is_what_a_new_one_would_be(run: Run, kept: str) -> None:
    """The schema is a new book's to the byte; what was posted, drafted and signed is as it was; the receipt too."""
    before = Path("acme.cbk").read_bytes()
    kept_rows = {table: rows("acme.cbk", f"SELECT * FROM {table}") for table in TABLES}
    receipt_before = receipt.path_of(home(), expected(kept)["book"]).read_bytes()
    assert run("book", "migrate", "--dry-run").status == 0
    assert Path("acme.cbk").read_bytes() == before
    done = run("book", "migrate", "--yes", "--json")
    assert done.status == 0, done
    assert done.err == ""
    assert done.json["data"] == {"from": 1, "to": 2, "copy": str(Path(COPY).absolute()), "dry_run": False}
    assert run("init", "new", "--base", "CNY", "--chart", "generic", "--no-passphrase", "--as", "Eve").status == 0
    assert the_schema("acme.cbk") == the_schema("new.cbk")
    assert rows("acme.cbk", "PRAGMA user_version") == rows("new.cbk", "PRAGMA user_version") == [(schema.VERSION,)]
    assert {table: rows("acme.cbk", f"SELECT * FROM {table}") for table in kept_rows} == kept_rows
    assert receipt.path_of(home(), expected(kept)["book"]).read_bytes() == receipt_before
    says_what_it_said(run, kept)


def test_a_second_migration_does_nothing(run: Run, kept: str) -> None:
    """It says so, and neither the book nor the copy changes."""
    assert kept in EARLIER
    assert run("book", "migrate", "--yes").status == 0
    before = {path.name: path.read_bytes() for path in Path().glob("acme*")}
    again = run("book", "migrate")
    assert again.status == 0
    assert "already" in again.out
    assert {path.name: path.read_bytes() for path in Path().glob("acme*")} == before


def test_a_migrated_book_is_worked_on(run: Run, kept: str) -> None:
    """Drafts of before are posted, and what version 2 guards is guarded: a closed month takes no entry by raw SQL."""
    assert run("book", "migrate", "--yes").status == 0
    assert run("add", "2026-10-25", "Ink", "6400", "7", "1010.01").status == 0
    posted = run("post", "--all", "--yes", "--json")
    assert posted.status == 0, posted
    assert posted.json["data"]["block"] == expected(kept)["head"]["number"] + 1
    assert run("verify").status == 0
    late = "SELECT key + 99, id, 20260905, series, number, summary, 99, record, kind, made_by, NULL, NULL, more"
    with another_program(Path("acme.cbk")) as connection, pytest.raises(IntegrityError, match="closed period"):
        connection.execute(f"INSERT INTO entry {late} FROM entry LIMIT 1")


def test_the_copy_is_the_book_as_it_was(run: Run, kept: str) -> None:
    """It is private, verifies, says what the book said, and put back under the name it can be migrated again."""
    assert run("book", "migrate", "--yes").status == 0
    assert Path(COPY).stat().st_mode & 0o777 == 0o600
    says_what_it_said(run, kept, COPY)
    with opened(COPY) as book:
        assert book.version == EARLIER[kept]
    Path("acme.cbk").unlink()
    Path(COPY).rename("acme.cbk")
    assert run("book", "migrate", "--yes").status == 0
    says_what_it_said(run, kept)


@pytest.mark.parametrize("kept", ["version-1"], indirect=True)
def test_a_copy_takes_no_name_of_another_file(run: Run, kept: str) -> None:
    """What lies under the name stays, and the copy takes the next one; an empty file there was left half made."""
    assert kept == "version-1"
    Path(f"{COPY}.2").touch()
    Path(COPY).write_text("mine", encoding="utf-8")
    assert run("book", "migrate", "--yes").status == 0
    assert Path(COPY).read_text(encoding="utf-8") == "mine"
    with opened(f"{COPY}.2") as book:
        assert book.version == 1


@pytest.mark.parametrize("kept", ["version-1"], indirect=True)
def test_migrations_that_were_stopped_leave_one_copy(run: Run, kept: str) -> None:
    """A copy that a migration left which never ended is the next one's, since it holds the very same bytes."""
    book = Path("acme.cbk").read_bytes()
    assert run("book", "migrate", "--yes").status == 0
    copy = Path(COPY).read_bytes()
    Path("acme.cbk").write_bytes(book)
    assert run("book", "migrate", "--yes", "--json").json["data"]["copy"] == str(Path(COPY).absolute())
    assert Path(COPY).read_bytes() == copy
    assert sorted(path.name for path in Path().glob("*.version*")) == [COPY]
    says_what_it_said(run, kept)


@pytest.mark.parametrize("kept", ["version-1"], indirect=True)
def test_what_does_not_verify_is_not_migrated(run: Run, kept: str) -> None:
    """A changed posting bars the migration and leaves no copy; rebuilt in its own version, the book is migrated."""
    with another_program(Path("acme.cbk")) as connection:
        connection.execute("UPDATE leaf SET debit = debit + 1")
    before = Path("acme.cbk").read_bytes()
    refused = run("book", "migrate", "--yes")
    assert refused.status == 4
    assert "error[copy-invalid]" in refused.err
    assert Path("acme.cbk").read_bytes() == before
    assert not list(Path().glob("*.version*"))
    assert run("book", "rebuild", "--yes").status == 0
    assert rows("acme.cbk", "PRAGMA user_version") == [(1,)]
    says_what_it_said(run, kept)
    assert run("book", "migrate", "--yes").status == 0
    says_what_it_said(run, kept)


@pytest.mark.parametrize("kept", ["version-1"], indirect=True)
def test_a_migration_that_does_not_verify_is_taken_back(run: Run, kept: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the steps make is verified before it is committed; where it does not hold, the old book stands."""
    assert kept == "version-1"
    before = Path("acme.cbk").read_bytes()
    steps: Callable[..., tuple[str, ...]] = migrations.migrate

    def badly(connection: Any) -> tuple[str, ...]:
        done = steps(connection)
        connection.execute("UPDATE leaf SET debit = debit + 1")
        return done

    monkeypatch.setattr(migrations, "migrate", badly)
    refused = run("book", "migrate", "--yes")
    assert refused.status == 4
    assert "error[posted-changed]" in refused.err
    assert Path("acme.cbk").read_bytes() == before
    assert not list(Path().glob("*.version*"))


@pytest.mark.parametrize("kept", ["version-1"], indirect=True)
def test_a_commit_that_nobody_knows_of_keeps_the_copy(run: Run, kept: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the disk breaks off the commit, the new book may stand: the copy is not taken away."""
    assert kept == "version-1"
    verify: Callable[..., None] = whole.require_whole

    def broken_off(book: BookFile, watch: Callable[[], None] | None = None) -> None:
        verify(book, watch)
        raise OutcomeUnknown(book.path, "disk I/O error")

    monkeypatch.setattr(whole, "require_whole", broken_off)
    assert "error[outcome-unknown]" in run("book", "migrate", "--yes").err
    with opened(COPY) as book:
        assert book.version == 1


@pytest.mark.parametrize("kept", ["version-1"], indirect=True)
def test_whoever_opened_it_before_finds_it_migrated(run: Run, kept: str) -> None:
    """A second migration that waited for the first one takes no step and keeps no copy, and its book is the new one."""
    asked: list[str] = []
    with opened() as second:
        assert second.older is not None
        with opened() as first:
            migrating.migrate(first)
        migrating.migrate(second, lambda: asked.append("a copy"))
        assert second.version == schema.VERSION
        assert not asked
        assert second.connection.execute("SELECT count(*) FROM timestamp").fetchone() == (0,)
        assert verify_book(second, Policy()).valid
    says_what_it_said(run, kept)


@pytest.mark.parametrize("kept", ["version-1"], indirect=True)
def test_a_new_machine_has_its_doubt_ended_by_a_migration(run: Run, kept: str) -> None:
    """A book without a receipt is verified by its migration, which then writes the receipt."""
    path = receipt.path_of(home(), expected(kept)["book"])
    path.unlink()
    with opened() as book:
        assert book.unsure == trusting.RECEIPT_NEW
    migrated = run("book", "migrate", "--yes")
    assert migrated.status == 0
    assert migrated.err.count("warning") == 0
    assert path.exists()


@pytest.mark.parametrize("kept", ["version-1"], indirect=True)
def test_a_restored_book_is_of_this_version(run: Run, kept: str) -> None:
    """A backup of an earlier book is made, stays what it is, and gives a book that is worked on."""
    assert run("book", "backup", "old.cbk-backup").status == 0
    tried = run("book", "restore", "old.cbk-backup", "again", "-n")
    assert f"It would be brought from schema version 1 to {schema.VERSION}.\n" in tried.out
    restored = run("book", "restore", "old.cbk-backup", "again")
    assert f"It was brought from schema version 1 to {schema.VERSION}; the backup is as it was.\n" in restored.out
    scripted = run("book", "restore", "old.cbk-backup", "thrice", "--json")
    assert scripted.json["data"]["migrated"] == {"from": 1, "to": schema.VERSION}
    assert (restored.status, scripted.status) == (0, 0)
    with opened("again.cbk") as book:
        assert book.older is None
    says_what_it_said(run, kept, "again.cbk")


@pytest.mark.parametrize("version", [schema.VERSION + 1, 0, -1])
@pytest.mark.parametrize("kept", ["version-1"], indirect=True)
def test_a_version_that_nobody_knows_is_refused_and_left_alone(run: Run, kept: str, version: int) -> None:
    """A later one by its name, an impossible one as changed; by reading, writing and migrating alike."""
    assert kept == "version-1"
    with another_program(Path("acme.cbk")) as connection:
        connection.execute(f"PRAGMA user_version = {version}")
    before = Path("acme.cbk").read_bytes()
    code = "book-newer" if version > schema.VERSION else "schema-changed"
    for refused in refusals(run):
        assert refused.status == (3 if version > schema.VERSION else 4)
        assert f"error[{code}]" in refused.err
    assert Path("acme.cbk").read_bytes() == before


def test_neither_version_passes_for_the_other(run: Run, kept: str) -> None:
    """A schema that is not the one of the version that the file states is one that another program changed."""
    assert run("book", "migrate", "--yes").status == 0
    for path, version in (("acme.cbk", EARLIER[kept]), (COPY, schema.VERSION)):
        with another_program(Path(path)) as connection:
            connection.execute(f"PRAGMA user_version = {version}")
        assert "error[schema-changed]" in run("status", "-b", path).err


def refusals(run: Run) -> Iterator[Outcome]:
    """Reading, writing and migrating."""
    yield run("status")
    yield run("add", "2026-10-20", "Paper", "6400", "300", "1010.01")
    yield run("book", "migrate", "--yes")
