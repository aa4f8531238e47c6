"""A verification that goes on from an earlier one finds, in what came after, all that one of the whole book finds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.chain.strategies import BOOK
from tests.store.posted_book import Ticking, another_program, without_triggers
from tests.tampering.forging import specimen
from tests.tampering.kept_books import STORIES, transplanted, written
from tests.tampering.mutants_of_records import Added, Mutant, all_mutants, forged

from cloudbooks.chain.verdict import Policy, Verdict
from cloudbooks.store import attested, meta, receipt
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.comparing import verify_book
from cloudbooks.store.comparing_since import VerifiedContradicted, VerifyWhole, verify_since
from cloudbooks.store.opening_book import open_book
from cloudbooks.store.receipt import Receipt

POLICY = Policy(specimen().signers["ann"].vkey)


def opened(path: Path) -> BookFile:
    """The book, by the state folder beside it."""
    return open_book(path, state=path.parent / "state", clock=Ticking())


@pytest.fixture(scope="module")
def whole(ram_folder: Path) -> tuple[Path, dict[Path, bytes], dict[int, bytes]]:
    """The file, what is to be put back, and what was kept of a whole verification after each block."""
    kept: dict[int, bytes] = {}

    def verified(path: Path, number: int) -> None:
        with opened(path) as book:
            assert verify_book(book, POLICY, attest=True).valid
        (there,) = attested_folder(path).glob(f"{number:08d}.*")
        kept[number] = there.read_bytes()

    path = written(ram_folder, verified)
    held = receipt.path_of(ram_folder / "state", BOOK)
    return path, {one: one.read_bytes() for one in (path, held)}, kept


def attested_folder(path: Path) -> Path:
    """Where this machine keeps what it verified."""
    return path.parent / "state" / "verified" / BOOK


@pytest.fixture
def since(whole: tuple[Path, dict[Path, bytes], dict[int, bytes]]) -> Callable[[int], Path]:
    """Puts the file back as it was made, beside a verification that ended with a block, and gives its path."""
    path, files, kept = whole

    def put_back(number: int) -> Path:
        for name, data in files.items():
            name.write_bytes(data)
        folder = attested_folder(path)
        (of_path,) = {one.name.partition(".")[2] for one in folder.iterdir()}
        (folder / f"{number:08d}.{of_path}").write_bytes(kept[number])
        return path

    return put_back


def judged(path: Path, number: int) -> tuple[Verdict, list[tuple[str, int | None, int | None]]]:
    """What is said of what came after a block."""
    with opened(path) as book:
        kept = attested.read(book.state, book.id, book.path, number)
        assert kept is not None
        verdict = verify_since(book, POLICY, kept)
    return verdict, [(finding.code, finding.block, finding.record) for finding in verdict.findings]


def hushed(path: Path) -> None:
    """Make the file, and the receipt beside it, look as if only this program had written: what a forger can do."""
    with another_program(path) as connection:
        connection.execute("BEGIN")
        (version,) = connection.execute("SELECT count(*) FROM meta").fetchone()
        assert version
        counter = int.from_bytes(path.read_bytes()[24:28], "big")
        meta.write(connection, meta.COUNTER, str(counter + 1))
        connection.execute("COMMIT")
    with opened(path) as book:
        assert book.head is not None
        head = book.head
    facts = Receipt(BOOK, head.number, head.hash, str(path), "2026-11-21T08:00:00Z")
    receipt.path_of(path.parent / "state", BOOK).write_bytes(receipt.text(facts))


@pytest.mark.parametrize("number", range(specimen().state.size))
def test_what_came_after_any_block_of_the_specimen_is_sound(since: Callable[[int], Path], number: int) -> None:
    """From every block on, the state is what it was there, and the sizes are those of the whole log."""
    path = since(number)
    with opened(path) as book:
        entire = verify_book(book, POLICY)
    verdict, found = judged(path, number)
    assert (verdict.valid, found) == (True, [])
    assert (verdict.since, verdict.blocks, verdict.signed) == (number + 1, entire.blocks, entire.signed)
    assert (verdict.head, verdict.root, verdict.first_key) == (entire.head, entire.root, entire.first_key)


@pytest.mark.parametrize("mutant", [one for one in all_mutants() if one.block], ids=lambda mutant: mutant.name)
def test_a_log_that_was_rewritten_after_the_block_is_found(
    mutant: Mutant | Added, since: Callable[[int], Path]
) -> None:
    """From the block before the rewritten one on, the same first record is named with the same code."""
    files, block, record = forged(mutant)
    path = since(block - 1)
    transplanted(path, files)
    hushed(path)
    verdict, found = judged(path, block - 1)
    assert not verdict.valid
    assert (mutant.code, block, record) in found


@pytest.mark.parametrize("mutant", all_mutants(), ids=lambda mutant: mutant.name)
def test_a_log_that_was_rewritten_before_the_block_is_contradicted(
    mutant: Mutant | Added, since: Callable[[int], Path]
) -> None:
    """However well it is signed, the block that was verified has another hash now, and nothing is called valid."""
    path = since(specimen().state.size - 1)
    transplanted(path, forged(mutant)[0])
    hushed(path)
    with pytest.raises(VerifiedContradicted):
        judged(path, specimen().state.size - 1)


@pytest.mark.parametrize("name", STORIES)
def test_tables_that_tell_another_story_of_what_came_after_are_found(since: Callable[[int], Path], name: str) -> None:
    """Rows of later entries, all states and all sums are compared."""
    statements, place = STORIES[name]
    number = place[0] - 1 if place else 0
    path = since(number)
    with another_program(path) as connection:
        without_triggers(connection, *statements)
    hushed(path)
    verdict, found = judged(path, number)
    assert not verdict.valid
    assert "posted-changed" in {code for code, _, _ in found}
    if place is not None:
        assert ("posted-changed", *place) in found


def test_a_file_that_another_program_wrote_to_is_verified_whole(since: Callable[[int], Path]) -> None:
    """A row of an old entry is not read again, so the file's own counter of changes has the whole of it read."""
    path = since(5)
    with another_program(path) as connection:
        without_triggers(connection, "UPDATE entry SET summary = 'a gift' WHERE key = 1")
    with pytest.raises(VerifyWhole, match="another program"):
        judged(path, 5)


def test_an_older_file_that_was_put_back_is_verified_whole(since: Callable[[int], Path]) -> None:
    """Its counter of changes is lower than it was when this machine verified."""
    path = since(5)
    data = bytearray(path.read_bytes())
    path.write_bytes(data)
    with opened(path) as book:
        kept = attested.read(book.state, book.id, book.path, 5)
        assert kept is not None
        later = attested.Attested(**{name: getattr(kept, name) for name in kept.__slots__} | {"counter": 1000})
        with pytest.raises(VerifyWhole, match="older copy"):
            verify_since(book, POLICY, later)


def test_what_is_kept_of_a_verification_is_believed_only_as_it_was_written(since: Callable[[int], Path]) -> None:
    """Any other byte in it, and it cannot be read."""
    path = since(5)
    (there,) = attested_folder(path).glob("00000005.*")
    data = there.read_bytes()
    there.write_bytes(data.replace(b'"office"', b'"palace"').replace(b'"CNY"', b'"EUR"'))
    with opened(path) as book, pytest.raises(attested.Unreadable):
        attested.read(book.state, book.id, book.path, 5)


def test_the_newest_few_verifications_of_a_file_are_kept(since: Callable[[int], Path]) -> None:
    """A fifth drops the oldest."""
    path = since(3)
    with opened(path) as book:
        kept = attested.read(book.state, book.id, book.path, 3)
        assert kept is not None
        fields = {name: getattr(kept, name) for name in kept.__slots__}
        for number in (20, 21, 22, 23):
            attested.keep(book.state, attested.Attested(**fields | {"number": number}))
        assert attested.known(book.state, book.id, book.path) == [23, 22, 21, 20]
    for one in attested_folder(path).glob("0000002*"):
        one.unlink()
