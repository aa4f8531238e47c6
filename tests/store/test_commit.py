"""Committing: one batch, one transaction, one receipt; what is refused leaves nothing, what was done twice is once."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.chain.building import uid
from tests.chain.strategies import BOOK
from tests.store.posted_book import FORMAT1, PostedBook, Ticking, another_program, format1_book, format1_facts

from cloudbooks.chain import batch as batches
from cloudbooks.chain import block as blocks
from cloudbooks.chain import sealing
from cloudbooks.chain.admitting import LawBroken
from cloudbooks.chain.note import Vkey
from cloudbooks.chain.verdict import Policy
from cloudbooks.store import commit as commits
from cloudbooks.store import exclusive, keeping_log, log, log_bytes, receipt, sqlite, working
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.commit import ReadBackDiffers, commit
from cloudbooks.store.comparing import verify_book
from cloudbooks.store.creating import BookThere, FolderMissing, create_book
from cloudbooks.store.disk_faults import DiskError
from cloudbooks.store.opening_book import open_book
from cloudbooks.store.place import BookMissing
from cloudbooks.store.unit import Unit
from cloudbooks.system import files


@pytest.fixture
def posted(tmp_path: Path) -> PostedBook:
    """A book with its first block."""
    return PostedBook(tmp_path)


def head(book: BookFile) -> int:
    """The number of the last block."""
    assert book.head is not None
    return book.head.number


def test_the_book_of_the_vectors_is_kept_and_verified(tmp_path: Path) -> None:
    """A log with every type of record, committed batch by batch, verifies with the facts another program states."""
    path, home = format1_book(tmp_path)
    facts = format1_facts()
    pins = (Vkey.parse(str(key)) for key in facts["witnesses"])  # type: ignore[attr-defined] # a list of the vectors
    policy = Policy(Vkey.parse(str(facts["pin"])), tuple(pins), quorum=1)
    with open_book(path, state=home, clock=Ticking()) as book:
        verdict = verify_book(book, policy)
    assert [str(finding.message) for finding in verdict.findings] == []
    assert verdict.valid
    wanted = facts["facts"]
    assert isinstance(wanted, dict)
    for name in ("consistent", "signed", "witnessed", "blocks", "records", "entries"):
        if name in wanted:
            assert getattr(verdict, name) == wanted[name], name


def test_the_log_is_kept_byte_for_byte(tmp_path: Path) -> None:
    """Blocks, batches and files are given back as they were made."""
    path, home = format1_book(tmp_path)
    with open_book(path, state=home, clock=Ticking()) as book:
        source = log.StoredLog(book)
        for file in sorted(FORMAT1.rglob("*")):
            name = file.relative_to(FORMAT1).as_posix()
            if name.startswith("block/"):
                assert source.block(int(name[6:])) == file.read_bytes()
            elif name.startswith("batch/"):
                assert source.batch("b3:" + name[6:]) == file.read_bytes()
            elif name.startswith("attachment/"):
                assert source.attachment("b3:" + name[11:]) == file.read_bytes()
        assert source.checkpoint() == (FORMAT1 / "checkpoint").read_bytes()
        assert list(source.stray()) == []


def test_an_acknowledged_batch_has_its_receipt(posted: PostedBook) -> None:
    """When a commit returns, the receipt names the new head."""
    posted.block(posted.entry())
    written = receipt.read(posted.home, BOOK)
    assert written is not None
    assert (written.number, written.hash) == (1, posted.state.head)


def test_a_batch_that_breaks_a_law_leaves_nothing(posted: PostedBook) -> None:
    """After a refusal the file is byte for byte what it was, and the next post works on it."""
    with posted.open() as book:
        before = posted.path.read_bytes()
        made = posted.batch(posted.entry(posted.line(posted.RENT, "1.00"), posted.line(posted.BANK, "-2.00")))
        with pytest.raises(LawBroken):
            commit(book, made, sealing.seal(made, posted.signed(made), posted.instant()))
    assert posted.path.read_bytes() == before
    posted.block(posted.entry())
    assert posted.verdict().valid


def test_a_batch_committed_twice_stands_once(posted: PostedBook) -> None:
    """A repeat gives the block, the numbers and the postings of the first time, and writes nothing."""
    posted.block(posted.entry(), posted.entry(date="2026-09-30"), posted.remark())
    first = posted.last
    assert first is not None
    made = posted.batch(posted.entry(), posted.entry(series="收"))
    seal = sealing.seal(made, posted.signed(made), posted.instant())
    with posted.open() as book:
        once = commit(book, made, seal)
        before = posted.path.read_bytes()
        again = commit(book, made, seal)
        assert posted.path.read_bytes() == before
    assert (again.repeated, once.repeated, first.repeated) == (True, False, False)
    assert again.block == once.block
    assert again.admitted == once.admitted


def test_another_batch_under_the_same_id_is_refused(posted: PostedBook) -> None:
    """A repeat is the same bytes; other content under an id that is taken breaks a law."""
    made = posted.batch(posted.entry())
    with posted.open() as book:
        commit(book, made, sealing.seal(made, posted.signed(made), posted.instant()))
        other = posted.batch(posted.entry(), id=made.header.id)
        with pytest.raises(LawBroken, match="taken"):
            commit(book, other, sealing.seal(other, posted.signed(other), posted.instant()))


def test_a_file_that_was_replaced_is_not_written(posted: PostedBook, tmp_path: Path) -> None:
    """A book that lost its name while it was open takes no post: it would be gone with the file."""
    made = posted.batch(posted.entry())
    seal = sealing.seal(made, posted.signed(made), posted.instant())
    with posted.open() as book:
        copy = tmp_path / "copy.cbk"
        copy.write_bytes(posted.path.read_bytes())
        copy.chmod(0o600)
        copy.replace(posted.path)
        with pytest.raises(exclusive.BookReplaced):
            commit(book, made, seal)
    with posted.open() as book:
        assert commit(book, made, seal).block.header.number == 1


def test_working_state_is_written_with_the_batch(posted: PostedBook) -> None:
    """What `also` writes stands if and only if the batch does."""

    def settle(unit: Unit) -> None:
        unit.put_setting("last", "1")

    def fail(unit: Unit) -> None:
        unit.put_setting("last", "2")
        raise ArithmeticError

    made = posted.batch(posted.entry())
    seal = sealing.seal(made, posted.signed(made), posted.instant())
    with posted.open() as book:
        with pytest.raises(ArithmeticError):
            commit(book, made, seal, also=fail)
        assert (head(book), working.setting(book, "last")) == (0, None)
        commit(book, made, seal, also=settle)
        assert (head(book), working.setting(book, "last")) == (1, "1")


class Broken:
    """A connection whose COMMIT ends in an I/O error, before or after it took effect, as a failing disk's does."""

    def __init__(self, connection: sqlite.Connection, *, persisted: bool) -> None:
        self._connection = connection
        self._persisted = persisted

    def __getattr__(self, name: str) -> object:
        return getattr(self._connection, name)

    def execute(self, statement: str, *values: object) -> sqlite.Cursor:
        """Run a statement; break at COMMIT."""
        if statement != "COMMIT":
            return self._connection.execute(statement, *values)  # type: ignore[arg-type] # passed on as it came
        if self._persisted:
            self._connection.execute(statement)
        error = sqlite.OperationalError("disk I/O error")
        error.sqlite_errorcode = sqlite.IOERR
        raise error


@pytest.mark.parametrize("persisted", [True, False])
def test_an_unknown_outcome_is_settled(posted: PostedBook, *, persisted: bool) -> None:
    """A commit that the disk broke off is looked up: it stands and is acknowledged, or nothing was written."""
    made = posted.batch(posted.entry())
    seal = sealing.seal(made, posted.signed(made), posted.instant())
    with posted.open() as book:
        book.connection = Broken(book.connection, persisted=persisted)  # type: ignore[assignment] # see `Broken`
        if persisted:
            assert commit(book, made, seal).block.header.number == 1
        else:
            with pytest.raises(DiskError):
                commit(book, made, seal)
            assert commit(book, made, seal).block.header.number == 1
        assert head(book) == 1
    assert posted.verdict().valid
    written = receipt.read(posted.home, BOOK)
    assert written is not None
    assert written.number == 1


@pytest.mark.parametrize("persisted", [True, False])
def test_an_unknown_outcome_of_working_state_is_settled(posted: PostedBook, *, persisted: bool) -> None:
    """The same for a transaction that holds no batch: a mark that it leaves tells whether it took place."""
    with posted.open() as book:
        book.connection = Broken(book.connection, persisted=persisted)  # type: ignore[assignment] # see `Broken`
        if persisted:
            keeping_log.keep_file(book, b"voucher")
        else:
            with pytest.raises(DiskError):
                keeping_log.keep_file(book, b"voucher")
        (count,) = book.connection.execute("SELECT count(*) FROM attachment").fetchone()
        assert count == int(persisted)


def test_what_does_not_read_back_is_rolled_back(posted: PostedBook, monkeypatch: pytest.MonkeyPatch) -> None:
    """A block that reads back as other bytes than were written is not committed."""
    made = posted.batch(posted.entry())
    seal = sealing.seal(made, posted.signed(made), posted.instant())
    with posted.open() as book:
        monkeypatch.setattr(log_bytes, "block_bytes", lambda *_: b"other")
        with pytest.raises(ReadBackDiffers):
            commit(book, made, seal)
        monkeypatch.undo()
        assert head(book) == 0
        assert commit(book, made, seal).block.header.number == 1


def test_a_clock_that_went_back_is_a_finding(posted: PostedBook) -> None:
    """The block takes the time of the one before it, and the finding names it."""
    posted.block(posted.entry(), now="2030-01-01T00:00:00Z")
    posted.block(posted.entry(), now="2026-11-30T00:00:00Z")
    assert posted.last is not None
    assert [finding.code for finding in posted.last.findings] == ["clock-back"]
    assert posted.last.block.header.committed_at == "2030-01-01T00:00:00Z"
    assert posted.verdict().valid


def test_records_of_one_batch_may_name_each_other(posted: PostedBook) -> None:
    """An entry, its reversal and its replacement in one batch; an account and its first posting in another."""
    wrong = posted.entry()
    posted.block(wrong, posted.reversal(wrong), posted.entry(replaces=wrong.id))
    new = uid(0x333)
    posted.block(
        posted.account(new, "5700", "fees", "expense"),
        posted.entry(posted.line(new, "1.00"), posted.line(posted.BANK, "-1.00")),
    )
    assert posted.verdict().valid


def test_a_large_batch_is_kept_in_parts(posted: PostedBook, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts are an inner matter: whatever their size, a batch reads back whole and each record is found."""
    monkeypatch.setattr(log_bytes, "PART_BYTES", 700)
    entries = [posted.entry(summary=f"rent {number}" + "x" * (number * 37 % 900)) for number in range(40)]
    posted.block(*entries)
    with posted.open() as book:
        (parts,) = book.connection.execute("SELECT count(*) FROM log_batch WHERE block = 1").fetchone()
        assert parts > 10
        lines = log_bytes.Lines(book.connection)
        for record in reversed(range(1, 41)):
            assert entries[record - 1].id.encode() in lines.line(1, record)
    assert posted.verdict().valid


def make(posted: PostedBook, path: Path) -> commits.Committed:
    """Make another file of the builder's book."""
    block = blocks.read(posted.files["block/00000000"])
    batch = batches.read(posted.files["batch/" + block.header.batch[3:]])
    seal = sealing.seal(batch, block.note, block.header.committed_at)
    return create_book(path, state=posted.home / "other", clock=posted.clock, batch=batch, seal=seal)


def test_a_book_is_never_made_over_a_file(posted: PostedBook, tmp_path: Path) -> None:
    """What has the name stays as it is, a link and a folder too; a folder that is missing is named."""
    taken = tmp_path / "notes.cbk"
    taken.write_bytes(b"notes")
    link = tmp_path / "link.cbk"
    link.symlink_to(tmp_path / "nothing")
    for path in (taken, link, tmp_path):
        with pytest.raises(BookThere):
            make(posted, path)
    assert taken.read_bytes() == b"notes"
    with pytest.raises(FolderMissing):
        make(posted, tmp_path / "no" / "book.cbk")


def test_an_empty_file_is_filled(posted: PostedBook, tmp_path: Path) -> None:
    """A name that a stopped making took is taken by the next one."""
    path = tmp_path / "new.cbk"
    path.touch(0o600)
    (tmp_path / ".new.cbk.new").write_bytes(b"half a book")
    make(posted, path)
    assert posted.open(path).head is not None
    assert path.stat().st_mode & 0o777 == 0o600
    assert not (tmp_path / ".new.cbk.new").exists()


@pytest.mark.parametrize("call", ["open_new", "write", "fsync", "replace", "fsync_folder"])
def test_a_book_appears_whole_or_not_at_all(
    posted: PostedBook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """Whichever call the system does not carry out, there is a whole book under the name, or none."""
    path = tmp_path / "new.cbk"
    asked = []

    def fail(*arguments: object) -> int:
        asked.append(arguments)
        raise OSError(5, "I/O")

    monkeypatch.setattr(files, call, fail)
    try:
        findings = make(posted, path).findings
    except files.FileNotWritten:
        findings = ()
    monkeypatch.undo()
    assert asked
    if path.exists() and path.stat().st_size:
        with open_book(path, state=posted.home / "other", clock=posted.clock) as book:
            assert verify_book(book, Policy()).consistent == 1
            assert findings or call == "fsync_folder"
    else:
        make(posted, path)
    assert list(tmp_path.glob(".*")) == []


def test_a_missing_book_is_missing(posted: PostedBook, tmp_path: Path) -> None:
    """A refused making leaves no file that would be opened."""
    with pytest.raises(FolderMissing):
        make(posted, tmp_path / "no" / "book.cbk")
    with pytest.raises(BookMissing):
        posted.open(tmp_path / "no" / "book.cbk")


def test_a_second_of_waiting_is_told(posted: PostedBook, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever reads without a pause keeps a commit waiting; then it is rolled back, and says so."""
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.2)
    made = posted.batch(posted.entry())
    seal = sealing.seal(made, posted.signed(made), posted.instant())
    with another_program(posted.path) as reader, posted.open() as book:
        book.connection.execute("PRAGMA busy_timeout=50")
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM entry").fetchone()
        with pytest.raises(exclusive.BookHeld):
            commit(book, made, seal)
        assert not book.connection.in_transaction
        reader.execute("COMMIT")
        assert commit(book, made, seal).block.header.number == 1
